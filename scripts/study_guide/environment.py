"""The environment of the commands: `.venv`, made on first use.

Uses the standard library alone: it runs before anything is installed.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"

# Commands that run examples, draw figures or drive a browser need more.
_DEVELOPMENT = {"test", "record", "bench"}


def python() -> Path:
    """The interpreter of `.venv`, where this system puts it."""
    if os.name == "nt":
        return VENV / "Scripts" / "python.exe"
    return VENV / "bin" / "python"


def _requirements(command: str) -> list[Path]:
    files = [ROOT / "requirements.txt"]
    if command in _DEVELOPMENT:
        # By itself: pip wants hashes for all of a file or for none.
        files += [
            ROOT / "requirements-dev.txt",
            ROOT / "requirements-torch.txt",
        ]
    return files


def _stamp(requirements: Path) -> Path:
    """Written once the file's packages are installed; holds its digest."""
    return VENV / f".installed-{requirements.stem}"


def _digest(requirements: Path) -> str:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    content = requirements.read_bytes()
    return hashlib.sha256(version.encode() + content).hexdigest()


def _installed(requirements: Path) -> bool:
    stamp = _stamp(requirements)
    return stamp.is_file() and stamp.read_text() == _digest(requirements)


def _make_venv() -> None:
    try:
        import venv
    except ImportError:
        sys.exit(_NO_VENV)
    if VENV.is_symlink():  # what it leads to is not ours to clear
        sys.exit(f"{VENV} is a link to no environment. Remove it.")
    print(f"Making {VENV.name} …", flush=True)
    try:
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    except (subprocess.CalledProcessError, SystemExit, OSError) as error:
        sys.exit(f"{_NO_VENV}\n({error})")


_NO_VENV = (
    "This Python cannot make a virtual environment. Install its venv module "
    "(Debian and Ubuntu: apt-get install python3-venv; Fedora: dnf install "
    "python3-pip; elsewhere take Python from https://www.python.org/downloads/"
    ") and call again."
)


def _install(requirements: Path) -> None:
    print(f"Installing {requirements.name} (once) …", flush=True)
    command = [
        str(python()),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--requirement",
        str(requirements),
    ]
    if not sys.stdout.isatty():
        command.insert(4, "--progress-bar=off")
    done = subprocess.run(command, cwd=ROOT)
    if done.returncode:
        sys.exit(
            f"pip could not install {requirements.name}; its last lines say "
            "why. Mend that and call again."
        )
    _stamp(requirements).write_text(_digest(requirements))


def prepare(command: str) -> None:
    """Make `.venv` hold what `command` needs; at once where it does already."""
    if not python().is_file():
        _make_venv()
    for requirements in _requirements(command):
        if not _installed(requirements):
            _install(requirements)


def run_inside(arguments: list[str]) -> int:
    """Run the command line in `.venv`; returns its exit status."""
    prepare(arguments[0] if arguments else "")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "scripts"),
        "PYTHONUTF8": "1",
        # Material's notice about MkDocs 2 is no matter of the content.
        "NO_MKDOCS_2_WARNING": "1",
    }
    command = [str(python()), "-m", "study_guide", *arguments]
    if os.name == "nt":
        return subprocess.run(command, env=environment).returncode
    sys.stdout.flush()
    os.execve(command[0], command, environment)
