"""What happens to orders by time alone: those nobody paid expire, and receipts nobody looked at are brought up again.

At night admins are left in peace; what waits is brought up in the morning.
"""

import structlog
import trio

from actors.shop.context import Shop
from actors.shop.money import purchase
from actors.shop.rails import kaspi_desk
from actors.shop.words import by_day
from actors.supervisor import Stop
from storage import orders, receipts
from storage.store import Store, Tx

LOOK_SECONDS = 300.0
"""Orders live for half an hour at least, so nothing is noticed later than this."""
REMIND_SECONDS = 3600.0
"""Between two reminders of the same receipt; the first comes after `kaspi.FIRST_REMINDER`."""

log = structlog.get_logger(__name__)


class OrdersClock:
    """The task that looks at the clock for orders of every rail."""

    def __init__(self, store: Store, shop: Shop) -> None:
        self._store = store
        self._shop = shop

    async def run(self, stop: Stop) -> None:
        """Look until asked to stop."""
        while not stop.asked:
            with stop.until():
                wait = await self._store.insist(tick, self._shop)
                await trio.sleep(wait)


def tick(tx: Tx, shop: Shop) -> float:
    """Everything that is due; the seconds until it is worth looking again."""
    for order in orders.overdue(tx):
        purchase.expire(shop, tx, order)
        log.info("order.expired", order_id=order.id, rail=order.rail)
    for order_id in receipts.to_remind(tx):
        kaspi_desk.show(shop, tx, orders.get(tx, order_id), anew=True)
        receipts.wake_at(tx, order_id, by_day(tx.now + REMIND_SECONDS))
        log.info("order.reminded", order_id=order_id)
    due = receipts.next_wake(tx)
    return LOOK_SECONDS if due is None else min(LOOK_SECONDS, max(1.0, due - tx.now))
