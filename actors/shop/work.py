"""A job's way through the shop: shown, cancelled, failed or delivered, each with its money in the same transaction."""

import json
from collections.abc import Sequence
from pathlib import Path

from actors.shop import alerts, cards, making, progress
from actors.shop.context import Shop
from protocol import posts as content
from protocol.catalogue import Model
from protocol.job import Failure, JobEvent, JobState
from storage import backends, jobs, ledger, posts, timings
from storage.jobs import Job, Waiting
from storage.store import Tx

ALERTED = {
    Failure.UNKNOWN: "alert-unknown",
    Failure.UNDELIVERABLE: "alert-undeliverable",
    Failure.REFUSED: "alert-refused",
}


def slot(job_id: int) -> str:
    return f"job:{job_id}"


def film_slot(job_id: int, part: int = 1) -> str:
    """Where the film is shown, or one of its parts (from 1)."""
    return f"film:{job_id}" if part == 1 else f"film:{job_id}:{part}"


def film_slots(job: Job) -> list[str]:
    """All slots that this job's film takes."""
    film = film_of(job)
    return [film_slot(job.id, part) for part in range(1, len(film.pieces) + 1)] if film else []


def file_slots(job_id: int) -> str:
    """How every slot begins that shows this job's film as a file."""
    return f"file:{job_id}:"


def expected_wait(shop: Shop, tx: Tx, model: Model, seconds: int, size: str) -> float:
    """Seconds until a film ordered now would come: the queue before it, then its own time."""
    own = expected_work(tx, model, seconds, size)
    places = shop.catalogue.backends[model.backend].concurrency
    busy = jobs.at_backend(tx).get(model.backend, 0)
    ahead = sum(1 for waiting in jobs.queue(tx) if waiting.backend == model.backend)
    rounds = max(0, busy + ahead - places + 1) / places
    return own * (1 + rounds)


def expected_work(tx: Tx, model: Model, seconds: int, size: str) -> float:
    """Seconds the backend works on a film of this kind: as learned, else as the catalogue guesses."""
    known = timings.learned(tx, model=model.id, seconds=seconds, size=size)
    return known.median if known else model.expected_seconds(seconds)


def show(shop: Shop, tx: Tx, job: Job, line: Sequence[Waiting] | None = None) -> None:
    """Show where the job stands."""
    place, waiting = 1, 1
    if job.stands is JobState.QUEUED:
        order = [w.job_id for w in (line if line is not None else jobs.queue(tx)) if w.backend == job.backend]
        place, waiting = order.index(job.id) + 1, len(order)
        told = posts.current(tx, job.user_id, slot(job.id))
        if isinstance(told, content.Card) and told.place:
            place = min(place, told.place)  # whoever overtakes takes a turn, and moves nobody back
    elif job.stands is JobState.PROCESSING:
        state = progress.of(job, tx.now)
        end = progress.elapsed_of(job, tx.now) + (state.left if state.left is not None else job.expected_seconds)
        if state.percent > job.shown_percent or end < job.expected_seconds:
            shown_percent = max(state.percent, job.shown_percent)
            jobs.change(tx, job.id, shown_percent=shown_percent, expected_seconds=min(end, job.expected_seconds))
    language = shop.language_of(tx, job.user_id)
    posts.show(
        tx,
        job.user_id,
        slot(job.id),
        cards.job_card(language, job, place=place, waiting=waiting, now=tx.now),
    )


def cancel(shop: Shop, tx: Tx, job: Job) -> int:
    """Take a queued job back; the tokens returned. Raises `IllegalTransition` when it is too late."""
    job = jobs.move(tx, job, JobEvent.CANCEL)
    refund = _released(tx, job)
    language = shop.language_of(tx, job.user_id)
    available = ledger.balance(tx, job.user_id).available
    posts.show(tx, job.user_id, slot(job.id), cards.cancelled_card(language, job, refund=refund, available=available))
    return refund


def _released(tx: Tx, job: Job) -> int:
    """The held tokens are free again; a film on the house holds none."""
    return ledger.release(tx, job.id) if job.price else 0


def fail(shop: Shop, tx: Tx, job: Job, failure: Failure, detail: str) -> Job:
    """The film will not come: the hold is released and the person is told, in a message of its own."""
    if failure is Failure.MODERATION_PICTURE and job.picture_id is None:
        failure = Failure.MODERATION  # a server's words about images in general; here only words were sent
    job = jobs.move(tx, job, JobEvent.FAIL, failure=failure, failure_detail=detail[:1000])
    refund = _released(tx, job)
    posts.withdraw(tx, job.user_id, [*film_slots(job), *posts.waiting(tx, job.user_id, file_slots(job.id))])
    language = shop.language_of(tx, job.user_id)
    available = ledger.balance(tx, job.user_id).available
    show(shop, tx, job)
    posts.show(
        tx,
        job.user_id,
        f"failed:{job.id}",
        cards.failed_card(language, job, failure, refund=refund, available=available),
    )
    if failure in ALERTED:
        # What the catalogue offers and the backend refuses is one mistake, however many buyers meet it.
        kind = f"refused:{job.model}:{job.seconds}:{job.size}"
        key = kind if failure is Failure.REFUSED else f"job:{job.id}"
        alerts.alert(shop, tx, key, ALERTED[failure], job=job.id, backend=job.backend, detail=detail[:300])
    return job


def backend_refuses(tx: Tx, shop: Shop, name: str, detail: str) -> None:
    """The backend refuses to work (its key, its funds): nothing starts there for a while; admins hear it once."""
    if backends.trouble(tx, name, detail):
        _alert_backend(shop, tx, name, "alert-unavailable", detail)


def backend_unreached(tx: Tx, shop: Shop, name: str, detail: str) -> None:
    """A request reached nobody. After a few of them it is treated as a refusal."""
    if backends.unreached(tx, name, detail):
        _alert_backend(shop, tx, name, "alert-unreachable", detail)


def backend_works(tx: Tx, shop: Shop, name: str) -> None:
    """The backend took a job. If it had been in trouble, the admins hear that it is over."""
    if backends.works(tx, name, most=shop.catalogue.backends[name].concurrency):
        _alert_backend(shop, tx, name, "alert-recovered", "")


def cannot_moderate(tx: Tx, shop: Shop, name: str, detail: str) -> None:
    """The catalogue names a moderation that the backend does not have: the admins hear it once."""
    alerts.alert(shop, tx, f"moderation:{name}", "alert-moderation", backend=name, detail=detail[:300])


def _alert_backend(shop: Shop, tx: Tx, name: str, text: str, detail: str) -> None:
    alerts.alert(shop, tx, f"backend:{name}", text, backend=name, detail=detail[:300])


def ready(shop: Shop, tx: Tx, job: Job, film: content.Film) -> Job:
    """The film lies on our disk: show it to the person. The hold stays until Telegram has taken it."""
    job = jobs.move(tx, job, JobEvent.FETCH, ready_at=tx.now, progress=100, film=film.model_dump_json())
    show(shop, tx, job)
    language = shop.language_of(tx, job.user_id)
    available = ledger.balance(tx, job.user_id).available
    kinds = making.kinds_of(shop, job)
    for part, piece in enumerate(cards.film_posts(language, job, film, available=available, kinds=kinds), start=1):
        posts.show(tx, job.user_id, film_slot(job.id, part), piece)
    return job


def delivered(shop: Shop, tx: Tx, job: Job, *, message_id: int, file_id: str, part: int = 1) -> Job:
    """Telegram has accepted the film, or this part of it: only with all parts there it is paid."""
    film = film_of(job)
    if film is not None and film.parts:
        parts = list(film.parts)
        parts[part - 1] = parts[part - 1].model_copy(update={"file_id": file_id})
        jobs.change(tx, job.id, film=film.model_copy(update={"parts": tuple(parts)}).model_dump_json())
        if posts.unseen(tx, job.user_id, film_slots(job)):
            return jobs.get(tx, job.id)
        file_id = parts[0].file_id
    job = jobs.move(tx, job, JobEvent.DELIVER, message_id=message_id, file_id=file_id)
    if job.price:
        ledger.capture(tx, job.id)
    show(shop, tx, job)
    return job


def film_of(job: Job) -> content.Film | None:
    """The film as it can be shown again: by Telegram's file id, when there is one."""
    if job.film is None:
        return None
    film = content.Film.model_validate(json.loads(job.film))
    return film.model_copy(update={"file_id": job.file_id or ""})


def paths_of(job: Job) -> list[Path]:
    """The files of a job on our disk."""
    film = film_of(job)
    if film is None:
        return []
    return [Path(path) for piece in film.pieces for path in (piece.path, piece.thumbnail) if path]


def poller_gave_up(shop: Shop, tx: Tx, job: Job, detail: str) -> None:
    """A fault of ours ended the job: the buyer is refunded, the admins learn what it was."""
    fail(shop, tx, job, Failure.BACKEND, detail)
    alerts.alert(shop, tx, f"poller:{job.id}", "alert-poller", job=job.id, detail=detail[:300])
