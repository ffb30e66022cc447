"""Sees to everything that is wanted of Stripe: pages to pay at, looks at them, refunds, and what Stripe's lists tell.

A worker has no inbound port, so payments are found by asking: each young session for itself, less and less often; the
list of paid sessions every quarter of an hour and at the start, which is what nothing escapes; and the list of events
for refunds and disputes, read again with an overlap because it is late at times. Whatever is done may be done twice:
requests carry keys that were committed before, and the till credits once.
"""

import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import structlog
import trio

from actors.mailbox import Mailbox
from actors.rails.stripe_news import News
from actors.shop.context import Shop
from actors.shop.money import refunding, repayments
from actors.shop.rails import stripe_steps as steps
from actors.shop.rails.stripe import Page, page_of
from actors.shop.rails.stripe_steps import Sender
from actors.supervisor import Backoff, Stop
from protocol.messages import Rescan, StripeDue, StripeTold, ToStripe
from protocol.order import OrderState, Rail
from protocol.stripe.answers import Charge, Session
from protocol.stripe.errors import (
    StripeError,
    StripeForgotten,
    StripeKeyRefused,
    StripeRefused,
    StripeUnreachable,
)
from protocol.telegram.client import TelegramClient, TelegramError
from storage import orders, refunds, sessions
from storage.orders import Order
from storage.refunds import Refund
from storage.store import Store, Tx

if TYPE_CHECKING:
    from protocol.stripe.client import StripeClient

T = TypeVar("T")

AT_ONCE = 6
MANY = 5
"""More sessions than this due at once, and one list is read instead of each of them."""
BACKOFF = Backoff(first=2.0, longest=60.0)
TELL_AFTER = 2
"""Failures after which the person reads why there is no link yet."""
KEY_SECONDS = 120.0
"""Between two tries with a key that Stripe refuses."""

log = structlog.get_logger(__name__)


class StripeDesk:
    """The task that speaks to Stripe."""

    def __init__(
        self,
        client: "StripeClient",
        telegram: TelegramClient,
        store: Store,
        shop: Shop,
        mailbox: Mailbox[ToStripe],
        *,
        rng: random.Random,
    ) -> None:
        self._client = client
        self._telegram = telegram
        self._store = store
        self._shop = shop
        self._mailbox = mailbox
        self._rng = rng
        self._news = News(client, store, shop, rng=rng)
        self._bot = ""
        self._at_work: set[str] = set()
        self._failures: dict[str, int] = {}
        self._at_once = trio.CapacityLimiter(AT_ONCE)

    async def run(self, stop: Stop) -> None:
        """Serve until asked to stop; what was on its way is asked for again after a start, with the same key."""
        if not self._client.livemode:
            log.warning("stripe.test_mode", said="play money: whoever knows Stripe's test cards can pay")
        self._at_work.clear()
        with stop.until():
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._news.keep)
                while True:
                    wake = await self._begin(nursery)
                    with trio.move_on_after(wake):
                        self._hear(await self._mailbox.get_all())

    def _hear(self, messages: Sequence[ToStripe]) -> None:
        for message in messages:
            match message:
                case StripeTold(event):
                    self._news.told(event)
                case Rescan():
                    self._news.look()
                case StripeDue():
                    pass

    async def _begin(self, nursery: trio.Nursery) -> float:
        """Start what is due and not at work yet; the seconds until something else is due."""
        waiting, wanted, now, later = await self._store.insist(_what_is_due)
        free = [order for order in waiting if f"order:{order.id}" not in self._at_work]
        due = [order for order in free if (order.next_check_at or 0.0) <= now]
        next_order = min((order.next_check_at or 0.0 for order in free if order not in due), default=float("inf"))
        looks = [order for order in due if order.external_id is not None and order.stands is OrderState.WAITING]
        if len(looks) > MANY:
            names = [f"order:{order.id}" for order in looks]
            self._start(nursery, names, lambda: self._look_at_list(looks))
            due = [order for order in due if order not in looks]
        for order in due:
            self._start(nursery, [f"order:{order.id}"], _bound(self._attend, order))
        for refund in wanted:
            self._start(nursery, [f"refund:{refund.id}"], _bound(self._repay, refund))
        next_order = min((order.next_check_at or 0.0 for order in free if order not in due), default=float("inf"))
        return max(0.0, min(next_order - now, later))

    def _start(self, nursery: trio.Nursery, names: Sequence[str], work: Callable[[], Awaitable[None]]) -> None:
        if any(name in self._at_work for name in names):
            return
        self._at_work.update(names)

        async def run() -> None:
            try:
                async with self._at_once:
                    await work()
            finally:
                self._at_work.difference_update(names)
            self._mailbox.put(StripeDue())  # there may be a next step

        nursery.start_soon(run)

    # Orders

    async def _attend(self, order: Order) -> None:
        """Whatever this order wants next; a failure puts it off."""
        name = f"order:{order.id}"
        try:
            if order.external_id is None:
                await self._create(order)
            elif order.stands is OrderState.WAITING:
                await self._look(order, order.external_id)
            else:
                await self._close(order, order.external_id)
        except StripeKeyRefused as error:
            log.error("stripe.key_refused", order=order.code, error=str(error))
            await self._store.insist(steps.key_refused, self._shop, str(error))
            await self._store.insist(steps.postpone, self._shop, order.id, KEY_SECONDS, tell=True)
        except (StripeError, TelegramError) as error:
            failures = self._failures[name] = self._failures.get(name, 0) + 1
            delay = BACKOFF.delay(failures - 1, self._rng)
            log.warning("stripe.weather", order=order.code, error=str(error), retry_in=round(delay, 1))
            tell = failures >= TELL_AFTER
            await self._store.insist(steps.postpone, self._shop, order.id, delay, tell=tell)
        else:
            self._failures.pop(name, None)

    async def _create(self, order: Order) -> None:
        page = await self._store.insist(steps.prepare, self._shop, order.id, await self._sender())
        if page is None:
            return
        made = await self._made(order, page)
        if isinstance(made, StripeUnreachable):
            if made.kept:
                await self._store.insist(steps.another_key, order.id, await self._sender())
            raise made
        if made is not None:
            log.info("stripe.session", order=order.code, session=made.id)
            await self._store.insist(steps.created, self._shop, order.id, made)
            await self._store.insist(steps.key_works, self._shop)

    async def _made(self, order: Order, page: Page) -> Session | StripeUnreachable | None:
        """The session, why it may not be there yet, or nothing when there will be none."""
        try:
            return await self._client.create_session(page.params, key=page.key)
        except StripeKeyRefused:
            raise
        except StripeUnreachable as error:
            return error
        except StripeRefused as error:
            log.error("stripe.refused", order=order.code, error=str(error), code=error.code)
            reason = str(error)
        await self._store.insist(steps.refused, self._shop, order.id, reason)
        return None

    async def _sender(self) -> Sender:
        if not self._bot:
            me = await self._telegram.call("getMe")
            self._bot = str(me["username"])
        return Sender(self._bot, self._client.livemode, f"{self._rng.getrandbits(96):024x}")

    async def _look(self, order: Order, session_id: str) -> None:
        try:
            session = await self._client.session(session_id)
        except StripeKeyRefused:
            raise
        except StripeForgotten as error:
            log.error("stripe.vanished", order=order.code, session=session_id)
            await self._store.insist(steps.vanished, self._shop, order.id, str(error))
        else:
            await self._store.insist(steps.met, self._shop, session, livemode=self._client.livemode, looked=True)

    async def _close(self, order: Order, session_id: str) -> None:
        """Let nobody pay at the page any more; whoever was quicker has paid."""
        try:
            try:
                session = await self._client.expire(session_id)
            except (StripeForgotten, StripeKeyRefused):
                raise
            except StripeRefused:
                session = await self._client.session(session_id)
        except StripeForgotten as error:
            await self._store.insist(steps.vanished, self._shop, order.id, str(error))
        else:
            await self._store.insist(steps.met, self._shop, session, livemode=self._client.livemode, closed=True)

    async def _look_at_list(self, due: Sequence[Order]) -> None:
        """One list instead of many looks."""
        oldest = min(page_of(order).shown_at for order in due) - steps.MARGIN_SECONDS
        ids = [order.id for order in due]
        try:
            found = await self._client.completed_since(oldest)
        except StripeError as error:
            delay = BACKOFF.delay(self._failures.get("list", 0), self._rng)
            self._failures["list"] = self._failures.get("list", 0) + 1
            log.warning("stripe.weather", orders=len(due), error=str(error), retry_in=round(delay, 1))
            for id in ids:
                await self._store.insist(steps.postpone, self._shop, id, delay, tell=False)
            return
        self._failures.pop("list", None)
        await self._store.insist(steps.met_all, self._shop, found, livemode=self._client.livemode)
        await self._store.insist(steps.looked_at_list, self._shop, ids)

    # Refunds

    async def _repay(self, refund: Refund) -> None:
        """An admin wants this payment to go back: ask until Stripe has answered, and take the tokens back once."""
        if refund.order_id is None:
            await self._seek(refund)
            return
        try:
            order, charge = await self._refunded(refund)
        except StripeRefused as error:
            log.error("stripe.refund_refused", refund_id=refund.id, error=str(error), code=error.code)
            await self._store.insist(repayments.failed, self._shop, refund, str(error))
        except StripeError as error:
            log.warning("stripe.weather", refund_id=refund.id, error=str(error))
            await self._store.insist(refunds.postpone, refund, str(error))
        else:
            await self._store.insist(steps.repaid, self._shop, refund, order.id, charge)

    async def _seek(self, refund: Refund) -> None:
        """An admin named a payment by a name that is not in the books: ask Stripe whose it is."""
        try:
            order = await self._news.order_of(refund.external_id)
        except StripeForgotten:
            await self._store.insist(refunding.sought, self._shop, refund, None)
        except StripeRefused as error:
            log.error("stripe.not_sought", refund_id=refund.id, error=str(error), code=error.code)
            await self._store.insist(refunding.sought, self._shop, refund, None, str(error))
        except StripeError as error:
            log.warning("stripe.weather", refund_id=refund.id, error=str(error))
            await self._store.insist(refunds.postpone, refund, str(error))
        else:
            await self._store.insist(refunding.sought, self._shop, refund, order.id if order else None)

    async def _refunded(self, refund: Refund) -> tuple[Order, Charge]:
        order = await self._store.insist(orders.by_external, Rail.STRIPE, refund.external_id)
        if order is None:
            raise StripeRefused(f"no order is known for {refund.external_id}")
        intent = order.payment_id
        if intent is None:  # it was not credited, so only its session knows
            intent = (await self._client.session(refund.external_id)).payment_intent
        if intent is None:
            raise StripeRefused(f"no payment is known for {refund.external_id}")
        key = f"refund:{page_of(order).key}:{refund.round}"
        try:
            try:
                made = await self._client.refund(intent, key=key, order=order.code)
            except StripeUnreachable as error:
                if not error.kept:
                    raise
                # Stripe would repeat this failure for a day. Another key is safe: what is left goes back only once.
                made = await self._client.refund(intent, key=f"{key}:{refund.attempts}", order=order.code)
            if made.status in ("failed", "canceled"):
                raise StripeRefused(f"the refund {made.id} is {made.status}")
        except StripeRefused as error:
            if error.code != "charge_already_refunded":
                raise
        return order, await self._client.charge_of(intent)


def _what_is_due(tx: Tx) -> tuple[list[Order], list[Refund], float, float]:
    """Orders with something to do, refunds that are wanted now, the time, and the seconds until the next refund."""
    return (
        sessions.scheduled(tx),
        refunds.due(tx, Rail.STRIPE),
        tx.now,
        _later(tx),
    )


def _later(tx: Tx) -> float:
    """Seconds until a refund that was put off is due; those due now are at work or about to be."""
    wait = repayments.next_due(tx, Rail.STRIPE)
    return wait if wait > 0 else float("inf")


def _bound(work: Callable[[T], Awaitable[None]], what: T) -> Callable[[], Awaitable[None]]:
    return lambda: work(what)
