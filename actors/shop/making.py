"""Films made from other films: which film can be remixed or extended, for how long, and the drafts of such films.

A backend keeps a film only for a while, and what it has forgotten cannot be changed. So a draft of this kind is looked
at again when it is started, and the backend has the last word when it is asked.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from actors.shop.context import Shop
from protocol.catalogue import Model
from protocol.job import FilmKind, JobState
from protocol.posts import Film
from storage import jobs
from storage.drafts import Draft
from storage.jobs import Job
from storage.store import Tx


@dataclass(frozen=True, slots=True)
class Making:
    """What can be made from a film now: by which model, and by how many seconds it can be extended."""

    source: Job
    model: Model
    lengths: tuple[int, ...]


def whole_seconds(job: Job) -> int:
    """How long the film of a job is: one that was extended is longer than what was ordered."""
    return Film.model_validate_json(job.film).seconds if job.film else job.seconds


def kinds_of(shop: Shop, job: Job) -> frozenset[FilmKind]:
    """What the job's model can make from its film, for as long as the backend keeps it."""
    model = shop.catalogue.model(job.model)
    if model is None or model.backend != job.backend or job.size not in model.sizes or job.backend_id is None:
        return frozenset()
    found: set[FilmKind] = set()
    if model.remix:
        found.add("remix")
    if model.added(whole_seconds(job)):
        found.add("extend")
    return frozenset(found)


def lives(shop: Shop, tx: Tx, job: Job) -> bool:
    """Whether the backend still has the job's film, as far as the catalogue tells."""
    backend = shop.catalogue.backends.get(job.backend)
    done = job.stands is JobState.DELIVERED and job.ready_at is not None
    return backend is not None and done and tx.now < (job.ready_at or 0.0) + backend.result_seconds


def of_job(shop: Shop, tx: Tx, job: Job, kind: FilmKind) -> Making | None:
    """How a film of this kind would be made from the job's film; None when it cannot be, or not any more."""
    model = shop.catalogue.model(job.model)
    if model is None or kind not in kinds_of(shop, job) or not lives(shop, tx, job) or not model.is_sold(_today(tx)):
        return None
    return Making(job, model, model.added(whole_seconds(job)) if kind == "extend" else (job.seconds,))


def of_draft(shop: Shop, tx: Tx, draft: Draft) -> Making | None:
    """The same for a draft of such a film; None also for a draft of a new one."""
    if draft.source_id is None:
        return None
    return of_job(shop, tx, jobs.get(tx, draft.source_id), draft.kind)


def source_of(tx: Tx, job: Job) -> Job | None:
    """The job whose film this one was made from, where it was."""
    return None if job.source_id is None else jobs.get(tx, job.source_id)


def _today(tx: Tx) -> date:
    return datetime.fromtimestamp(tx.now, UTC).date()
