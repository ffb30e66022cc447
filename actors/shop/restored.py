"""What the bot does once, before anything else, with a database that was restored from a backup.

What happened after the backup is not in it, and the world does not know that: a queued film may have been made, a
broadcast may have gone out. What might happen twice is therefore stopped, and paid back.
"""

import time

import structlog

from actors.shop import alerts, work
from actors.shop.context import Shop
from protocol.job import Failure, JobState
from storage import backup, broadcasts, jobs
from storage.store import Tx

log = structlog.get_logger(__name__)


def settle(tx: Tx, shop: Shop) -> bool:
    """Make a restored database safe to go on with; whether it was one. The marks go with the same transaction.

    Jobs at a backend need nothing here: their pollers look for them by their ids, and give them up at their deadline.
    """
    taken_at = backup.restored_from(tx)
    if taken_at is None:
        return False
    queued = jobs.in_states(tx, {JobState.QUEUED})
    for job in queued:
        work.fail(shop, tx, job, Failure.UNAVAILABLE, "queued when the backup was taken; perhaps made since")
    stopped = 0
    while (broadcast := broadcasts.current(tx)) is not None:
        broadcasts.change(tx, broadcast.id, state="stopped", ended_at=tx.now)
        stopped += 1
    when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(taken_at))
    alerts.alert(shop, tx, "restored", "alert-restored", when=when, films=str(len(queued)), broadcasts=str(stopped))
    log.warning("bot.restored", taken_at=taken_at, jobs_paid_back=len(queued), broadcasts_stopped=stopped)
    return True
