"""When the bot was started, in which release, and whether it was stopped in order."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from storage.broadcast_tables import starts
from storage.store import Tx

KEPT = 100


@dataclass(frozen=True, slots=True)
class Start:
    """One run of the bot. `ended_at` is empty after a kill or a crash, and while it runs."""

    id: int
    release: str
    at: float
    ended_at: float | None


def begin(tx: Tx, release: str) -> tuple[Start, Start | None]:
    """This run, and the one before it."""
    before = tx.conn.execute(select(starts).order_by(starts.c.id.desc()).limit(1)).one_or_none()
    row = tx.conn.execute(insert(starts).values(release=release, at=tx.now).returning(starts)).one()
    tx.conn.execute(delete(starts).where(starts.c.id <= row.id - KEPT))
    return Start(*row), Start(*before) if before else None


def end(tx: Tx, start_id: int) -> None:
    """This run stops in order."""
    tx.conn.execute(update(starts).where(starts.c.id == start_id).values(ended_at=tx.now))
