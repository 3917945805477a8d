"""The commands of `scripts/guide.py`."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from study_guide import (
    benchmarks,
    build_bench,
    catalogue,
    chromium,
    errata,
    failures,
    firefox,
    mending,
    mkdocs_adapter,
    page_bench,
    problems,
    question_checks,
    question_template,
    recording,
    scale_bench,
    search_bench,
    site,
    site_checks,
    text_checks,
)
from study_guide.catalogue import Question
from study_guide.content_cache import ContentCache
from study_guide.problems import Problem

ROOT = mkdocs_adapter.ROOT
DOCS = ROOT / "docs"


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except mkdocs_adapter.RenderError as error:
        print(f"MkDocs stopped: {error}", file=sys.stderr)
        return 1
    except failures.EXPECTED as error:
        print(failures.message(error), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped; the last good site is as it was.", file=sys.stderr)
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="guide.py", description="The one door of the study guide."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="show the site while writing")
    serve.add_argument("--address", default="127.0.0.1:8000")
    serve.set_defaults(run=_serve)

    build = commands.add_parser("build", help="build the site into site/")
    build.add_argument("--site", type=Path, default=ROOT / "site")
    build.add_argument(
        "--no-check",
        action="store_true",
        help="build in spite of mistakes in the content",
    )
    build.add_argument(
        "--no-books",
        action="store_true",
        help="leave out what is for download: books, the site as a folder",
    )
    build.set_defaults(run=_build)

    check = commands.add_parser("check", help="look for mistakes")
    check.add_argument("slugs", nargs="*", metavar="SLUG")
    check.add_argument(
        "--json", action="store_true", help="print the problems for machines"
    )
    check.add_argument(
        "--fix",
        action="store_true",
        help="first mend spacing, punctuation and ids of headings",
    )
    check.set_defaults(run=_check)

    test = commands.add_parser("test", help="run all tests")
    test.add_argument(
        "arguments", nargs=argparse.REMAINDER, help="passed on to pytest"
    )
    test.set_defaults(run=_test)

    new = commands.add_parser("new", help="begin a question")
    new.add_argument("slug", metavar="SLUG")
    new.set_defaults(run=_new)

    record = commands.add_parser(
        "record", help="run examples and draw figures, keep what they give"
    )
    record.add_argument("slugs", nargs="*", metavar="SLUG")
    record.set_defaults(run=_record)

    bench = commands.add_parser("bench", help="measure")
    benches = bench.add_subparsers(required=True, metavar="WHAT")
    for add_bench in (
        build_bench.add_build,
        scale_bench.add_scale,
        benchmarks.add_gpu,
        page_bench.add_pages,
        search_bench.add_search,
    ):
        add_bench(benches)
    return parser


def _serve(options: argparse.Namespace) -> int:
    mkdocs_adapter.serve(options.address)
    return 0


def _content_problems(slugs: Sequence[str]) -> Iterator[Problem]:
    """What is wrong with the sources of `slugs`, or of all questions."""
    cache = ContentCache(mkdocs_adapter.CACHE)
    yield from question_checks.check_all(ROOT, DOCS, cache, slugs)
    topics, _ = catalogue.load(DOCS)
    yield from errata.load(DOCS, topics)[1]
    yield from text_checks.check(ROOT, DOCS)


def _site_problems(
    folder: Path,
    report_book: Callable[[str], None] | None = None,
    *,
    checked: bool = True,
) -> Iterator[Problem]:
    """Render the pages into `folder`; yields what that shows to be wrong.

    `report_book` is told the name of each book; None: none is made. Where
    the pages are not to be `checked`, it only raises RenderError.
    """
    warnings: list[str] = []
    try:
        errors = mkdocs_adapter.render(folder, warnings.append, report_book)
    except mkdocs_adapter.RenderError as error:
        if not checked:
            raise
        yield Problem(
            "mkdocs.yml",
            0,
            "render",
            f"MkDocs stopped: {error}",
            "Mend what the other messages name, then look again.",
        )
        return
    if not checked:
        return
    for mistake in errors:
        yield Problem(
            mistake.file,
            0,
            "book",
            f"the book cannot be made: {mistake.message}",
            "Mend it there; `--no-books` builds without the books.",
        )
    for warning in warnings:
        yield Problem(
            "mkdocs.yml", 0, "render", warning, "Mend what it names."
        )
    yield from site_checks.check(folder)


def _say(text: str, options: argparse.Namespace) -> None:
    if not getattr(options, "json", False):
        print(text, flush=True)


def _build(options: argparse.Namespace) -> int:
    started = time.monotonic()
    target = options.site.resolve()
    _say("Checking the sources …", options)
    found = [] if options.no_check else list(_content_problems(()))
    with site.aside(target) as folder:
        _say("Rendering the pages …", options)
        # With mistakes in the content there is nothing to swap in.
        books = not (options.no_books or found)
        report = (lambda name: _say(f"  {name} …", options)) if books else None
        found += _site_problems(folder, report, checked=not options.no_check)
        if found:
            print(problems.as_text(found))
            print(f"{target} is left as it was.")
            return 1
        site.swap(folder, target)
    files, size = site.size(target)
    seconds = time.monotonic() - started
    _say(
        f"{target}: {files} files, {size / 1e6:.1f} MB, {seconds:.1f} s",
        options,
    )
    return 0


def _check(options: argparse.Namespace) -> int:
    slugs: list[str] = options.slugs
    known, _ = catalogue.load(DOCS)
    for slug in slugs:
        if slug not in known.questions:
            print(f"No question is called {slug}.")
            return 2
    if options.fix:
        mending.mend(
            [one for one in known.published if one.slug in slugs or not slugs],
            lambda path: _say(f"mended {path.relative_to(ROOT)}", options),
        )
    _say("Checking the sources …", options)
    found = list(_content_problems(slugs))
    with site.aside(ROOT / ".check") as folder:
        _say("Rendering the pages …", options)
        found += _site_problems(folder)
    if slugs:  # other questions' mistakes are of no interest
        wanted = tuple(f"docs/questions/{slug}/" for slug in slugs)
        found = [
            one
            for one in found
            if one.file.startswith(wanted)
            or not one.file.startswith("docs/questions/")
        ]
    if options.json:
        print(problems.as_json(found))
    else:
        print(problems.as_text(found))
    return 1 if found else 0


def _questions(slugs: Sequence[str]) -> list[Question] | None:
    """The published questions named, or all; None where one is unknown."""
    found, _ = catalogue.load(DOCS)
    published = {question.slug: question for question in found.published}
    unknown = [slug for slug in slugs if slug not in published]
    for slug in unknown:
        print(f"docs/questions/ has no folder {slug} of the taxonomy.")
    if unknown:
        return None
    return [published[slug] for slug in slugs or published]


def _record(options: argparse.Namespace) -> int:
    questions = _questions(options.slugs)
    if questions is None:
        return 2
    failed = 0
    for number, question in enumerate(questions, start=1):
        print(
            f"[{number}/{len(questions)}] {question.slug}", end=" ", flush=True
        )
        try:
            changed = recording.record(question.folder)
        except recording.RecordingError as error:
            failed += 1
            print(f"failed\n{error}")
        else:
            print(", ".join(changed) or "as it was")
    return 1 if failed else 0


def _new(options: argparse.Namespace) -> int:
    found, _ = catalogue.load(DOCS)
    question = found.questions.get(options.slug)
    if question is None:
        print(
            f"docs/taxonomy.yml does not know {options.slug}. Add the question "
            "there first: id, slug, level and its title in each language."
        )
        return 2
    if question.folder.exists():
        print(f"{question.folder.relative_to(ROOT)} is there already.")
        return 2
    question.folder.mkdir(parents=True)
    for name, text in question_template.files(question).items():
        (question.folder / name).write_text(text, encoding="utf-8")
    print(
        f"{question.folder.relative_to(ROOT)} is laid out. Write example.py, "
        f"run `guide.py record {question.slug}`, write the two pages, run "
        f"`guide.py check {question.slug}`."
    )
    return 0


def _test(options: argparse.Namespace) -> int:
    try:
        browser = chromium.ensure()
    except chromium.NoChromium as error:
        print(error)
        return 2
    firefox.install()
    environment = {**os.environ, "CHROMIUM": str(browser)}
    steps = [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy", "scripts/study_guide", "scripts/guide.py"],
        # A file's tests share what is slow to make: they stay in one process.
        ["pytest", "--numprocesses=auto", "--dist=loadfile"],
    ]
    if options.arguments:  # one wants a part of the tests, not the lint
        steps = [["pytest", *options.arguments]]
    for step in steps:
        print(f"── {' '.join(step)}", flush=True)
        status = subprocess.run(
            [sys.executable, "-m", *step], cwd=ROOT, env=environment
        ).returncode
        if status:
            return status
    return 0
