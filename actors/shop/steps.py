"""What a poller writes down at each step: functions of a transaction that keep job, hold and backend in agreement."""

from collections.abc import Sequence

from actors.shop import alerts, work
from actors.shop.context import Shop
from protocol.catalogue import Model
from protocol.job import Failure, JobEvent, JobState
from protocol.posts import Film
from protocol.videos.answers import Video
from protocol.videos.client import BackendBusy
from storage import backends, jobs, timings
from storage.jobs import Job
from storage.store import Tx

SKEW_SECONDS = 120.0
"""How far the backend's clock may be behind ours."""


def accept(tx: Tx, job: Job, backend_id: str) -> None:
    jobs.move(tx, job, JobEvent.ACCEPT, backend_id=backend_id, accepted_at=tx.now, failure_detail=None)


def adopt(tx: Tx, job: Job, model: Model | None, videos: Sequence[Video]) -> str | None:
    """Take the oldest of the backend's jobs that can only be ours; its id, or None.

    It is not known to us, not older than our create, and asks for the same film. A backend that does not repeat the
    prompt is believed only when no other job of ours is looking for itself there. While the same film is being ordered
    by another job, whose answer is still to name it, nothing is taken.
    """
    known = jobs.backend_ids(tx, job.backend)
    native = model.native(job.size) if model and job.size in model.sizes else job.size
    wire_name = model.wire_name if model else job.model
    since = (job.submitted_at or job.created_at) - SKEW_SECONDS
    source = jobs.get(tx, job.source_id).backend_id if job.source_id is not None else None
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
            # One that is extended is as long as the whole; a server need not say what a film is made from.
            and (job.kind == "extend" or video.seconds in (None, job.seconds))
            and video.made_from in (None, source)
            and video.size in (None, native)
        ):
            accept(tx, job, video.id)
            return video.id
    return None


def _same_film(one: Job, other: Job) -> bool:
    return (one.prompt, one.model, one.seconds, one.size, one.source_id) == (
        *(other.prompt, other.model, other.seconds, other.size),
        other.source_id,
    )


def accepted(tx: Tx, shop: Shop, job: Job, backend_id: str) -> None:
    accept(tx, job, backend_id)
    work.backend_works(tx, shop, job.backend)


def busy(tx: Tx, shop: Shop, job: Job, busy: BackendBusy, delay: float) -> None:
    """Back in line; what it means for the backend: fewer places after a 429, a rest when nobody is reached."""
    postpone(tx, job, delay)
    if busy.reached:
        backends.too_many(tx, job.backend, most=shop.catalogue.backends[job.backend].concurrency)
        if busy.retry_after:
            backends.pause(tx, job.backend, busy.retry_after)
    else:
        work.backend_unreached(tx, shop, job.backend, str(busy))


def postpone(tx: Tx, job: Job, delay: float) -> None:
    jobs.move(tx, job, JobEvent.POSTPONE, not_before=tx.now + delay)


def ready(tx: Tx, shop: Shop, job: Job, film: Film, took: float | None) -> None:
    """The film is here; `took` seconds at the backend are remembered, when somebody watched all of them.

    What is made from another film takes a time of its own, and teaches nothing about new ones.
    """
    if took is not None and job.kind == "new":
        timings.record(tx, job, took)
    work.ready(shop, tx, job, film)


def fail(tx: Tx, shop: Shop, job: Job, failure: Failure, detail: str) -> None:
    work.fail(shop, tx, job, failure, detail)


def unseen(tx: Tx, shop: Shop, job: Job, detail: str) -> None:
    """Nobody could look at the job until its time was over: a refund. What that says of its backend, admins must judge.

    One job that cannot be seen is no reason to sell nothing from there.
    """
    work.fail(shop, tx, job, Failure.UNAVAILABLE, detail)
    about = {"job": job.id, "backend": job.backend, "detail": detail[:300]}
    alerts.alert(shop, tx, f"unseen:{job.backend}", "alert-unseen", **about)


def give_up(tx: Tx, shop: Shop, job_id: int, detail: str) -> None:
    job = jobs.get(tx, job_id)
    if job.stands in (JobState.SUBMITTING, JobState.UNKNOWN, JobState.PROCESSING):
        work.poller_gave_up(shop, tx, job, detail)
