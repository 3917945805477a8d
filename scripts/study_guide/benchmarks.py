"""What the benches share: the project's root, a server that packs.

They report; they assert nothing. What the tests hold on to are counts and
bytes, which a busy machine cannot change.
"""

import argparse
import functools
import gzip
import http.server
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

Benches = Any  # argparse's sub-parsers have no public type


def add_gpu(benches: Benches) -> None:
    """`bench gpu`: what the pages show as measured on a GPU."""
    parser = benches.add_parser("gpu", help="kernels and steps on a GPU")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    parser.set_defaults(run=_gpu)


def _gpu(options: argparse.Namespace) -> int:
    # In a process of its own: PyTorch takes seconds to load.
    command = [sys.executable, "-m", "study_guide.gpu"]
    return subprocess.run([*command, *options.arguments]).returncode


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


class _Server(http.server.ThreadingHTTPServer):
    """Says nothing of a browser that has left before it was answered."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def packed_size(path: Path) -> int:
    """Bytes of a text as it is transferred."""
    return len(_packed(path, path.stat().st_mtime_ns))


@functools.lru_cache(maxsize=512)
def _packed(path: Path, changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve `folder` on this machine; gives the address, with a slash."""
    handler = functools.partial(_Handler, directory=str(folder))
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
