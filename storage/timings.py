"""How long films really take, learned from the ones that were made."""

from dataclasses import dataclass
from statistics import median, quantiles

from sqlalchemy import delete, insert, select

from storage.jobs import Job
from storage.store import Tx
from storage.tables import timings

SAMPLES = 50
"""The newest films of a kind that count: a backend's speed changes."""
ENOUGH = 3
"""Fewer are an anecdote."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Seconds from accepted to completed: the median, and what nine of ten films keep within."""

    median: float
    p90: float


def record(tx: Tx, job: Job, took: float) -> None:
    """A film of this kind took so many seconds. Old samples of the kind are forgotten."""
    kind = (timings.c.model == job.model) & (timings.c.seconds == job.seconds) & (timings.c.size == job.size)
    tx.conn.execute(
        insert(timings).values(
            backend=job.backend, model=job.model, seconds=job.seconds, size=job.size, took=took, at=tx.now
        )
    )
    newest = select(timings.c.id).where(kind).order_by(timings.c.id.desc()).limit(SAMPLES)
    tx.conn.execute(delete(timings).where(kind & timings.c.id.not_in(newest)))


def learned(tx: Tx, *, model: str, seconds: int, size: str) -> Learned | None:
    """What is known of films of this kind; None before there are enough."""
    kind = (timings.c.model == model) & (timings.c.seconds == seconds) & (timings.c.size == size)
    took = list(tx.conn.execute(select(timings.c.took).where(kind)).scalars())
    if len(took) < ENOUGH:
        return None
    return Learned(median(took), quantiles(took, n=10, method="inclusive")[8])
