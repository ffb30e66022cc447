"""Telegram's questions before a payment, and what is to be answered within ten seconds; later it is of no use."""

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select

from protocol.messages import AnswerDue
from storage.payment_tables import checkouts
from storage.sql import insert_or_ignore
from storage.store import Tx

ANSWER_SECONDS = 10.0
"""How long Telegram waits for the answer (Bot API, answerPreCheckoutQuery)."""

_TOO_LATE = delete(checkouts).where(checkouts.c.deadline <= bindparam("now"))
_DUE = select(checkouts).order_by(checkouts.c.deadline)


@dataclass(frozen=True, slots=True)
class Checkout:
    """One answer to give: `error` says why this must not be paid, empty when it may. `deadline` in epoch seconds."""

    query_id: str
    error: str
    deadline: float


def answer(tx: Tx, query_id: str, error: str | None, *, received_at: float) -> None:
    """Answer the question, while Telegram still waits for it."""
    values = {"query_id": query_id, "error": error or "", "deadline": received_at + ANSWER_SECONDS}
    tx.conn.execute(insert_or_ignore(tx, checkouts), values)
    tx.tell(AnswerDue())


def due(tx: Tx) -> list[Checkout]:
    """Answers to give, the most urgent first. Those past their deadline are dropped."""
    tx.conn.execute(_TOO_LATE, {"now": tx.now})
    return [Checkout(*row) for row in tx.conn.execute(_DUE)]


def answered(tx: Tx, query_id: str) -> None:
    """The answer was given, or cannot be given any more."""
    tx.conn.execute(delete(checkouts).where(checkouts.c.query_id == query_id))
