"""Refunds that are wanted: rows that the payments' actors serve until the rail has answered.

There is one row for each payment. Asked for again after a failure, it is wanted anew, in another round.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from protocol.order import Rail
from storage.payment_tables import refunds
from storage.store import Tx

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 900.0
"""Seconds before a refund the weather has stopped is tried again: doubling from the first to the longest."""

# Built once: building a statement costs twice as much as running it.
_WANTED = (refunds.c.rail == bindparam("its_rail")) & (refunds.c.state == "wanted")
_DUE = select(refunds).where(_WANTED, refunds.c.not_before <= bindparam("now")).order_by(refunds.c.id)
_FIRST_DUE = select(func.min(refunds.c.not_before)).where(_WANTED)


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund. `amount` in minor units of `currency`; `asked_by` is the admin, if it was one."""

    id: int
    rail: str
    external_id: str
    order_id: int | None
    user_id: int
    amount: int
    currency: str
    state: str
    round: int
    attempts: int
    not_before: float
    asked_by: int | None
    detail: str
    created_at: float
    ended_at: float | None


def want(
    tx: Tx,
    *,
    rail: Rail,
    external_id: str,
    user_id: int,
    amount: int,
    currency: str,
    order_id: int | None,
    asked_by: int | None,
) -> Refund | None:
    """Want this payment to be paid back. None when that is wanted already, or done."""
    known = of_payment(tx, rail, external_id)
    values: dict[str, Any] = {"state": "wanted", "asked_by": asked_by, "attempts": 0, "not_before": 0.0, "detail": ""}
    values |= {"order_id": order_id, "user_id": user_id, "amount": amount, "currency": currency}
    if known is None:
        new = {"rail": rail, "external_id": external_id, "created_at": tx.now}
        return Refund(*tx.conn.execute(insert(refunds).values(**new, **values).returning(refunds)).one())
    if known.state != "failed":
        return None
    return change(tx, known, **values, round=known.round + 1, ended_at=None)


def of_payment(tx: Tx, rail: Rail, external_id: str) -> Refund | None:
    """The refund of that payment, in whatever state."""
    there = (refunds.c.rail == rail) & (refunds.c.external_id == external_id)
    row = tx.conn.execute(select(refunds).where(there)).one_or_none()
    return Refund(*row) if row else None


def find(tx: Tx, refund_id: int) -> Refund | None:
    """The refund of that id."""
    row = tx.conn.execute(select(refunds).where(refunds.c.id == refund_id)).one_or_none()
    return Refund(*row) if row else None


def due(tx: Tx, rail: Rail) -> list[Refund]:
    """What the rail is to be asked for now, the oldest first."""
    return [Refund(*row) for row in tx.conn.execute(_DUE, {"its_rail": rail, "now": tx.now})]


def first_due(tx: Tx, rail: Rail) -> float | None:
    """When the next wanted refund of the rail is to be tried, in epoch seconds; None when none is wanted."""
    earliest: float | None = tx.conn.execute(_FIRST_DUE, {"its_rail": rail}).scalar_one()
    return earliest


def change(tx: Tx, refund: Refund, **values: Any) -> Refund:
    """Set columns of one refund; the refund as it is then."""
    row = tx.conn.execute(update(refunds).where(refunds.c.id == refund.id).values(**values).returning(refunds)).one()
    return Refund(*row)


def postpone(tx: Tx, refund: Refund, detail: str, *, at_least: float = 0.0) -> None:
    """The rail could not be asked, or did not answer: again later."""
    pause = max(at_least, min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(refund.attempts, 20)))
    change(tx, refund, attempts=refund.attempts + 1, not_before=tx.now + pause, detail=detail[:500])


def ended(tx: Tx, refund: Refund, *, done: bool, detail: str = "") -> Refund:
    """The rail has paid back, or will not."""
    return change(tx, refund, state="done" if done else "failed", detail=detail[:500], ended_at=tx.now)
