"""What an admin can do about a job: cancel or stop it, pay it back, make it anew for free, deliver it again.

Each deed happens at most once for what it is done to, tells the buyer, and is written in the log.
"""

from actors.shop import cards, drafts, making, offers, work
from actors.shop.admin.desk import Desk, No
from actors.shop.words import tokens
from protocol.job import FINAL, Failure, JobState
from protocol.messages import JobStopped
from protocol.posts import Card
from protocol.texts import Html, say
from storage import audit_log, jobs, ledger, people, pictures, posts, users
from storage.jobs import Job


def cancel(desk: Desk, job: Job) -> None:
    """Take a queued job back, or stop waiting for one at the backend: the buyer has the tokens again. Raises `No`."""
    if job.stands is JobState.QUEUED:
        work.cancel(desk.shop, desk.tx, job)
    elif job.stands in (JobState.UNKNOWN, JobState.PROCESSING):
        work.fail(desk.shop, desk.tx, job, Failure.STOPPED, "an admin stopped waiting for it")
        desk.tx.tell(JobStopped(job.id))
    else:
        raise No(say(desk.language, "job-ended" if job.stands in FINAL else "job-soon"))
    after = jobs.get(desk.tx, job.id)
    _log(desk, "job-cancel", job, before=job.state, after=after.state)
    _refresh(desk, job)


def refund(desk: Desk, job: Job) -> None:
    """Pay a delivered film back, once, by an entry of its own; the film stays. Raises `No`."""
    if job.stands is not JobState.DELIVERED or job.price == 0:
        raise No(say(desk.language, "job-unpaid"))
    paid_back = ledger.transfer(
        desk.tx,
        key=people.refund_key(job.id),
        source=ledger.REVENUE,
        target=ledger.account_of(job.user_id),
        amount=job.price,
        kind="refund",
        memo=f"№ {job.id}",
        actor=desk.admin,
    )
    if not paid_back:
        raise No(say(desk.language, "job-refunded", price=desk.tokens(job.price)))
    _log(desk, "job-refund", job, detail=f"{job.price:+d}")
    language = desk.shop.language_of(desk.tx, job.user_id)
    available = ledger.balance(desk.tx, job.user_id).available
    _tell(
        desk,
        job,
        say(
            language,
            "job-refund-notice",
            number=job.id,
            amount=tokens(language, job.price),
            balance=tokens(language, available),
        ),
    )
    _refresh(desk, job)


def retry(desk: Desk, job: Job) -> Job:
    """The same film once more, on the house: it costs no tokens, so nothing is held. Raises `No`."""
    if job.stands not in FINAL:
        raise No(say(desk.language, "job-runs"))
    model = desk.shop.catalogue.model(job.model)
    if model is None or job.size not in model.sizes or not model.is_sold(offers.today(desk.tx)):
        raise No(say(desk.language, "job-gone", model=job.model))
    if job.picture_id is not None and pictures.get(desk.tx, job.picture_id).state != "ready":
        raise No(say(desk.language, "job-no-picture"))
    source = making.source_of(desk.tx, job)
    if source is not None and making.of_job(desk.shop, desk.tx, source, job.kind) is None:
        raise No(say(desk.language, "job-no-source", number=source.id))
    again = jobs.create(
        desk.tx,
        user_id=job.user_id,
        draft_id=None,
        prompt=job.prompt,
        model=job.model,
        backend=model.backend,
        seconds=job.seconds,
        size=job.size,
        price=0,
        picture_id=job.picture_id,
        kind=job.kind,
        source_id=job.source_id,
        expected_seconds=work.expected_work(desk.tx, model, job.seconds, job.size),
    )
    _log(desk, "job-retry", job, detail=f"job {again.id}, free")
    language = desk.shop.language_of(desk.tx, job.user_id)
    _tell(desk, job, say(language, "job-retry-notice", number=job.id, again=again.id))
    work.show(desk.shop, desk.tx, again)
    return again


def deliver_again(desk: Desk, job: Job) -> None:
    """Send a delivered film to its buyer once more, by Telegram's file id. Raises `No`."""
    film = work.film_of(job)
    if job.stands is not JobState.DELIVERED or film is None or not all(piece.file_id for piece in film.pieces):
        raise No(say(desk.language, "job-no-film"))
    time = audit_log.version(desk.tx, f"job:{job.id}")
    language = desk.shop.language_of(desk.tx, job.user_id)
    available = ledger.balance(desk.tx, job.user_id).available
    pieces = cards.film_posts(language, job, film, available=available, kinds=making.kinds_of(desk.shop, job))
    for part, piece in enumerate(pieces, start=1):
        posts.show(desk.tx, job.user_id, f"again:job:{job.id}:{time}:{part}", piece)
    _log(desk, "job-deliver", job)


def _log(desk: Desk, what: str, job: Job, *, before: str = "", after: str = "", detail: str = "") -> None:
    audit_log.write(desk.tx, desk.admin, what, f"job:{job.id}", before=before, after=after, detail=detail)


def _tell(desk: Desk, job: Job, sentence: Html) -> None:
    """One message to the buyer for what was just done and logged."""
    time = audit_log.version(desk.tx, f"job:{job.id}")
    posts.show(desk.tx, job.user_id, f"admin:job:{job.id}:{time}", Card(html=sentence))


def _refresh(desk: Desk, job: Job) -> None:
    person = users.get(desk.tx, job.user_id)
    if person is not None:
        drafts.refresh(desk.shop, desk.tx, person)
