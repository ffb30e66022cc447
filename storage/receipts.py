"""Receipts people sent for an order: to be fetched and read, and whether one like it was seen before.

A receipt is `asked` while its sender has not said that it is one, `wanted` until it was fetched, then `read`;
`dropped` when it was none. Whatever was read from it is a hint and never proof.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, update

from protocol.messages import ReceiptWanted
from protocol.order import OrderEvent, OrderState, Rail
from storage.payment_tables import order_events, orders, receipts
from storage.sql import insert_or_ignore
from storage.store import Tx

DECISIONS = 20
"""So many of the last decisions tell how long one takes."""
EVENTS_READ = 20_000
"""No more of the trail is read for it, so that a rail that is seldom used does not cost a walk through all of it."""
AT_LEAST = 3
"""Fewer tell nothing."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One file. `kind` is photo or document; `fields` is what was read from it, as JSON."""

    id: int
    order_id: int
    file_id: str
    file_unique_id: str
    kind: str
    state: str
    attempts: int
    not_before: float
    sha256: str | None
    number: str | None
    fields: str | None
    created_at: float


def add(
    tx: Tx, order_id: int, *, file_id: str, file_unique_id: str, kind: str, state: str, fields: str | None = None
) -> Receipt:
    """A file for this order. One that came for it before is the same receipt, in this state now."""
    told = {"file_id": file_id, "kind": kind, "state": state, "fields": fields, "attempts": 0, "not_before": 0.0}
    new = {"order_id": order_id, "file_unique_id": file_unique_id[:64], "created_at": tx.now}
    tx.conn.execute(insert_or_ignore(tx, receipts), {**new, **told})
    same = (receipts.c.order_id == order_id) & (receipts.c.file_unique_id == file_unique_id[:64])
    receipt = Receipt(*tx.conn.execute(update(receipts).where(same).values(**told).returning(receipts)).one())
    if state == "wanted":
        tx.tell(ReceiptWanted(receipt.id))
    return receipt


def get(tx: Tx, receipt_id: int) -> Receipt | None:
    """The receipt of that id."""
    row = tx.conn.execute(select(receipts).where(receipts.c.id == receipt_id)).one_or_none()
    return Receipt(*row) if row else None


def of_order(tx: Tx, order_id: int) -> list[Receipt]:
    """The receipts of an order that are one, oldest first."""
    mine = (receipts.c.order_id == order_id) & receipts.c.state.in_(("wanted", "read"))
    return [Receipt(*row) for row in tx.conn.execute(select(receipts).where(mine).order_by(receipts.c.id))]


def wanted(tx: Tx) -> list[Receipt]:
    """Receipts to fetch, oldest first."""
    query = select(receipts).where(receipts.c.state == "wanted").order_by(receipts.c.id)
    return [Receipt(*row) for row in tx.conn.execute(query)]


def tried(tx: Tx, receipt_id: int, delay: float) -> None:
    """It could not be fetched now; try again in `delay` seconds."""
    values = {"attempts": receipts.c.attempts + 1, "not_before": tx.now + delay}
    tx.conn.execute(update(receipts).where(receipts.c.id == receipt_id).values(values))


def read(tx: Tx, receipt_id: int, *, sha256: str, number: str, fields: str) -> Receipt:
    """It was fetched and looked at; empty texts where nothing was found."""
    row = tx.conn.execute(
        update(receipts)
        .where(receipts.c.id == receipt_id)
        .values(state="read", sha256=sha256 or None, number=number[:64] or None, fields=fields)
        .returning(receipts)
    ).one()
    return Receipt(*row)


def set_state(tx: Tx, receipt_id: int, state: str) -> None:
    """Its sender has said what it is: `wanted` or `dropped`."""
    tx.conn.execute(update(receipts).where(receipts.c.id == receipt_id).values(state=state))
    if state == "wanted":
        tx.tell(ReceiptWanted(receipt_id))


def seen_before(tx: Tx, receipt: Receipt) -> list[int]:
    """Ids of other orders for which the same file, the same content or the same receipt number came."""
    # One that was read stays known, whatever its sender says of it afterwards.
    was_one = receipts.c.state.in_(("wanted", "read")) | receipts.c.sha256.is_not(None)
    same: list[ColumnElement[bool]] = [(receipts.c.file_unique_id == receipt.file_unique_id) & was_one]
    if receipt.sha256:
        same.append(receipts.c.sha256 == receipt.sha256)
    if receipt.number:
        same.append(receipts.c.number == receipt.number)
    there = (receipts.c.order_id != receipt.order_id) & or_(*same)
    query = select(receipts.c.order_id).where(there).distinct().order_by(receipts.c.order_id).limit(3)
    return list(tx.conn.execute(query).scalars())


def amounts_taken(tx: Tx, *, except_order: int, since: float) -> tuple[set[int], set[int]]:
    """Amounts (tiyn) asked for in open Kaspi orders, and in those that are over and were valid after `since`."""
    mine = (orders.c.rail == Rail.KASPI) & (orders.c.id != except_order)
    still_open = {OrderState.WAITING, OrderState.CLAIMED}
    over = set(OrderState) - still_open
    open_ones = select(orders.c.amount).where(mine & orders.c.state.in_(still_open))
    recent = select(orders.c.amount).where(mine & orders.c.state.in_(over) & (orders.c.expires_at >= since))
    return set(tx.conn.execute(open_ones).scalars()), set(tx.conn.execute(recent).scalars())


def usual_wait(tx: Tx) -> float | None:
    """Seconds from a receipt to its decision, the median of the last ones; None while there are too few."""
    last = select(func.coalesce(func.max(order_events.c.id), 0)).scalar_subquery()
    query = (
        select(order_events.c.order_id, order_events.c.at, order_events.c.event)
        .join(orders, orders.c.id == order_events.c.order_id)
        .where(
            (order_events.c.id > last - EVENTS_READ)
            & (orders.c.rail == Rail.KASPI)
            & order_events.c.event.in_((OrderEvent.CLAIM, OrderEvent.PAY, OrderEvent.REFUSE))
        )
        .order_by(order_events.c.id.desc())
        .limit(DECISIONS * 4)
    )
    claimed: dict[int, float] = {}
    waits: list[float] = []
    for order_id, at, event in reversed(tx.conn.execute(query).all()):
        if event == OrderEvent.CLAIM:
            claimed.setdefault(order_id, at)
        elif order_id in claimed:
            waits.append(at - claimed.pop(order_id))
    waits = sorted(waits[-DECISIONS:])
    return waits[len(waits) // 2] if len(waits) >= AT_LEAST else None


def wake_at(tx: Tx, order_id: int, moment: float | None) -> None:
    """When the admins are to be reminded of an order. This is no change of it: cards shown stay valid."""
    tx.conn.execute(update(orders).where(orders.c.id == order_id).values(next_check_at=moment))


def next_wake(tx: Tx) -> float | None:
    """When something about an order is due next: an expiry, or a reminder."""
    expiring = orders.c.state.in_((OrderState.DRAFT, OrderState.WAITING))
    reminding = (orders.c.rail == Rail.KASPI) & (orders.c.state == OrderState.CLAIMED)
    first = tx.conn.execute(
        select(orders.c.expires_at).where(expiring).order_by(orders.c.expires_at).limit(1)
    ).scalar_one_or_none()
    second = tx.conn.execute(
        select(orders.c.next_check_at)
        .where(reminding & orders.c.next_check_at.is_not(None))
        .order_by(orders.c.next_check_at)
        .limit(1)
    ).scalar_one_or_none()
    return min((moment for moment in (first, second) if moment is not None), default=None)


def to_remind(tx: Tx) -> list[int]:
    """Ids of the orders whose admins are to be reminded now."""
    due = (orders.c.rail == Rail.KASPI) & (orders.c.state == OrderState.CLAIMED) & (orders.c.next_check_at <= tx.now)
    return list(tx.conn.execute(select(orders.c.id).where(due).order_by(orders.c.id)).scalars())
