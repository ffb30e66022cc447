"""Tokens that admins give and take: asked, done, refused or undone. The ledger moves once for each row.

State: `asked` and, for very large sums, `asked_again` wait for the admin's ✅; `done` may be `undone` for a day.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from storage.admin_tables import topups
from storage.store import Tx
from storage.tables import entries, transfers


@dataclass(frozen=True, slots=True)
class Topup:
    """One top-up of `amount` tokens, negative when they are taken; `admin` is None at the command line."""

    id: int
    user_id: int
    amount: int
    reason: str
    admin: int | None
    state: str
    created_at: float
    done_at: float | None

    @property
    def key(self) -> str:
        """The key of its movement in the ledger."""
        return f"topup:{self.id}"

    @property
    def undo_key(self) -> str:
        """The key of the movement that takes it back."""
        return f"{self.key}:undo"


def create(tx: Tx, *, user_id: int, amount: int, reason: str, admin: int | None) -> Topup:
    values = {"user_id": user_id, "amount": amount, "reason": reason, "admin": admin}
    query = insert(topups).values(state="asked", created_at=tx.now, **values).returning(topups)
    return Topup(*tx.conn.execute(query).one())


def get(tx: Tx, topup_id: int) -> Topup | None:
    row = tx.conn.execute(select(topups).where(topups.c.id == topup_id)).one_or_none()
    return Topup(*row) if row else None


def change(tx: Tx, topup_id: int, **values: Any) -> Topup:
    """Set columns."""
    query = update(topups).where(topups.c.id == topup_id).values(**values).returning(topups)
    return Topup(*tx.conn.execute(query).one())


def audit(tx: Tx) -> list[str]:
    """Each top-up and what the ledger moved for it must agree; one sentence for each that does not."""
    rows = tx.conn.execute(
        select(transfers.c.key, entries.c.account, entries.c.amount)
        .join(entries, entries.c.transfer_id == transfers.c.id)
        .where(transfers.c.key.like("topup:%"), entries.c.account.like("user:%"))
    )
    moved = {row.key: (row.account, row.amount) for row in rows}
    found: list[str] = []
    for row in tx.conn.execute(select(topups).order_by(topups.c.id)):
        topup = Topup(*row)
        wanted = {
            topup.key: topup.amount if topup.state in ("done", "undone") else 0,
            topup.undo_key: -topup.amount if topup.state == "undone" else 0,
        }
        for key, amount in wanted.items():
            account, really = moved.pop(key, (f"user:{topup.user_id}", 0))
            if (account, really) != (f"user:{topup.user_id}", amount):
                found.append(f"{key} is {topup.state} and moved {really} tokens of {account}, not {amount}")
    return found + [
        f"{key} moved {amount} tokens of {account} without a top-up" for key, (account, amount) in moved.items()
    ]
