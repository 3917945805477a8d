"""Measurements: how long a build takes, how heavy the pages are.

They report; they assert nothing. What the tests hold on to are counts and
bytes, which a busy machine cannot change.
"""

import argparse
import functools
import gzip
import http.server
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

Benches = Any  # argparse's sub-parsers have no public type


def add_build(benches: Benches) -> None:
    """`bench build`: wall and CPU time and peak memory of a build."""
    parser = benches.add_parser("build", help="time and memory of a build")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_build)


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


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Packs text with gzip, as the servers do that the site is made for."""

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.is_dir() and self.path.partition("?")[0].endswith("/"):
            path /= "index.html"
        kind = self.guess_type(path)
        packable = re.match(r"text/|.*(javascript|json|xml|svg)", kind)
        if (
            not packable
            or not path.is_file()
            or "gzip" not in self.headers.get("Accept-Encoding", "")
        ):
            super().do_GET()
            return
        content = _packed(path, path.stat().st_mtime_ns)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Vary", "Accept-Encoding")
        self.end_headers()
        self.wfile.write(content)


@functools.lru_cache(maxsize=512)
def _packed(path: Path, changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve `folder` on this machine; gives the address, with a slash."""
    handler = functools.partial(_Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
