"""How long films really take, learned from the ones that were made."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from sqlalchemy import bindparam, delete, insert, select

from storage.jobs import Job
from storage.store import Tx
from storage.tables import timings

SAMPLES = 50
"""The newest films of a kind that count: a backend's speed changes."""
ENOUGH = 3
"""Fewer are an anecdote."""

_TOOK = select(timings.c.took).where(
    timings.c.model == bindparam("its_model"),
    timings.c.seconds == bindparam("its_seconds"),
    timings.c.size == bindparam("its_size"),
)


@dataclass(frozen=True, slots=True)
class Learned:
    """Seconds from accepted to completed: the median, what nine of ten films keep within, and what one of ten does."""

    median: float
    p90: float
    p10: float


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
    kind = {"its_model": model, "its_seconds": seconds, "its_size": size}
    return of_samples(list(tx.conn.execute(_TOOK, kind).scalars()))


def of_samples(took: Sequence[float]) -> Learned | None:
    """What these durations, in seconds, teach; None while they are too few."""
    if len(took) < ENOUGH:
        return None
    tenths = quantiles(took, n=10, method="inclusive")
    return Learned(median(took), p90=tenths[8], p10=tenths[0])
