"""Chromium for the browser tests: found, or installed where that is simple."""

import os
import shutil
import sys
from pathlib import Path

from study_guide import system_packages

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
)

_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
)

_HOW = {
    "darwin": "brew install --cask chromium",
    "win32": "winget install Google.Chrome",
}


class NoChromium(Exception):
    """No Chromium is there and none could be installed."""


def find() -> Path | None:
    """The browser's program: $CHROMIUM, else one where they usually are."""
    if named := os.environ.get("CHROMIUM"):
        return Path(named)
    for command in _COMMANDS:
        if found := shutil.which(command):
            return Path(found)
    return next((Path(one) for one in _PLACES if Path(one).is_file()), None)


def ensure() -> Path:
    """The browser's program, installed first where apt-get can do it.

    Raises NoChromium with a sentence that says what to install.
    """
    found = find()
    if found is None and system_packages.installable():
        print("Installing Chromium (once) …", flush=True)
        system_packages.update()
        system_packages.install("chromium", "fonts-noto-cjk")
        found = find()
    if found is None:
        how = _HOW.get(sys.platform, "sudo apt-get install chromium")
        raise NoChromium(
            "The browser tests need Chromium. Install it "
            f"({how}) or name it in the variable CHROMIUM, and call again."
        )
    return found
