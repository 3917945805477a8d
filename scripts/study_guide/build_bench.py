"""`bench build`: what a build costs.

Each build is a process of its own; its processor time and largest memory are
what the system counts for it. All of them work on a copy of the project, so
that edits touch nothing.
"""

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from statistics import median

import yaml

from study_guide.benchmarks import ROOT, Benches

_COPIED = ("docs", "overrides", "scripts", "mkdocs.yml")


def add_build(benches: Benches) -> None:
    """`bench build`: builds and rebuilds, against MkDocs without us."""
    parser = benches.add_parser("build", help="time and memory of a build")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--no-books", action="store_true", help="leave the full build out"
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_build)


@dataclass(frozen=True)
class Cost:
    """Of one process and those that it starts: seconds, and megabytes of
    memory when all of them together have most."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def cost(command: Sequence[str], root: Path) -> Cost:
    """Run Python with `command` in the project at `root`.

    Raises RuntimeError with what the process said.
    """
    with tempfile.TemporaryFile() as said:
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=root,
            env=_environment(root),
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with _watched(process.pid) as together:
            _, status, used = os.wait4(process.pid, 0)  # not on Windows
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(
                f"python {' '.join(command)} failed:\n"
                + said.read()[-2000:].decode(errors="replace")
            )
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(
        round(wall, 2),
        round(used.ru_utime + used.ru_stime, 2),
        round(max(used.ru_maxrss * unit / 1e6, *together)),
    )


@contextmanager
def _watched(session: int) -> Iterator[list[float]]:
    """Megabytes of all processes of a session, ten times a second, as far as
    the system tells; a page that two of them share counts twice."""
    found = [0.0]
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.1):
            found.append(_memory_mb(session))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()


def _memory_mb(session: int) -> float:
    pages = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(state[3]) == session:  # proc(5): the sixth of all
                pages += int((folder / "statm").read_text().split()[1])
        except OSError:  # it has just ended
            continue
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _environment(root: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(root / "scripts"),
        "PYTHONUTF8": "1",
        "NO_MKDOCS_2_WARNING": "1",
    }


@contextmanager
def project() -> Iterator[Path]:
    """A copy of the project with an empty cache, but for the books' fonts."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(
                    source,
                    root / name,
                    ignore=shutil.ignore_patterns("__pycache__"),
                )
            else:
                shutil.copy(source, root)
        fonts = ROOT / ".cache" / "fonts"
        if fonts.is_dir():
            shutil.copytree(fonts, root / ".cache" / "fonts")
        yield root


def pages_into(site: Path) -> list[str]:
    """The command that builds the pages alone into `site`."""
    build = ["-m", "study_guide", "build", "--no-check", "--no-books"]
    return [*build, "--site", str(site)]


def _middle(costs: Sequence[Cost]) -> Cost:
    return Cost(
        *(
            median(getattr(one, name) for one in costs)
            for name in ("wall_s", "cpu_s", "peak_mb")
        )
    )


def digest(site: Path) -> str:
    """Of all files below `site`, their names and their bytes."""
    found = sha256()
    for path in sorted(site.rglob("*")):
        if path.is_file():
            found.update(path.relative_to(site).as_posix().encode())
            found.update(sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _build(options: argparse.Namespace) -> int:
    found: dict[str, Cost] = {}
    digests = set()
    with project() as root:
        site = root / "site"
        found["pages, nothing cached"] = cost(pages_into(site), root)
        digests.add(digest(site))
        runs = []
        for _ in range(options.runs):
            runs.append(cost(pages_into(site), root))
            digests.add(digest(site))
        found["pages"] = _middle(runs)
        if not options.no_books:
            full = ["-m", "study_guide", "build", "--site", str(site)]
            found["all, with checks and books"] = _middle(
                [cost(full, root) for _ in range(options.runs)]
            )
        settings = plain_settings(root)
        plain = ["-m", "mkdocs", "build", "--quiet", "-f", str(settings)]
        found["MkDocs and Material alone"] = _middle(
            [cost(plain, root) for _ in range(options.runs)]
        )
        edit = reload_seconds(root, options.runs)
    ratio = found["pages"].cpu_s / found["MkDocs and Material alone"].cpu_s
    if options.json:
        print(
            json.dumps(
                {
                    **{name: asdict(one) for name, one in found.items()},
                    "ratio_of_cpu": round(ratio, 2),
                    "edit_to_reload_s": edit,
                    "same_bytes": len(digests) == 1,
                },
                indent=1,
            )
        )
        return 0
    print(f"{'':28}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}")
    for name, one in found.items():
        print(f"{name:28}{one.wall_s:8.2f}{one.cpu_s:8.2f}{one.peak_mb:9.0f}")
    print(f"pages against MkDocs alone (CPU): {ratio:.2f}")
    print(f"from an edit under `serve` to the page: {edit:.2f} s")
    print(f"the same bytes each time: {'yes' if len(digests) == 1 else 'NO'}")
    return 0


# ── MkDocs without us ──────────────────────────────────────────────────────


class _Settings(yaml.SafeLoader):  # type: ignore[misc]  # yaml has no types
    """Reads mkdocs.yml; what is written for MkDocs alone stays as it is."""


class _Written(yaml.SafeDumper):  # type: ignore[misc]
    pass


@dataclass(frozen=True)
class _Tagged:
    tag: str
    value: str


_Settings.add_multi_constructor(
    "tag:yaml.org,2002:python/",
    lambda loader, suffix, node: _Tagged(node.tag, node.value),
)
_Settings.add_constructor("!ENV", lambda loader, node: "https://example.org/")
_Written.add_representer(
    _Tagged,
    lambda dumper, one: dumper.represent_scalar(one.tag, one.value),
)


def plain_settings(root: Path) -> Path:
    """Settings for the same Markdown under MkDocs with Material, its search
    and both languages, without our hooks and templates."""
    settings = yaml.load(
        (root / "mkdocs.yml").read_text(encoding="utf-8"), Loader=_Settings
    )
    i18n = next(
        one["i18n"]
        for one in settings["plugins"]
        if isinstance(one, Mapping) and "i18n" in one
    )
    # Some pages name a template of ours: it is Material's there.
    templates = root / "plain-templates"
    templates.mkdir(exist_ok=True)
    for path in (root / "overrides").glob("*.html"):
        if path.name not in ("main.html", "404.html"):
            (templates / path.name).write_text('{% extends "main.html" %}')
    theme = {
        **{key: settings["theme"][key] for key in ("name", "language")},
        "custom_dir": str(templates),
        "font": False,
    }
    written = {
        **{
            key: settings[key]
            for key in (
                "site_name",
                "site_url",
                "exclude_docs",
                "validation",
                "markdown_extensions",
            )
        },
        "docs_dir": str(root / "docs"),
        "site_dir": str(root / "plain-site"),
        "theme": theme,
        "plugins": [{"search": {"lang": ["zh", "en"]}}, {"i18n": i18n}],
    }
    path = root / "plain.yml"
    path.write_text(
        yaml.dump(written, Dumper=_Written, allow_unicode=True), "utf-8"
    )
    return path


# ── serve ──────────────────────────────────────────────────────────────────

_PATIENCE_S = 300.0


def reload_seconds(root: Path, runs: int) -> float:
    """Median time from saving one page to being served the new one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    process = subprocess.Popen(
        [sys.executable, "-m", "study_guide", "serve", "--address", address],
        cwd=root,
        env=_environment(root),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    source = root / "docs" / "questions" / "kv-cache" / "index.en.md"
    url = f"http://{address}/en/questions/kv-cache/"
    text = source.read_text(encoding="utf-8")
    taken = []
    try:
        _wait_for(url, "</html>", process)
        for number in range(runs):
            mark = f"edited-{number}"
            changed = re.sub(
                r"(\n## [^\n]*#worked-answer \}\n)", rf"\1\n{mark}\n", text
            )
            started = time.monotonic()
            source.write_text(changed, encoding="utf-8")
            _wait_for(url, mark, process)
            taken.append(time.monotonic() - started)
    finally:
        process.terminate()
        process.wait()
    return round(median(taken), 2)


def _wait_for(url: str, mark: str, process: subprocess.Popen[bytes]) -> None:
    """Until the page at `url` has `mark` in it. Raises TimeoutError."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=_PATIENCE_S) as answer:
                if mark.encode() in answer.read():
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{url} does not show {mark}")
