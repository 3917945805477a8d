"""Measurements: how long a build takes, how heavy the pages are.

They report; they assert nothing. What the tests hold on to are counts and
bytes, which a busy machine cannot change.
"""

import argparse
import functools
import gzip
import http.server
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from study_guide import chromium

ROOT = Path(__file__).resolve().parents[2]

Benches = Any  # argparse's sub-parsers have no public type


def add_build(benches: Benches) -> None:
    """`bench build`: wall and CPU time and peak memory of a build."""
    parser = benches.add_parser("build", help="time and memory of a build")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_build)


def add_pages(benches: Benches) -> None:
    """`bench pages`: requests and bytes of pages in Chromium."""
    parser = benches.add_parser("pages", help="requests and bytes of pages")
    parser.add_argument("--site", type=Path, default=ROOT / "site")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        default=["", "en/", "questions/", "questions/rope-idea/"],
    )
    parser.set_defaults(run=_pages)


def add_gpu(benches: Benches) -> None:
    """`bench gpu`: what the pages show as measured on a GPU."""
    parser = benches.add_parser("gpu", help="kernels and steps on a GPU")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    parser.set_defaults(run=_gpu)


def _gpu(options: argparse.Namespace) -> int:
    # In a process of its own: PyTorch takes seconds to load.
    command = [sys.executable, "-m", "study_guide.gpu"]
    return subprocess.run([*command, *options.arguments]).returncode


def _build(options: argparse.Namespace) -> int:
    import resource  # not on Windows

    rows = []
    for run in range(options.runs):
        with tempfile.TemporaryDirectory() as folder:
            started = time.monotonic()
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = [
                "-m",
                "study_guide",
                "build",
                "--site",
                f"{folder}/site",
            ]
            subprocess.run(
                [sys.executable, *command],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            rows.append(
                {
                    "run": run + 1,
                    "wall_s": round(time.monotonic() - started, 2),
                    "cpu_s": round(
                        after.ru_utime
                        + after.ru_stime
                        - before.ru_utime
                        - before.ru_stime,
                        2,
                    ),
                    "peak_mb": round(after.ru_maxrss / 1024),
                }
            )
    if options.json:
        print(json.dumps(rows))
    else:
        print("run   wall s    CPU s  peak MB (largest so far)")
        for row in rows:
            print(
                f"{row['run']:3}{row['wall_s']:9.2f}{row['cpu_s']:9.2f}"
                f"{row['peak_mb']:9}"
            )
        print(f"median wall {median(row['wall_s'] for row in rows):.2f} s")
    return 0


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve `folder` on this machine; gives the address, with a slash."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()


def _pages(options: argparse.Namespace) -> int:
    from playwright.sync_api import Response, sync_playwright

    program = str(chromium.ensure())
    rows = []
    with serving(options.site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=list(chromium.FLAGS)
        )
        for path in options.paths:
            page = browser.new_page()
            kinds: Counter[str] = Counter()
            requests: list[str] = []

            def note(
                response: Response,
                kinds: Counter[str] = kinds,
                requests: list[str] = requests,
            ) -> None:
                requests.append(response.url)
                body = response.body()
                kind = response.request.resource_type
                packed = kind in ("font", "image")
                kinds[kind] += len(body if packed else gzip.compress(body))

            page.on("response", note)
            page.goto(address + path, wait_until="networkidle")
            rows.append(
                {
                    "page": "/" + path,
                    "requests": len(requests),
                    "third_party": sum(
                        not url.startswith(address) for url in requests
                    ),
                    "gzip_bytes": sum(kinds.values()),
                    "by_kind": dict(kinds),
                }
            )
            page.close()
        browser.close()
    if options.json:
        print(json.dumps(rows))
        return 0
    for row in rows:
        kinds_text = ", ".join(
            f"{kind} {size / 1000:.1f}"
            for kind, size in sorted(row["by_kind"].items())
        )
        print(
            f"{row['page']}: {row['requests']} requests, "
            f"{row['third_party']} third-party, "
            f"{row['gzip_bytes'] / 1000:.1f} kB gzip ({kinds_text})"
        )
    return 0
