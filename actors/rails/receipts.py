"""Fetches the receipts people send and reads what they say, and then puts them before the admins.

A receipt that cannot be fetched or read is put before them all the same: Telegram shows them the file itself.
"""

import hashlib
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import asdict

import structlog
import trio

from actors.mailbox import Mailbox
from actors.media.receipt import Fields
from actors.shop.context import Shop
from actors.shop.rails import kaspi_claim, kaspi_desk
from actors.supervisor import Backoff, Stop
from actors.telegram.wanted import fetch_when_due, is_final, pause
from protocol.messages import ToReceipts
from protocol.order import OrderState
from protocol.telegram.client import TelegramClient, TelegramError
from storage import orders, receipts
from storage.receipts import Receipt
from storage.store import Store, Tx

ATTEMPTS = 5
BACKOFF = Backoff(first=1.0, longest=30.0)
AT_ONCE = 2
"""Files held in memory at the same time, 20 MB each at most."""

log = structlog.get_logger(__name__)

Read = Callable[[bytes], Awaitable[Fields]]
"""Reads a PDF. Raises nothing."""


class Receipts:
    """The task that fetches receipts."""

    def __init__(
        self,
        telegram: TelegramClient,
        store: Store,
        shop: Shop,
        mailbox: Mailbox[ToReceipts],
        *,
        read: Read,
        rng: random.Random,
    ) -> None:
        self._telegram = telegram
        self._store = store
        self._shop = shop
        self._mailbox = mailbox
        self._read = read
        self._rng = rng
        self._at_once = trio.CapacityLimiter(AT_ONCE)

    async def run(self, stop: Stop) -> None:
        """Fetch until asked to stop; a receipt that was not fetched is still wanted after a restart."""
        await fetch_when_due(self._store, self._mailbox, receipts.wanted, self._fetch, stop)

    async def _fetch(self, receipt: Receipt) -> None:
        async with self._at_once:
            try:
                data = await self._telegram.download(receipt.file_id)
            except TelegramError as error:
                await self._trouble(receipt, error)
                return
            fields = await self._read(data) if data[:1024].find(b"%PDF-") >= 0 else Fields()
            digest = hashlib.sha256(data).hexdigest()
        log.info("receipt.read", order_id=receipt.order_id, receipt_id=receipt.id, problem=fields.problem)
        await self._store.insist(put_before_admins, self._shop, receipt, digest, fields)

    async def _trouble(self, receipt: Receipt, error: TelegramError) -> None:
        log.warning("receipt.not_fetched", order_id=receipt.order_id, receipt_id=receipt.id, error=str(error))
        if is_final(error) or receipt.attempts >= ATTEMPTS:
            await self._store.insist(put_before_admins, self._shop, receipt, "", Fields(problem="lost"))
            return
        delay = pause(error, receipt.attempts, BACKOFF, self._rng)
        await self._store.insist(receipts.tried, receipt.id, delay)


def put_before_admins(tx: Tx, shop: Shop, receipt: Receipt, sha256: str, fields: Fields) -> None:
    """Keep what was read; when the order waits for this receipt, the admins see its card."""
    receipts.read(tx, receipt.id, sha256=sha256, number=fields.number, fields=json.dumps(asdict(fields)))
    order = orders.get(tx, receipt.order_id)
    if order.stands is OrderState.CLAIMED and kaspi_claim.of(order).receipt == receipt.id:
        kaspi_desk.show(shop, tx, order, anew=True)
