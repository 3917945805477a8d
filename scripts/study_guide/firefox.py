"""Firefox for a second look: found, or installed where that is simple.

It speaks WebDriver BiDi by itself; the tests do without it where it is not.
"""

import os
import shutil
from pathlib import Path

from study_guide import system_packages

_COMMANDS = ("firefox-esr", "firefox")
_PLACES = (
    "/Applications/Firefox.app/Contents/MacOS/firefox",
    r"C:\Program Files\Mozilla Firefox\firefox.exe",
)
_PACKAGE = "firefox-esr"  # Debian's; Ubuntu has Firefox as a snap

HOW = (
    "There is no Firefox. Install it (Debian: apt-get install firefox-esr) "
    "or name it in the variable FIREFOX."
)


def find() -> Path | None:
    """The browser's program: $FIREFOX, else one where they usually are."""
    if named := os.environ.get("FIREFOX"):
        return Path(named)
    for command in _COMMANDS:
        if found := shutil.which(command):
            return Path(found)
    return next((Path(one) for one in _PLACES if Path(one).is_file()), None)


def install() -> None:
    """Install it where it is missing and Debian has it."""
    if (
        find() is None
        and system_packages.installable()
        and system_packages.listed(_PACKAGE)
    ):
        print("Installing Firefox (once) …", flush=True)
        system_packages.install(_PACKAGE)
