"""People as admins look for them: narrowed by what they have, did or are, and one person's whole account."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import ColumnElement, String, cast, exists, func, literal, select

from protocol.job import FINAL, JobState
from storage.admin_tables import bans
from storage.payment_tables import orders
from storage.store import Tx
from storage.tables import accounts, jobs, transfers, users
from storage.users import User, matching

ACTIVE_SECONDS = 7 * 86400.0


def _with_balance(_since: float, _now: float) -> ColumnElement[bool]:
    name = literal("user:") + cast(users.c.id, String)
    return exists().where(accounts.c.name == name, accounts.c.posted > accounts.c.held)


def _paid(_since: float, _now: float) -> ColumnElement[bool]:
    return exists().where(orders.c.user_id == users.c.id, orders.c.paid_at.is_not(None))


def _banned(_since: float, _now: float) -> ColumnElement[bool]:
    return exists().where(bans.c.user_id == users.c.id)


def _new_today(since: float, _now: float) -> ColumnElement[bool]:
    return users.c.created_at >= since


def _active(_since: float, now: float) -> ColumnElement[bool]:
    return users.c.seen_at >= now - ACTIVE_SECONDS


def _gone(_since: float, _now: float) -> ColumnElement[bool]:
    return users.c.gone_at.is_not(None)


_NARROWED = MappingProxyType(
    {"balance": _with_balance, "paid": _paid, "new": _new_today, "active": _active, "banned": _banned, "gone": _gone}
)
FILTERS = ("all", *_NARROWED)
"""Ways to narrow the list; the words stand in buttons."""


def search(tx: Tx, text: str, narrowed: str, *, midnight: float, limit: int, offset: int) -> tuple[list[User], int]:
    """People by text and filter, last seen first; and how many there are. `midnight` began today, in epoch seconds."""
    wanted = matching(tx, text)
    if narrowed in _NARROWED:
        wanted.append(_NARROWED[narrowed](midnight, tx.now))
    page = select(users).where(*wanted).order_by(users.c.seen_at.desc(), users.c.id).limit(limit).offset(offset)
    total = tx.conn.execute(select(func.count()).select_from(users).where(*wanted)).scalar_one()
    return [User(*row) for row in tx.conn.execute(page)], total


@dataclass(frozen=True, slots=True)
class Account:
    """What one person did here: films by state, tokens spent, and money paid by currency, in minor units."""

    films: Mapping[str, int]
    spent: int
    orders: int
    paid: Mapping[str, int]

    def count(self, state: JobState) -> int:
        return self.films.get(state, 0)

    @property
    def at_work(self) -> int:
        """Films that have not ended."""
        return sum(count for state, count in self.films.items() if state not in FINAL)


def account(tx: Tx, user_id: int) -> Account:
    """One person's account."""
    rows = tx.conn.execute(
        select(jobs.c.state, func.count().label("n"), func.sum(jobs.c.price).label("price"))
        .where(jobs.c.user_id == user_id)
        .group_by(jobs.c.state)
    ).all()
    bought = (orders.c.user_id == user_id) & orders.c.paid_at.is_not(None)
    paid = tx.conn.execute(
        select(orders.c.currency, func.sum(orders.c.amount - orders.c.refunded_amount))
        .where(bought)
        .group_by(orders.c.currency)
    )
    ordered = tx.conn.execute(select(func.count()).select_from(orders).where(bought)).scalar_one()
    delivered = sum(int(row.price) for row in rows if row.state == JobState.DELIVERED)
    films = {str(row.state): int(row.n) for row in rows}
    return Account(films, delivered - refunded(tx, user_id), ordered, {row[0]: int(row[1]) for row in paid})


def refund_key(job_id: int) -> str:
    """The ledger's key of what was paid back for a delivered film."""
    return f"refund:job:{job_id}"


def refunded(tx: Tx, user_id: int | None = None) -> int:
    """Tokens paid back for films that were delivered, to one person or to all."""
    keys = literal("refund:job:") + cast(jobs.c.id, String)
    paid_back = exists().where(transfers.c.key == keys)
    query = select(func.coalesce(func.sum(jobs.c.price), 0)).where(paid_back)
    if user_id is not None:
        query = query.where(jobs.c.user_id == user_id)
    return int(tx.conn.execute(query).scalar_one())
