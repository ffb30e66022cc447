"""Fetching a film that is done: downloaded at once, for results do not live long, made what was sold, handed over."""

import random
from pathlib import Path

import structlog

from actors.films.finishing import Media
from actors.films.outcomes import STORE_RETRY, Outcomes
from actors.media.problems import NotAFilm, TooLarge
from actors.shop import steps
from actors.shop.context import Shop
from actors.supervisor import Stop
from protocol.job import Failure
from protocol.posts import Film
from protocol.videos.client import BackendError, BackendUnreachable, VideoClient
from storage.jobs import Job
from storage.store import Clock

log = structlog.get_logger(__name__)

DOWNLOADS = 5
"""Attempts to fetch a finished film from a backend that answers."""
DOWNLOAD_AGAIN = 60.0
"""Seconds between two such attempts, at most."""


class Fetching:
    """What all downloads share."""

    def __init__(
        self, shop: Shop, outcomes: Outcomes, *, films: Path, media: Media, clock: Clock, rng: random.Random
    ) -> None:
        self._shop = shop
        self._outcomes = outcomes
        self._films = films
        self._media = media
        self._clock = clock
        self._rng = rng

    async def fetch(self, client: VideoClient, job: Job, stop: Stop, *, took: float | None) -> None:
        """Download at once, look into the file, hand it over.

        A backend that gives no film is asked a few times; one that is out of reach, for as long as results live there.
        """
        target = self._films / f"{job.id}.mp4"
        reason, began, answered, attempt = "", self._clock.now(), 0, 0
        while answered < DOWNLOADS and (attempt < DOWNLOADS or self._clock.now() - began < self._results_live(job)):
            await stop.sleep(min(DOWNLOAD_AGAIN, 2.0 * 2.0**attempt) if attempt else 0.0)
            if stop.asked:
                return
            attempt += 1
            try:
                film = await self._stored(client, job, target, stop)
            except TooLarge as error:
                await self._outcomes.fail(job, Failure.UNDELIVERABLE, str(error))
                return
            except (BackendError, NotAFilm) as error:
                reason = str(error)
                if not isinstance(error, BackendUnreachable) or error.reached:
                    answered += 1
                log.warning("job.fetch_failed", job_id=job.id, error=reason, attempt=attempt)
                continue
            if film is not None:
                await self._outcomes.save(steps.ready, self._shop, job, film, took)
            return
        await self._outcomes.fail(job, Failure.BROKEN_FILM, reason)

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
        model = self._shop.catalogue.model(job.model)
        derived = model is not None and job.size in model.sizes and model.native(job.size) != job.size
        return job.size if derived else ""
