"""Updates as Telegram handed them over, each once. A row is committed before Telegram is told it was received."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from protocol.messages import UpdatesArrived
from storage.sql import insert_or_ignore
from storage.store import Tx
from storage.tables import inbox

KEEP_SECONDS = 8 * 86400
"""Telegram picks a random next id after a quiet week (Bot API, Update), so older rows cannot be met again."""


# Built once: building a statement costs twice as much as running it.
_PENDING = (
    select(inbox.c.update_id, inbox.c.body, inbox.c.received_at)
    .where(inbox.c.state == "new")
    .order_by(inbox.c.update_id)
    .limit(bindparam("most"))
)
_STATE = select(inbox.c.state).where(inbox.c.update_id == bindparam("this"))
_DONE = (
    update(inbox)
    .where(inbox.c.update_id == bindparam("this"))
    .values(state="done", handled_at=bindparam("now"), body="")
)


@dataclass(frozen=True, slots=True)
class Stored:
    """One update: its id, its JSON as text, and when it was taken in (epoch seconds)."""

    update_id: int
    body: str
    received_at: float


def accept(tx: Tx, updates: Sequence[dict[str, Any]]) -> int:
    """Keep a batch as `getUpdates` returned it; how many of them are new."""
    if not updates:
        return 0
    rows = [
        {
            "update_id": item["update_id"],
            "body": json.dumps(item, ensure_ascii=False, separators=(",", ":")),
            "state": "new",
            "received_at": tx.now,
        }
        for item in updates
    ]
    new = tx.conn.execute(insert_or_ignore(tx, inbox), rows).rowcount
    if new:
        tx.tell(UpdatesArrived())
    return new


def pending(tx: Tx, limit: int) -> list[Stored]:
    """The oldest updates nobody has handled, in Telegram's order."""
    return [Stored(*row) for row in tx.conn.execute(_PENDING, {"most": limit})]


def is_new(tx: Tx, update_id: int) -> bool:
    """Whether nobody has handled the update yet."""
    return tx.conn.execute(_STATE, {"this": update_id}).scalar_one_or_none() == "new"


def done(tx: Tx, update_id: int) -> None:
    """The update is handled."""
    tx.conn.execute(_DONE, {"this": update_id, "now": tx.now})


def failed(tx: Tx, update_id: int, error: str) -> None:
    """The update could not be handled and will not be tried again; its body stays for whoever looks into it."""
    values = {"state": "failed", "handled_at": tx.now, "error": error}
    tx.conn.execute(update(inbox).where(inbox.c.update_id == update_id).values(values))


def forget_old(tx: Tx) -> int:
    """Drop handled rows Telegram cannot send again; how many."""
    old = (inbox.c.state == "done") & (inbox.c.received_at < tx.now - KEEP_SECONDS)
    return tx.conn.execute(delete(inbox).where(old)).rowcount
