"""The store: one writer, one connection. `await store.write(fn, ...)` runs a plain function of a transaction.

All calls that wait are run in order, each in its savepoint, and committed together: a commit costs a disk flush, so a
hundred calls share one. Reads go the same way, because SQLite before 3.51.3 may corrupt a write-ahead log that two
connections use. Its weakness follows: a slow function delays everybody, so functions stay small.

A connection to PostgreSQL may break. The next batch opens another, and takes the database's lock with it. What was
under way was not committed and is told so, with one exception: a commit whose answer was lost. Nobody is told anything
then until the database has said what became of it.
"""

import math
import sqlite3
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, cast

import structlog
import trio
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from protocol.messages import Message
from storage import commits
from storage.engine import DatabaseTaken
from storage.ruin import DatabaseRuined, guard_of, is_ruin

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 256
"""Most calls in one commit: bounds how long the first of them waits for the last."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds before `insist` tries again: doubling from the first to the longest.

The longest is less than the outbox has to stop: what Telegram has just taken gets one more try at being written down.
"""

READ_ONLY, TOO_LARGE = "25006", "54"
"""A state and a class of states (postgresql.org/docs/current/errcodes-appendix.html)."""

log = structlog.get_logger(__name__)


class StoreUnavailable(Exception):
    """Nothing was committed: the disk is full, or the database cannot be reached. Try again later."""


class Clock(Protocol):
    """Tells the time of day in epoch seconds."""

    def now(self) -> float: ...


class RunSync(Protocol):
    """Runs a blocking function: in a worker thread, or inline where threads would break a mocked clock."""

    def __call__(self, fn: Callable[..., T], /, *args: Any) -> Awaitable[T]: ...


class Tx:
    """One transaction, as the functions in this folder see it.

    `now` is the time of the whole commit, in epoch seconds. What is told to actors leaves only after the commit.
    """

    __slots__ = ("conn", "messages", "notes", "now")

    def __init__(self, conn: Connection, now: float) -> None:
        self.conn = conn
        self.now = now
        self.messages: list[Message] = []
        self.notes: list[tuple[str, dict[str, Any]]] = []

    def tell(self, message: Message) -> None:
        """Say this to an actor once everything here is committed."""
        self.messages.append(message)

    def note(self, event: str, **ids: Any) -> None:
        """Log this once everything here is committed: what the log says has happened."""
        self.notes.append((event, {**structlog.contextvars.get_contextvars(), **ids}))

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """Undo what is done inside when it raises; messages told inside are forgotten too."""
        told, noted = len(self.messages), len(self.notes)
        # SQLAlchemy's own savepoints cost four times as much, and there are several in every update.
        self.conn.exec_driver_sql("SAVEPOINT step")
        try:
            yield
        except BaseException:
            del self.messages[told:], self.notes[noted:]
            if self.conn.invalidated:  # nothing is left to go back in
                raise
            self.conn.exec_driver_sql("ROLLBACK TO SAVEPOINT step")
            self.conn.exec_driver_sql("RELEASE SAVEPOINT step")
            raise
        self.conn.exec_driver_sql("RELEASE SAVEPOINT step")


@dataclass(slots=True, eq=False)
class _Call(Generic[T]):
    fn: Callable[[Tx], T]
    context: Context = field(default_factory=copy_context)  # what the caller's log lines are about
    done: trio.Event = field(default_factory=trio.Event)
    result: T | None = None
    error: BaseException | None = None


class _CommitLost(Exception):
    """The connection broke while this transaction was committed, and perhaps it was."""

    def __init__(self, tx: Tx, mark: str) -> None:
        self.tx = tx
        self.mark = mark


class Store:
    """The one way to the database."""

    def __init__(self, engine: Engine, *, clock: Clock, run_sync: RunSync, deliver: Callable[[Message], None]) -> None:
        self._engine = engine
        self._clock = clock
        self._run_sync = run_sync
        self._deliver = deliver
        # Callers wait for their outcome, so what waits here is bounded by the number of tasks.
        self._send, self._receive = trio.open_memory_channel[_Call[Any]](math.inf)

    async def write(self, fn: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(tx, ...)` and return what it returned, once it is committed.

        Raises what `fn` raised (then nothing of it is kept), or `StoreUnavailable`. Cancelled while waiting, the call
        may still be committed.
        """
        call = _Call(lambda tx: fn(tx, *args, **kwargs))
        self._send.send_nowait(call)
        await call.done.wait()
        if call.error is not None:
            raise call.error
        return cast(T, call.result)

    read = write
    """A read is a write that changes nothing; the name tells the reader."""

    async def insist(self, fn: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """As `write`, and again for as long as the store is unavailable: for what is known nowhere else."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await self.write(fn, *args, **kwargs)
            except StoreUnavailable:
                await trio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2.0)

    async def serve(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Be the writer, until cancelled. A call that was taken is finished first. Raises `DatabaseRuined`."""
        conn = await self._run_sync(self._engine.connect)
        guard = guard_of(self._engine)
        try:
            task_status.started()
            async for first in self._receive:
                batch = [first]
                while len(batch) < BATCH:
                    try:
                        batch.append(self._receive.receive_nowait())
                    except trio.WouldBlock:
                        break
                messages: list[Message] = []
                try:
                    with trio.CancelScope(shield=True):
                        messages = await self._run_sync(self._commit, conn, batch, self._clock.now(), guard)
                except _CommitLost as lost:
                    messages = await self._find_out(conn, batch, lost)
                for call in batch:
                    call.done.set()
                for message in messages:
                    self._deliver(message)
        finally:
            conn.close()

    def _commit(
        self, conn: Connection, batch: Sequence[_Call[Any]], now: float, guard: Callable[[], None]
    ) -> list[Message]:
        guard()
        tx = Tx(conn, now)
        mark: str | None = None
        try:
            with conn.begin():
                for call in batch:
                    self._attempt(tx, call)
                mark = commits.sign(conn)
        except DatabaseTaken:
            raise  # who took it serves the shop now
        except Exception as error:
            reason = str(_first_error(error).orig) if isinstance(error, DBAPIError) else "the connection broke"
            if conn.invalidated:
                if mark is not None:
                    log.warning("store.commit_lost", calls=len(batch), error=reason)
                    raise _CommitLost(tx, mark) from None
            elif isinstance(error, DBAPIError):
                if is_ruin(_first_error(error).orig):
                    raise DatabaseRuined(reason) from error
                # A commit that fails leaves SQLite's transaction open, and SQLAlchemy believes it closed: what was
                # refused to these callers would be committed with the next batch.
                conn.connection.rollback()
            else:
                raise
            return self._refuse(batch, reason)
        return self._committed(tx)

    @staticmethod
    def _committed(tx: Tx) -> list[Message]:
        for event, about in tx.notes:
            log.info(event, **about)
        return tx.messages

    @staticmethod
    def _refuse(batch: Sequence[_Call[Any]], reason: str) -> list[Message]:
        reason = " ".join(reason.split())  # PostgreSQL's driver writes paragraphs
        log.error("store.commit_failed", calls=len(batch), error=reason)
        for call in batch:
            call.error = StoreUnavailable(f"nothing was saved: {reason}")
        return []

    async def _find_out(self, conn: Connection, batch: Sequence[_Call[Any]], lost: _CommitLost) -> list[Message]:
        """Ask until the database says what became of the commit. Who is cancelled meanwhile leaves it to the rows."""
        pause = FIRST_PAUSE
        committed: bool | None = None
        while True:
            with trio.CancelScope(shield=True):
                committed = await self._run_sync(self._ask, conn, lost.mark)
            if committed is not None:
                log.info("store.commit_found", committed=committed)
                return self._committed(lost.tx) if committed else self._refuse(batch, "the connection broke")
            await trio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2.0)

    @staticmethod
    def _ask(conn: Connection, mark: str) -> bool | None:
        try:
            with conn.begin():
                return commits.was_committed(conn, mark)
        except DBAPIError as error:
            if not is_weather(error):
                raise
            return None

    @staticmethod
    def _attempt(tx: Tx, call: _Call[Any]) -> None:
        try:
            with tx.savepoint():
                call.result = call.context.run(call.fn, tx)
        except DBAPIError as error:
            ruined = is_ruin(_first_error(error).orig)
            if ruined or error.connection_invalidated or not tx.conn.in_transaction() or is_weather(error):
                raise
            call.error = error
        except Exception as error:
            if tx.conn.invalidated:  # whoever hid that has hidden nothing
                raise
            call.error = error


def _first_error(error: DBAPIError) -> DBAPIError:
    """The database's first complaint: undoing a savepoint that is gone already only adds another."""
    first, before = error, error.__context__
    while before is not None:
        if isinstance(before, DBAPIError):
            first = before
        before = before.__context__
    return first


def is_weather(error: DBAPIError) -> bool:
    """Whether the database is in trouble, rather than what it was asked for: a full disk, a lock, a lost server.

    SQLite may undo the whole transaction by itself then (lang_transaction.html). Its code 1, as PostgreSQL's class 54,
    is a statement that cannot work, a fault of ours: to wait for better times would be to wait for ever.
    """
    first = _first_error(error)
    if getattr(first.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
        return False
    state = getattr(first.orig, "sqlstate", None) or ""
    # A server that was replaced by its copy only reads until it has found its feet, which is no OperationalError.
    return state == READ_ONLY or (isinstance(first, OperationalError) and not state.startswith(TOO_LARGE))
