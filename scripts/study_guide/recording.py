"""Recorded results: what a question's example prints and its figures show.

`example.out` and the SVG files are committed; building the site does not
run any example. The tests run all of them again and compare.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from study_guide.content_cache import ContentCache

SCRIPTS = Path(__file__).resolve().parents[1]

# An example whose digits depend on the machine's linear algebra says so:
#     # tolerance: 1e-3
# Numbers of its output may then differ by that much, relatively.
_TOLERANCE = re.compile(r"^# tolerance: ([\d.e-]+)$", re.MULTILINE)
# Coordinates of a figure are rounded to 0.01 pt.
_SVG_TOLERANCE = 0.05
_TIMEOUT = 300
_PACKAGES = ("matplotlib", "numpy", "torch")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")


class RecordingError(Exception):
    """An example or a figure that does not run."""


def _run(arguments: list[str], folder: Path) -> str:
    environment = {
        **os.environ,
        "PYTHONPATH": str(SCRIPTS),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # Sums in one order, whatever the number of cores.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_TIMEOUT,
    )
    if done.returncode:
        raise RecordingError(
            f"{folder.name}/{arguments[-1]} ends with {done.returncode}:\n"
            f"{done.stderr.strip()}"
        )
    return done.stdout


def results(folder: Path) -> Mapping[str, str]:
    """File name -> text of all that `folder`'s scripts give.

    Raises RecordingError where one of them fails.
    """
    made = {"example.out": _run(["example.py"], folder)}
    if (folder / "figure.py").is_file():
        with tempfile.TemporaryDirectory() as target:
            _run(["-m", "study_guide.plots", target], folder)
            for path in sorted(Path(target).iterdir()):
                made[path.name] = path.read_text(encoding="utf-8")
    return made


def record(folder: Path) -> list[str]:
    """Write all results beside their scripts; returns what has changed."""
    changed = []
    made = results(folder)
    for name, text in made.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    for path in sorted(folder.glob("*.svg")):
        if path.name not in made:
            path.unlink()
            changed.append(f"{path.name} (removed)")
    return changed


def differences(folder: Path) -> list[str]:
    """What running the scripts again gives otherwise than is recorded."""
    found = []
    made = results(folder)
    script = (folder / "example.py").read_text(encoding="utf-8")
    stated = _TOLERANCE.search(script)
    for name, text in made.items():
        path = folder / name
        if not path.is_file():
            found.append(f"{folder.name}/{name} is not recorded")
            continue
        recorded = path.read_text(encoding="utf-8")
        if name.endswith(".svg"):
            difference = compare(recorded, text, absolute=_SVG_TOLERANCE)
        else:
            relative = float(stated[1]) if stated else 0.0
            difference = compare(recorded, text, relative=relative)
        if difference:
            found.append(f"{folder.name}/{name}: {difference}")
    for path in sorted(folder.glob("*.svg")):
        if path.name not in made:
            found.append(f"{folder.name}/{path.name} is drawn by nobody")
    return found


def verify(folder: Path, cache: ContentCache) -> None:
    """Raises RecordingError where running the scripts again gives otherwise.

    A folder that passed once is not run again until its files, the drawing of
    plots or a package that the scripts use has changed.
    """

    def run() -> str:
        found = differences(folder)
        if found:
            raise RecordingError("\n".join(found))
        return "as recorded"

    cache.get(_made_from(folder), run)


def _made_from(folder: Path) -> tuple[str, ...]:
    files = [*sorted(folder.glob("*.*")), SCRIPTS / "study_guide" / "plots.py"]
    texts = (
        f"{path.name}\n{path.read_text(encoding='utf-8')}"
        for path in files
        if path.suffix in (".json", ".out", ".py", ".svg")
    )
    packages = (f"{name} {version(name)}" for name in _PACKAGES)
    return ("recording", sys.version, *packages, *texts)


def compare(
    recorded: str, made: str, *, relative: float = 0.0, absolute: float = 0.0
) -> str:
    """The first difference of two texts beyond the tolerance; '' for none.

    Numbers may differ by `absolute` or by `relative` times the recorded one;
    everything else must be the same, but for the width of blanks between
    columns where a tolerance is allowed.
    """
    if recorded == made:
        return ""
    old, new = recorded.splitlines(), made.splitlines()
    for number, (before, after) in enumerate(
        zip(old, new, strict=False), start=1
    ):
        if before == after:
            continue
        if not (relative or absolute) or not _close(
            before, after, relative, absolute
        ):
            return f"line {number} was {before!r} and is {after!r}"
    if len(old) != len(new):
        return f"{len(old)} lines were recorded, {len(new)} are made"
    return ""


def _close(before: str, after: str, relative: float, absolute: float) -> bool:
    if _words(before) != _words(after):
        return False
    numbers = zip(_values(before), _values(after), strict=True)
    return all(
        abs(one - other) <= absolute + relative * abs(one)
        for one, other in numbers
    )


def _words(line: str) -> list[str]:
    return _NUMBER.sub("#", line).split()


def _values(line: str) -> list[float]:
    return [float(one.replace(",", "")) for one in _NUMBER.findall(line)]
