"""The switch of one process: counts every boundary at which it may die, and dies at the one it was told.

A boundary is a commit of the store or a request to a service, each with a point before it takes effect and one after.
From the point on nothing the process does has any effect: the transaction that was open is rolled back, requests do
not leave, answers are not heard. What still runs is only Trio unwinding the dead tasks.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import trio

from tests.town import Killed, Power

T = TypeVar("T")


class Fuse(Power):
    """Dies `left` points from now once `arm`ed. `died` is called in that very moment with the name of the point."""

    def __init__(self, died: Callable[[str], None]) -> None:
        super().__init__()
        self.passed = 0
        self.committed: Callable[[], bool] = lambda: False
        self.inside_store = False
        self._left: int | None = None
        self._died = died

    def arm(self, points: int) -> None:
        if self._left is None:
            self._left = points

    def disarm(self) -> None:
        self._left = None

    def point(self, name: str) -> None:
        """Pass a boundary. Raises `Killed` when the process is dead, or dies here."""
        self.check()
        self.passed += 1
        if self._left is None:
            return
        if self._left == 0:
            self.on = False
            self._died(name)
            raise Killed
        self._left -= 1

    def at_commit(self) -> None:
        """Called by the engine when a transaction is about to be committed."""
        if self.inside_store:
            self.point("commit.before")

    async def run_sync(self, fn: Callable[..., T], /, *args: Any) -> T:
        """The store's executor, inline. Only `_commit` passes boundaries; opening the connection does not."""
        await trio.lowlevel.checkpoint()
        self.check()
        self.inside_store = fn.__name__ == "_commit"
        try:
            result = fn(*args)
            self.check()  # it may have died at the commit, which the store took for a refusal
            if self.inside_store and self.committed():
                self.point("commit.after")
        finally:
            self.inside_store = False
        return result
