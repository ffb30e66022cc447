"""The store: one writer, one connection. `await store.write(fn, ...)` runs a plain function of a transaction.

All calls that wait are run in order, each in its savepoint, and committed together: a commit costs a disk flush, so a
hundred calls share one. Reads go the same way, because SQLite before 3.51.3 may corrupt a write-ahead log that two
connections use. Its weakness follows: a slow function delays everybody, so functions stay small.
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
from sqlalchemy.exc import DBAPIError

from protocol.messages import Message

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 256
"""Most calls in one commit: bounds how long the first of them waits for the last."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds before `insist` tries again: doubling from the first to the longest.

The longest is less than the outbox has to stop: what Telegram has just taken gets one more try at being written down.
"""

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
        """Be the writer, until cancelled. A call that was taken is finished first."""
        conn = await self._run_sync(self._engine.connect)
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
                with trio.CancelScope(shield=True):
                    messages = await self._run_sync(self._commit, conn, batch, self._clock.now())
                for call in batch:
                    call.done.set()
                for message in messages:
                    self._deliver(message)
        finally:
            conn.close()

    def _commit(self, conn: Connection, batch: Sequence[_Call[Any]], now: float) -> list[Message]:
        tx = Tx(conn, now)
        try:
            with conn.begin():
                for call in batch:
                    self._attempt(tx, call)
        except DBAPIError as error:
            if not conn.invalidated:
                # A commit that fails leaves SQLite's transaction open, and SQLAlchemy believes it closed: what was
                # refused to these callers would be committed with the next batch.
                conn.connection.rollback()
            reason = str(_first_error(error))
            log.error("store.commit_failed", calls=len(batch), error=reason)
            for call in batch:
                call.error = StoreUnavailable(f"nothing was saved: {reason}")
            return []
        for event, about in tx.notes:
            log.info(event, **about)
        return tx.messages

    @staticmethod
    def _attempt(tx: Tx, call: _Call[Any]) -> None:
        try:
            with tx.savepoint():
                call.result = call.context.run(call.fn, tx)
        except DBAPIError as error:
            if error.connection_invalidated or not tx.conn.in_transaction() or is_weather(error):
                raise
            call.error = error
        except Exception as error:
            call.error = error


def _first_error(error: DBAPIError) -> BaseException | None:
    """The database's first complaint: undoing a savepoint that is gone already only adds another."""
    said, before = error.orig, error.__context__
    while before is not None:
        if isinstance(before, DBAPIError):
            said = before.orig
        before = before.__context__
    return said


def is_weather(error: DBAPIError) -> bool:
    """Whether the database is in trouble, rather than what it was asked for: a full disk, a lock, a lost server.

    SQLite may undo the whole transaction by itself then (lang_transaction.html). Its code 1 is a statement that cannot
    work, a fault of ours: to wait for better times would be to wait for ever.
    """
    first = _first_error(error)
    code = getattr(first, "sqlite_errorcode", None)
    return type(first).__name__ == "OperationalError" and code != sqlite3.SQLITE_ERROR
