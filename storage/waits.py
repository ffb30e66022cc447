"""Moments before which nothing is tried again, kept in reason: a clock that is set back puts them far away."""

from sqlalchemy import Column, update

from storage.payment_tables import receipts, refunds
from storage.store import Tx
from storage.tables import backends, jobs, pictures

LONGEST_SECONDS = 1800.0
"""Nobody ever asks for more: it is the longest rest of a backend (`storage/backends.py`)."""
MOMENTS: tuple[Column[float], ...] = (
    backends.c.open_until,
    jobs.c.not_before,
    pictures.c.not_before,
    receipts.c.not_before,
    refunds.c.not_before,
)


def shorten(tx: Tx) -> int:
    """Bring moments that are further away than anybody meant them to be to now; how many there were.

    Called at the start of a process, for in a running one the clock is never set back (`actors/clock.py`).
    """
    found = 0
    for moment in MOMENTS:
        too_far = moment > tx.now + LONGEST_SECONDS
        found += tx.conn.execute(update(moment.table).where(too_far).values({moment.name: tx.now})).rowcount
    return found
