"""Switches of the whole shop that outlive a restart."""

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select

from storage.admin_tables import flags
from storage.store import Tx

MAINTENANCE = "maintenance"
"""Nobody but admins starts a film; its value is the sentence people read, or empty for the usual one."""

_GET = select(flags.c.value, flags.c.set_at).where(flags.c.name == bindparam("its_name"))


@dataclass(frozen=True, slots=True)
class Flag:
    """A switch that is on, since `set_at` (epoch seconds)."""

    value: str
    set_at: float


def get(tx: Tx, name: str) -> Flag | None:
    """The switch if it is on."""
    row = tx.conn.execute(_GET, {"its_name": name}).one_or_none()
    return Flag(*row) if row else None


def switch(tx: Tx, name: str, value: str | None) -> None:
    """Switch it on with this value, or off with None."""
    tx.conn.execute(delete(flags).where(flags.c.name == name))
    if value is not None:
        tx.conn.execute(insert(flags).values(name=name, value=value, set_at=tx.now))
