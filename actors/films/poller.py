"""One job at its backend: ordered once, watched until it ends, fetched, handed over. One of these for each job.

Every step begins from the job's row, so a poller that starts after a crash goes on where the row stands.
"""

import random
from pathlib import Path

import structlog
import trio

from actors.films.durations import Durations
from actors.films.fetching import Fetching
from actors.films.finishing import Media
from actors.films.looks import Looks, next_wait
from actors.films.ordering import Ordering
from actors.films.outcomes import Outcomes
from actors.films.progress import Heard
from actors.shop import steps
from actors.shop.context import Shop
from actors.supervisor import Stop
from protocol.catalogue import Model
from protocol.job import FINAL, Failure, IllegalTransition, JobEvent, JobState
from protocol.videos.answers import Phase, Video
from protocol.videos.client import (
    BackendBusy,
    BackendError,
    BackendRefused,
    BackendUnreachable,
    JobForgotten,
    VideoClient,
)
from storage import jobs
from storage.jobs import Job
from storage.store import Clock, Store

log = structlog.get_logger(__name__)

LOOK_AGAIN = 5.0
"""Seconds after a look that failed, at least."""
FORGOTTEN_LOOKS = 3
"""How many 404s in a row mean that the backend restarted and lost the job."""
WATCHED_FROM_START = 5.0
"""A poller that begins within so many seconds of the acceptance has watched the whole work."""
BROKEN_LOOKS = 30
"""How many answers in a row may make no sense before the job is given up (5 minutes and more)."""
DEADLINE_SECONDS = 3600.0
"""Of a job whose model is no longer in the catalogue."""


class Poller:
    """What all pollers share; `run` is one of them."""

    def __init__(
        self,
        store: Store,
        shop: Shop,
        clients: dict[str, VideoClient],
        *,
        heard: Heard,
        films: Path,
        media: Media,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._store = store
        self._shop = shop
        self._clients = clients
        self._heard = heard
        self._clock = clock
        self._rng = rng
        self._outcomes = outcomes = Outcomes(store, shop, rng)
        self._ordering = Ordering(store, shop, clients, outcomes, media=media, clock=clock, rng=rng)
        self._fetching = Fetching(shop, outcomes, films=films, media=media, clock=clock, rng=rng)
        self._looks = {
            name: Looks(clients[name], backend=name, per_minute=backend.requests_per_minute, has_list=backend.list)
            for name, backend in shop.catalogue.backends.items()
            if name in clients
        }
        self._durations = Durations(store)

    async def serve_looks(self) -> None:
        """Let the looks at each backend come about, until cancelled. All pollers depend on it."""
        async with trio.open_nursery() as nursery:
            for looks in self._looks.values():
                nursery.start_soon(looks.serve)

    async def run(self, job_id: int, stop: Stop, row: Job | None = None) -> None:
        """Bring the job to its end, or to where it stands when asked to stop. `row`: the job, as it was read just now.

        A job that was claimed and whose create was not sent is sent, or given back; one that was sent before this
        poller began has an outcome that nobody knows.
        """
        while row is not None or not stop.asked:
            # Only the first step may begin from the row it was given: each step changes it.
            job = await self._store.insist(jobs.get, job_id) if row is None else row
            row = None
            try:
                more = await self._step(job, stop)
            except IllegalTransition as error:
                illegal = error
            else:
                if not more:
                    return
                continue
            # An admin ended the job between the look and what was to be written down of it.
            if (await self._store.insist(jobs.get, job_id)).stands not in FINAL:
                raise illegal
            return

    async def _step(self, job: Job, stop: Stop) -> bool:
        """Whatever comes next for a job that stands here; False when nothing does."""
        match job.stands:
            case JobState.SUBMITTING if job.submitted_at is not None:
                await self._outcomes.save(jobs.move, job, JobEvent.LOSE)
            case JobState.SUBMITTING if stop.asked:
                await self._outcomes.save(steps.postpone, job, 0.0)
            case JobState.SUBMITTING:
                await self._ordering.submit(job)
            case JobState.UNKNOWN:
                await self._ordering.search(job, stop)
            case JobState.PROCESSING:
                await self._watch(job, stop)
            case _:
                return False
        return True

    def _model(self, job: Job) -> Model | None:
        return self._shop.catalogue.model(job.model)

    def _since(self, moment: float) -> float:
        """Seconds since an epoch second."""
        return self._clock.now() - moment

    async def _watch(self, job: Job, stop: Stop) -> None:
        """Look at the job until it ends, or until asked to stop."""
        client, id = self._clients.get(job.backend), job.backend_id
        if client is None or id is None or job.backend not in self._looks:
            await self._outcomes.fail(job, Failure.UNAVAILABLE, f"backend {job.backend} is no longer in the catalogue")
            return
        looks = self._looks[job.backend]
        looks.watched += 1
        try:
            await self._watch_through(looks, id, client, job, stop)
        finally:
            looks.watched -= 1

    async def _watch_through(self, looks: Looks, id: str, client: VideoClient, job: Job, stop: Stop) -> None:
        known = await self._durations.of(job)
        accepted_at, percent = job.accepted_at or job.created_at, job.progress
        # A poller that came late, or in a process whose clock was set back, cannot tell how long the film really took.
        watched_all = 0 <= self._since(accepted_at) < WATCHED_FROM_START
        model = self._model(job)
        floor = model.poll_interval if model else 0.0
        patience, broken, forgotten = 0.0, 0, 0
        # Whoever starts late starts with many others: their first looks are spread, not all in the same second.
        stretch = 1.0 if watched_all else self._rng.random()
        while True:
            elapsed = self._since(accepted_at)
            wait = max(patience, stretch * next_wait(elapsed, job.expected_seconds, known))
            wait = max(floor, wait * (0.9 + 0.2 * self._rng.random()))
            try:
                video = await _look(looks, id, wait, stop)
            except JobForgotten as error:
                forgotten += 1
                if forgotten >= FORGOTTEN_LOOKS:
                    await self._outcomes.fail(job, Failure.FORGOTTEN, str(error))
                    return
                patience = LOOK_AGAIN
                continue
            except BackendRefused as refused:
                await self._outcomes.fail(job, refused.reason.failure, refused.reason.detail)
                return
            except (BackendBusy, BackendUnreachable) as error:
                retry_after = error.retry_after if isinstance(error, BackendBusy) else None
                patience = max(LOOK_AGAIN, retry_after or 0.0)
                broken += 1
                log.info("job.look_failed", job_id=job.id, error=str(error), failures=broken)
                if broken >= BROKEN_LOOKS and self._overdue(job):
                    log.warning("job.unseen", job_id=job.id, error=str(error))
                    await self._outcomes.save(steps.unseen, self._shop, job, str(error))
                    return
                continue
            if video is None:
                return  # asked to stop
            patience, stretch, broken, forgotten = 0.0, 1.0, 0, 0
            if not video.known_status:
                log.warning("job.unknown_status", job_id=job.id, status=video.status)
            took = self._since(accepted_at) if watched_all else None
            if await self._took_end(client, job, video, stop, took=took):
                return
            if video.progress is not None and video.progress != percent:
                percent = self._heard[job.id] = video.progress

    def _overdue(self, job: Job) -> bool:
        """Whether the job has taken longer than a film of its kind ever should."""
        model = self._model(job)
        limit = model.deadline if model else DEADLINE_SECONDS
        return job.accepted_at is not None and self._since(job.accepted_at) > limit

    async def _took_end(self, client: VideoClient, job: Job, video: Video, stop: Stop, *, took: float | None) -> bool:
        """Act on one look; True when there is nothing left to watch."""
        match video.phase:
            case Phase.DONE:
                await self._fetching.fetch(client, job, stop, took=took)
                return True
            case Phase.FAILED:
                assert video.reason is not None
                await self._outcomes.fail(job, video.reason.failure, video.reason.detail)
                return True
            case Phase.WAITING | Phase.WORKING:
                if self._overdue(job):
                    await self._abandon(client, job)
                    await self._outcomes.fail(job, Failure.TIMEOUT, f"still {video.status}")
                    return True
                return False

    async def _abandon(self, client: VideoClient, job: Job) -> None:
        """Where jobs can be deleted, one that is given up stops costing its backend time; if not, nothing is lost."""
        if job.backend_id is not None and self._shop.catalogue.backends[job.backend].delete:
            try:
                await client.delete(job.backend_id)
            except BackendError as error:
                log.info("job.not_deleted", job_id=job.id, error=str(error))

    async def give_up(self, job_id: int, error: Exception) -> None:
        """The poller itself failed again and again: a fault of ours must not keep a buyer's tokens."""
        await self._outcomes.save(steps.give_up, self._shop, job_id, f"{type(error).__name__}: {error}")


async def _look(looks: Looks, id: str, wait: float, stop: Stop) -> Video | None:
    """What the backend says after so many seconds; None when asked to stop before that. Raises as `Looks.look`."""
    due = trio.current_time() + wait
    with stop.until():
        await trio.sleep_until(due)
        return await looks.look(id, due)
    return None
