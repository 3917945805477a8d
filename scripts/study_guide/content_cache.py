"""Results kept between builds, found again by what they were made from."""

import sqlite3
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path


class ContentCache:
    """A table of texts in one SQLite file, shared by concurrent builds.

    The key of an entry is a digest of all that the result depends on, so an
    entry is never out of date and never needs to be removed.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            path, timeout=30, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS entries"
            " (key BLOB PRIMARY KEY, value TEXT) WITHOUT ROWID"
        )
        self._connection.commit()

    def known(self, made_from: tuple[str, ...]) -> str | None:
        """The result for `made_from`, or None where it is new."""
        row = self._connection.execute(
            "SELECT value FROM entries WHERE key = ?", (_key(made_from),)
        ).fetchone()
        return str(row[0]) if row else None

    def keep(self, made_from: tuple[str, ...], value: str) -> None:
        """Let `value` be the result for `made_from`."""
        self._connection.execute(
            "INSERT OR REPLACE INTO entries VALUES (?, ?)",
            (_key(made_from), value),
        )
        self._connection.commit()

    def get(self, made_from: tuple[str, ...], make: Callable[[], str]) -> str:
        """The result for `made_from`, made by `make()` where it is new.

        What `make` raises passes through and nothing is kept.
        """
        value = self.known(made_from)
        if value is None:
            value = make()
            self.keep(made_from, value)
        return value


def _key(made_from: tuple[str, ...]) -> bytes:
    return blake2b("\0".join(made_from).encode(), digest_size=20).digest()
