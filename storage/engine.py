"""Opens the database: SQLite with the settings that survive a power cut, or PostgreSQL.

Whoever may write has it alone: on SQLite by a lock file (`actors/lock.py`), on PostgreSQL by a lock of the session,
which every session of a writing engine takes before anything else, also when it replaces one that broke.
"""

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.pool import StaticPool

if TYPE_CHECKING:
    from storage.postgres import Session

SETTINGS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",  # NORMAL may lose the last commits at a power cut; these are about money
    "foreign_keys": "ON",
    "busy_timeout": "2000",  # milliseconds; the store tries again, and a stop must not wait long for its last commit
    "cache_size": "-16000",  # 16 MB
}
PATIENCE = 5.0
"""Seconds to wait for a PostgreSQL that another has: the session of a process that was killed takes a moment to end."""


class DatabaseTaken(Exception):
    """Another process has this database for itself."""


class UnfitDatabase(Exception):
    """The database cannot keep what people write; the message is a part of a sentence that says why."""


def open_engine(url: str, *, read_only: bool = False, patience: float = PATIENCE) -> Engine:
    """An engine with exactly one connection. Creates the folder of a SQLite file, unless `read_only`.

    Its first connection waits `patience` seconds for another process to leave a PostgreSQL, those after it `PATIENCE`;
    then connecting raises `DatabaseTaken`.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return _open_postgres(parsed, read_only=read_only, patience=patience)
    if parsed.database and parsed.database != ":memory:":
        path = Path(parsed.database).absolute()
        if read_only:
            # Such a connection never checkpoints, so it may stand beside the writer of a running bot.
            parsed = parsed.set(database=f"file:{quote(str(path))}").update_query_dict({"mode": "ro", "uri": "true"})
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
    # The connection moves between worker threads, one at a time: the store's limiter sees to it.
    # What people write stays out of errors, which end in logs and in the admins' chat.
    engine = create_engine(
        parsed, poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
    )
    event.listen(engine, "connect", _read_only if read_only else _configure)
    # Not by the engine's event: with a listener for one of those, SQLAlchemy looks for listeners at every statement.
    engine.dialect.do_begin = _begin_deferred if read_only else _begin_immediate  # type: ignore[method-assign]
    return engine


def _open_postgres(url: URL, *, read_only: bool, patience: float) -> Engine:
    from storage import postgres  # the driver takes memory that a bot on SQLite need not spend

    # Who only reads beside the writer sees one moment of the books, as on SQLite: each statement would see its own.
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if read_only else {}
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
        connect_args={name: value for name, value in postgres.CONNECT.items() if name not in url.query},
        execution_options=options,
    )
    waits = [patience]

    def begin(session: "Session", _record: Any) -> None:
        try:
            postgres.begin(session, alone=not read_only, patience=waits.pop() if waits else PATIENCE)
        except BaseException:
            session.close()
            raise

    event.listen(engine, "connect", begin)
    return engine


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver would begin transactions late and by itself; ours begin in `_begin_immediate`.
    connection.isolation_level = None
    _know_all_alphabets(connection)
    for name, value in SETTINGS.items():
        connection.execute(f"PRAGMA {name}={value}")


def _read_only(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    _know_all_alphabets(connection)
    connection.execute("PRAGMA busy_timeout=5000")


def _know_all_alphabets(connection: sqlite3.Connection) -> None:
    """SQLite's own `lower` changes Latin letters only: nobody would find Айгерім by writing айгерім."""
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(value: object) -> str | None:
    return None if value is None else str(value).lower()


def _begin_immediate(dbapi_connection: Any) -> None:
    # A deferred transaction that turns to writing may fail with BUSY_SNAPSHOT, which no busy_timeout helps.
    dbapi_connection.execute("BEGIN IMMEDIATE")


def _begin_deferred(dbapi_connection: Any) -> None:
    dbapi_connection.execute("BEGIN")
