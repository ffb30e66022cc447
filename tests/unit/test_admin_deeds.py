"""What admins may not do to a job: each refusal is a sentence, and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from actors.shop.admin import deeds
from actors.shop.admin.desk import Desk, No
from actors.shop.context import Shop
from protocol import catalogue
from protocol.job import JobEvent, JobState
from protocol.texts import say
from storage import audit_log, jobs, ledger, pictures
from storage.jobs import Job

from .rows import Rows

STEPS = {
    JobState.QUEUED: (),
    JobState.SUBMITTING: (JobEvent.CLAIM,),
    JobState.READY: (JobEvent.CLAIM, JobEvent.ACCEPT, JobEvent.FETCH),
    JobState.DELIVERED: (JobEvent.CLAIM, JobEvent.ACCEPT, JobEvent.FETCH, JobEvent.DELIVER),
}


def a_job(rows: Rows, state: JobState, *, price: int = 20, **more: Any) -> Job:
    """A job that came so far, with its money where it belongs."""
    rows.person(7, tokens=40)
    job = rows.job(7, price=price, hold=price > 0, **more)
    with rows.tx() as tx:
        for event in STEPS[state]:
            job = jobs.move(tx, job, event)
        if state is JobState.DELIVERED and price:
            ledger.capture(tx, job.id)
    return job


def refused(rows: Rows, deed: Callable[[Desk, Job], object], job: Job) -> str:
    """The sentence that an admin reads; nothing of the deed is kept."""
    with rows.tx() as tx, tx.savepoint(), pytest.raises(No) as no:
        deed(Desk(Shop(catalogue.read(), (1,), "en"), tx, 1, "en"), job)
    assert rows.run(audit_log.latest, limit=9) == []
    assert [job.id for job in rows.run(jobs.of_all)] == [job.id]
    assert rows.run(ledger.audit) + rows.run(jobs.audit) == []
    return str(no.value.sentence)


@pytest.mark.parametrize(
    ("state", "key"),
    [(JobState.SUBMITTING, "job-soon"), (JobState.READY, "job-soon"), (JobState.DELIVERED, "job-ended")],
)
def test_what_cannot_be_cancelled(rows: Rows, state: JobState, key: str) -> None:
    assert refused(rows, deeds.cancel, a_job(rows, state)) == say("en", key)


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.READY])
def test_only_a_delivered_film_is_paid_back(rows: Rows, state: JobState) -> None:
    assert refused(rows, deeds.refund, a_job(rows, state)) == say("en", "job-unpaid")


def test_a_film_on_the_house_has_nothing_to_pay_back(rows: Rows) -> None:
    assert refused(rows, deeds.refund, a_job(rows, JobState.DELIVERED, price=0)) == say("en", "job-unpaid")


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.SUBMITTING, JobState.READY])
def test_only_an_ended_job_is_made_anew(rows: Rows, state: JobState) -> None:
    assert refused(rows, deeds.retry, a_job(rows, state)) == say("en", "job-runs")


@pytest.mark.parametrize("changed", [{"model": "sora-1"}, {"size": "100x100"}])
def test_only_what_is_sold_is_made_anew(rows: Rows, changed: dict[str, str]) -> None:
    job = a_job(rows, JobState.DELIVERED, **changed)
    assert refused(rows, deeds.retry, job) == say("en", "job-gone", model=job.model)


def test_not_without_its_picture(rows: Rows) -> None:
    rows.person(7, tokens=40)
    picture = rows.run(pictures.want, 7, "file")
    assert refused(rows, deeds.retry, a_job(rows, JobState.DELIVERED, picture_id=picture.id)) == say(
        "en", "job-no-picture"
    )


def test_not_without_the_film_it_was_made_from(rows: Rows) -> None:
    source = a_job(rows, JobState.DELIVERED)
    with rows.tx() as tx:
        jobs.change(tx, source.id, kind="remix", source_id=source.id)
    job = rows.run(jobs.get, source.id)
    assert refused(rows, deeds.retry, job) == say("en", "job-no-source", number=source.id)


def test_only_a_film_telegram_has_is_delivered_again(rows: Rows) -> None:
    assert refused(rows, deeds.deliver_again, a_job(rows, JobState.DELIVERED)) == say("en", "job-no-film")
