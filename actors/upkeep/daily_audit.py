"""Once a day, and soon after each start, the books are recomputed; whatever differs is told to the admins.

Each part is a call of its own to the store, so that nobody waits for all of them together. A large shop's nightly copy
is audited as well, whole and in a thread.
"""

import structlog
import trio

from actors.shop import alerts
from actors.shop.context import Shop
from actors.supervisor import Stop
from storage import alerts as alert_rows
from storage.audits import PARTS
from storage.store import Store, Tx

FIRST_SECONDS = 300.0
"""After a start, when its first rush is over."""
EVERY_SECONDS = 86400.0
TOLD = 3
"""Differences that an alert names; `kadr audit` names all."""

log = structlog.get_logger(__name__)


class DailyAudit:
    """The task that audits."""

    def __init__(self, store: Store, shop: Shop) -> None:
        self._store = store
        self._shop = shop

    async def run(self, stop: Stop) -> None:
        pause = FIRST_SECONDS
        while not stop.asked:
            await stop.sleep(pause)
            if stop.asked:
                return
            pause = EVERY_SECONDS
            differences: list[str] = []
            for part in PARTS:
                differences += await self._store.insist(part)
                await trio.lowlevel.checkpoint()
            if differences:
                log.error("audit.differences", count=len(differences), first=differences[:TOLD])
            else:
                log.info("audit.right")
            await self._store.insist(report, self._shop, differences)


def report(tx: Tx, shop: Shop, differences: list[str]) -> None:
    """Tell the admins what differs, or that nothing does any more. Old alerts are forgotten on the way."""
    if differences:
        first = "\n".join(differences[:TOLD])
        alerts.alert(shop, tx, "audit", "alert-audit", count=len(differences), first=first)
    else:
        alerts.resolve(shop, tx, "audit", "alert-audit-over")
    alert_rows.forget(tx, tx.now - alerts.KEPT_SECONDS)
