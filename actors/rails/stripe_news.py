"""Reads Stripe's lists on from where they were read last: sessions that were paid, refunds and disputes.

An event is only a hint: what it is about is read anew, so that an old one, or one that is told twice, changes nothing.
A webhook, where there is one, takes the same way.
"""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog
import trio

from actors.shop.context import Shop
from actors.shop.rails import stripe_steps as steps
from actors.supervisor import Backoff
from protocol.order import CREDITED, Rail
from protocol.stripe.answers import Charge, Dispute, Event
from protocol.stripe.errors import StripeError, StripeForgotten, StripeKeyRefused
from storage import marks, orders, sessions
from storage.orders import Order
from storage.store import Store, Tx

if TYPE_CHECKING:
    from protocol.stripe.client import StripeClient

EVERY_SECONDS = 900.0
REST_SECONDS = 5.0
"""Between two readings, however often they are asked for."""
OVERLAP_SECONDS = 3600.0
"""Stripe's list of events is late by seconds to minutes: what is younger than this is read again, at no cost."""
FIRST_SECONDS = 86_400.0
"""How far the very first reading looks back. Clocks differ, and one of ours that is ahead would hide first events."""
OLDEST_SECONDS = 25 * 86_400.0
"""Events are kept for thirty days; after a longer absence refunds and disputes are listed themselves."""
DISPUTE_SECONDS = 120 * 86_400.0
"""How far back a dispute may have begun that ended while nobody looked."""
EVENTS_MARK = "stripe:events"
BACKOFF = Backoff(first=5.0, longest=300.0)
REFUNDS = ("charge.refunded", "refund.failed", "charge.refund.updated")
DISPUTES = (
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
)
SESSIONS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.expired",
)
"""Told by a webhook only: the list of paid sessions says the same, and misses nothing."""

log = structlog.get_logger(__name__)


class News:
    """What happened at Stripe without our doing."""

    def __init__(self, client: "StripeClient", store: Store, shop: Shop, *, rng: random.Random) -> None:
        self._client = client
        self._store = store
        self._shop = shop
        self._rng = rng
        self._asked = trio.Event()
        self._wanted = True
        self._told: list[Event] = []

    def look(self) -> None:
        """Read the lists soon."""
        self._wanted = True
        self._asked.set()

    def told(self, event: Event) -> None:
        """A webhook brought this."""
        self._told.append(event)
        self._asked.set()

    async def keep(self) -> None:
        """Read at the start, every quarter of an hour, and when asked to."""
        failures, read_at = 0, float("-inf")
        while True:
            self._asked = trio.Event()
            try:
                await self._hear()
                if trio.current_time() >= read_at + (REST_SECONDS if self._wanted else EVERY_SECONDS):
                    await self._read()
                    self._wanted, read_at = False, trio.current_time()
            except StripeError as error:
                failures += 1
                pause = BACKOFF.delay(failures - 1, self._rng)
                log.warning("stripe.not_read", error=str(error), retry_in=round(pause, 1))
                if isinstance(error, StripeKeyRefused):
                    await self._store.insist(steps.key_refused, self._shop, str(error))
                await trio.sleep(pause)
                continue
            failures = 0
            with trio.move_on_at(read_at + (REST_SECONDS if self._wanted else EVERY_SECONDS)):
                await self._asked.wait()

    async def _hear(self) -> None:
        """What a webhook brought. One that cannot be looked into now is left to the lists, which tell it again."""
        while self._told:
            event = self._told.pop(0)
            try:
                await self._apply(event)
            except StripeError as error:
                log.warning("stripe.left_to_the_lists", event_id=event.id, type=event.type, error=str(error))
                self._wanted = True

    async def _read(self) -> None:
        """Both lists. Sessions first: a refund is of a payment that is in the books."""
        since = await self._store.insist(steps.paid_since)
        began = await self._store.insist(lambda tx: tx.now)
        found = await self._client.completed_since(since)
        await self._store.insist(steps.met_all, self._shop, found, livemode=self._client.livemode)
        await self._store.insist(steps.compared, self._shop, found, since=since, livemode=self._client.livemode)
        await self._store.insist(marks.keep, steps.SESSIONS_MARK, str(began))
        last = await self._store.insist(_last_event)
        if last < began - OLDEST_SECONDS:
            log.warning("stripe.long_absence", days=round((began - last) / 86_400))
            await self._catch_up(last)
            last = began - FIRST_SECONDS
            await self._store.insist(marks.keep, EVENTS_MARK, str(last))
        events = await self._client.events_since(last - OVERLAP_SECONDS, (*REFUNDS, *DISPUTES))
        fresh = await self._store.insist(sessions.unseen, [event.id for event in events])
        await self._apply_all([event for event in events if event.id in fresh])
        newest = max((event.created for event in events), default=last)
        await self._store.insist(_read_upto, max(newest, last))
        log.debug("stripe.read", sessions=len(found), events=len(fresh))

    async def _apply_all(self, events: Sequence[Event]) -> None:
        """Each of them, also when one fails. Raises the first `StripeError` in the end: what failed is read again."""
        failed: StripeError | None = None
        for event in events:
            try:
                await self._apply(event)
            except StripeError as error:
                log.warning("stripe.event_failed", event_id=event.id, type=event.type, error=str(error))
                failed = failed or error
        if failed is not None:
            raise failed

    async def _apply(self, event: Event) -> None:
        """Read anew what the event is about, and write down what that means. Raises `StripeError`."""
        if event.livemode is not self._client.livemode:
            log.warning("stripe.other_mode", event_id=event.id, type=event.type)
            return
        try:
            if event.type in SESSIONS:
                session = await self._client.session(event.about("id"))
                await self._store.insist(steps.met, self._shop, session, livemode=self._client.livemode)
            elif event.type in REFUNDS:
                charge = event.about("id" if event.type == "charge.refunded" else "charge")
                if charge:
                    await self._on_charge(await self._client.charge(charge), event.id)
                else:  # money that was given back without a card
                    await self._store.insist(sessions.seen, event.id)
            elif event.type in DISPUTES:
                await self._on_dispute(await self._client.dispute(event.about("id")), event.id)
        except StripeForgotten as error:
            log.warning("stripe.forgotten", event_id=event.id, type=event.type, error=str(error))
            await self._store.insist(sessions.seen, event.id)

    async def _catch_up(self, since: float) -> None:
        """Refunds and disputes themselves: the events of so long ago are gone."""
        for refund in await self._client.refunds_since(since - OVERLAP_SECONDS):
            if refund.charge:
                await self._on_charge(await self._client.charge(refund.charge), "")
        for dispute in await self._client.disputes_since(since - DISPUTE_SECONDS):
            await self._on_dispute(dispute, "")

    async def _on_charge(self, charge: Charge, event_id: str) -> None:
        order = await self._credited(charge)
        if order is not None:
            await self._store.insist(steps.charged, self._shop, order.id, charge, event_id)
        elif event_id:
            await self._store.insist(sessions.seen, event_id)

    async def _on_dispute(self, dispute: Dispute, event_id: str) -> None:
        order = await self._store.insist(steps.order_of_charge, dispute.payment_intent)
        if order is None and dispute.charge:
            order = await self._credited(await self._client.charge(dispute.charge))
        if order is not None and dispute.charge and dispute.is_over:
            # A refund that failed while the order was frozen could not be given back: now it can.
            charge = await self._client.charge(dispute.charge)
            await self._store.insist(steps.disputed, self._shop, order.id, dispute)
            await self._store.insist(steps.charged, self._shop, order.id, charge, event_id)
        elif order is not None:
            await self._store.insist(steps.disputed, self._shop, order.id, dispute, event_id)
        elif event_id:
            await self._store.insist(sessions.seen, event_id)

    async def order_of(self, name: str) -> Order | None:
        """The order paid by this charge, intent or session, credited first if nobody had noticed. Raises `StripeError`.

        None when it is none of this shop's.
        """
        if name.startswith("cs_"):
            session = await self._client.session(name)
            await self._store.insist(steps.met, self._shop, session, livemode=self._client.livemode)
            return await self._store.insist(orders.by_external, Rail.STRIPE, session.id)
        intent = name.startswith("pi_")
        return await self._credited(await (self._client.charge_of(name) if intent else self._client.charge(name)))

    async def _credited(self, charge: Charge) -> Order | None:
        """The order this payment was for, credited first if nobody had noticed that it was paid."""
        metadata = charge.metadata or {}
        code = metadata.get("order", "") if metadata.get("shop") == steps.OURS else ""
        order = await self._store.insist(steps.order_of_charge, charge.payment_intent, code)
        if order is None or order.external_id is None or order.stands in CREDITED:
            return order
        session = await self._client.session(order.external_id)
        await self._store.insist(steps.met, self._shop, session, livemode=self._client.livemode)
        return await self._store.insist(orders.get, order.id)


def _last_event(tx: Tx) -> float:
    """When the newest event that was read happened, by Stripe's clock; at the very first start, a day ago by ours."""
    kept = marks.read(tx, EVENTS_MARK)
    if kept is None:
        kept = str(tx.now - FIRST_SECONDS)
        marks.keep(tx, EVENTS_MARK, kept)
    return float(kept)


def _read_upto(tx: Tx, moment: float) -> None:
    marks.keep(tx, EVENTS_MARK, str(moment))
    sessions.forget_old(tx)
