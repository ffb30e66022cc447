"""The last events of the feed, numbered. Publishing never waits: a reader that falls behind loses its place, not us.

Each reader is only a place in the ring, so what waits for it is bounded by the ring itself. Numbers begin at the
milliseconds of the start, so those of a bot that was restarted go on above, and an old number is never taken for a new.
"""

from collections import deque
from collections.abc import Iterable
from itertools import islice

import trio

from actors.operator.board import Board
from protocol import feed
from protocol.feed import Change

CAPACITY = 4096
"""Events that are kept for a reader that comes back: some minutes of a busy shop, about 2 MB."""


class FellBehind(Exception):
    """What the reader would need next is no longer kept."""


class Ring:
    """Where events are published and read."""

    def __init__(self, started_at: float, capacity: int = CAPACITY) -> None:
        self.board = Board()
        self.board.seq = int(started_at * 1000)
        self.board.started_at = started_at
        self._events: deque[tuple[int, str]] = deque(maxlen=capacity)
        self._came = trio.Event()
        self.closed = False

    @property
    def last(self) -> int:
        """The number of the newest event."""
        return self.board.seq

    @property
    def first(self) -> int:
        """The number of the oldest event that is kept; the next one's when none is."""
        return self._events[0][0] if self._events else self.last + 1

    def publish(self, changes: Iterable[Change]) -> None:
        """Number these and hand them to whoever reads."""
        for change in changes:
            event = change.model_copy(update={"seq": self.last + 1})
            self.board.apply(event)
            self._events.append((event.seq, feed.dump(event)))
        came, self._came = self._came, trio.Event()
        came.set()

    def holds(self, after: int) -> bool:
        """Whether a reader that saw everything up to this number can simply go on."""
        return self.first - 1 <= after <= self.last

    def since(self, after: int) -> list[tuple[int, str]]:
        """What came after this number, as it travels. Raises `FellBehind`."""
        if not self.holds(after):
            raise FellBehind
        return list(islice(self._events, len(self._events) - (self.last - after), None))

    async def wait(self, after: int) -> None:
        """Until there is something after this number, or nothing will come any more."""
        while self.last == after and not self.closed:
            await self._came.wait()

    def close(self) -> None:
        """Nothing will come any more: readers go home."""
        self.closed = True
        self._came.set()

    def break_off(self) -> None:
        """Events were missed: whoever comes back from before needs a snapshot, and the board must be filled anew."""
        self._events.clear()
        self.board.seq += 1
        self.board.jobs.clear()
        self.board.orders.clear()
        self.board.posts.clear()
