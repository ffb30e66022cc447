"""How long films take, as pollers ask for it: read from the store once for all that start together."""

import trio

from storage import timings
from storage.jobs import Job
from storage.store import Store
from storage.timings import Learned

Kind = tuple[str, int, str]
"""Films that take alike: of one model, so many seconds, of one size."""

FRESH_SECONDS = 10.0
"""For so long what was read is not read again."""


class Durations:
    """What is learned, remembered for a moment: ten thousand pollers of one kind may ask at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[Kind, tuple[Learned | None, float]] = {}  # and until when it is fresh (Trio's seconds)
        self._turn = trio.Lock()

    async def of(self, job: Job) -> Learned | None:
        """What is known of films of this kind; None before there are enough."""
        kind = (job.model, job.seconds, job.size)
        async with self._turn:
            learned, until = self._read.get(kind, (None, 0.0))
            if trio.current_time() >= until:
                learned = await self._store.insist(timings.learned, model=job.model, seconds=job.seconds, size=job.size)
                self._read[kind] = (learned, trio.current_time() + FRESH_SECONDS)
            return learned
