"""The shop in numbers, for those who watch it and for metrics. Everything here is read, and nothing is written.

Reads share the writer with everybody, so each goes by an index: what is counted "since" a moment is found by ids, which
grow with time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, func, select

from protocol.job import AT_BACKEND, JobState
from storage.payment_tables import order_events, orders
from storage.store import Tx
from storage.tables import accounts, inbox, jobs, posts, users

OLDEST_SECONDS = 2 * 86400.0
"""What was begun longer ago than this before a moment is not looked for among what ended after it."""
NAME_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Queues:
    """What waits now: how much, and since when the oldest of it does (epoch seconds, None when nothing waits)."""

    jobs: dict[str, int]
    queued_since: float | None
    updates: int
    posts: int
    posts_since: float | None


def queues(tx: Tx) -> Queues:
    """What waits now."""
    busy = (JobState.QUEUED, *AT_BACKEND, JobState.READY)
    by_state = select(jobs.c.state, func.count()).where(jobs.c.state.in_(busy)).group_by(jobs.c.state)
    due = select(func.count(), func.min(posts.c.changed_at)).where(posts.c.state == "due")
    posts_due, posts_since = tx.conn.execute(due).one()
    return Queues(
        jobs=dict(tx.conn.execute(by_state).all()),
        queued_since=tx.conn.execute(
            select(func.min(jobs.c.created_at)).where(jobs.c.state == JobState.QUEUED)
        ).scalar_one(),
        updates=_count(tx, inbox.c.state == "new"),
        posts=posts_due,
        posts_since=posts_since,
    )


@dataclass(frozen=True, slots=True)
class Films:
    """Films that ended: delivered, failed, and the tokens that the delivered ones brought."""

    delivered: int
    failed: int
    tokens: int


def films_since(tx: Tx, moment: float) -> Films:
    """What ended at or after an epoch second."""
    since = (jobs.c.id >= _first_id(tx, jobs, moment - OLDEST_SECONDS)) & (jobs.c.ended_at >= moment)
    rows = tx.conn.execute(select(jobs.c.state, func.count(), func.sum(jobs.c.price)).where(since).group_by("state"))
    found = {state: (count, tokens) for state, count, tokens in rows}
    delivered, tokens = found.get(JobState.DELIVERED, (0, 0))
    return Films(delivered, found.get(JobState.FAILED, (0, 0))[0], tokens)


def jobs_by_state(tx: Tx) -> dict[str, int]:
    """How many jobs there are in each state; reads the whole index."""
    return dict(tx.conn.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state)).all())


def people(tx: Tx) -> int:
    """How many people the bot has met."""
    return int(tx.conn.execute(select(func.count()).select_from(users)).scalar_one())


def balances(tx: Tx, names: Collection[str]) -> dict[str, int]:
    """What these accounts stand at, in tokens; one nobody has used yet is not among them."""
    return dict(tx.conn.execute(select(accounts.c.name, accounts.c.posted).where(accounts.c.name.in_(names))).all())


def names_of(tx: Tx, ids: Collection[int]) -> dict[int, str]:
    """What to call these people: `@name`, else the first name."""
    rows = tx.conn.execute(select(users.c.id, users.c.first_name, users.c.username).where(users.c.id.in_(ids)))
    return {row.id: f"@{row.username}" if row.username else row.first_name[:NAME_LENGTH] for row in rows}


@dataclass(frozen=True, slots=True)
class PostSeen:
    """A post, without what it says."""

    id: int
    chat_id: int
    slot: str
    state: str
    attempts: int
    changed_at: float
    error: str | None


def due_posts(tx: Tx, *, limit: int) -> list[PostSeen]:
    """Posts that Telegram does not show as they should be, the longest waiting first."""
    due = _POST.where(posts.c.state == "due").order_by(posts.c.changed_at).limit(limit)
    return [PostSeen(*row) for row in tx.conn.execute(due)]


def posts_of(tx: Tx, ids: Collection[int]) -> list[PostSeen]:
    """These posts, as they stand."""
    return [PostSeen(*row) for row in tx.conn.execute(_POST.where(posts.c.id.in_(ids)).order_by(posts.c.id))]


def posts_changed(tx: Tx, chats: Collection[int], since: float, *, limit: int) -> list[PostSeen]:
    """Posts of these chats that changed at or after an epoch second, the newest first."""
    there = posts.c.chat_id.in_(chats) & (posts.c.changed_at >= since)
    newest = _POST.where(there).order_by(posts.c.changed_at.desc()).limit(limit)
    return [PostSeen(*row) for row in tx.conn.execute(newest)]


_POST = select(
    posts.c.id,
    posts.c.chat_id,
    posts.c.slot,
    posts.c.state,
    posts.c.attempts,
    posts.c.changed_at,
    posts.c.error,
)


def last_order_event(tx: Tx) -> int:
    """How far the trail of orders has come."""
    return int(tx.conn.execute(select(func.coalesce(func.max(order_events.c.id), 0))).scalar_one())


def orders_moved(tx: Tx, after: int, *, limit: int) -> tuple[list[tuple[Row[Any], float]], int]:
    """Orders to which something happened after that event and when, and how far the trail was read."""
    events = tx.conn.execute(
        select(order_events.c.id, order_events.c.order_id, order_events.c.at)
        .where(order_events.c.id > after)
        .order_by(order_events.c.id)
        .limit(limit)
    ).all()
    moved_at = {event.order_id: event.at for event in events}
    if not events:
        return [], after
    rows = tx.conn.execute(select(orders).where(orders.c.id.in_(moved_at)).order_by(orders.c.id))
    return [(row, moved_at[row.id]) for row in rows], events[-1].id


def latest_orders(tx: Tx, *, limit: int) -> list[tuple[Row[Any], float]]:
    """The newest orders, the oldest of them first, with the moment of their last event."""
    rows = tx.conn.execute(select(orders).order_by(orders.c.id.desc()).limit(limit)).all()[::-1]
    last = select(order_events.c.order_id, func.max(order_events.c.at)).group_by(order_events.c.order_id)
    moved_at = dict(tx.conn.execute(last.where(order_events.c.order_id.in_([row.id for row in rows]))).all())
    return [(row, moved_at.get(row.id, row.created_at)) for row in rows]


def orders_open(tx: Tx) -> list[tuple[str, str, int]]:
    """Orders whose money is waited for: rail, state and how many."""
    there = orders.c.state.in_(("waiting", "claimed")) & orders.c.rail.is_not(None)
    counted = select(orders.c.rail, orders.c.state, func.count()).where(there).group_by(orders.c.rail, orders.c.state)
    return [(rail, state, count) for rail, state, count in tx.conn.execute(counted)]


def income_since(tx: Tx, moment: float) -> list[tuple[str, str, int, int]]:
    """What came in at or after an epoch second: rail, currency, how many payments, minor units that were not refunded.

    `moment` 0 means all there ever was. A payment of an order much older than `moment` is left out, see above.
    """
    there = orders.c.paid_at.is_not(None) & (orders.c.paid_at >= moment)
    if moment:
        there &= orders.c.id >= _first_id(tx, orders, moment - OLDEST_SECONDS)
    kept = func.sum(orders.c.amount - orders.c.refunded_amount)
    counted = select(orders.c.rail, orders.c.currency, func.count(), kept).where(there)
    rows = tx.conn.execute(counted.group_by(orders.c.rail, orders.c.currency))
    return [(rail, currency, count, int(amount)) for rail, currency, count, amount in rows]


def _count(tx: Tx, there: ColumnElement[bool]) -> int:
    return int(tx.conn.execute(select(func.count()).where(there)).scalar_one())


def _first_id(tx: Tx, table: Table, moment: float) -> int:
    """The smallest id whose row was created at or after an epoch second; ids grow with time, so it is bisected."""
    id, created_at = table.c.id, table.c.created_at
    low, high = tx.conn.execute(select(func.coalesce(func.min(id), 0), func.coalesce(func.max(id), 0))).one()
    high += 1
    while low < high:
        middle = (low + high) // 2
        row = tx.conn.execute(select(id, created_at).where(id >= middle).order_by(id).limit(1)).one_or_none()
        if row is None or row.created_at >= moment:
            high = middle
        else:
            low = row.id + 1
    return int(low)
