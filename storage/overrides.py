"""What admins have changed of the catalogue while the bot ran: JSON by name, laid over what the file says."""

import json
from typing import Any

from sqlalchemy import delete, insert, select

from storage.admin_tables import overrides
from storage.store import Tx

_ALL = select(overrides.c.name, overrides.c.value).order_by(overrides.c.name)


def all(tx: Tx) -> tuple[tuple[str, str], ...]:
    """Every change: its name and its JSON."""
    return tuple((row.name, row.value) for row in tx.conn.execute(_ALL))


def get(tx: Tx, name: str) -> Any:
    """The changed value, or None."""
    stored = tx.conn.execute(select(overrides.c.value).where(overrides.c.name == name)).scalar_one_or_none()
    return None if stored is None else json.loads(stored)


def put(tx: Tx, name: str, value: Any, *, by: int | None) -> None:
    """Change it; None takes the change back."""
    tx.conn.execute(delete(overrides).where(overrides.c.name == name))
    if value is not None:
        stored = json.dumps(value, sort_keys=True)
        tx.conn.execute(insert(overrides).values(name=name, value=stored, set_at=tx.now, by=by))
