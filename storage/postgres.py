"""A session of PostgreSQL: alone with its database, and with texts it can keep.

A lock of the session is what the file `kadr.lock` is for SQLite: the server frees it when the session ends, however it
ends. Its weakness: whatever deals sessions out by the transaction, as PgBouncer may, must be gone around.
"""

import psycopg
import structlog
from psycopg.abc import Buffer
from psycopg.errors import LockNotAvailable
from psycopg.types.string import StrDumperUnknown

from storage.engine import PATIENCE, DatabaseTaken, UnfitDatabase

CONNECT = {
    "application_name": "kadr",
    "client_encoding": "utf8",
    "connect_timeout": 5,
    # A server that is silently gone is noticed within half a minute; by themselves it would take a quarter of an hour.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
"""How libpq connects (seconds; the last in milliseconds), unless DATABASE_URL says otherwise."""
SESSION = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25000",  # a line with an answer on its way is not asked whether it lives
}
"""The same from the server's side, so that it soon frees the lock of a machine that is gone."""
OLDEST = 13
"""The version since which it knows what `commits` asks of it."""
ENCODINGS = ("UTF8", "SQL_ASCII")
"""Of databases that keep every text as it came."""
LOCK = "hashtextextended('kadr ' || current_schema(), 0)"

Session = psycopg.Connection[tuple[object, ...]]

log = structlog.get_logger(__name__)


class _Text(StrDumperUnknown):
    """A text without what PostgreSQL refuses and SQLite does not: the sign NUL, and halves of signs."""

    def dump(self, obj: str) -> Buffer | None:
        return obj.replace("\0", "").encode("utf-8", "replace")


def begin(session: Session, *, alone: bool, patience: float = 0.0) -> None:
    """Prepare a new session; `alone` with the database, waiting `patience` seconds for whoever has it.

    Raises `DatabaseTaken` or `UnfitDatabase`.
    """
    if session.info.server_version < OLDEST * 10_000:
        raise UnfitDatabase(f"its version is {session.info.server_version // 10_000}, and must be {OLDEST} or newer")
    encoding = session.info.parameter_status("server_encoding")
    if encoding not in ENCODINGS:
        raise UnfitDatabase(f"its encoding is {encoding}, and must be UTF8")
    session.adapters.register_dumper(str, _Text)
    session.autocommit = True  # what is set here belongs to the session, not to a transaction
    for name, value in SESSION.items():
        session.execute("select set_config(%s, %s, false)", (name, value))
    # Whoever set this up may not have thought of money: the last commits before a crash would be gone.
    session.execute(
        "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"
    )
    if alone:
        _take(session, patience)
    session.autocommit = False


def _take(session: Session, patience: float) -> None:
    # The session of a process that was just killed may need a moment to end.
    if session.execute(f"select pg_try_advisory_lock({LOCK})").fetchone() == (True,):
        return
    if patience > PATIENCE:
        log.info("database.taken", waiting_seconds=patience)
    session.execute("set statement_timeout = 0")
    session.execute("select set_config('lock_timeout', %s, false)", (f"{max(1, round(patience * 1000))}ms",))
    try:
        session.execute(f"select pg_advisory_lock({LOCK})")
    except LockNotAvailable:
        raise DatabaseTaken("another kadr has taken the database") from None
    session.execute("reset lock_timeout")
    session.execute("reset statement_timeout")
