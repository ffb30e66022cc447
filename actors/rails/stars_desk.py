"""Stars as Telegram's own list tells them: payments and refunds nobody told us of, and refunds that are wanted.

An update is kept by Telegram for a day; the list is kept for ever. It is read on from where it was read last: at the
start, every hour, and whenever somebody presses 🔄. Its weakness is Telegram's: a payment is in the list a moment after
it was made.
"""

import random

import structlog
import trio
from pydantic import ValidationError

from actors.mailbox import Mailbox
from actors.shop.context import Shop
from actors.shop.money import repayments
from actors.shop.rails import stars
from actors.supervisor import Backoff, Stop
from protocol.messages import ToStars
from protocol.order import Rail
from protocol.telegram.client import TelegramClient, TelegramError, TelegramRefused
from protocol.telegram.types import StarTransaction, StarTransactions
from storage import marks, refunds
from storage.refunds import Refund
from storage.store import Store, Tx

EVERY_SECONDS = 3600.0
REST_SECONDS = 3.0
"""Between two readings, however often 🔄 is pressed."""
PAGE = 100
"""The most Telegram gives at once (Bot API, getStarTransactions)."""
OVERLAP = 20
"""Lines read again each time, in case two of the same second were in another order before."""
MARK = "stars:read"
NEWS_SECONDS = 2 * 86_400.0
"""How old a payment may be at the first reading that people are told of when it belongs to nothing."""
BACKOFF = Backoff(first=5.0, longest=600.0)

log = structlog.get_logger(__name__)


def where(tx: Tx) -> int:
    """How many transactions of Telegram's list have been read."""
    kept = marks.read(tx, MARK)
    return int(kept) if kept is not None else 0


def read(tx: Tx, shop: Shop, lines: tuple[StarTransaction, ...], upto: int, first: bool = False) -> int:
    """Apply one page of the list; how many payments were credited and refunds applied that nobody had told of.

    At the `first` reading of a list it may hold years of payments for something else: nobody is told of those.
    """
    news = 0
    for line in lines:
        there = line.source or line.receiver
        if there is None or there.type != "user" or there.transaction_type not in (None, "invoice_payment"):
            continue  # Stars that were withdrawn, or spent on something else
        if line.source is not None and there.user is not None:
            news += stars.received(
                shop,
                tx,
                payer=there.user.id,
                charge_id=line.id,
                payload=there.invoice_payload or "",
                amount=line.amount,
                currency=stars.CURRENCY,
                at=float(line.date),
                old=first and line.date < tx.now - NEWS_SECONDS,
            )
        elif line.receiver is not None:
            news += stars.went_back(shop, tx, charge_id=line.id, amount=line.amount)
    if upto > where(tx):
        marks.keep(tx, MARK, str(upto))
    return news


class StarsDesk:
    """The task that looks after Stars."""

    def __init__(
        self,
        telegram: TelegramClient,
        store: Store,
        shop: Shop,
        mailbox: Mailbox[ToStars],
        *,
        rng: random.Random,
    ) -> None:
        self._telegram = telegram
        self._store = store
        self._shop = shop
        self._mailbox = mailbox
        self._rng = rng

    async def run(self, stop: Stop) -> None:
        """Read and repay until asked to stop."""
        self._mailbox.rescan()
        failures = 0
        pause = 0.0  # until a refund is to be tried again
        read_next = read_earliest = trio.current_time()
        while not stop.asked:
            with stop.until():
                with trio.move_on_after(max(0.0, min(pause, read_next - trio.current_time()))):
                    await self._mailbox.get_all()
                    read_next = min(read_next, read_earliest)
                pause = await self._repay()
                if trio.current_time() < read_next:
                    continue
                try:
                    await self._reconcile()
                except TelegramError as error:
                    failures += 1
                    log.warning("stars.not_read", error=str(error), failures=failures)
                    pause_asked = error.retry_after if isinstance(error, TelegramRefused) else 0.0
                    wait = max(pause_asked, BACKOFF.delay(failures - 1, self._rng))
                    read_next = read_earliest = trio.current_time() + wait
                else:
                    failures = 0
                    read_earliest = trio.current_time() + REST_SECONDS
                    read_next = trio.current_time() + EVERY_SECONDS

    async def _reconcile(self) -> None:
        """Read Telegram's list on from where it was read last. Raises `TelegramError`."""
        known = await self._store.insist(where)
        begin, first = max(0, known - OVERLAP), not known
        overlapped = begin > 0
        while True:
            answer = await self._telegram.call("getStarTransactions", {"offset": begin, "limit": PAGE})
            try:
                lines = StarTransactions.model_validate(answer).transactions
            except ValidationError as error:
                log.error("stars.unreadable", error=str(error)[:300])
                return
            if overlapped and not lines:
                # The list never gets shorter: this is another bot's, and nothing of it was read.
                log.warning("stars.another_list", read=begin)
                await self._store.insist(marks.keep, MARK, "0")
                begin, first, overlapped = 0, True, False
                continue
            overlapped = False
            news = await self._store.insist(read, self._shop, lines, begin + len(lines), first)
            if news:
                log.warning("stars.reconciled", lines=len(lines), news=news)
            if len(lines) < PAGE:
                return
            begin += len(lines)

    async def _repay(self) -> float:
        """Ask Telegram for the refunds that are wanted; seconds until the next one is due."""
        for refund in await self._store.insist(refunds.due, Rail.STARS):
            await self._repay_one(refund)
        return await self._store.insist(repayments.next_due, Rail.STARS)

    async def _repay_one(self, refund: Refund) -> None:
        asked = {"user_id": refund.user_id, "telegram_payment_charge_id": refund.external_id}
        try:
            await self._telegram.call("refundStarPayment", asked)
        except TelegramRefused as error:
            if "CHARGE_ALREADY_REFUNDED" in error.description:
                await self._store.insist(stars.repaid, self._shop, refund)
            elif error.code in (400, 403):
                await self._store.insist(repayments.failed, self._shop, refund, error.description)
            else:
                await self._store.insist(refunds.postpone, refund, str(error), at_least=error.retry_after)
        except TelegramError as error:
            # It may have been done: asked again, Telegram says so.
            await self._store.insist(refunds.postpone, refund, str(error))
        else:
            await self._store.insist(stars.repaid, self._shop, refund)
