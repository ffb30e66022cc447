"""Looks at a backend's jobs: within one budget of requests, and at the moments when they are worth it.

Pollers ask here instead of asking the backend. Each look costs one request of the backend's minute; where many jobs
wait and the backend has a list, its pages answer for all of them. The weakness of a list is that a look waits until
its page is read: where ten thousand jobs fill a hundred pages, up to as long as a hundred requests take.
"""

import math
from collections import Counter
from dataclasses import dataclass, field

import structlog
import trio

from protocol.videos.answers import Video
from protocol.videos.client import BackendBusy, BackendError, BackendRefused, VideoClient
from storage.timings import Learned

MANY = 4
"""Looks that one request for a page of a list should answer, or it is not made."""
PAGE = 100
IN_FLIGHT = 16
"""Looks on their way at once: HTTP pools collapse long before a backend does."""
LIST_REST = 60.0
"""Seconds without lists after one that failed."""
LIST_REFUSED = 3600.0
"""Seconds without lists after one that was refused: a gateway may have been in the middle of a change."""
LIST_AGAIN = 600.0
"""Seconds without lists after one that named none of our jobs: ids may differ there, or the server forgot them."""
TOLD_EVERY = 60.0
"""Seconds between two reports of how the looks fare."""

SHORTEST, LONGEST = 1.0, 15.0
"""Seconds between two looks at one job. A bar that moves needs some even while the film cannot be done yet."""
BAR_LOOKS = 10
"""So many are enough for the bar of a long film, on the way to its expected end."""
FAST = 2.0
"""Seconds between looks at first, before anything is learned: a fast backend is noticed within them."""
WORTH = 0.15
"""Seconds of a buyer's waiting that one request may save and still be worth it."""
NARROWEST = 0.1
"""The least spread that is believed, as a share of the median: a few films may agree by chance."""
STRANGERS = 0.1
"""The share of films that are believed to take a time unlike the others of their kind."""
GUESS_OFF = 2.2
"""How far the catalogue's guess is believed to be off, as a factor: eight of ten are within it."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Want:
    """One look that waits until it is `served`: answered by a list, or told to ask for itself.

    `sweep` is the number of the list's reading that was under way when it came.
    """

    id: str
    sweep: int
    served: trio.Event = field(default_factory=trio.Event)
    answer: Video | None = None
    alone: bool = False
    has_place: bool = False


class Pace:
    """At most `per_minute` requests in any minute, a tenth of them at once. One task at a time may wait in `take`.

    The rule is the virtual scheduling of ITU-T I.371 (GCRA): a request may be early by as much as the burst allows.
    """

    def __init__(self, per_minute: int) -> None:
        burst = max(1, per_minute // 10)
        self._every = 60.0 / (per_minute - burst + 1)
        self._early = (burst - 1) * self._every
        self._due = self._not_before = -math.inf

    async def take(self) -> None:
        """Wait until one more request fits."""
        ready = max(self._due - self._early, self._not_before)
        if ready > trio.current_time():
            await trio.sleep_until(ready)
        self._due = max(self._due, trio.current_time()) + self._every

    def rest(self, seconds: float) -> None:
        """No request for so long: the backend asked for it."""
        self._not_before = max(self._not_before, trio.current_time() + seconds)


class Looks:
    """All looks at one backend. `serve` must run for any of them to come about."""

    def __init__(self, client: VideoClient, *, backend: str = "", per_minute: int, has_list: bool) -> None:
        self.watched = 0
        """Jobs that have a poller now; pollers keep it."""
        self._client = client
        self._pace = Pace(per_minute)
        self._places = trio.Semaphore(IN_FLIGHT)
        self._waiting: dict[_Want, None] = {}
        self._arrived = trio.lowlevel.ParkingLot()
        self._list_from = -math.inf if has_list else math.inf
        self._sweep = self._pages = self._hits = 0
        self._after: str | None = None
        self._read_last = False
        self._tally = Tally(backend)

    async def look(self, id: str, due: float | None = None) -> Video:
        """What the backend says of this job. Raises as `VideoClient.retrieve`.

        `due` is when the look was meant to be (Trio's seconds); how late looks are is reported once a minute.
        """
        want = _Want(id, self._sweep)
        self._waiting[want] = None
        self._arrived.unpark()
        try:
            await want.served.wait()
            if want.answer is None:
                self._tally.requests += 1
                want.answer = await self._client.retrieve(id)
        except BackendBusy as busy:
            self._pace.rest(busy.retry_after or 0.0)
            raise
        finally:
            self._waiting.pop(want, None)
            if want.has_place:
                self._places.release()
        self._tally.looked(due)
        return want.answer

    async def serve(self) -> None:
        """Give those who wait their turns, one request at a time, until cancelled."""
        while True:
            while not self._waiting:
                await self._arrived.park()
            await self._places.acquire()
            given = False
            try:
                await self._pace.take()
                given = await self._serve_next()
            finally:
                if not given:
                    self._places.release()

    async def _serve_next(self) -> bool:
        """One request: a page for everybody, or the own one of the first in line; True when that took the place."""
        first = next(iter(self._waiting), None)
        if first is None:
            return False
        # Those whom the list did not help come first, but do not keep it from helping others.
        if self._list_pays() and not (first.alone and self._read_last):
            self._read_last = True
            await self._read_page()
            return False
        self._read_last = False
        del self._waiting[first]
        first.has_place = True
        first.served.set()
        return True

    def _list_pays(self) -> bool:
        """Whether to read (on) the list: our jobs fill at least so many pages of it."""
        if trio.current_time() < self._list_from:
            return False
        return self._after is not None or len(self._waiting) >= MANY * self._our_pages()

    def _our_pages(self) -> int:
        return max(1, -(-self.watched // PAGE))

    async def _read_page(self) -> None:
        """One page of the list, for all who wait. A backend that refuses the list is not asked again."""
        if self._after is None:
            self._sweep, self._pages, self._hits = self._sweep + 1, 0, 0
        self._tally.requests += 1
        try:
            page = await self._client.page(PAGE, after=self._after)
        except BackendError as error:
            log.info("looks.list_failed", error=str(error))
            if isinstance(error, BackendBusy):
                self._pace.rest(error.retry_after or 0.0)
            self._end_sweep()
            rest = LIST_REFUSED if isinstance(error, BackendRefused) else LIST_REST
            self._list_from = trio.current_time() + rest
            return
        self._pages += 1
        self._answer({video.id: video for video in page.videos})
        repeats = page.after == self._after
        self._after = page.after
        oldest = next((want for want in self._waiting if not want.alone), None)
        # Foreign jobs may lie between ours, but not without end: then the rest is cheaper asked alone.
        if repeats or oldest is None or oldest.sweep == self._sweep or self._pages >= 2 * self._our_pages():
            self._end_sweep()

    def _answer(self, found: dict[str, Video]) -> None:
        for want in [want for want in self._waiting if want.id in found]:
            want.answer = found[want.id]
            want.served.set()
            del self._waiting[want]
            self._hits += 1

    def _end_sweep(self) -> None:
        """Who waited from the sweep's beginning and is not on the list is asked for alone."""
        self._after = None
        for want in self._waiting:
            want.alone = want.alone or want.sweep < self._sweep
        if not self._hits:
            self._list_from = max(self._list_from, trio.current_time() + LIST_AGAIN)


class Tally:
    """Counts looks, requests and lateness, and reports them once a minute for as long as there are any."""

    def __init__(self, backend: str) -> None:
        self._backend = backend
        self._since = trio.current_time()
        self._late: Counter[int] = Counter()  # looks by their lateness in hundredths of a second
        self.requests = 0

    def looked(self, due: float | None) -> None:
        now = trio.current_time()
        self._late[int(100 * (now - due)) if due is not None else 0] += 1
        if now - self._since < TOLD_EVERY:
            return
        looks = self._late.total()
        log.info(
            "looks.taken",
            backend=self._backend,
            seconds=round(now - self._since, 1),
            looks=looks,
            requests=self.requests,
            late_p50=self._late_at(looks * 0.50),
            late_p99=self._late_at(looks * 0.99),
        )
        self._since, self.requests = now, 0
        self._late.clear()

    def _late_at(self, rank: float) -> float:
        """Seconds that so many looks were late at most."""
        for hundredths, count in sorted(self._late.items()):
            rank -= count
            if rank <= 0:
                return hundredths / 100
        return 0.0


def next_wait(elapsed: float, expected: float, learned: Learned | None) -> float:
    """Seconds until the next look at a job that has been at its backend for `elapsed` seconds.

    The likelier the film is done within the next second, the closer the looks: at sqrt(hazard / (2 * WORTH)) looks a
    second, waiting and requests together cost the least (J. B. Keller, "Optimum checking schedules", 1974). Before
    anything is learned the catalogue's guess stands in, and an unexpectedly fast backend is looked for besides.
    """
    elapsed = max(0.0, elapsed)  # a process may start again with its clock set back
    if learned is None:
        belief = Learned(expected, p90=GUESS_OFF * expected, p10=expected / GUESS_OFF)
        most = min(LONGEST, max(FAST, elapsed / 4))
    else:
        belief, most = learned, max(LONGEST, learned.median / BAR_LOOKS)
    step = max(0.25, elapsed / 100)
    looks = wait = 0.0
    while looks < 1 and wait < most:
        looks += step * math.sqrt(_hazard(elapsed + wait + step / 2, belief) / (2 * WORTH))
        wait += step
    return max(SHORTEST, min(most, wait))


def _hazard(t: float, belief: Learned) -> float:
    """The chance per second that a film is done just after `t` seconds, when it was not done before.

    Durations are taken as log-normal, with a spread of its own on each side of the median.
    """
    tenth = belief.median / belief.p10 if t < belief.median else belief.p90 / belief.median
    spread = max(NARROWEST, math.log(tenth) / 1.2816)  # where the outer tenth of normal values begins
    z = math.log(t / belief.median) / spread
    density = math.exp(-z * z / 2) / (math.sqrt(2 * math.pi) * spread * t)
    survival = math.erfc(z / math.sqrt(2)) / 2
    # Of a film unlike the others nothing is known: what has lasted long is likely to last as long again.
    rest = 1 / (1 + t / belief.median)
    density = (1 - STRANGERS) * density + STRANGERS * rest * rest / belief.median
    return density / ((1 - STRANGERS) * survival + STRANGERS * rest)
