"""One job at its backend: submitted once, watched until it ends, fetched, handed over. One of these for each job.

Every step begins from the job's row, so a poller that starts after a crash goes on where the row stands.
"""

import random
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import structlog
import trio

from actors.media.problems import NotAFilm, TooLarge
from actors.shop import work
from actors.shop.context import Shop
from actors.supervisor import Backoff, Stop
from protocol.catalogue import Model
from protocol.job import Failure, JobEvent, JobState
from protocol.posts import Film
from protocol.videos.answers import Phase, Video
from protocol.videos.client import (
    BackendBusy,
    BackendError,
    BackendRefused,
    BackendUnreachable,
    JobForgotten,
    OutcomeUnknown,
    VideoClient,
)
from protocol.videos.dialects import Order
from storage import jobs
from storage.jobs import Job
from storage.store import Store, StoreUnavailable, Tx

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

FIRST_LOOK = 2.0
LONGEST_WAIT = 10.0
"""Seconds between looks: they grow from the first to the longest."""
FORGOTTEN_LOOKS = 3
"""How many 404s in a row mean that the backend restarted and lost the job."""
BROKEN_LOOKS = 30
"""How many answers in a row may make no sense before the job is given up (5 minutes and more)."""
DOWNLOADS = 5
"""Attempts to fetch a finished film."""
SEARCHES = 4
"""Looks at the backend's list for a job whose create lost its answer."""
QUEUE_SECONDS = 3600.0
"""A job the backend keeps refusing as too busy is given up after this."""
SKEW_SECONDS = 120.0
"""How far the backend's clock may be behind ours."""
POSTPONE = Backoff(first=5.0, longest=120.0)
STORE_RETRY = Backoff(first=0.5, longest=15.0)

Finish = Callable[[Path, Path, str], Awaitable[Film]]
"""Makes a downloaded file what was sold: (film, where its thumbnail goes, size) -> Film. Raises `NotAFilm`, `TooLarge`."""


class Poller:
    """What all pollers share; `run` is one of them."""

    def __init__(
        self,
        store: Store,
        shop: Shop,
        clients: dict[str, VideoClient],
        *,
        films: Path,
        finish: Finish,
        rng: random.Random,
    ) -> None:
        self._store = store
        self._shop = shop
        self._clients = clients
        self._films = films
        self._finish = finish
        self._rng = rng

    async def run(self, job_id: int, stop: Stop, *, submit: bool) -> None:
        """Bring the job to its end, or to where it stands when asked to stop.

        `submit` says that this process has just claimed the job, so its create was surely not sent yet.
        """
        while True:
            job = await self._store.read(jobs.get, job_id)
            if stop.asked:
                if submit and job.stands is JobState.SUBMITTING:
                    await self._save(_postpone, job, 0.0)
                return
            match job.stands:
                case JobState.SUBMITTING if submit:
                    submit = False
                    await self._submit(job)
                case JobState.SUBMITTING:
                    await self._save(jobs.move, job, JobEvent.LOSE)
                case JobState.UNKNOWN:
                    await self._search(job, stop)
                case JobState.PROCESSING:
                    await self._watch(job, stop)
                case _:
                    return

    def _model(self, job: Job) -> Model | None:
        return self._shop.catalogue.model(job.model)

    async def _submit(self, job: Job) -> None:
        """Ask the backend for the film, once. Not interrupted by a stop: its answer must not be lost."""
        model, client = self._model(job), self._clients.get(job.backend)
        if model is None or client is None:
            await self._fail(job, Failure.UNAVAILABLE, f"{job.model} is no longer in the catalogue")
            return
        order = Order(model.wire_name, job.prompt, job.seconds, model.native(job.size))
        try:
            video = await client.create(order)
        except BackendBusy as busy:
            await self._postpone(job, busy)
        except BackendRefused as refused:
            await self._fail(job, refused.reason.failure, refused.reason.detail)
        except OutcomeUnknown as unknown:
            log.warning("job.outcome_unknown", job_id=job.id, error=str(unknown))
            await self._save(jobs.move, job, JobEvent.LOSE, failure_detail=str(unknown))
        else:
            log.info("job.accepted", job_id=job.id, backend=job.backend, backend_id=video.id)
            await self._save(_accept, job, video.id)

    async def _postpone(self, job: Job, busy: BackendBusy) -> None:
        if await self._waited(job) > QUEUE_SECONDS:
            await self._fail(job, Failure.UNAVAILABLE, str(busy))
            return
        delay = max(busy.retry_after or 0.0, POSTPONE.delay(0, self._rng))
        log.info("job.postponed", job_id=job.id, error=str(busy), retry_in=round(delay, 1))
        await self._save(_postpone, job, delay)

    async def _waited(self, job: Job) -> float:
        return await self._store.read(lambda tx: tx.now - job.created_at)

    async def _search(self, job: Job, stop: Stop) -> None:
        """The create lost its answer: look for the job in the backend's list, never ask for it again."""
        backend = self._shop.catalogue.backends.get(job.backend)
        client = self._clients.get(job.backend)
        if backend is not None and client is not None and backend.list:
            for attempt in range(SEARCHES):
                await stop.sleep(2.0 * 3.0**attempt if attempt else 0.0)
                if stop.asked:
                    return
                try:
                    if await self._adopted(client, job):
                        return
                except BackendRefused as refused:
                    log.info("job.no_list", job_id=job.id, error=str(refused))
                    break
                except BackendError as error:
                    log.info("job.search_failed", job_id=job.id, error=str(error))
        await self._fail(job, Failure.UNKNOWN, job.failure_detail or "the bot was stopped while ordering")

    async def _adopted(self, client: VideoClient, job: Job) -> bool:
        """Find our job among the backend's newest, and take it as ours. Raises `BackendError`."""
        videos = await client.list_recent()
        found = await self._save(_adopt, job, self._model(job), videos)
        if found is not None:
            log.info("job.found", job_id=job.id, backend_id=found)
        return found is not None

    async def _watch(self, job: Job, stop: Stop) -> None:
        """Look at the job until it ends."""
        client, id = self._clients.get(job.backend), job.backend_id
        if client is None or id is None:
            await self._fail(job, Failure.UNAVAILABLE, f"backend {job.backend} is no longer in the catalogue")
            return
        wait, broken, forgotten = FIRST_LOOK, 0, 0
        while True:
            await stop.sleep(wait * (0.9 + 0.2 * self._rng.random()))
            if stop.asked:
                return
            wait = min(LONGEST_WAIT, wait * 1.3)
            try:
                video = await client.retrieve(id)
            except JobForgotten as error:
                forgotten += 1
                if forgotten >= FORGOTTEN_LOOKS:
                    await self._fail(job, Failure.FORGOTTEN, str(error))
                    return
                continue
            except BackendRefused as refused:
                await self._fail(job, refused.reason.failure, refused.reason.detail)
                return
            except (BackendBusy, BackendUnreachable) as error:
                retry_after = error.retry_after if isinstance(error, BackendBusy) else None
                wait = max(wait, retry_after or 0.0)
                broken += 1
                log.info("job.look_failed", job_id=job.id, error=str(error), failures=broken)
                if broken >= BROKEN_LOOKS and await self._overdue(job):
                    await self._fail(job, Failure.UNAVAILABLE, str(error))
                    return
                continue
            broken = forgotten = 0
            if not video.known_status:
                log.warning("job.unknown_status", job_id=job.id, status=video.status)
            if await self._took_end(client, job, video, stop):
                return

    async def _overdue(self, job: Job) -> bool:
        """Whether the job has taken longer than a film of its kind ever should."""
        model = self._model(job)
        limit = model.deadline if model else QUEUE_SECONDS
        return await self._store.read(lambda tx: tx.now - (job.accepted_at or tx.now)) > limit

    async def _took_end(self, client: VideoClient, job: Job, video: Video, stop: Stop) -> bool:
        """Act on one look; True when there is nothing left to watch."""
        match video.phase:
            case Phase.DONE:
                await self._fetch(client, job, stop)
                return True
            case Phase.FAILED:
                assert video.reason is not None
                await self._fail(job, video.reason.failure, video.reason.detail)
                return True
            case Phase.WAITING | Phase.WORKING:
                if await self._overdue(job):
                    await self._fail(job, Failure.TIMEOUT, f"still {video.status}")
                    return True
                if video.progress is not None and video.progress != job.progress:
                    await self._save(jobs.change, job.id, progress=video.progress)
                return False

    async def _fetch(self, client: VideoClient, job: Job, stop: Stop) -> None:
        """Download at once (results live an hour), look into the file, hand it over."""
        assert job.backend_id is not None
        target = self._films / f"{job.id}.mp4"
        reason = ""
        for attempt in range(DOWNLOADS):
            await stop.sleep(2.0 * 2.0**attempt if attempt else 0.0)
            if stop.asked:
                return
            try:
                await client.download(job.backend_id, target)
                film = await self._finish(target, target.with_suffix(".jpg"), job.size)
            except TooLarge as error:
                await self._fail(job, Failure.UNDELIVERABLE, str(error))
                return
            except (BackendError, NotAFilm) as error:
                reason = str(error)
                log.warning("job.fetch_failed", job_id=job.id, error=reason, attempt=attempt + 1)
                continue
            await self._save(_ready, self._shop, job, film)
            return
        await self._fail(job, Failure.BROKEN_FILM, reason)

    async def _fail(self, job: Job, failure: Failure, detail: str) -> None:
        log.warning("job.failed", job_id=job.id, failure=str(failure), detail=detail)
        await self._save(_fail, self._shop, job, failure, detail)

    async def give_up(self, job_id: int, error: Exception) -> None:
        """The poller itself failed again and again: a fault of ours must not keep a buyer's tokens."""
        await self._save(_give_up, self._shop, job_id, f"{type(error).__name__}: {error}")

    async def _save(self, fn: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Write, however long the disk stays full: what the backend said is known nowhere else."""
        failures = 0
        while True:
            try:
                return await self._store.write(fn, *args, **kwargs)
            except StoreUnavailable:
                failures += 1
                await trio.sleep(STORE_RETRY.delay(failures - 1, self._rng))


def _accept(tx: Tx, job: Job, backend_id: str) -> None:
    jobs.move(tx, job, JobEvent.ACCEPT, backend_id=backend_id, accepted_at=tx.now, failure_detail=None)


def _adopt(tx: Tx, job: Job, model: Model | None, videos: Sequence[Video]) -> str | None:
    """Take the oldest of the backend's jobs that can only be ours; its id, or None.

    It is not known to us, not older than our create, and asks for the same film. A backend that does not repeat the
    prompt is believed only when no other job of ours is looking for itself there. While the same film is being ordered
    by another job, whose answer is still to name it, nothing is taken.
    """
    known = jobs.backend_ids(tx, job.backend)
    native = model.native(job.size) if model and job.size in model.sizes else job.size
    wire_name = model.wire_name if model else job.model
    since = (job.submitted_at or job.created_at) - SKEW_SECONDS
    seekers = [j for j in jobs.in_states(tx, {JobState.UNKNOWN, JobState.SUBMITTING}) if j.backend == job.backend]
    if any(j.stands is JobState.SUBMITTING and _same_film(j, job) for j in seekers):
        return None
    for video in sorted(videos, key=lambda video: video.created_at or 0.0):
        same_words = video.prompt == job.prompt or (video.prompt is None and len(seekers) == 1)
        if (
            same_words
            and video.id not in known
            and (video.created_at is None or video.created_at >= since)
            and video.model in (None, wire_name)
            and video.seconds in (None, job.seconds)
            and video.size in (None, native)
        ):
            _accept(tx, job, video.id)
            return video.id
    return None


def _same_film(one: Job, other: Job) -> bool:
    return (one.prompt, one.model, one.seconds, one.size) == (other.prompt, other.model, other.seconds, other.size)


def _postpone(tx: Tx, job: Job, delay: float) -> None:
    jobs.move(tx, job, JobEvent.POSTPONE, not_before=tx.now + delay)


def _ready(tx: Tx, shop: Shop, job: Job, film: Film) -> None:
    work.ready(shop, tx, job, film)


def _fail(tx: Tx, shop: Shop, job: Job, failure: Failure, detail: str) -> None:
    work.fail(shop, tx, job, failure, detail)


def _give_up(tx: Tx, shop: Shop, job_id: int, detail: str) -> None:
    job = jobs.get(tx, job_id)
    if job.stands in (JobState.SUBMITTING, JobState.UNKNOWN, JobState.PROCESSING):
        work.poller_gave_up(shop, tx, job, detail)
