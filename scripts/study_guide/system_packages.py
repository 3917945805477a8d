"""Packages of the system, by Debian's apt-get, where that may be called."""

import os
import shutil
import subprocess
import sys


def installable() -> bool:
    """Whether this process may install packages of Debian or Ubuntu."""
    root = sys.platform != "win32" and os.geteuid() == 0
    return root and shutil.which("apt-get") is not None


def listed(package: str) -> bool:
    """Whether the system's lists, as they are, have such a package."""
    return (
        shutil.which("apt-cache") is not None
        and subprocess.run(
            ["apt-cache", "show", package], capture_output=True
        ).returncode
        == 0
    )


def update() -> None:
    """Fetch the lists anew."""
    _apt_get("update", "--quiet")


def install(*packages: str) -> None:
    """Install `packages`; where that fails, apt-get says why."""
    _apt_get("install", "--quiet", "--yes", *packages)


def _apt_get(*arguments: str) -> None:
    subprocess.run(
        ["apt-get", *arguments],
        check=False,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
