"""The site on disk: built aside, then put in the place of the last one."""

import ctypes
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def aside(site: Path) -> Iterator[Path]:
    """A new folder beside `site` to build in; removed unless `swap` took it.

    What a build left behind that was killed is put right first.
    """
    site.parent.mkdir(parents=True, exist_ok=True)
    recover(site)
    folder = Path(
        tempfile.mkdtemp(
            prefix=f".{site.name}-new-{os.getpid()}-", dir=site.parent
        )
    )
    # mkdtemp makes a folder for its owner alone; a web server reads this one.
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def swap(new: Path, site: Path) -> None:
    """Put `new` in the place of `site`; the old one goes last.

    Where the system can exchange two folders, there is a whole site at every
    moment; elsewhere `recover` brings back the old one of a build that was
    killed between two renames.
    """
    if not site.exists():
        new.rename(site)
        return
    old = site.with_name(f".{site.name}-old-{os.getpid()}")
    if _exchanged(new, site):
        new.rename(old)
    else:
        site.rename(old)
        try:
            new.rename(site)
        except OSError:
            old.rename(site)
            raise
    shutil.rmtree(old, ignore_errors=True)


def recover(site: Path) -> None:
    """Bring back the site that a killed build had set aside, and remove what
    builds have left that no longer run."""
    left = re.compile(rf"\.{re.escape(site.name)}-(new|old)-(\d+)(?:-\w+)?")
    for path in sorted(site.parent.iterdir()):
        found = left.fullmatch(path.name)
        if not found or _runs(int(found[2])):
            continue
        if found[1] == "old" and not site.exists():
            path.rename(site)
        else:
            shutil.rmtree(path, ignore_errors=True)


def _runs(process: int) -> bool:
    """Whether there is such a process; True where that cannot be asked."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return process != os.getpid()


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system cannot.

    renameat2(2) of Linux with RENAME_EXCHANGE, for which Python has no name.
    """
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    done: int = rename(
        here, os.fsencode(one), here, os.fsencode(other), exchange
    )
    return done == 0


def size(site: Path) -> tuple[int, int]:
    """Number of files below `site` and their bytes."""
    sizes = [one.stat().st_size for one in site.rglob("*") if one.is_file()]
    return len(sizes), sum(sizes)
