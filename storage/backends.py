"""What is known of each backend: whether it may be used now, and how many jobs it bears.

A breaker. Trouble that no retry mends (a refused key, no funds) opens it at once; a server that cannot be reached opens
it after a few tries. While it is open nothing is started there. After its time one job may try; a success closes it.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from storage.sql import insert_or_ignore
from storage.store import Tx
from storage.tables import backends

FIRST_REST = 60.0
LONGEST_REST = 1800.0
"""Seconds a breaker stays open: doubling from the first to the longest."""
UNREACHED = 3
"""Requests in a row that reached nobody, before the breaker opens."""


@dataclass(frozen=True, slots=True)
class State:
    """One backend. `open_until` in epoch seconds; `opened` counts the openings in a row."""

    name: str
    open_until: float
    opened: int
    unreached: int
    reason: str
    places: int | None
    grown: int

    def rests(self, now: float) -> bool:
        """Nothing may be started there now."""
        return now < self.open_until

    @property
    def on_trial(self) -> bool:
        """It had trouble and no success since: one job at a time may try."""
        return self.opened > 0


def get(tx: Tx, name: str) -> State:
    """What is known of it; a healthy one when nothing is."""
    row = tx.conn.execute(select(backends).where(backends.c.name == name)).one_or_none()
    return State(*row) if row else State(name, 0.0, 0, 0, "", None, 0)


def _set(tx: Tx, name: str, **values: Any) -> None:
    if not tx.conn.execute(update(backends).where(backends.c.name == name).values(**values)).rowcount:
        tx.conn.execute(insert(backends).values(name=name, **values))


def trouble(tx: Tx, name: str, reason: str) -> bool:
    """It refuses to work: open the breaker. True when this is news (it was healthy before)."""
    tx.conn.execute(insert_or_ignore(tx, backends).values(name=name))
    state = get(tx, name)
    rest = min(LONGEST_REST, FIRST_REST * 2.0 ** min(state.opened, 20))
    if not state.rests(tx.now):
        _set(tx, name, open_until=tx.now + rest, opened=state.opened + 1, reason=reason[:300])
    return not state.on_trial


def unreached(tx: Tx, name: str, reason: str) -> bool:
    """A request reached nobody; the breaker opens after a few. True when it opens and this is news."""
    count = get(tx, name).unreached + 1
    _set(tx, name, unreached=count)
    return count >= UNREACHED and trouble(tx, name, reason)


def works(tx: Tx, name: str, *, most: int) -> bool:
    """It took a job: close the breaker, and slowly grow back to `most` places. True when it had been in trouble."""
    state = get(tx, name)
    values: dict[str, Any] = {"open_until": 0.0, "opened": 0, "unreached": 0, "reason": ""}
    if state.places is not None:
        grown = state.grown + 1
        if grown >= state.places:
            places = state.places + 1
            values |= {"places": places if places < most else None, "grown": 0}
        else:
            values["grown"] = grown
    if state.on_trial or state.unreached or state.places is not None:
        _set(tx, name, **values)
    return state.on_trial


def too_many(tx: Tx, name: str, *, most: int) -> None:
    """It answered 429: halve the places."""
    _set(tx, name, places=max(1, (get(tx, name).places or most) // 2), grown=0)


def pause(tx: Tx, name: str, seconds: float) -> None:
    """It asked for patience (Retry-After): start nothing there for so long. Not a trouble."""
    state = get(tx, name)
    _set(tx, name, open_until=max(state.open_until, tx.now + seconds))
