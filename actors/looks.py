"""Looks at a backend's jobs within one budget of requests, and when to take them.

Pollers ask here instead of asking the backend. Each look costs one request of the backend's minute; where many jobs
wait and the backend has a list, one list answers for all of them.
"""

from dataclasses import dataclass, field

import structlog
import trio

from protocol.videos.answers import Video
from protocol.videos.client import BackendError, BackendRefused, VideoClient
from storage.timings import Learned

MANY = 4
"""Jobs that wait for a look at the same time, from which on a list is cheaper."""
PAGE = 100
IN_FLIGHT = 16
"""Looks on their way at once: HTTP pools collapse long before a backend does."""
SHORTEST, LONGEST = 1.0, 15.0
"""Seconds between two looks at one job."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Want:
    id: str
    answer: Video | None = None


@dataclass(slots=True)
class Pace:
    """At most `per_minute` requests a minute, with a burst of a tenth of that. Waiters are served in their order."""

    per_minute: int
    _spent: float = 0.0
    _at: float = 0.0
    _turn: trio.Lock = field(default_factory=trio.Lock)

    async def take(self) -> None:
        """Wait until one more request fits."""
        async with self._turn:
            burst = max(1.0, self.per_minute / 10)
            now = trio.current_time()
            self._spent = max(0.0, self._spent - (now - self._at) * self.per_minute / 60)
            self._at = now
            if self._spent + 1 > burst:
                await trio.sleep((self._spent + 1 - burst) * 60 / self.per_minute)
            self._spent += 1


class Looks:
    """All looks at one backend."""

    def __init__(self, client: VideoClient, *, per_minute: int, has_list: bool) -> None:
        self._client = client
        self._pace = Pace(per_minute)
        self._has_list = has_list
        self._in_flight = trio.CapacityLimiter(IN_FLIGHT)
        self._wanted: dict[_Want, None] = {}

    async def look(self, id: str) -> Video:
        """What the backend says of this job. Raises as `VideoClient.retrieve`."""
        want = _Want(id)
        self._wanted[want] = None
        try:
            await self._pace.take()
            async with self._in_flight:
                if want.answer is None and self._has_list and len(self._wanted) >= MANY:
                    await self._list()
                if want.answer is None:
                    want.answer = await self._client.retrieve(id)
            return want.answer
        finally:
            del self._wanted[want]

    async def _list(self) -> None:
        """Answer every job that waits and is on the list's first page; a backend without a list is not asked again."""
        try:
            videos = await self._client.list_recent(PAGE)
        except BackendRefused as refused:
            self._has_list = False
            log.info("looks.no_list", error=str(refused))
            return
        except BackendError as error:
            log.info("looks.list_failed", error=str(error))
            return
        found = {video.id: video for video in videos}
        for want in self._wanted:
            want.answer = want.answer or found.get(want.id)


def next_wait(elapsed: float, expected: float, learned: Learned | None) -> float:
    """Seconds until the next look at a job that has been at its backend for `elapsed` seconds.

    Few looks while it cannot be done yet, many around its expected end, fewer again when it is late. Before anything is
    learned the expectation is a guess, so the looks grow apart from the start instead: a fast backend is noticed fast.
    """
    if learned is None:
        return min(LONGEST, max(SHORTEST, 1.5 + elapsed * 0.15))
    early, late = 0.7 * learned.median, max(learned.p90, 1.1 * learned.median)
    if elapsed < early:
        return min(LONGEST, max(SHORTEST, min(early - elapsed, learned.median / 4)))
    if elapsed < late:
        return min(LONGEST, max(SHORTEST, (late - early) / 6))
    return min(LONGEST, max(SHORTEST, (elapsed - early) / 6))
