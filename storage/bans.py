"""People who are shut out, and when they were last told so."""

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select, update

from storage.admin_tables import bans
from storage.sql import insert_or_ignore
from storage.store import Tx

# Built once: this runs for every update.
_OF = select(bans).where(bans.c.user_id == bindparam("person"))


@dataclass(frozen=True, slots=True)
class Ban:
    """Why and since when a person is shut out; `by` is None for the operator at the command line."""

    user_id: int
    reason: str
    at: float
    by: int | None
    told_at: float


def of(tx: Tx, user_id: int) -> Ban | None:
    """The ban of this person, if there is one."""
    row = tx.conn.execute(_OF, {"person": user_id}).one_or_none()
    return Ban(*row) if row else None


def ban(tx: Tx, user_id: int, *, reason: str, by: int | None) -> bool:
    """Shut the person out; False when they already are."""
    values = {"user_id": user_id, "reason": reason, "at": tx.now, "by": by}
    return bool(tx.conn.execute(insert_or_ignore(tx, bans).values(values)).rowcount)


def unban(tx: Tx, user_id: int) -> bool:
    """Let the person in again; False when they were not shut out."""
    return bool(tx.conn.execute(delete(bans).where(bans.c.user_id == user_id)).rowcount)


def told(tx: Tx, user_id: int) -> None:
    """The person reads of it now."""
    tx.conn.execute(update(bans).where(bans.c.user_id == user_id).values(told_at=tx.now))
