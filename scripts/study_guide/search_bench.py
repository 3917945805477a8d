"""`bench search`: how well and how fast the search answers a query file.

Each query is typed into the real search box of the built site in headless
Chromium. The same is done with Material's own search and with Pagefind over
the same pages, as the comparison.
"""

import argparse
import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from study_guide import build_bench, catalogue, chromium
from study_guide.benchmarks import ROOT, Benches, serving
from study_guide.languages import LANGUAGES, Language, site_path

ENGINES = ("ours", "material", "pagefind")
# What belongs to a search, among the addresses that a page asks for.
_OF_SEARCH = re.compile(r"search|lunr|pagefind")
# Results are final when they have not changed for so many milliseconds.
_QUIET_MS = 250


@dataclass(frozen=True)
class Query:
    """A line of the query file; `relevant` is empty for a negative one."""

    text: str
    site: Language
    relevant: tuple[int, ...]
    kind: str


@dataclass(frozen=True)
class Answer:
    """What the box showed: numbers of questions, 0 for any other page."""

    query: Query
    numbers: tuple[int, ...]
    foreign: int
    milliseconds: float

    @property
    def rank(self) -> int:
        """Place of the first relevant question among the questions, from 1;
        0 where none is. Material also lists the home page and the topics."""
        relevant = interchangeable(self.query.relevant)
        places = (
            place
            for place, number in enumerate(filter(None, self.numbers), start=1)
            if number in relevant
        )
        return next(places, 0)


@dataclass
class Run:
    """All answers of one engine; `bytes` by language, gzip."""

    engine: str
    answers: list[Answer] = field(default_factory=list)
    bytes: dict[str, int] = field(default_factory=dict)


def interchangeable(numbers: Sequence[int]) -> set[int]:
    """38 and 57 were one question in the source list."""
    twins = {38, 57}
    return set(numbers) | (twins if twins & set(numbers) else set())


def add_search(benches: Benches) -> None:
    """`bench search FILE.yml`: relevance, speed and weight of the search."""
    parser = benches.add_parser("search", help="relevance of the search")
    parser.add_argument("file", type=Path, metavar="FILE.yml")
    parser.add_argument("--engine", choices=ENGINES, default="ours")
    parser.add_argument(
        "--site", type=Path, default=ROOT / "site", help="a built site"
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_search)


def load_queries(path: Path) -> list[Query]:
    """The queries of a file, negatives last, with the kind `negative`."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    asked = [
        Query(q["q"], q["site"], tuple(q["relevant"]), q["kind"])
        for q in data["queries"]
    ]
    negative = [
        Query(q["q"], q["site"], (), "negative")
        for q in data.get("negative", ())
    ]
    return [*asked, *negative]


def _search(options: argparse.Namespace) -> int:
    queries = load_queries(options.file)
    try:
        with _prepared(options.engine, options.site) as site:
            run = play(queries, site, options.engine)
    except _Missing as missing:
        print(missing)
        return 2
    published = _published(options.site)
    summary = summarize(run, published)
    if options.json:
        print(json.dumps(summary, ensure_ascii=False, indent=1))
    else:
        print(report(summary))
    return 0


def _published(site: Path) -> Mapping[Language, set[int]]:
    """Language -> numbers of the questions that the site has pages of."""
    known, _ = catalogue.load(ROOT / "docs")
    return {
        language: {
            question.id
            for question in known.questions.values()
            if (site / question.url(language) / "index.html").is_file()
        }
        for language in LANGUAGES
    }


# ── the engines ────────────────────────────────────────────────────────────


class _Missing(Exception):
    """Something that the comparison needs is not installed."""


@contextmanager
def _prepared(engine: str, site: Path) -> Iterator[Path]:
    """A site whose search is that of `engine`, on the same pages."""
    if not (site / "index.html").is_file():
        raise _Missing(f"No site stands at {site}: call `guide.py build`.")
    if engine == "ours":
        yield site
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "site"
        if engine == "material":
            _build_with_material(copy)
        else:
            shutil.copytree(site, copy)
            _add_pagefind(copy)
        yield copy


def _build_with_material(site: Path) -> None:
    """The same Markdown with Material, its search plugin and jieba."""
    with build_bench.project() as root:
        settings = build_bench.plain_settings(root)
        try:
            build_bench.cost(
                ["-m", "mkdocs", "build", "--quiet", "-f", str(settings)], root
            )
        except RuntimeError as error:
            raise _Missing(f"MkDocs with Material's search: {error}") from None
        shutil.move(root / "plain-site", site)


_PAGEFIND_PAGE = """<!doctype html><html lang="{language}">
<meta charset="utf-8"><title>Pagefind</title>
<link href="/pagefind/pagefind-ui.css" rel="stylesheet">
<div id="search"></div><script src="/pagefind/pagefind-ui.js"></script>
<script>new PagefindUI({{element: "#search", showSubResults: false,
debounceTimeoutMs: 0, pageSize: 10}});</script></html>
"""


def _add_pagefind(site: Path) -> None:
    """Index the pages and give each language a page with Pagefind's box."""
    command = [sys.executable, "-m", "pagefind", "--site", str(site)]
    # Only the articles, as for the others; not the list of all questions.
    pages = "{questions,en/questions}/*/index.html"
    done = subprocess.run(
        [*command, "--glob", pages, "--root-selector", "article"],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise _Missing(
            "Pagefind is not installed: pip install 'pagefind[bin]'\n"
            + done.stderr[-500:]
        )
    for language in LANGUAGES:
        path = site / site_path(language, "pagefind.html")
        path.write_text(_PAGEFIND_PAGE.format(language=language), "utf-8")


# ── the browser ────────────────────────────────────────────────────────────

_BOXES: Mapping[str, Mapping[str, str]] = {
    "ours": {
        "input": ".md-search__input",
        "links": ".md-search-result__item > a:first-child",
    },
    "material": {
        "input": ".md-search__input",
        "links": ".md-search-result__item > a:first-child",
    },
    "pagefind": {
        "input": ".pagefind-ui__search-input",
        "links": ".pagefind-ui__result-link",
    },
}

# Notes when a key reaches the box and when the list of results last changed.
_WATCH = """([input, links]) => {
  const list = () => [...document.querySelectorAll(links)].map(
    (one) => new URL(one.href, location.href).pathname).join(" ");
  globalThis.bench = {keyed: 0, changed: 0, first: 0, list: list()};
  document.querySelector(input).addEventListener("input", () => {
    Object.assign(bench, {keyed: performance.now(), first: 0, changed: 0});
  }, true);
  new MutationObserver(() => {
    const now = performance.now(), next = list();
    if (!bench.first) bench.first = now;
    if (next !== bench.list) Object.assign(bench, {list: next, changed: now});
  }).observe(document.body, {subtree: true, childList: true,
    characterData: true});
}"""
_SETTLED = f"""() => bench.keyed && performance.now()
  - Math.max(bench.keyed, bench.changed, bench.first) > {_QUIET_MS}"""


def play(queries: Sequence[Query], site: Path, engine: str) -> Run:
    """Type all queries into the box of `site`."""
    from playwright.sync_api import sync_playwright

    run = Run(engine)
    known, _ = catalogue.load(ROOT / "docs")
    numbers = {slug: one.id for slug, one in known.questions.items()}
    program = str(chromium.ensure())
    with serving(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=list(chromium.FLAGS)
        )
        for language in LANGUAGES:
            own = [one for one in queries if one.site == language]
            if not own:
                continue
            page, fetched = _open(browser, address, language, engine)
            for number, query in enumerate(own):
                paths, milliseconds = _type(page, query.text, engine)
                if number == 0:
                    run.bytes[language] = fetched()
                run.answers.append(
                    _answer(query, paths, milliseconds, numbers)
                )
            page.close()
        browser.close()
    return run


def _open(
    browser: Any, address: str, language: Language, engine: str
) -> tuple[Any, Callable[[], int]]:
    # A service worker would have fetched part of it beforehand.
    page = browser.new_page(service_workers="block")
    sizes: dict[str, int] = {}

    def note(response: Any) -> None:
        path = response.url.removeprefix(address)
        if _OF_SEARCH.search(path) and not path.endswith(".html"):
            try:
                sizes[path] = len(gzip.compress(response.body()))
            except Exception:  # a request that the page itself called off
                sizes.setdefault(path, 0)

    page.on("response", note)
    name = "pagefind.html" if engine == "pagefind" else ""
    page.goto(address + site_path(language, name))
    box = _BOXES[engine]
    page.wait_for_load_state("networkidle")
    page.wait_for_selector(box["input"], state="attached")
    page.focus(box["input"])
    page.wait_for_load_state("networkidle")
    page.evaluate(_WATCH, [box["input"], box["links"]])
    return page, lambda: sum(sizes.values())


def _type(page: Any, text: str, engine: str) -> tuple[list[str], float]:
    """Type `text`, the last key by itself; paths shown, time to the last."""
    box = _BOXES[engine]
    page.focus(box["input"])
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.wait_for_timeout(50)
    if text[:-1]:
        page.keyboard.insert_text(text[:-1])
        # Material listens to keys alone.
        page.keyboard.press("End")
        page.wait_for_function(_SETTLED)
    page.evaluate("Object.assign(bench, {keyed: 0, first: 0, changed: 0})")
    page.keyboard.insert_text(text[-1])
    page.keyboard.press("End")
    page.wait_for_function(_SETTLED)
    bench = page.evaluate("bench")
    shown = bench["changed"] or bench["first"] or bench["keyed"]
    return bench["list"].split(), shown - bench["keyed"]


def _answer(
    query: Query,
    paths: Sequence[str],
    milliseconds: float,
    numbers: Mapping[str, int],
) -> Answer:
    found = []
    foreign = 0
    for path in paths:
        english = path.startswith("/en/")
        foreign += english != (query.site == "en")
        slug = re.search(r"/questions/([^/]+)/", path)
        number = numbers.get(slug[1], 0) if slug else 0
        if number == 0 or number not in found:
            found.append(number)
    return Answer(query, tuple(found), foreign, milliseconds)


# ── the report ─────────────────────────────────────────────────────────────


def measures(answers: Sequence[Answer]) -> Mapping[str, float]:
    """success@1, success@5 and MRR of answers to queries that have one, and
    the milliseconds that they took."""
    ranks = [one.rank for one in answers]
    count = len(ranks) or 1
    return {
        "queries": len(ranks),
        "success_at_1": round(sum(r == 1 for r in ranks) / count, 4),
        "success_at_5": round(sum(1 <= r <= 5 for r in ranks) / count, 4),
        "mrr": round(sum(1 / r for r in ranks if r) / count, 4),
        **_times(answers),
    }


def _times(answers: Sequence[Answer]) -> Mapping[str, float]:
    times = [one.milliseconds for one in answers] or [0.0]
    return {
        "ms_median": round(median(times), 1),
        "ms_p95": round(percentile(times, 0.95), 1),
    }


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def summarize(
    run: Run, published: Mapping[Language, set[int]]
) -> dict[str, Any]:
    """All figures of a run.

    A query whose best question is not published yet is left out: others that
    are acceptable may only touch on the matter.
    """
    asked = [
        one
        for one in run.answers
        if one.query.relevant
        and interchangeable(one.query.relevant) & published[one.query.site]
    ]
    negative = [one for one in run.answers if not one.query.relevant]
    groups: dict[str, dict[str, list[Answer]]] = {
        "kind": defaultdict(list),
        "site": defaultdict(list),
    }
    for one in asked:
        groups["kind"][one.query.kind].append(one)
        groups["site"][one.query.site].append(one)
    return {
        "engine": run.engine,
        **measures(asked),
        # How fast, of all of them; how well, of those that have an answer.
        **_times([*asked, *negative]),
        "left_out": len(run.answers) - len(asked) - len(negative),
        "negatives": len(negative),
        "negatives_held": sum(not one.numbers for one in negative),
        "foreign_results": sum(one.foreign for one in run.answers),
        "bytes_to_first_result": run.bytes,
        **{
            f"by_{name}": {
                key: measures(group) for key, group in sorted(own.items())
            }
            for name, own in groups.items()
        },
        "missed": [
            {
                "q": one.query.text,
                "site": one.query.site,
                "relevant": one.query.relevant,
                "got": one.numbers[:5],
            }
            for one in asked
            if one.rank != 1
        ],
        "shown_for_negatives": [
            {
                "q": one.query.text,
                "site": one.query.site,
                "got": one.numbers[:5],
            }
            for one in negative
            if one.numbers
        ],
    }


def report(summary: Mapping[str, Any]) -> str:
    """The figures for people."""
    row = "{:18}{:>8}{:>11}{:>11}{:>8}{:>11}{:>8}"
    lines = [
        f"engine: {summary['engine']}",
        row.format(
            "",
            "queries",
            "success@1",
            "success@5",
            "MRR",
            "ms median",
            "ms p95",
        ),
    ]

    def line(name: str, one: Mapping[str, Any]) -> str:
        return row.format(
            name,
            one["queries"],
            f"{one['success_at_1']:.3f}",
            f"{one['success_at_5']:.3f}",
            f"{one['mrr']:.3f}",
            f"{one['ms_median']:.0f}",
            f"{one['ms_p95']:.0f}",
        )

    lines.append(line("all", summary))
    for group in ("by_site", "by_kind"):
        lines += [line(key, one) for key, one in summary[group].items()]
    weights = ", ".join(
        f"{language} {size / 1000:.1f} kB"
        for language, size in summary["bytes_to_first_result"].items()
    )
    lines += [
        f"negatives held: {summary['negatives_held']} of "
        f"{summary['negatives']}",
        f"results in the other language: {summary['foreign_results']}",
        f"last key to results: median {summary['ms_median']} ms, "
        f"p95 {summary['ms_p95']} ms",
        f"fetched before the first result (gzip): {weights}",
    ]
    if summary["left_out"]:
        lines.append(
            f"left out, best page not there yet: {summary['left_out']} queries"
        )
    for name, title in (
        ("missed", "first result not relevant"),
        ("shown_for_negatives", "shown for a negative query"),
    ):
        for one in summary[name]:
            lines.append(
                f"{title}: {one['q']!r} ({one['site']}) -> "
                + (", ".join(map(str, one["got"])) or "nothing")
            )
    return "\n".join(lines)
