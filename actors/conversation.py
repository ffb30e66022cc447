"""Turns updates into rows: handles what waits in the inbox, oldest first, many in one commit."""

import structlog
from sqlalchemy.exc import DBAPIError

from actors.logs import about
from actors.mailbox import Mailbox
from actors.shop.context import Shop
from actors.shop.handle import apologise, handle
from actors.supervisor import Stop
from actors.telemetry import span
from protocol.messages import ToConversation
from storage import inbox
from storage.store import Store, Tx, is_weather

BATCH = 10
"""Updates in one commit: bounds how long the writer is busy with them. Fifty are no faster (measured), and whoever pays
waits behind them: Telegram gives ten seconds to answer the question before a payment."""

log = structlog.get_logger(__name__)


def handle_waiting(tx: Tx, shop: Shop) -> int:
    """Handle the oldest updates, each in its savepoint; how many there were.

    An update that fails leaves nothing behind but an apology, and the ones after it are handled all the same.
    """
    waiting = inbox.pending(tx, BATCH)
    if waiting:
        shop.shelf.renew(tx)
    for stored in waiting:
        try:
            with about(update_id=stored.update_id), span("update", update_id=stored.update_id), tx.savepoint():
                handle(shop, tx, stored)
                inbox.done(tx, stored.update_id)
        except Exception as error:
            if isinstance(error, DBAPIError) and is_weather(error):
                raise  # nothing of the batch is kept, and it is tried again
            log.error("update.failed", update_id=stored.update_id, exc_info=error)
            with tx.savepoint():
                apologise(shop, tx, stored, error)
    return len(waiting)


class Conversation:
    """The task that talks: the only one that handles updates, so the messages of a chat stay in order."""

    def __init__(self, store: Store, shop: Shop, mailbox: Mailbox[ToConversation]) -> None:
        self._store = store
        self._shop = shop
        self._mailbox = mailbox

    async def run(self, stop: Stop) -> None:
        """Handle until asked to stop."""
        while not stop.asked:
            if await self._store.insist(handle_waiting, self._shop) == 0:
                with stop.until():
                    await self._mailbox.get_all()
