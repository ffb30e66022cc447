"""What we read of Stripe's objects. Amounts are in minor units of the currency, times in epoch seconds.

Fields we do not use are left out, so that a new version of Stripe's API cannot break on them.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict


def _an_id(value: object) -> object:
    """An object that Stripe showed whole where its id was expected."""
    return value.get("id") if isinstance(value, dict) else value  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


Id = Annotated[str, BeforeValidator(_an_id)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Session(_Answer):
    """A Checkout Session. `order` is the code that we gave it, `url` the page to pay at while it is open."""

    id: str
    status: str | None = None
    payment_status: str = ""
    mode: str = ""
    livemode: bool
    currency: str | None = None
    amount_total: int | None = None
    client_reference_id: str | None = None
    metadata: dict[str, str] | None = None
    payment_intent: Id | None = None
    url: str | None = None
    created: float
    expires_at: float = 0.0

    @property
    def order(self) -> str:
        return self.client_reference_id or (self.metadata or {}).get("order", "")

    @property
    def is_paid(self) -> bool:
        return self.status == "complete" and self.payment_status == "paid"

    @property
    def is_over(self) -> bool:
        """It can no longer be paid, and was not. A session whose payment is still on its way is not over."""
        return self.status == "expired"


class Charge(_Answer):
    """One payment by card. `amount_refunded` is all that was given back so far."""

    id: str
    amount: int
    amount_refunded: int = 0
    currency: str
    livemode: bool
    payment_intent: Id | None = None
    metadata: dict[str, str] | None = None


class Dispute(_Answer):
    """The bank wants the money back. A status that begins with `warning` is only a question: no money has moved."""

    id: str
    amount: int
    charge: Id | None = None
    payment_intent: Id | None = None
    currency: str
    livemode: bool
    status: str
    created: float = 0.0

    @property
    def is_inquiry(self) -> bool:
        return self.status.startswith("warning")

    @property
    def is_over(self) -> bool:
        return self.status in ("won", "lost", "prevented")


class Refund(_Answer):
    """Money given back. `status` is `failed` when the bank sent it back to us."""

    id: str
    amount: int
    currency: str
    charge: Id | None = None
    payment_intent: Id | None = None
    status: str | None = None
    created: float = 0.0


class _Data(_Answer):
    object: dict[str, Any]


class Event(_Answer):
    """Something that happened. It is a hint: its object is as it was then, in an API version of its own."""

    id: str
    type: str
    created: float
    livemode: bool
    data: _Data

    def about(self, name: str) -> str:
        """The id that a field of the event's object holds, or nothing."""
        value: object = _an_id(self.data.object.get(name))
        return value if isinstance(value, str) else ""
