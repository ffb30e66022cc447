"""Payments in Telegram Stars, each once, as Telegram told of them: by a message or in its list of transactions."""

from dataclasses import dataclass

from sqlalchemy import select, update

from storage.payment_tables import stars_payments
from storage.sql import insert_or_ignore
from storage.store import Tx


@dataclass(frozen=True, slots=True)
class StarsPayment:
    """One payment. `outcome`: credited, unknown (no such order), wrong (amount or payer), again (a second one)."""

    charge_id: str
    user_id: int
    amount: int
    payload: str
    order_id: int | None
    outcome: str
    paid_at: float
    refunded_at: float | None


def find(tx: Tx, charge_id: str) -> StarsPayment | None:
    """The payment with that telegram_payment_charge_id."""
    row = tx.conn.execute(select(stars_payments).where(stars_payments.c.charge_id == charge_id)).one_or_none()
    return StarsPayment(*row) if row else None


def record(tx: Tx, payment: StarsPayment) -> bool:
    """Keep a payment. False when it is known already, and then nothing changes."""
    values = {name: getattr(payment, name) for name in StarsPayment.__slots__}
    inserted = insert_or_ignore(tx, stars_payments).values(**values).returning(stars_payments.c.charge_id)
    return tx.conn.execute(inserted).scalar_one_or_none() is not None


def judged(tx: Tx, charge_id: str, outcome: str) -> None:
    """What became of the payment."""
    there = stars_payments.c.charge_id == charge_id
    tx.conn.execute(update(stars_payments).where(there).values(outcome=outcome))


def refunded(tx: Tx, charge_id: str) -> bool:
    """The payment went back. False when that is known already, or the payment is not."""
    there = (stars_payments.c.charge_id == charge_id) & stars_payments.c.refunded_at.is_(None)
    return bool(tx.conn.execute(update(stars_payments).where(there).values(refunded_at=tx.now)).rowcount)
