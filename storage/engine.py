"""Opens the database: SQLite with the settings that survive a power cut, or PostgreSQL."""

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.pool import StaticPool

SETTINGS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",  # NORMAL may lose the last commits at a power cut; these are about money
    "foreign_keys": "ON",
    "busy_timeout": "5000",
    "cache_size": "-16000",  # 16 MB
}


def open_engine(url: str, *, read_only: bool = False) -> Engine:
    """An engine with exactly one connection. Creates the folder of a SQLite file, unless `read_only`."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed, pool_size=1, max_overflow=0, hide_parameters=True)
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
    event.listen(engine, "begin", _begin_deferred if read_only else _begin_immediate)
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


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that turns to writing may fail with BUSY_SNAPSHOT, which no busy_timeout helps.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
