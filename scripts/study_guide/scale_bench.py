"""`bench scale`: how the cost of a build, a page and a search grows with the
number of questions. The further questions are made up; `synthetic_questions`
says of what.
"""

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from study_guide import (
    build_bench,
    chromium,
    search_bench,
    synthetic_questions,
)
from study_guide.benchmarks import ROOT, Benches, packed_size, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SIZES = (104, 500, 2000)
# Of the query file, so many are typed.
_EVERY = 4


def add_scale(benches: Benches) -> None:
    """`bench scale`: builds of so many questions."""
    parser = benches.add_parser("scale", help="how cost grows with questions")
    parser.add_argument("sizes", nargs="*", type=int, metavar="QUESTIONS")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_scale)


def _scale(options: argparse.Namespace) -> int:
    rows = []
    for size in options.sizes or SIZES:
        rows.append(measured(size))
        if not options.json:
            print(_line(rows[-1], first=len(rows) == 1), flush=True)
    if options.json:
        print(json.dumps(rows, indent=1))
    return 0


def measured(size: int) -> Mapping[str, Any]:
    """All figures of a site of `size` questions."""
    with build_bench.project() as root:
        synthetic_questions.grow(root / "docs", size)
        site = root / "site"
        cold = build_bench.cost(build_bench.pages_into(site), root)
        warm = build_bench.cost(build_bench.pages_into(site), root)
        files = [
            one.stat().st_size for one in site.rglob("*") if one.is_file()
        ]
        page = site / "en" / "questions" / "kv-cache" / "index.html"
        return {
            "questions": size,
            "cold": asdict(cold),
            "warm": asdict(warm),
            "files": len(files),
            "site_mb": round(sum(files) / 1e6, 1),
            "page_gzip_kb": round(packed_size(page) / 1000, 1),
            "home_gzip_kb": round(packed_size(site / "index.html") / 1000, 1),
            **searched(site),
        }


def searched(site: Path) -> Mapping[str, float]:
    """What the search of a built site costs: its first result, and the time
    from the last key of a query to its results."""
    from playwright.sync_api import sync_playwright

    with serving(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium.ensure()), args=list(chromium.FLAGS)
        )
        fetched, waited = first_result(browser, address)
        browser.close()
    queries = search_bench.load_queries(ROOT / "tests" / "search-queries.yml")
    run = search_bench.play(queries[::_EVERY], site, "ours")
    times = [one.milliseconds for one in run.answers]
    return {
        "first_result_kb": round(fetched / 1000, 1),
        "first_result_s": round(waited, 2),
        "key_ms_median": round(median(times), 1),
        "key_ms_p95": round(search_bench.percentile(times, 0.95), 1),
    }


def _line(row: Mapping[str, Any], *, first: bool) -> str:
    head = (
        f"{'questions':>9}{'cold s':>8}{'warm s':>8}{'ms each':>9}"
        f"{'peak MB':>9}{'site MB':>9}{'page kB':>9}{'home kB':>9}"
        f"{'first result':>18}{'key ms, p95':>16}\n"
    )
    each = 1000 * row["warm"]["cpu_s"] / row["questions"]
    return (head if first else "") + (
        f"{row['questions']:9}{row['cold']['cpu_s']:8.1f}"
        f"{row['warm']['cpu_s']:8.1f}{each:9.0f}{row['cold']['peak_mb']:9.0f}"
        f"{row['site_mb']:9.1f}{row['page_gzip_kb']:9.1f}"
        f"{row['home_gzip_kb']:9.1f}"
        f"{row['first_result_kb']:9.1f} kB {row['first_result_s']:.2f} s"
        f"{row['key_ms_median']:8.0f}{row['key_ms_p95']:8.0f}"
    )


def first_result(
    browser: "Browser", address: str, query: str = "rotary"
) -> tuple[int, float]:
    """Bytes that the search fetches, packed, up to its first results on the
    English home page of the site at `address`, and seconds from opening the
    box until they are shown, for a reader who has nothing of it yet."""
    # A service worker would have fetched the titles beforehand.
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    page.goto(f"{address}en/", wait_until="networkidle")
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    fetched: list[float] = []
    session.on(
        "Network.loadingFinished",
        lambda event: fetched.append(event["encodedDataLength"]),
    )
    started = time.monotonic()
    page.keyboard.press("/")
    page.keyboard.insert_text(query)
    page.locator(".md-search-result__item").first.wait_for()
    waited = time.monotonic() - started
    context.close()
    return int(sum(fetched)), waited
