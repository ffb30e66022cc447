"""Whether SQLite's file is still there and whole. One that was removed takes writes like any other, and loses them all.

Its weakness: damage is noticed only where SQLite happens to read; the daily audit looks at the books alone.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

_RUINED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PRIMARY = 0xFF
"""An extended result code of SQLite has the primary one in its last byte (rescode.html)."""


class DatabaseRuined(Exception):
    """The database is gone or damaged under a running bot: nothing can be kept any more, and no waiting helps."""


def guard_of(engine: Engine) -> Callable[[], None]:
    """What raises `DatabaseRuined` once the file that the engine has opened by now is removed or replaced."""
    if engine.dialect.name != "sqlite" or engine.url.database in (None, "", ":memory:"):
        return lambda: None
    path = Path(str(engine.url.database)).absolute()
    opened = _identity(path)

    def guard() -> None:
        # Only asked about, never opened: closing it would free all locks that SQLite holds on it (fcntl(2)).
        found = _identity(path)
        if found is None or opened is None or found[:2] != opened[:2] or found[2] < opened[2]:
            raise DatabaseRuined(f"{path.name} was removed, replaced or cut short while the bot was running")

    return guard


def _identity(path: Path) -> tuple[int, int, int] | None:
    """Which file it is, and its bytes, which only ever grow; None where there is none.

    SQLite itself tells files apart so (os_unix.c, fileHasMoved), but does not look in write-ahead mode.
    """
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino, found.st_size


def is_ruin(complaint: object) -> bool:
    """Whether the driver's error says that the file is no sound database."""
    code = getattr(complaint, "sqlite_errorcode", None)
    return isinstance(code, int) and code & _PRIMARY in _RUINED
