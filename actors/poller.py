"""One job at its backend: submitted once, watched until it ends, fetched, handed over. One of these for each job.

Every step begins from the job's row, so a poller that starts after a crash goes on where the row stands.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import structlog
import trio

from actors.finishing import Media
from actors.looks import Looks, next_wait
from actors.media.problems import ImageProblem, ImageRefused, NotAFilm, TooLarge
from actors.shop import steps, work
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
from storage import jobs, pictures, timings
from storage.jobs import Job
from storage.store import Clock, Store, StoreUnavailable, Tx
from storage.timings import Learned

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
Kind = tuple[str, int, str]
"""Films that take alike: of one model, so many seconds, of one size."""

LOOK_AGAIN = 5.0
"""Seconds after a look that failed, at least."""
FORGOTTEN_LOOKS = 3
"""How many 404s in a row mean that the backend restarted and lost the job."""
WATCHED_FROM_START = 5.0
"""A poller that begins within so many seconds of the acceptance has watched the whole work."""
LEARN_AGAIN = 10.0
"""Seconds for which what is known of a kind of films is not read again."""
BROKEN_LOOKS = 30
"""How many answers in a row may make no sense before the job is given up (5 minutes and more)."""
DOWNLOADS = 5
"""Attempts to fetch a finished film from a backend that answers."""
DOWNLOAD_AGAIN = 60.0
"""Seconds between two such attempts, at most."""
SEARCHES = 4
"""Looks at the backend's list for a job whose create lost its answer."""
QUEUE_SECONDS = 3600.0
"""A job the backend keeps refusing as too busy is given up after this."""
POSTPONE = Backoff(first=5.0, longest=120.0)
STORE_RETRY = Backoff(first=0.5, longest=15.0)


class Poller:
    """What all pollers share; `run` is one of them."""

    def __init__(
        self,
        store: Store,
        shop: Shop,
        clients: dict[str, VideoClient],
        *,
        films: Path,
        media: Media,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._store = store
        self._shop = shop
        self._clients = clients
        self._films = films
        self._media = media
        self._clock = clock
        self._rng = rng
        self._looks: dict[str, Looks] = {}
        self._learned: dict[Kind, tuple[Learned | None, float]] = {}  # and until when it is believed (Trio's seconds)
        self._learning = trio.Lock()

    async def run(self, job_id: int, stop: Stop, *, submit: bool, row: Job | None = None) -> None:
        """Bring the job to its end, or to where it stands when asked to stop.

        `submit` says that this process has just claimed the job, so its create was surely not sent yet; `row` is the
        job where it was read just now.
        """
        while True:
            # Only the first step may begin from the row it was given: each step changes it.
            job = await self._store.insist(jobs.get, job_id) if row is None else row
            row = None
            if stop.asked:
                if submit and job.stands is JobState.SUBMITTING:
                    await self._save(steps.postpone, job, 0.0)
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
        try:
            picture = await self._picture_of(job, model)
        except (ImageRefused, OSError) as error:
            await self._fail(job, Failure.PICTURE, str(error))
            return
        order = Order(
            model.wire_name,
            job.prompt,
            job.seconds,
            model.native(job.size),
            picture=picture,
            picture_as=model.image.sent_as,
            sound=True if model.audio == "asked" else None,
        )
        try:
            video = await client.create(order)
        except BackendBusy as busy:
            await self._postpone(job, busy)
        except BackendRefused as refused:
            if refused.reason.failure is Failure.UNAVAILABLE:
                await self._unavailable(job, refused.reason.detail)
            else:
                await self._fail(job, refused.reason.failure, refused.reason.detail)
        except OutcomeUnknown as unknown:
            log.warning("job.outcome_unknown", job_id=job.id, error=str(unknown))
            await self._save(jobs.move, job, JobEvent.LOSE, failure_detail=str(unknown))
        else:
            log.info("job.accepted", job_id=job.id, backend=job.backend, backend_id=video.id)
            await self._save(steps.accepted, self._shop, job, video.id)

    async def _picture_of(self, job: Job, model: Model) -> bytes | None:
        """The first frame, exactly of the size the backend renders. Raises `ImageRefused` or `OSError`."""
        if job.picture_id is None:
            return None
        picture = await self._store.insist(pictures.get, job.picture_id)
        fitted = await self._media.fit(self._shop.pictures / picture.file_name, model.native(job.size))
        if len(fitted) > model.image.max_bytes:
            raise ImageRefused(ImageProblem.TOO_LARGE_FILE)
        return fitted

    async def _postpone(self, job: Job, busy: BackendBusy) -> None:
        if self._since(job.created_at) > QUEUE_SECONDS:
            await self._unavailable(job, str(busy))
            return
        delay = max(busy.retry_after or 0.0, POSTPONE.delay(0, self._rng))
        log.info("job.postponed", job_id=job.id, error=str(busy), retry_in=round(delay, 1))
        await self._save(steps.busy, self._shop, job, busy, delay)

    def _since(self, moment: float) -> float:
        """Seconds since an epoch second."""
        return self._clock.now() - moment

    def _looks_at(self, name: str, client: VideoClient) -> Looks:
        if name not in self._looks:
            backend = self._shop.catalogue.backends[name]
            self._looks[name] = Looks(
                client, backend=name, per_minute=backend.requests_per_minute, has_list=backend.list
            )
        return self._looks[name]

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
        found = await self._save(steps.adopt, job, self._model(job), videos)
        if found is not None:
            log.info("job.found", job_id=job.id, backend_id=found)
        return found is not None

    async def _watch(self, job: Job, stop: Stop) -> None:
        """Look at the job until it ends, or until asked to stop."""
        client, id = self._clients.get(job.backend), job.backend_id
        if client is None or id is None:
            await self._fail(job, Failure.UNAVAILABLE, f"backend {job.backend} is no longer in the catalogue")
            return
        looks = self._looks_at(job.backend, client)
        looks.watched += 1
        try:
            await self._watch_through(looks, id, client, job, stop)
        finally:
            looks.watched -= 1

    async def _watch_through(self, looks: Looks, id: str, client: VideoClient, job: Job, stop: Stop) -> None:
        known = await self._known_of(job)
        accepted_at, percent = job.accepted_at or job.created_at, job.progress
        # A poller that came late cannot tell how long the film really took.
        watched_all = self._since(accepted_at) < WATCHED_FROM_START
        patience, broken, forgotten = 0.0, 0, 0
        # Whoever starts late starts with many others: their first looks are spread, not all in the same second.
        stretch = 1.0 if watched_all else self._rng.random()
        while True:
            elapsed = self._since(accepted_at)
            wait = max(patience, stretch * next_wait(elapsed, job.expected_seconds, known))
            wait *= 0.9 + 0.2 * self._rng.random()
            try:
                video = await _look(looks, id, wait, stop)
            except JobForgotten as error:
                forgotten += 1
                if forgotten >= FORGOTTEN_LOOKS:
                    await self._fail(job, Failure.FORGOTTEN, str(error))
                    return
                patience = LOOK_AGAIN
                continue
            except BackendRefused as refused:
                await self._fail(job, refused.reason.failure, refused.reason.detail)
                return
            except (BackendBusy, BackendUnreachable) as error:
                retry_after = error.retry_after if isinstance(error, BackendBusy) else None
                patience = max(LOOK_AGAIN, retry_after or 0.0)
                broken += 1
                log.info("job.look_failed", job_id=job.id, error=str(error), failures=broken)
                if broken >= BROKEN_LOOKS and self._overdue(job):
                    await self._unavailable(job, str(error))
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
                percent = video.progress
                await self._save(jobs.change, job.id, progress=percent)

    async def _known_of(self, job: Job) -> Learned | None:
        """How long films of this kind take. Asked once for all pollers that start together."""
        kind = (job.model, job.seconds, job.size)
        async with self._learning:
            learned, until = self._learned.get(kind, (None, 0.0))
            if trio.current_time() >= until:
                learned = await self._store.insist(timings.learned, model=job.model, seconds=job.seconds, size=job.size)
                self._learned[kind] = (learned, trio.current_time() + LEARN_AGAIN)
            return learned

    def _overdue(self, job: Job) -> bool:
        """Whether the job has taken longer than a film of its kind ever should."""
        model = self._model(job)
        limit = model.deadline if model else QUEUE_SECONDS
        return job.accepted_at is not None and self._since(job.accepted_at) > limit

    async def _took_end(self, client: VideoClient, job: Job, video: Video, stop: Stop, *, took: float | None) -> bool:
        """Act on one look; True when there is nothing left to watch."""
        match video.phase:
            case Phase.DONE:
                await self._fetch(client, job, stop, took=took)
                return True
            case Phase.FAILED:
                assert video.reason is not None
                await self._fail(job, video.reason.failure, video.reason.detail)
                return True
            case Phase.WAITING | Phase.WORKING:
                if self._overdue(job):
                    await self._abandon(client, job)
                    await self._fail(job, Failure.TIMEOUT, f"still {video.status}")
                    return True
                return False

    async def _abandon(self, client: VideoClient, job: Job) -> None:
        """Where jobs can be deleted, one that is given up stops costing its backend time; if not, nothing is lost."""
        if job.backend_id is not None and self._shop.catalogue.backends[job.backend].delete:
            try:
                await client.delete(job.backend_id)
            except BackendError as error:
                log.info("job.not_deleted", job_id=job.id, error=str(error))

    async def _fetch(self, client: VideoClient, job: Job, stop: Stop, *, took: float | None) -> None:
        """Download at once, look into the file, hand it over.

        A backend that gives no film is asked a few times; one that is out of reach, for as long as results live there.
        """
        target = self._films / f"{job.id}.mp4"
        reason, began, out_of_reach, attempt = "", self._clock.now(), False, 0
        while attempt < DOWNLOADS or (out_of_reach and self._since(began) < self._results_live(job)):
            await stop.sleep(min(DOWNLOAD_AGAIN, 2.0 * 2.0**attempt) if attempt else 0.0)
            if stop.asked:
                return
            attempt += 1
            try:
                film = await self._stored(client, job, target, stop)
            except TooLarge as error:
                await self._fail(job, Failure.UNDELIVERABLE, str(error))
                return
            except (BackendError, NotAFilm) as error:
                reason = str(error)
                out_of_reach = isinstance(error, BackendUnreachable) and not error.reached
                log.warning("job.fetch_failed", job_id=job.id, error=reason, attempt=attempt)
                continue
            if film is not None:
                await self._save(steps.ready, self._shop, job, film, took)
            return
        await self._fail(job, Failure.BROKEN_FILM, reason)

    def _results_live(self, job: Job) -> float:
        return self._shop.catalogue.backends[job.backend].result_seconds

    async def _stored(self, client: VideoClient, job: Job, target: Path, stop: Stop) -> Film | None:
        """The film as a file of ours; None when asked to stop before there is room for it.

        A full disk is waited for: the film lies at the backend meanwhile, which says so when its hour is over.
        Raises `BackendError`, `NotAFilm` or `TooLarge`.
        """
        assert job.backend_id is not None
        failures = 0
        while not stop.asked:
            try:
                await client.download(job.backend_id, target)
                return await self._media.finish(target, target.with_suffix(".jpg"), self._cut_to(job))
            except OSError as error:
                failures += 1
                delay = STORE_RETRY.delay(failures - 1, self._rng)
                log.error("job.film_not_stored", job_id=job.id, error=str(error), retry_in=round(delay, 1))
                await stop.sleep(delay)
        return None

    def _cut_to(self, job: Job) -> str:
        """The size to cut the film to when the backend was asked for another one; else its frame is left alone."""
        model = self._model(job)
        derived = model is not None and job.size in model.sizes and model.native(job.size) != job.size
        return job.size if derived else ""

    async def _fail(self, job: Job, failure: Failure, detail: str) -> None:
        log.warning("job.failed", job_id=job.id, failure=str(failure), detail=detail)
        await self._save(steps.fail, self._shop, job, failure, detail)

    async def _unavailable(self, job: Job, detail: str) -> None:
        """The backend cannot be used: refund, and start nothing more there for a while."""
        await self._save(work.backend_refuses, self._shop, job.backend, detail)
        await self._fail(job, Failure.UNAVAILABLE, detail)

    async def give_up(self, job_id: int, error: Exception) -> None:
        """The poller itself failed again and again: a fault of ours must not keep a buyer's tokens."""
        await self._save(steps.give_up, self._shop, job_id, f"{type(error).__name__}: {error}")

    async def _save(self, fn: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Write, however long the disk stays full: what the backend said is known nowhere else."""
        failures = 0
        while True:
            try:
                return await self._store.write(fn, *args, **kwargs)
            except StoreUnavailable:
                failures += 1
                await trio.sleep(STORE_RETRY.delay(failures - 1, self._rng))


async def _look(looks: Looks, id: str, wait: float, stop: Stop) -> Video | None:
    """What the backend says after so many seconds; None when asked to stop before that. Raises as `Looks.look`."""
    due = trio.current_time() + wait
    with stop.until():
        await trio.sleep_until(due)
        return await looks.look(id, due)
    return None
