"""The site on disk: built aside, then put in the place of the last one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def aside(site: Path) -> Iterator[Path]:
    """A new folder beside `site` to build in; removed unless `swap` took it."""
    site.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{site.name}-", dir=site.parent))
    # mkdtemp makes a folder for its owner alone; a web server reads this one.
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def swap(new: Path, site: Path) -> None:
    """Put `new` in the place of `site`; the old one goes last."""
    old = site.with_name(f".{site.name}-old-{os.getpid()}")
    if site.exists():
        site.rename(old)
    try:
        new.rename(site)
    except OSError:
        if old.exists():
            old.rename(site)
        raise
    shutil.rmtree(old, ignore_errors=True)


def size(site: Path) -> tuple[int, int]:
    """Number of files below `site` and their bytes."""
    sizes = [one.stat().st_size for one in site.rglob("*") if one.is_file()]
    return len(sizes), sum(sizes)
