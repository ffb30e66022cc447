"""Copies of a SQLite database: taken while the bot works, looked through, and made ready to be used again.

A copy is taken by SQLite's online backup on the writer's own connection, a hundred pages at a time. What the writer
changes meanwhile, SQLite carries over (sqlite.org/c3ref/backup_finish.html), and the writer never waits longer than for
one step. `VACUUM INTO` gives a smaller file, and holds the writer up for the whole of it. PostgreSQL has its own tools.
"""

import errno
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from storage import audits
from storage.admin_tables import topups
from storage.broadcast_tables import broadcasts
from storage.engine import open_engine
from storage.migrate import UnknownSchema, upgrade
from storage.payment_tables import marks, orders
from storage.store import Tx
from storage.tables import drafts, jobs

PAGES = 100
"""Copied in one step, 4 kB each: the writer waits for about a millisecond of a good disk's work."""
BUSY_SECONDS = 0.002
"""Before the next attempt at a step while the writer is in the middle of a commit."""
COUNTED = ("users", "drafts", "jobs", "orders", "entries", "posts")
SPARE_BYTES = 50_000_000
"""Left free on the disk, for a film and for the writer's log."""
IDS_PER_DAY = 10_000
"""How many orders or jobs a day may have brought that the backup does not know of."""
NUMBERED = (drafts, jobs, orders, topups, broadcasts)
"""Tables whose numbers people see or buttons carry; all are AUTOINCREMENT."""
LATEST = 1e11
"""Epoch seconds no backup was taken at."""
RESTORED = "restored"
"""The mark a restored database carries until the bot has met it."""

Between = Callable[[], None]
"""Called between small pieces of work: may sleep, to leave the machine to others, or raise, to end the work."""


class Unusable(Exception):
    """This file cannot be a database of ours; the message is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a copy: its schema, when it was taken (epoch seconds), its bytes and their hash, its rows."""

    schema: str
    taken_at: float
    size: int
    sha256: str
    rows: dict[str, int] = field(default_factory=dict[str, int])

    def dump(self) -> str:
        return json.dumps({"format": 1, **asdict(self)}, indent=1)

    @staticmethod
    def load(text: bytes) -> "Manifest":
        """Raises `Unusable`."""
        try:
            said: dict[str, Any] = json.loads(text)
            if said.pop("format") != 1:
                raise Unusable("it was made by a newer Kadr")
            for name, type in (("schema", str), ("size", int), ("sha256", str), ("rows", dict)):
                if not isinstance(said[name], type):
                    raise TypeError(name)
            if not 0 <= said["taken_at"] < LATEST:
                raise ValueError("taken_at")
            return Manifest(**said)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unusable("it has no manifest of Kadr") from error


def nothing() -> None:
    """Nothing happens between the pieces."""


def connection(tx: Tx) -> tuple[sqlite3.Connection, int]:
    """The one connection to SQLite, and the bytes of the database. Raises `Unusable` where there is no SQLite.

    A copy is taken from it in another thread, between the writer's commits: SQLite's serialized mode allows that.
    """
    conn = tx.conn
    if conn.dialect.name != "sqlite":
        raise Unusable("only SQLite is copied; PostgreSQL has pg_dump")
    if sqlite3.threadsafety != 3:
        raise Unusable("this Python's SQLite was built without threads, so nothing can be copied beside the writer")
    pages = int(conn.exec_driver_sql("PRAGMA page_count").scalar_one())
    size = pages * int(conn.exec_driver_sql("PRAGMA page_size").scalar_one())
    return cast("sqlite3.Connection", conn.connection.driver_connection), size


def need_room(folder: Path, size: int) -> None:
    """See that there is room for a copy of this many bytes, and for what is made of it. Raises `OSError`."""
    needed, free = 2 * size + SPARE_BYTES, shutil.disk_usage(folder).free
    if free < needed:
        said = f"{folder} has {free / 1e6:.0f} MB free, and a backup needs {needed / 1e6:.0f} MB for a while"
        raise OSError(errno.ENOSPC, said)


def reason(error: Exception) -> str:
    """What the error says, as a part of a sentence."""
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def copy(source: sqlite3.Connection, target: Path, between: Between = nothing) -> None:
    """Write a consistent copy of the database to `target`, which must not exist. Leaves nothing when it fails.

    Raises `sqlite3.Error` or `OSError`, or what `between` raises.
    """
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with closing(sqlite3.connect(target)) as copied:
            # A copy that was cut off is thrown away, so it needs no journal, and one flush at its end.
            copied.execute("PRAGMA journal_mode=OFF")
            copied.execute("PRAGMA synchronous=OFF")

            def progress(_status: int, _remaining: int, _total: int) -> None:
                between()

            source.backup(copied, pages=PAGES, progress=progress, sleep=BUSY_SECONDS)
            copied.execute("PRAGMA journal_mode=DELETE")
        with target.open("rb") as written:
            os.fsync(written.fileno())
    except BaseException:
        remove(target)
        raise


def remove(database: Path) -> None:
    """The file and what SQLite puts beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def count(database: Path) -> tuple[str, dict[str, int]]:
    """The schema of a copy and how many rows its tables have. Raises `Unusable`."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
            [(schema,)] = conn.execute("select version_num from alembic_version")
            there = {name for (name,) in conn.execute("select name from sqlite_master where type = 'table'")}
            rows = {
                name: int(conn.execute(f"select count(*) from {name}").fetchone()[0])  # noqa: S608  # our own names
                for name in COUNTED
                if name in there
            }
            return str(schema), rows
    except (sqlite3.Error, ValueError) as error:
        raise Unusable(f"it is no database of Kadr ({error})") from error


def look_through(database: Path) -> None:
    """SQLite's own checks of a copy: pages, indices, foreign keys. Raises `Unusable`."""
    try:
        with closing(sqlite3.connect(database)) as conn:
            found = [str(line) for (line,) in conn.execute("PRAGMA integrity_check(3)")]
            if found != ["ok"]:
                raise Unusable(f"SQLite finds it damaged ({'; '.join(found)})")
            if conn.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise Unusable("it has rows that belong to rows which are not there")
    except sqlite3.Error as error:
        raise Unusable(f"SQLite cannot read it ({error})") from error


def make_newest(database: Path) -> bool:
    """Bring a copy to the newest schema; whether it was older. Raises `Unusable` for one that is newer, or broken."""
    engine = open_engine(f"sqlite:///{database}")
    try:
        older = upgrade(engine)
        engine.dispose()
        with closing(sqlite3.connect(database)) as conn:
            conn.execute("PRAGMA journal_mode=DELETE")  # whoever only reads it would leave a log beside it
        return older
    except UnknownSchema as error:
        raise Unusable("it was written by a newer Kadr; restore it with that version") from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise Unusable(f"it cannot be brought to the newest schema ({error})") from error
    finally:
        engine.dispose()


def differences(database: Path, now: float) -> list[str]:
    """What every audit says of a copy at the newest schema. Raises `Unusable` when it cannot even be read."""
    engine = open_engine(f"sqlite:///{database}", read_only=True)
    try:
        with engine.connect() as conn, conn.begin():
            return audits.everything(Tx(conn, now))
    except SQLAlchemyError as error:
        raise Unusable(f"its books cannot be read ({error})") from error
    finally:
        engine.dispose()


def mark_restored(database: Path, taken_at: float, now: float) -> None:
    """Leave word to the bot, and see to it that no number is given twice: not even one the backup has never seen.

    Old messages have buttons with the numbers of drafts, jobs and orders that were made after the backup. If new ones
    had the same numbers, an old button would start, approve or refund something else.
    """
    engine = open_engine(f"sqlite:///{database}")
    days = 1 + max(0, int((now - taken_at) // 86400))
    try:
        with engine.connect() as conn, conn.begin():
            conn.execute(delete(marks).where(marks.c.name == RESTORED))
            conn.execute(insert(marks).values(name=RESTORED, value=json.dumps({"taken_at": taken_at, "at": now})))
            for table in NUMBERED:
                given = conn.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
                conn.exec_driver_sql("delete from sqlite_sequence where name = ?", (table.name,))
                leap = (table.name, given + days * IDS_PER_DAY)
                conn.exec_driver_sql("insert into sqlite_sequence (name, seq) values (?, ?)", leap)
    finally:
        engine.dispose()


def restored_from(tx: Tx) -> float | None:
    """When the backup was taken which this database was restored from, once; then the mark is gone."""
    value = tx.conn.execute(delete(marks).where(marks.c.name == RESTORED).returning(marks.c.value)).scalar_one_or_none()
    return None if value is None else float(json.loads(value)["taken_at"])
