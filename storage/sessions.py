"""What the Stripe desk asks of the books: which orders want its attention, and which of Stripe's events are known."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from protocol.order import Rail
from storage.orders import Order
from storage.payment_tables import orders, stripe_events
from storage.sql import insert_or_ignore
from storage.store import Tx

MOST = 500
"""Orders served in one go; the others follow."""
KEEP_SECONDS = 40 * 86_400.0
"""Stripe's list goes back 30 days, so an older event is never met again."""


def scheduled(tx: Tx) -> list[Order]:
    """Orders with something to be done at Stripe, now or later, the most urgent first."""
    mine = (orders.c.rail == Rail.STRIPE) & orders.c.next_check_at.is_not(None)
    query = select(orders).where(mine).order_by(orders.c.next_check_at, orders.c.id).limit(MOST)
    return [Order(*row) for row in tx.conn.execute(query)]


def credited_since(tx: Tx, moment: float) -> list[Order]:
    """Orders paid by card whose purchase began then or later, the oldest first; `moment` in epoch seconds."""
    mine = (orders.c.rail == Rail.STRIPE) & orders.c.paid_at.is_not(None) & (orders.c.created_at >= moment)
    return [Order(*row) for row in tx.conn.execute(select(orders).where(mine).order_by(orders.c.id))]


def unseen(tx: Tx, ids: Sequence[str]) -> set[str]:
    """Those of these events that were not applied yet."""
    known = tx.conn.execute(select(stripe_events.c.id).where(stripe_events.c.id.in_(ids))).scalars()
    return set(ids) - set(known)


def seen(tx: Tx, event_id: str) -> None:
    """The event was applied, or means nothing to us."""
    tx.conn.execute(insert_or_ignore(tx, stripe_events).values(id=event_id, at=tx.now))


def forget_old(tx: Tx) -> None:
    """Events so old that Stripe does not list them any more."""
    tx.conn.execute(delete(stripe_events).where(stripe_events.c.at < tx.now - KEEP_SECONDS))
