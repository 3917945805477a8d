"""The site on disk: whole at every moment, whatever happens to a build."""

import contextlib
import errno
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import lxml.html
import pytest
from conftest import Project
from study_guide import failures, site

posix = pytest.mark.skipif(os.name != "posix", reason="forks and signals")


def build(folder: Path, text: str) -> Path:
    for number in range(3):
        path = folder / f"{number}" / "index.html"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return folder


def content(folder: Path) -> set[str]:
    files = sorted(folder.rglob("index.html"))
    assert len(files) == 3, "not the whole site"
    return {path.read_text(encoding="utf-8") for path in files}


def killed_at(step: int, new: Path, target: Path, exchange: bool) -> bool:
    """Swap in a child that dies before its file operation number `step`;
    False where it ended before."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)
    count = 0

    def dying(function):
        def call(*arguments, **more):
            nonlocal count
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **more)

        return call

    Path.rename = dying(Path.rename)
    os.unlink = dying(os.unlink)
    os.rmdir = dying(os.rmdir)
    site._exchanged = dying(
        site._exchanged if exchange else lambda one, other: False
    )
    try:
        site.swap(new, target)
    finally:
        os._exit(0)


@posix
@pytest.mark.parametrize("exchange", [True, False])
def test_a_swap_killed_at_any_step_leaves_a_whole_site(
    tmp_path: Path, exchange: bool
) -> None:
    if exchange and not site._exchanged(
        build(tmp_path / "a", "a"), build(tmp_path / "b", "b")
    ):
        pytest.skip("this system exchanges no folders")
    for step in range(1, 30):
        folder = tmp_path / f"{step}"
        target = build(folder / "site", "old")
        new = build(folder / f".site-new-{os.getpid()}-x", "new")
        died = killed_at(step, new, target, exchange)
        if not exchange:
            site.recover(target)
        assert content(target) in ({"old"}, {"new"}), f"step {step}"
        site.recover(target)
        assert content(target) in ({"old"}, {"new"}), f"step {step}"
        if not died:
            assert content(target) == {"new"}
            return
    raise AssertionError("a swap has no 30 steps")


@posix
def test_what_killed_builds_left_is_removed_and_no_more(
    tmp_path: Path,
) -> None:
    target = build(tmp_path / "site", "good")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    build(tmp_path / f".site-new-{gone.pid}-abc", "half")
    build(tmp_path / f".site-old-{gone.pid}", "older")
    running = build(tmp_path / f".site-new-{os.getppid()}-abc", "at work")
    other = build(tmp_path / f".site2-new-{gone.pid}-abc", "of another")
    with site.aside(target) as folder:
        assert folder.stat().st_mode & 0o777 == 0o755
        names = {path.name for path in tmp_path.iterdir()}
    assert names == {"site", running.name, other.name, folder.name}
    assert content(target) == {"good"}
    assert not folder.exists()


@posix
@pytest.mark.parametrize(
    ("moment", "how"),
    [
        ("", signal.SIGKILL),
        ("/questions/*/index.html", signal.SIGKILL),
        ("/assets/guide.*.css", signal.SIGKILL),
        ("/questions/*/index.html", signal.SIGINT),
    ],
    ids=["begun", "pages", "finishing", "by-its-reader"],
)
def test_a_killed_build_leaves_the_last_good_site(
    project: Project, moment: str, how: signal.Signals
) -> None:
    target = build(project.root / "site", "good")
    command = [sys.executable, "-m", "study_guide", "build", "--no-books"]
    process = subprocess.Popen(
        [*command, "--no-check"],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(project.root / "scripts")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        half = [*project.root.glob(f".site-new-*{moment}")]
        if half:
            break
        time.sleep(0.001)
    process.send_signal(how)
    _, said = process.communicate()
    assert half, "the build was not seen at work"
    assert process.returncode == (130 if how == signal.SIGINT else -how)
    assert "Traceback" not in said
    assert content(target) == {"good"}
    site.recover(target)
    assert not [*project.root.glob(".site-*")]


# ── what a machine refuses ─────────────────────────────────────────────────


def one_line(project: Project, *arguments: str, **more) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "study_guide", *arguments],
        cwd=project.root,
        env={
            **os.environ,
            "PYTHONPATH": str(project.root / "scripts"),
            "NO_MKDOCS_2_WARNING": "1",
        },
        capture_output=True,
        text=True,
        **more,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    return line


def with_a_cache_of_its_own(project: Project) -> None:
    (project.root / ".cache" / "content.sqlite").unlink()


@posix
def test_a_full_disk_is_named(project: Project) -> None:
    """No file may grow beyond 30 kB: pages do, and the cache before them."""
    with_a_cache_of_its_own(project)
    target = build(project.root / "site", "good")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))

    line = one_line(project, "build", "--no-books", preexec_fn=limit)
    assert "no room on the disk" in line
    assert content(target) == {"good"}


@pytest.mark.skipif(sys.platform != "linux", reason="/sys takes no files")
def test_a_disk_that_cannot_be_written_is_named(project: Project) -> None:
    line = one_line(
        project, "build", "--no-books", "--no-check", "--site", "/sys/x/site"
    )
    assert "/sys/x" in line
    assert "cannot be written" in line


def test_a_missing_face_is_named(project: Project) -> None:
    name = "KaTeX_Math-Italic.woff2"
    (project.docs / "assets/vendor/katex/fonts" / name).unlink()
    target = build(project.root / "site", "good")
    line = one_line(project, "build", "--no-books", "--no-check")
    assert name in line
    assert "missing" in line
    assert content(target) == {"good"}


def test_a_missing_font_of_the_books_is_named(
    project: Project,
) -> None:
    """Its package is there, the file in it is not."""
    package = project.root / "scripts" / "fontpkg_source_serif_4"
    package.mkdir()
    (package / "__init__.py").touch()
    target = build(project.root / "site", "good")
    line = one_line(project, "build", "--no-check")
    assert "SourceSerif4" in line
    assert "missing" in line
    assert content(target) == {"good"}


def test_what_mkdocs_breaks_off_is_no_site(project: Project) -> None:
    """Not even where mistakes in the content do not matter."""
    template = project.root / "overrides" / "question.html"
    template.write_text("{% if %}", encoding="utf-8")
    target = build(project.root / "site", "good")
    done = project.run("build", "--no-books", "--no-check")
    assert done.returncode == 1
    assert "MkDocs stopped" in done.stderr
    assert content(target) == {"good"}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left", "x.html"), "no room on"),
        (OSError(errno.EDQUOT, "Quota exceeded", "x.html"), "no room on"),
        (OSError(errno.EROFS, "Read-only file system", "x"), "Read-only"),
        (sqlite3.OperationalError("database or disk is full"), "no room"),
        (
            sqlite3.OperationalError("attempt to write a readonly database"),
            ".cache cannot be written",
        ),
    ],
)
def test_refusals_are_said_in_one_line(error: Exception, said: str) -> None:
    line = failures.message(error)
    assert said in line
    assert "\n" not in line


# ── markup in data ──


def test_markup_in_data_is_text_on_every_page(project: Project) -> None:
    """Titles, descriptions, search terms, points, errata: no element comes
    of them, on a page, on a card or beside the pages."""
    attack = "<img src=x onerror='a()'>&amp;</script>"
    taxonomy = project.docs / "taxonomy.yml"
    text = taxonomy.read_text(encoding="utf-8")
    for said in "Positional encoding", "How position enters.", "KV cache":
        text = text.replace(said, f'"{said} {attack}"')
    text = text.replace("embedding (RoPE)?", f"embedding {attack}?")
    text = text.replace("    en: What", "    en: |-\n      What")
    taxonomy.write_text(text, encoding="utf-8")
    (project.docs / "errata.yml").write_text(
        f'- {{date: 2026-11-20, question: rope-idea, zh: 误, en: "{attack}"}}\n',
        encoding="utf-8",
    )
    page = project.question / "index.en.md"
    page.write_text(
        page.read_text(encoding="utf-8")
        .replace("aliases: [", f'aliases: ["{attack}", ')
        .replace("points:\n", f'points:\n  - "{attack}"\n'),
        encoding="utf-8",
    )
    done = project.run("build", "--no-books", "--no-check")
    assert done.returncode == 0, done.stdout + done.stderr
    said = 0
    for path in (project.root / "site").rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        said += html.count("onerror=")
        tree = lxml.html.document_fromstring(html)
        assert not tree.xpath("//img | //*[@onerror]"), path
    assert said > 20
    for path in (project.root / "site/assets/practice").rglob("*.js"):
        assert "<img" not in path.read_text(encoding="utf-8"), path


# ── same bytes ─────────────────────────────────────────────────────────────


def test_two_builds_give_the_same_bytes(project: Project) -> None:
    """Whatever the order of sets, the time zone and the state of the cache;
    the first one fills it."""
    with_a_cache_of_its_own(project)
    sites = []
    for number, zone in enumerate(["UTC", "Asia/Shanghai"]):
        folder = project.root / f"site-{number}"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "study_guide", "build"),
                *("--no-books", "--no-check", "--site", str(folder)),
            ],
            cwd=project.root,
            env={
                **os.environ,
                "PYTHONPATH": str(project.root / "scripts"),
                "PYTHONHASHSEED": str(number + 1),
                "TZ": zone,
                "LC_ALL": "C.UTF-8" if number else "C",
                "NO_MKDOCS_2_WARNING": "1",
            },
            capture_output=True,
            text=True,
        )
        assert (folder / "index.html").is_file(), done.stdout + done.stderr
        sites.append(
            {
                path.relative_to(folder).as_posix(): path.read_bytes()
                for path in folder.rglob("*")
                if path.is_file()
            }
        )
    one, other = sites
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


# ── serve ──────────────────────────────────────────────────────────────────


@posix
def test_an_edited_page_is_written_again_by_itself(project: Project) -> None:
    """The same article as a build of all gives; what other pages show of a
    question brings such a build about."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    environment = {
        **os.environ,
        "PYTHONPATH": str(project.root / "scripts"),
        "NO_MKDOCS_2_WARNING": "1",
    }
    log = project.root / "serve.log"
    with log.open("w") as said:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "study_guide", "serve"),
                *("--address", address),
            ],
            cwd=project.root,
            env=environment,
            stdout=said,
            stderr=said,
        )

    def served(path: str, mark: str) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError):
                url = f"http://{address}/{path}"
                with urllib.request.urlopen(url, timeout=60) as answer:
                    text = answer.read().decode()
                    if mark in text:
                        return text
            time.sleep(0.05)
        raise AssertionError(f"no {mark} in {path}\n{log.read_text()}")

    def article(text: str) -> str:
        return text[text.index("<article") : text.index("</article>")]

    try:
        served("en/questions/rope-idea/", "</html>")
        project.change(
            "index.en.md",
            "## Worked answer { #worked-answer }\n",
            "## Worked answer { #worked-answer }\n\nSeen at once: $q$.\n",
        )
        page = served("en/questions/rope-idea/", "Seen at once")
        assert "this page is new" in log.read_text()
        assert "Content-Security-Policy" in page
        project.change("index.zh.md", "points:\n", "points:\n  - 另加的\n")
        served("questions/rope-idea/", "另加的")
        assert log.read_text().count("Building documentation") == 2
    finally:
        process.terminate()
        process.wait()
    site_ = project.root / "built"
    done = project.run(
        "build", "--no-books", "--no-check", "--site", str(site_)
    )
    built = (site_ / "en/questions/rope-idea/index.html").read_text("utf-8")
    assert article(built) == article(page), done.stdout
