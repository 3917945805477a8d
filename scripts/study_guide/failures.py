"""What a machine refuses, said in one line: no room, no right, no file."""

import errno
import sqlite3

_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
_BARRED = {errno.EROFS, errno.EACCES, errno.EPERM}

# What the commands say instead of a traceback.
EXPECTED = (OSError, sqlite3.OperationalError)


def message(error: BaseException) -> str:
    """One line on what went wrong and what to do about it."""
    if isinstance(error, sqlite3.OperationalError):
        return _of_cache(str(error))
    if not isinstance(error, OSError):
        return str(error)
    name = error.filename or "a file"
    if error.errno in _FULL:
        return (
            f"There is no room on the disk for {name}. Make some and call "
            "again; the last good site is as it was."
        )
    if error.errno in _BARRED:
        return (
            f"{name} cannot be written: {error.strerror}. Choose another "
            "place or change the rights; the last good site is as it was."
        )
    if error.errno == errno.ENOENT:
        return (
            f"{name} is missing. Bring it back (`git status` shows what is "
            "gone) or, in .venv, delete that folder to have it made anew."
        )
    return f"{name}: {error.strerror or error}"


def _of_cache(reason: str) -> str:
    if "full" in reason or "I/O" in reason:
        return (
            f"There is no room on the disk for .cache ({reason}). Make some "
            "and call again; the last good site is as it was."
        )
    return (
        f".cache cannot be written ({reason}). Change its rights, or delete "
        "the folder: what is in it can all be made anew."
    )
