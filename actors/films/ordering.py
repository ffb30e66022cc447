"""Ordering a film: from a job that was claimed to one that the backend has taken, or surely has not.

A create is sent once in the life of a job. The moment of sending is committed right before it leaves, so that whatever
stops the process earlier sends the job back into the queue, and whatever stops it later makes the outcome unknown.
"""

import random

import structlog

from actors.films.finishing import Media
from actors.films.outcomes import Outcomes
from actors.media.problems import ImageRefused
from actors.shop import steps, work
from actors.shop.context import Shop
from actors.supervisor import Backoff, Stop
from protocol.catalogue import Model
from protocol.job import Failure, JobEvent
from protocol.videos.answers import Reason
from protocol.videos.client import (
    BackendBusy,
    BackendError,
    BackendRefused,
    BackendUnreachable,
    OutcomeUnknown,
    VideoClient,
)
from protocol.videos.dialects import Order
from storage import jobs, pictures
from storage.jobs import Job
from storage.store import Clock, Store

log = structlog.get_logger(__name__)

SEARCHES = 4
"""Looks at the backend's list for a job whose create lost its answer, within 39 s."""
LISTED_WITHIN = 180.0
"""Seconds after it was sent: a create that has arrived is on the list by now. One look is enough then, so that a bot
that is restarted again and again does not begin a new search each time, and keep the place of the job for ever."""
QUEUE_SECONDS = 3600.0
"""A job the backend keeps refusing as too busy is given up after this."""
POSTPONE = Backoff(first=5.0, longest=120.0)


class _NotNow(Exception):
    """Nothing was ordered; the job waits for another turn."""


class Ordering:
    """What all orders share."""

    def __init__(
        self,
        store: Store,
        shop: Shop,
        clients: dict[str, VideoClient],
        outcomes: Outcomes,
        *,
        media: Media,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._store = store
        self._shop = shop
        self._clients = clients
        self._outcomes = outcomes
        self._media = media
        self._clock = clock
        self._rng = rng

    async def submit(self, job: Job) -> None:
        """Ask the backend for the film, once. Not interrupted by a stop: its answer must not be lost."""
        model, client = self._shop.catalogue.model(job.model), self._clients.get(job.backend)
        if model is None or client is None or job.size not in model.sizes:
            await self._outcomes.fail(job, Failure.UNAVAILABLE, f"{job.model} is no longer in the catalogue")
            return
        try:
            order = await self._prepared(job, model, client)
        except (ImageRefused, OSError) as error:
            await self._outcomes.fail(job, Failure.PICTURE, str(error))
        except BackendRefused as refused:
            await self._outcomes.fail(job, refused.reason.failure, refused.reason.detail)
        except _NotNow as reason:
            await self._wait(job, str(reason))
        else:
            if await self._outcomes.save(jobs.send, job.id):
                await self._send(job, client, order)

    async def _prepared(self, job: Job, model: Model, client: VideoClient) -> Order:
        """The order, ready to be sent, its words found harmless. Raises as it is handled in `submit`."""
        picture = await self._picture_of(job, model)
        source = await self._source_of(job)
        await self._moderate(job, client)
        return Order(
            model.wire_name,
            job.prompt,
            job.seconds,
            model.native(job.size),
            picture=picture,
            picture_as=model.image.sent_as,
            sound=True if model.audio == "asked" else None,
            size_as=model.sizes_as,
            kind=job.kind,
            source=source,
        )

    async def _picture_of(self, job: Job, model: Model) -> bytes | None:
        """The first frame, exactly of the size the backend renders. Raises `ImageRefused` or `OSError`."""
        if job.picture_id is None:
            return None
        picture = await self._store.insist(pictures.get, job.picture_id)
        path = self._shop.pictures / picture.file_name
        return await self._media.fit(path, model.native(job.size), model.image.max_bytes)

    async def _source_of(self, job: Job) -> str:
        """What the backend calls the film this one is made from; empty for a new one."""
        if job.source_id is None:
            return ""
        source = await self._store.insist(jobs.get, job.source_id)
        assert source.backend_id is not None, "only a film that was made can be made into another"
        return source.backend_id

    async def _moderate(self, job: Job, client: VideoClient) -> None:
        """Where the backend judges words beforehand, it does so now. Raises `BackendRefused` or `_NotNow`."""
        judge = self._shop.catalogue.backends[job.backend].moderation
        if not judge:
            return
        try:
            against = await client.moderate(judge, job.prompt)
        except (BackendBusy, BackendUnreachable) as error:
            raise _NotNow(str(error)) from error
        except BackendRefused as refused:
            # A mistake in the catalogue must not close the shop: the backend still judges what it is asked for.
            log.warning("job.not_moderated", job_id=job.id, error=str(refused))
            await self._outcomes.save(work.cannot_moderate, self._shop, job.backend, refused.reason.detail)
            return
        if against is not None:
            raise BackendRefused(Reason(Failure.MODERATION, against))

    async def _send(self, job: Job, client: VideoClient, order: Order) -> None:
        try:
            video = await client.create(order)
        except BackendBusy as busy:
            await self._postpone(job, busy)
        except BackendRefused as refused:
            if refused.reason.failure is Failure.UNAVAILABLE:
                await self._outcomes.unavailable(job, refused.reason.detail)
            else:
                await self._outcomes.fail(job, refused.reason.failure, refused.reason.detail)
        except OutcomeUnknown as unknown:
            log.warning("job.outcome_unknown", job_id=job.id, error=str(unknown))
            await self._outcomes.save(jobs.move, job, JobEvent.LOSE, failure_detail=str(unknown))
        else:
            log.info("job.accepted", job_id=job.id, backend=job.backend, backend_id=video.id)
            await self._outcomes.save(steps.accepted, self._shop, job, video.id)

    async def _postpone(self, job: Job, busy: BackendBusy) -> None:
        if self._waited_too_long(job):
            await self._outcomes.unavailable(job, str(busy))
            return
        delay = max(busy.retry_after or 0.0, POSTPONE.delay(0, self._rng))
        log.info("job.postponed", job_id=job.id, error=str(busy), retry_in=round(delay, 1))
        await self._outcomes.save(steps.busy, self._shop, job, busy, delay)

    async def _wait(self, job: Job, reason: str) -> None:
        """Nothing was ordered for a reason that says nothing about the backend's work: another turn, a little later."""
        if self._waited_too_long(job):
            await self._outcomes.fail(job, Failure.UNAVAILABLE, reason)
            return
        delay = POSTPONE.delay(1, self._rng)
        log.info("job.postponed", job_id=job.id, error=reason, retry_in=round(delay, 1))
        await self._outcomes.save(steps.postpone, job, delay)

    def _waited_too_long(self, job: Job) -> bool:
        return self._clock.now() - job.created_at > QUEUE_SECONDS

    async def search(self, job: Job, stop: Stop) -> None:
        """The create lost its answer: look for the job in the backend's list, never ask for it again."""
        backend = self._shop.catalogue.backends.get(job.backend)
        client = self._clients.get(job.backend)
        if backend is not None and client is not None and backend.list:
            for attempt in range(SEARCHES):
                await stop.sleep(3.0**attempt if attempt else 0.0)
                if stop.asked:
                    return
                try:
                    if await self._adopted(client, job):
                        return
                    if self._clock.now() - (job.submitted_at or job.created_at) > LISTED_WITHIN:
                        break
                except BackendRefused as refused:
                    log.info("job.no_list", job_id=job.id, error=str(refused))
                    break
                except BackendError as error:
                    log.info("job.search_failed", job_id=job.id, error=str(error))
        await self._outcomes.fail(job, Failure.UNKNOWN, job.failure_detail or "the bot was stopped while ordering")

    async def _adopted(self, client: VideoClient, job: Job) -> bool:
        """Find our job among the backend's newest, and take it as ours. Raises `BackendError`."""
        videos = await client.list_recent()
        found = await self._outcomes.save(steps.adopt, job, self._shop.catalogue.model(job.model), videos)
        if found is not None:
            log.info("job.found", job_id=job.id, backend_id=found)
        return found is not None
