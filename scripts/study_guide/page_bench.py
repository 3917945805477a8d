"""`bench pages`: what a page costs its reader, in Chromium.

Bytes and requests, layout shift, the time to the largest contentful paint
and the time that scripts block, over a slow line and without one; the scores
of Lighthouse where it is installed. Times are reported, never asserted.
"""

import argparse
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from study_guide import chromium
from study_guide.benchmarks import ROOT, Benches, serving
from study_guide.languages import LANGUAGES, site_path

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# 1.6 Mbit/s down, 750 kbit/s up, 150 ms: Lighthouse's slow 4G.
SLOW = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}

# Pages that are measured where no others are named, without their language.
PAGES = (
    "",
    "topics/positional-encoding/",
    "questions/rope-idea/",
    "questions/kv-cache/",
    "questions/ppo-vs-trpo/",
    "questions/sparse-fine-tuning/",
    "questions/temperature-top-p-top-k/",
    "practice/",
)

_LIGHTHOUSE = ROOT / ".cache" / "lighthouse"
_LIGHTHOUSE_VERSION = "12.8.2"
_INSTALL = (
    "npm install --no-audit --no-fund --prefix .cache/lighthouse "
    f"lighthouse@{_LIGHTHOUSE_VERSION}"
)


def add_pages(benches: Benches) -> None:
    """`bench pages`: bytes, requests and speed of pages in Chromium."""
    parser = benches.add_parser("pages", help="what pages cost the reader")
    parser.add_argument("--site", type=Path, default=ROOT / "site")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--lighthouse",
        action="store_true",
        help=f"its four scores too; installed by `{_INSTALL}`",
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("paths", nargs="*", metavar="PATH")
    parser.set_defaults(run=_pages)


@dataclass(frozen=True)
class Load:
    """One load of a page by a reader who has nothing of the site yet.

    `sizes`: kind of resource -> bytes as transferred, gzip where the server
    packs; times in milliseconds, `shift` without unit.
    """

    requests: tuple[str, ...]
    sizes: Mapping[str, int]
    paint: float
    shift: float
    blocked: float
    errors: tuple[str, ...]

    @property
    def bytes(self) -> int:
        return sum(self.sizes.values())


# Layout shifts and long tasks are kept from the first moment on.
_OBSERVE = """
globalThis.__seen = {paint: 0, shift: 0, tasks: []};
const watch = (type, note) => new PerformanceObserver((list) =>
  list.getEntries().forEach(note)).observe({type, buffered: true});
watch("largest-contentful-paint", (one) => { __seen.paint = one.startTime; });
watch("layout-shift", (one) => {
  if (!one.hadRecentInput) __seen.shift += one.value; });
watch("longtask", (one) => { __seen.tasks.push([one.startTime,
  one.duration]); });
"""
_RESULT = """() => {
  const first = performance.getEntriesByName("first-contentful-paint")[0];
  const blocked = __seen.tasks.filter(([start, length]) =>
    first && start + length > first.startTime)
    .reduce((sum, [, length]) => sum + Math.max(0, length - 50), 0);
  return {...__seen, blocked};
}"""


def load(
    browser: "Browser",
    url: str,
    line: Mapping[str, float] | None = None,
    size: tuple[int, int] = (1440, 900),
) -> Load:
    """Load `url` with an empty cache, over `line` (see SLOW) if given."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(_OBSERVE)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    if line:
        session.send("Network.emulateNetworkConditions", dict(line))
    kinds: dict[str, str] = {}
    requests: list[str] = []
    sizes: Counter[str] = Counter()

    def sent(event: Mapping[str, Any]) -> None:
        if not event["request"]["url"].startswith(("data:", "blob:")):
            kinds[event["requestId"]] = event["type"].lower()
            requests.append(event["request"]["url"])

    def finished(event: Mapping[str, Any]) -> None:
        if event["requestId"] in kinds:
            sizes[kinds[event["requestId"]]] += event["encodedDataLength"]

    session.on("Network.requestWillBeSent", sent)
    session.on("Network.loadingFinished", finished)
    page.goto(url, wait_until="networkidle")
    # To the end and back: what is drawn late must not move anything.
    page.evaluate(
        "() => { scrollTo(0, document.body.scrollHeight); scrollTo(0, 0); }"
    )
    page.wait_for_timeout(100)
    seen = page.evaluate(_RESULT)
    context.close()
    return Load(
        tuple(requests),
        dict(sizes),
        seen["paint"],
        seen["shift"],
        seen["blocked"],
        tuple(errors),
    )


def _paths(site: Path) -> list[str]:
    """The default pages in all languages, as far as the site has them."""
    return [
        path
        for page in PAGES
        for language in LANGUAGES
        if (
            site / (path := site_path(language, page)) / "index.html"
        ).is_file()
    ]


def _pages(options: argparse.Namespace) -> int:
    from playwright.sync_api import sync_playwright

    site: Path = options.site
    if not (site / "index.html").is_file():
        print(f"No site stands at {site}: call `guide.py build`.")
        return 2
    try:
        lighthouse = _lighthouse() if options.lighthouse else None
    except NoLighthouse as error:
        print(error)
        return 2
    program = str(chromium.ensure())
    rows = []
    with serving(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=list(chromium.FLAGS)
        )
        for path in options.paths or _paths(site):
            loads = {
                name: [
                    load(browser, address + path, line)
                    for _ in range(options.runs)
                ]
                for name, line in (("fast", None), ("slow", SLOW))
            }
            row = _row(path, address, loads)
            if lighthouse:
                row["lighthouse"] = asdict(
                    audit(lighthouse, address + path, program, options.runs)
                )
            rows.append(row)
            if not options.json:
                print(_line(row), flush=True)
        browser.close()
    if options.json:
        print(json.dumps(rows, indent=1))
    return 0


def _row(
    path: str, address: str, loads: Mapping[str, Sequence[Load]]
) -> dict[str, Any]:
    one = loads["fast"][0]
    row: dict[str, Any] = {
        "page": "/" + path,
        "requests": len(one.requests),
        "third_party": sum(
            not url.startswith(address) for url in one.requests
        ),
        "gzip_bytes": one.bytes,
        "by_kind": one.sizes,
    }
    for name, runs in loads.items():
        row[name] = {
            "lcp_ms": round(median(run.paint for run in runs)),
            "cls": round(max(run.shift for run in runs), 4),
            "tbt_ms": round(median(run.blocked for run in runs)),
        }
    return row


def _line(row: Mapping[str, Any]) -> str:
    kinds = ", ".join(
        f"{kind} {size / 1000:.1f}"
        for kind, size in sorted(row["by_kind"].items())
    )
    lines = [
        f"{row['page']}: {row['requests']} requests, "
        f"{row['third_party']} third-party, "
        f"{row['gzip_bytes'] / 1000:.1f} kB gzip ({kinds})"
    ]
    for name in "fast", "slow":
        seen = row[name]
        lines.append(
            f"  {name}: LCP {seen['lcp_ms']} ms, CLS {seen['cls']}, "
            f"TBT {seen['tbt_ms']} ms"
        )
    if "lighthouse" in row:
        seen = row["lighthouse"]
        lines.append(
            "  Lighthouse: "
            + ", ".join(f"{k} {v}" for k, v in seen["scores"].items())
            + f" (a slow phone, simulated; processor {seen['processor']})"
        )
        lines += [f"    {one}" for one in seen["deductions"]]
    return "\n".join(lines)


# ── Lighthouse ─────────────────────────────────────────────────────────────


class NoLighthouse(RuntimeError):
    """Lighthouse is not installed."""


@dataclass(frozen=True)
class Audit:
    """What Lighthouse says of a page to a slow phone, which it simulates: of
    1.6 Mbit/s, 150 ms and a processor that is four times slower than this one.

    `scores`: category -> 0 to 100, the median of all runs; `processor`: the
    speed that Lighthouse found this one to have, 2,000 and more where
    nothing else runs; `deductions`: what one of the runs took points off for.
    """

    scores: Mapping[str, int]
    processor: int
    deductions: Sequence[str]


def _lighthouse() -> list[str]:
    """The command that runs it. Raises NoLighthouse."""
    node = shutil.which("node")
    script = _LIGHTHOUSE / "node_modules" / "lighthouse" / "cli" / "index.js"
    if node is None or not script.is_file():
        raise NoLighthouse(
            f"Lighthouse is not there. It needs Node 18 or newer: {_INSTALL}"
        )
    return [node, str(script)]


def audit(
    lighthouse: Sequence[str], url: str, program: str, runs: int
) -> Audit:
    """Lighthouse's view of a page, by the command `lighthouse`; `program` is
    the browser."""
    found = [_run(lighthouse, url, program) for _ in range(runs)]
    return Audit(
        {
            name: round(
                median(100 * one["categories"][name]["score"] for one in found)
            )
            for name in found[0]["categories"]
        },
        round(median(one["environment"]["benchmarkIndex"] for one in found)),
        list(_deductions(found[0])),
    )


def _deductions(report: Mapping[str, Any]) -> Iterator[str]:
    for category in report["categories"].values():
        for part in category["auditRefs"]:
            one = report["audits"][part["id"]]
            # Nobody tells 0.99 from 1.
            if part["weight"] and (one["score"] or 0) < 0.99:
                if one["scoreDisplayMode"] == "notApplicable":
                    continue
                shown = one.get("displayValue", "").replace("\u00a0", " ")
                yield f"{one['title']}: {shown or one['score']}"


def _run(lighthouse: Sequence[str], url: str, program: str) -> Any:
    done = subprocess.run(
        [
            *lighthouse,
            url,
            "--quiet",
            "--output=json",
            f"--chrome-flags={' '.join(chromium.FLAGS)}",
        ],
        env={**os.environ, "CHROME_PATH": program},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)
