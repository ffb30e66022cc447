"""The stand-in's memory of Stripe: sessions, payments, refunds, disputes and events, and what people do at the page.

It belongs to no `trio.run` and survives any number of them. Of Stripe's many ways to pay it knows one: a card, whose
payment succeeds at once or is declined.
"""

import string
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox.stripe.objects import Dispute, Event, Payment, Refund, Session
from sandbox.stripe.refusal import Refusal, invalid, no_such

EVENT_DELAY = 2.0
"""Seconds until an event is listed; in Stripe's list one second to several minutes were seen."""
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as it was counted: also one that was refused or got lost."""

    at: float
    operation: str
    read: bool


def _as_asked(session: Session, paid: bool) -> str:
    return session.success_url if paid else session.cancel_url or ""


class StripeWorld:
    """One Stripe account. `now` gives epoch seconds."""

    def __init__(self, *, now: Callable[[], float], random: Random) -> None:
        self.now = now
        self.random = random
        self.event_delay = EVENT_DELAY
        self.sessions: dict[str, Session] = {}
        self.payments: dict[str, Payment] = {}
        self.refunds: dict[str, Refund] = {}
        self.disputes: dict[str, Dispute] = {}
        self.events: list[Event] = []
        self.listeners: list[Callable[[Event], None]] = []
        self.log: list[Request] = []
        self.revoked = False  # the operator's key was rolled in the Dashboard
        self.forbidden: set[str] = set()  # operations this (restricted) key may not use
        self.leave: Callable[[Session, bool], str] = _as_asked
        """Where the page sends whoever has paid (True), or wants to pay later."""

    # What the API asks for

    def new_id(self, prefix: str, letters: int = 24) -> str:
        return prefix + "".join(self.random.choice(_LETTERS) for _ in range(letters))

    def create(self, params: dict[str, Any], *, livemode: bool, page: str) -> Session:
        """A session for parameters that were checked; `page` is where its hosted page begins."""
        now = int(self.now())
        items: list[dict[str, Any]] = params["line_items"]
        # 66 characters in all, as the ids of test sessions have.
        id = self.new_id("cs_live_" if livemode else "cs_test_", 58)
        session = Session(
            id=id,
            created=now,
            expires_at=params.get("expires_at", now + 86_400),
            amount_total=sum(item["price_data"]["unit_amount"] * item.get("quantity", 1) for item in items),
            currency=items[0]["price_data"]["currency"].lower(),
            livemode=livemode,
            success_url=params["success_url"].replace("{CHECKOUT_SESSION_ID}", id),
            cancel_url=params.get("cancel_url"),
            client_reference_id=params.get("client_reference_id"),
            metadata=params.get("metadata", {}),
            payment_metadata=params.get("payment_intent_data", {}).get("metadata", {}),
            payment_method_types=params.get("allowed_payment_method_types", ["card", "link"]),
            description=", ".join(item["price_data"]["product_data"]["name"] for item in items),
            locale=params.get("locale"),
            url=f"{page}/{id}",
        )
        self.sessions[id] = session
        return session

    def session(self, id: str, *, livemode: bool) -> Session:
        """The session of this id in this mode, as it stands now. Raises `Refusal`."""
        self.tidy()
        session = self.sessions.get(id)
        if session is None or session.livemode is not livemode:
            raise no_such("checkout.session", id)
        return session

    def tidy(self) -> None:
        """Sessions past their time expire."""
        for session in self.sessions.values():
            if session.status == "open" and self.now() >= session.expires_at:
                self._expire(session, at=session.expires_at)

    def expire(self, session: Session) -> Session:
        if session.status != "open":
            raise Refusal(
                400,
                f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status '
                f"of {session.status}.",
            )
        self._expire(session, at=int(self.now()))
        return session

    def _expire(self, session: Session, *, at: int) -> None:
        session.status = "expired"
        self._happened("checkout.session.expired", session.shown(), session.livemode, at=at)

    def forget_session(self, id: str) -> None:
        """The session is gone without a trace: what a wrong account's key sees."""
        del self.sessions[id]

    # What people do at the hosted page

    def pay(self, id: str, *, amount: int | None = None, currency: str | None = None) -> Payment:
        """The card is charged. Another amount or currency than asked for is what a coupon or a local price makes.

        Raises `Refusal` when the session is not open.
        """
        self.tidy()
        session = self.sessions[id]
        if session.status != "open":
            raise Refusal(400, f"This Checkout Session has a status of {session.status}.")
        session.amount_total = session.amount_total if amount is None else amount
        session.currency = currency or session.currency
        payment = Payment(
            id=self.new_id("pi_"),
            created=int(self.now()),
            amount=session.amount_total,
            currency=session.currency,
            livemode=session.livemode,
            metadata=dict(session.payment_metadata),
            session=id,
        )
        self.payments[payment.id] = payment
        session.payment_intent = payment.id
        session.status, session.payment_status = "complete", "paid"
        self._happened("charge.succeeded", payment.shown_charge(), payment.livemode)
        self._happened("payment_intent.succeeded", payment.shown(), payment.livemode)
        self._happened("checkout.session.completed", session.shown(), session.livemode)
        return payment

    def decline(self, id: str) -> None:
        """The bank says no: the session stays open for another card."""
        session = self.sessions[id]
        failed = {"id": self.new_id("ch_"), "object": "charge", "paid": False, "amount": session.amount_total}
        self._happened("charge.failed", failed, session.livemode)

    # What the merchant does, in the Dashboard or through the API, and what banks do

    def payment(self, *, intent: str | None = None, charge: str | None = None) -> Payment:
        """The payment of that intent or charge. Raises `Refusal`."""
        found = self.payments.get(intent or "pi_" + (charge or "").removeprefix("ch_"))
        if found is None:
            kind = "payment_intent" if intent else "charge"
            raise no_such(kind, intent or charge or "")
        return found

    def refund(
        self,
        payment: Payment,
        amount: int | None = None,
        *,
        metadata: dict[str, str] | None = None,
        reason: str | None = None,
    ) -> Refund:
        """Give back `amount`, or all that is left. Raises `Refusal`."""
        left = payment.amount - payment.refunded
        if payment.disputed:
            said = f"Charge {payment.charge_id} has been charged back; cannot issue a refund."
            raise Refusal(400, said, code="charge_disputed")
        if not left:
            said = f"Charge {payment.charge_id} has already been refunded."
            raise Refusal(400, said, code="charge_already_refunded")
        given = left if amount is None else amount
        if given <= 0:
            raise invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
        if given > left:
            said = f"Refund amount ({given}) is greater than unrefunded amount on charge ({left})"
            raise invalid(said, "amount")
        refund = Refund(
            id=self.new_id("re_"),
            created=int(self.now()),
            amount=given,
            currency=payment.currency,
            charge=payment.charge_id,
            payment_intent=payment.id,
            metadata=metadata or {},
            reason=reason,
        )
        self.refunds[refund.id] = refund
        payment.refunded += given
        self._happened("refund.created", refund.shown(), payment.livemode)
        self._happened("charge.refunded", payment.shown_charge(), payment.livemode)
        return refund

    def fail_refund(self, refund: Refund) -> None:
        """The bank sent a refund back: the money is with the merchant again."""
        refund.status = "failed"
        payment = self.payments[refund.payment_intent]
        payment.refunded -= refund.amount
        self._happened("refund.failed", refund.shown(), payment.livemode)

    def dispute(self, payment: Payment, *, inquiry: bool = False, amount: int | None = None) -> Dispute:
        """The bank wants the money back, or (an inquiry) only asks."""
        dispute = Dispute(
            id=self.new_id("du_"),
            created=int(self.now()),
            amount=amount or payment.amount - payment.refunded,
            currency=payment.currency,
            charge=payment.charge_id,
            payment_intent=payment.id,
            livemode=payment.livemode,
            status="warning_needs_response" if inquiry else "needs_response",
        )
        self.disputes[dispute.id] = dispute
        if not inquiry:
            payment.disputed = True
        self._happened("charge.dispute.created", dispute.shown(), payment.livemode)
        if not inquiry:
            self._happened("charge.dispute.funds_withdrawn", dispute.shown(), payment.livemode)
        return dispute

    def close_dispute(self, dispute: Dispute, status: str) -> None:
        """`won`, `lost`, or `warning_closed` for an inquiry."""
        dispute.status = status
        if status == "won":
            self._happened("charge.dispute.funds_reinstated", dispute.shown(), dispute.livemode)
        self._happened("charge.dispute.closed", dispute.shown(), dispute.livemode)

    # Events

    def _happened(self, type: str, object: dict[str, Any], livemode: bool, *, at: int | None = None) -> None:
        moment = int(self.now()) if at is None else at
        # Not in order: of two events of one moment the later one may be listed first.
        visible_at = moment + self.event_delay * self.random.uniform(0.5, 1.0)
        event = Event(self.new_id("evt_"), type, moment, livemode, visible_at, deepcopy(object))
        self.events.append(event)
        for listener in self.listeners:
            listener(event)

    def visible_events(self) -> list[Event]:
        """What the list would show now, oldest first."""
        self.tidy()
        return [event for event in self.events if event.visible_at <= self.now()]

    # Counting

    def count(self, operation: str, *, read: bool) -> None:
        self.log.append(Request(self.now(), operation, read))

    @property
    def requests(self) -> Counter[str]:
        """How often each operation was asked for."""
        return Counter(request.operation for request in self.log)

    @property
    def reads(self) -> int:
        """What counts against the read allowance (docs.stripe.com/rate-limits)."""
        return sum(request.read for request in self.log)
