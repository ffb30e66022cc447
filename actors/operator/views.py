"""One look at the shop, as the feed shows it: plain functions of a transaction, which change nothing."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from actors.shop import progress
from actors.shop.context import Shop
from protocol.feed import PROMPT_BEGINNING, BackendView, JobView, OrderView, PostView, RailView, Totals
from protocol.job import AT_BACKEND, FINAL, JobState
from storage import backends, jobs, overview
from storage.jobs import Job
from storage.store import Tx

AT_WORK = frozenset({JobState.QUEUED, JobState.READY, *AT_BACKEND})
JOBS_SHOWN = 60
PLACES_SHOWN = 500
"""In a longer queue places are left out: they are found by reading all of it."""
POSTS_SHOWN = 30
ORDERS_SHOWN = 12
EVENTS_AT_ONCE = 100
DAY = 86400.0


@dataclass(slots=True)
class Known:
    """What the board shows now, and what was said to have changed since the last look."""

    jobs: Collection[int] = ()
    posts: Collection[int] = ()
    moved: Collection[int] = ()
    chats: Collection[int] = ()
    looked_at: float = 0.0
    order_event: int | None = None


@dataclass(slots=True)
class Look:
    """What was seen. `order_event` is how far the trail of orders was read."""

    at: float
    jobs: list[JobView] = field(default_factory=list[JobView])
    orders: list[OrderView] = field(default_factory=list[OrderView])
    posts: list[PostView] = field(default_factory=list[PostView])
    order_event: int = 0


def look(tx: Tx, known: Known) -> Look:
    """What is open now, and how what was open before stands."""
    orders, order_event = _orders(tx, known.order_event)
    return Look(tx.now, _jobs(tx, known), orders, _posts(tx, known), order_event)


def _jobs(tx: Tx, known: Known) -> list[JobView]:
    shown = {job.id: job for job in jobs.in_states(tx, AT_WORK, limit=JOBS_SHOWN)}
    others = ({*known.jobs} | {*known.moved}) - shown.keys()
    ended = {job.id: job for job in jobs.among(tx, others, FINAL)} if others else {}
    found = [*ended.values(), *shown.values()]
    places: dict[int, int] = {}
    queued = any(job.stands is JobState.QUEUED for job in found)
    if queued and jobs.count(tx, {JobState.QUEUED}) <= PLACES_SHOWN:
        places = {waiting.job_id: place for place, waiting in enumerate(jobs.queue(tx), start=1)}
    names = overview.names_of(tx, {job.user_id for job in found})
    return [job_view(job, names.get(job.user_id, ""), places.get(job.id, 0), tx.now) for job in found]


def job_view(job: Job, who: str, place: int, now: float) -> JobView:
    """A job as the feed shows it at epoch second `now`."""
    how_far = progress.of(job, now)
    percent, estimated, left = how_far.percent, how_far.estimated, how_far.left
    if job.stands is JobState.QUEUED or job.stands is JobState.SUBMITTING:
        percent, estimated, left = 0, True, job.expected_seconds
    elif job.stands is JobState.READY or job.stands is JobState.DELIVERED:
        percent, estimated, left = 100, False, 0.0
    elif job.stands in FINAL:
        percent, estimated, left = job.shown_percent, False, None
    return JobView(
        id=job.id,
        state=job.state,
        user_id=job.user_id,
        who=who,
        prompt=beginning(job.prompt),
        model=job.model,
        backend=job.backend,
        seconds=job.seconds,
        size=job.size,
        price=job.price,
        place=place,
        percent=percent,
        estimated=estimated,
        left=None if left is None else round(left),
        created_at=job.created_at,
        ended_at=job.ended_at,
        failure=job.failure or "",
    )


def beginning(prompt: str) -> str:
    """The first words of a prompt, in one line."""
    words = " ".join(prompt[: 4 * PROMPT_BEGINNING].split())
    return words if len(words) <= PROMPT_BEGINNING else words[: PROMPT_BEGINNING - 1] + "…"


def _orders(tx: Tx, after: int | None) -> tuple[list[OrderView], int]:
    if after is None:
        rows, last = overview.latest_orders(tx, limit=ORDERS_SHOWN), overview.last_order_event(tx)
    else:
        rows, last = overview.orders_moved(tx, after, limit=EVENTS_AT_ONCE)
    names = overview.names_of(tx, {row.user_id for row, _ in rows}) if rows else {}
    return [_order_view(row, names.get(row.user_id, ""), at) for row, at in rows], last


def _order_view(row: Row[Any], who: str, changed_at: float) -> OrderView:
    return OrderView(
        id=row.id,
        code=row.code or "",
        state=row.state,
        user_id=row.user_id,
        who=who,
        rail=row.rail or "",
        tokens=row.tokens,
        amount=row.amount,
        currency=row.currency,
        changed_at=changed_at,
    )


def _posts(tx: Tx, known: Known) -> list[PostView]:
    rows = {row.id: row for row in overview.due_posts(tx, limit=POSTS_SHOWN)}
    if known.chats:
        changed = overview.posts_changed(tx, known.chats, known.looked_at, limit=POSTS_SHOWN)
        rows |= {row.id: row for row in changed}
    others = {*known.posts} - rows.keys()
    if others:
        rows |= {row.id: row for row in overview.posts_of(tx, others)}
    return [
        PostView(
            id=row.id,
            chat_id=row.chat_id,
            slot=row.slot,
            state=row.state,
            attempts=row.attempts,
            changed_at=row.changed_at,
            error=(row.error or "")[:120],
        )
        for row in sorted(rows.values(), key=lambda row: (row.changed_at, row.id))
    ]


def totals(tx: Tx, shop: Shop, polled_ago: float | None, memory: int) -> Totals:
    """The shop in numbers."""
    midnight = tx.now - tx.now % DAY
    waiting = overview.queues(tx)
    films = overview.films_since(tx, midnight)
    return Totals(
        people=overview.people(tx),
        queued=waiting.jobs.get(JobState.QUEUED, 0),
        at_backend=sum(waiting.jobs.get(state, 0) for state in AT_BACKEND),
        ready=waiting.jobs.get(JobState.READY, 0),
        delivered_today=films.delivered,
        failed_today=films.failed,
        tokens_today=films.tokens,
        queue_age=_age(tx, waiting.queued_since),
        updates_waiting=waiting.updates,
        posts_due=waiting.posts,
        post_lag=_age(tx, waiting.posts_since),
        polled_ago=None if polled_ago is None else round(polled_ago, 1),
        memory=memory,
        rails=tuple(_rails(tx, [str(rail) for rail in shop.rails], midnight)),
        backends=tuple(_backends(tx, shop)),
    )


def _age(tx: Tx, since: float | None) -> float:
    return 0.0 if since is None else round(max(0.0, tx.now - since), 1)


def _rails(tx: Tx, names: Iterable[str], midnight: float) -> list[RailView]:
    income = overview.income_since(tx, midnight)
    waiting = overview.orders_open(tx)
    found = {name: RailView(name=name) for name in names}
    for name, state, count in waiting:
        found[name] = found.get(name, RailView(name=name)).model_copy(update={state: count})
    for name, currency, count, amount in income:
        paid = {"currency": currency, "paid": count, "amount": amount}
        found[name] = found.get(name, RailView(name=name)).model_copy(update=paid)
    return list(found.values())


def _backends(tx: Tx, shop: Shop) -> list[BackendView]:
    busy = jobs.at_backend(tx)
    found: list[BackendView] = []
    for name, backend in shop.catalogue.backends.items():
        state = backends.get(tx, name)
        found.append(
            BackendView(
                name=name,
                busy=busy.get(name, 0),
                places=min(backend.concurrency, state.places or backend.concurrency),
                resting_until=state.open_until if state.rests(tx.now) else 0.0,
                reason=state.reason[:120] if state.on_trial else "",
            )
        )
    return found
