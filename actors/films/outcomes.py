"""How what became of a job is written down by those who work on it, whatever the disk does meanwhile."""

import random
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import structlog
import trio

from actors.shop import steps, work
from actors.shop.context import Shop
from actors.supervisor import Backoff
from protocol.job import Failure
from storage.jobs import Job
from storage.store import Store, StoreUnavailable, Tx

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

STORE_RETRY = Backoff(first=0.5, longest=15.0)


class Outcomes:
    """The store, as seen by somebody whose news is known nowhere else."""

    def __init__(self, store: Store, shop: Shop, rng: random.Random) -> None:
        self._store = store
        self._shop = shop
        self._rng = rng

    async def save(self, fn: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Write, however long the disk stays full: what the backend said is known nowhere else."""
        failures = 0
        while True:
            try:
                return await self._store.write(fn, *args, **kwargs)
            except StoreUnavailable:
                failures += 1
                await trio.sleep(STORE_RETRY.delay(failures - 1, self._rng))

    async def fail(self, job: Job, failure: Failure, detail: str) -> None:
        """The film will not come: the tokens go back."""
        log.warning("job.failed", job_id=job.id, failure=str(failure), detail=detail)
        await self.save(steps.fail, self._shop, job, failure, detail)

    async def unavailable(self, job: Job, detail: str) -> None:
        """The backend cannot be used: refund, and start nothing more there for a while."""
        await self.save(work.backend_refuses, self._shop, job.backend, detail)
        await self.fail(job, Failure.UNAVAILABLE, detail)
