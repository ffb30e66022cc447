"""A bench for stateful tests: calls of the real store, many in one commit; some fail, and some commits are refused."""

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import structlog
import trio
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from trio.testing import wait_all_tasks_blocked

from protocol.messages import Message
from storage import users
from storage.store import Store, StoreUnavailable, Tx
from tests.simulation.witness import borrow_database, give_back
from tests.town import START

T = TypeVar("T")
Call = Callable[[Tx], Any]


async def _inline(fn: Callable[..., T], /, *args: Any) -> T:
    await trio.lowlevel.checkpoint()
    return fn(*args)


class Bench:
    """One database. `now` is moved by the test."""

    def __init__(self) -> None:
        self.now_is = START
        self.told: list[Message] = []
        self._engine = borrow_database()
        self._refusing = False
        event.listen(self._engine, "commit", self._on_commit)

    def close(self) -> None:
        event.remove(self._engine, "commit", self._on_commit)
        give_back(self._engine)

    def now(self) -> float:
        return self.now_is

    def commit(self, calls: Sequence[Call], *, refused: bool = False) -> list[Any]:
        """Run the calls in this order in one commit; for each what it returned, or the error it raised.

        A `refused` commit must leave nothing behind: then each outcome is `StoreUnavailable`.
        """
        self._refusing = refused
        with structlog.testing.capture_logs():
            outcomes = trio.run(self._commit, calls)
        self._refusing = False
        if refused:
            assert all(isinstance(outcome, StoreUnavailable) for outcome in outcomes), outcomes
        return outcomes

    def read(self, fn: Callable[..., T], *args: Any) -> T:
        """What a function of a transaction says now: past the store, for the test's own eyes and preparations."""
        with self._engine.connect() as conn, conn.begin():
            return fn(Tx(conn, self.now_is), *args)

    def meet(self, *people: int) -> None:
        meet = partial(users.meet, first_name="Ann", username=None, telegram_language="en")
        for person in people:
            self.read(meet, person)

    async def _commit(self, calls: Sequence[Call]) -> list[Any]:
        store = Store(self._engine, clock=self, run_sync=_inline, deliver=self.told.append)
        outcomes: list[Any] = [None] * len(calls)

        async def ask(index: int, call: Call) -> None:
            try:
                outcomes[index] = await store.write(call)
            except Exception as error:
                outcomes[index] = error

        async with trio.open_nursery() as writer:
            async with trio.open_nursery() as callers:
                for index, call in enumerate(calls):
                    callers.start_soon(ask, index, call)
                    await wait_all_tasks_blocked()
                # The writer starts when all of them wait, so it takes them together.
                await writer.start(store.serve)
            writer.cancel_scope.cancel(reason="all was said")
        return outcomes

    def _on_commit(self, _connection: object) -> None:
        if self._refusing:
            raise OperationalError("COMMIT", None, sqlite3.OperationalError("database or disk is full"))
