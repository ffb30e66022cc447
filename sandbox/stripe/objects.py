"""What Stripe keeps, and how its API shows it. Amounts are in minor units of the currency, times in epoch seconds."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Session:
    """A Checkout Session: one attempt of one customer to pay."""

    id: str
    created: int
    expires_at: int
    amount_total: int
    currency: str
    livemode: bool
    success_url: str
    cancel_url: str | None
    client_reference_id: str | None
    metadata: dict[str, str]
    payment_metadata: dict[str, str]
    payment_method_types: list[str]
    description: str
    locale: str | None
    url: str
    status: str = "open"  # open, complete, expired
    payment_status: str = "unpaid"  # unpaid, paid
    payment_intent: str | None = None

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "checkout.session",
            "adaptive_pricing": {"enabled": False},
            "amount_subtotal": self.amount_total,
            "amount_total": self.amount_total,
            "cancel_url": self.cancel_url,
            "client_reference_id": self.client_reference_id,
            "created": self.created,
            "currency": self.currency,
            "customer": None,
            "expires_at": self.expires_at,
            "livemode": self.livemode,
            "locale": self.locale,
            "metadata": self.metadata,
            "mode": "payment",
            "payment_intent": self.payment_intent,
            "payment_method_types": self.payment_method_types,
            "payment_status": self.payment_status,
            "status": self.status,
            "success_url": self.success_url,
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "ui_mode": "hosted_page",
            "url": self.url if self.status == "open" else None,  # a session that ended has no page any more
        }


@dataclass(slots=True)
class Payment:
    """A PaymentIntent and its one successful charge, whose id differs only in its prefix."""

    id: str
    created: int
    amount: int
    currency: str
    livemode: bool
    metadata: dict[str, str]
    session: str
    refunded: int = 0
    disputed: bool = False

    @property
    def charge_id(self) -> str:
        return "ch_" + self.id.removeprefix("pi_")

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_received": self.amount,
            "created": self.created,
            "currency": self.currency,
            "latest_charge": self.charge_id,
            "livemode": self.livemode,
            "metadata": self.metadata,
            "status": "succeeded",
        }

    def shown_charge(self) -> dict[str, Any]:
        return {
            "id": self.charge_id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": self.amount,
            "amount_refunded": self.refunded,
            "captured": True,
            "created": self.created,
            "currency": self.currency,
            "disputed": self.disputed,
            "livemode": self.livemode,
            "metadata": self.metadata,
            "paid": True,
            "payment_intent": self.id,
            "refunded": self.refunded >= self.amount,
            "status": "succeeded",
        }


@dataclass(slots=True)
class Refund:
    """Money given back, whole or in part."""

    id: str
    created: int
    amount: int
    currency: str
    charge: str
    payment_intent: str
    metadata: dict[str, str]
    reason: str | None
    status: str = "succeeded"

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "reason": self.reason,
            "status": self.status,
        }


@dataclass(slots=True)
class Dispute:
    """The cardholder's bank wants the money back."""

    id: str
    created: int
    amount: int
    currency: str
    charge: str
    payment_intent: str
    livemode: bool
    status: str = "needs_response"  # warning_needs_response, warning_closed, needs_response, won, lost

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "is_charge_refundable": False,
            "livemode": self.livemode,
            "metadata": {},
            "payment_intent": self.payment_intent,
            "reason": "fraudulent",
            "status": self.status,
        }


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; the list shows it only from `visible_at`, because it is eventually consistent."""

    id: str
    type: str
    created: int
    livemode: bool
    visible_at: float
    object: dict[str, Any] = field(repr=False)

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": self.created,
            "data": {"object": self.object},
            "livemode": self.livemode,
            "pending_webhooks": 0,
            "request": {"id": None, "idempotency_key": None},
            "type": self.type,
        }
