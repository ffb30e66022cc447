"""Payments in Telegram Stars: the question before a payment, the payment, refunds and the bot's transactions.

People have all the Stars they want. Left out: subscriptions, gifts, chargebacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.telegram.errors import PersonCannot
from sandbox.telegram.updates import MESSAGE_SECONDS, QUERY_SECONDS

if TYPE_CHECKING:
    from sandbox.telegram.state import TelegramWorld

ANSWER_SECONDS = 10.0  # "must receive an answer within 10 seconds after the pre-checkout query was sent"


@dataclass(slots=True)
class Checkout:
    """One try to pay an invoice. `error` is what the person reads when it fails; `charge_id` the payment it became."""

    id: str
    person_id: int
    message_id: int
    amount: int
    payload: str
    asked: float
    answered_at: float | None = None
    error: str | None = None
    charge_id: str | None = None


@dataclass(slots=True)
class Charge:
    """One payment that went through."""

    id: str
    person_id: int
    amount: int
    payload: str
    refunded: bool = False


class Stars:
    """The payments of a world. `lose` is how many of the next payments or refunds the bot is never told of."""

    def __init__(self, world: TelegramWorld) -> None:
        self._world = world
        self.payloads: dict[tuple[int, int], str] = {}  # by chat and message: Telegram shows it to nobody
        self.checkouts: dict[str, Checkout] = {}
        self.charges: dict[str, Charge] = {}
        self.transactions: list[dict[str, Any]] = []
        self.lose = 0
        self.twice = 0  # how many of the next payments the bot is told of twice

    def balance(self) -> int:
        """The bot's Stars."""
        return sum(line["amount"] if "source" in line else -line["amount"] for line in self.transactions)

    # What people do.

    def pay(self, person_id: int, message_id: int) -> Checkout:
        """Press the pay button of an invoice: the bot is asked first. Raises `LookupError`, `PersonCannot`."""
        world = self._world
        message = world.messages[person_id].get(message_id)
        if message is None or "invoice" not in message:
            raise LookupError(f"message {message_id} is no invoice")
        if self.paid(person_id, message_id):
            raise PersonCannot("this invoice is paid already")
        amount: int = message["invoice"]["total_amount"]
        payload = self.payloads[person_id, message_id]
        checkout = Checkout(str(world.random.getrandbits(62)), person_id, message_id, amount, payload, world.now())
        self.checkouts[checkout.id] = checkout
        asked = {
            "id": checkout.id,
            "from": world.people[person_id].user(),
            "currency": "XTR",
            "total_amount": amount,
            "invoice_payload": payload,
        }
        world.updates.push("pre_checkout_query", asked, lifetime=QUERY_SECONDS)
        world.notify(person_id, "payment", self.shown(checkout))
        return checkout

    def paid(self, person_id: int, message_id: int) -> bool:
        """Whether this invoice is paid: in the chat it was sent to, it can be once."""
        here = [c for c in self.checkouts.values() if (c.person_id, c.message_id) == (person_id, message_id)]
        return any(checkout.charge_id for checkout in here)

    def pay_newest(self, person_id: int) -> Checkout:
        """Pay the newest invoice of the chat. Raises `LookupError` when there is none."""
        for message in reversed(self._world.messages[person_id].values()):
            if "invoice" in message:
                return self.pay(person_id, message["message_id"])
        raise LookupError("there is no invoice")

    def shown(self, checkout: Checkout) -> dict[str, Any]:
        """A try to pay as the page shows it."""
        body: dict[str, Any] = {"checkout_id": checkout.id, "message_id": checkout.message_id}
        state = "paid" if checkout.charge_id else "failed" if self.failed(checkout) else "asking"
        return body | {"state": state, "error": checkout.error or ""}

    def failed(self, checkout: Checkout) -> bool:
        """Whether it came to nothing: the bot said no, or did not say anything in time."""
        late = checkout.answered_at is None and self._world.now() - checkout.asked > ANSWER_SECONDS
        return checkout.error is not None or late

    def charge(self, person_id: int, amount: int, payload: str) -> Charge:
        """A payment goes through, whether the bot was asked or not: with this a test pays what nobody would offer."""
        world = self._world
        charge = Charge(f"stx{world.random.getrandbits(96):x}", person_id, amount, payload)
        self.charges[charge.id] = charge
        partner = {
            "type": "user",
            "transaction_type": "invoice_payment",
            "user": world.people[person_id].user(),
            "invoice_payload": payload,
        }
        self.transactions.append({"id": charge.id, "amount": amount, "date": int(world.now()), "source": partner})
        self._service(charge, "successful_payment", {"provider_payment_charge_id": f"{person_id}_{len(self.charges)}"})
        return charge

    # What the bot does.

    def answer(self, checkout: Checkout, error: str | None) -> None:
        """The bot's answer, in time."""
        checkout.answered_at = self._world.now()
        checkout.error = error
        if error is None:
            checkout.charge_id = self.charge(checkout.person_id, checkout.amount, checkout.payload).id
        self._world.notify(checkout.person_id, "payment", self.shown(checkout))

    def refund(self, charge: Charge) -> None:
        """All Stars of a payment go back, whoever asked for it."""
        world = self._world
        charge.refunded = True
        partner = {
            "type": "user",
            "transaction_type": "invoice_payment",
            "user": world.people[charge.person_id].user(),
            "invoice_payload": charge.payload,
        }
        self.transactions.append(
            {"id": charge.id, "amount": charge.amount, "date": int(world.now()), "receiver": partner}
        )
        self._service(charge, "refunded_payment", {})

    def _service(self, charge: Charge, kind: str, more: dict[str, Any]) -> None:
        """The message both sides see, and the update with it, unless that is to be lost."""
        body = {
            "currency": "XTR",
            "total_amount": charge.amount,
            "invoice_payload": charge.payload,
            "telegram_payment_charge_id": charge.id,
        }
        person = self._world.people[charge.person_id]
        message = self._world.service_message(person, {kind: body | more})
        if self.lose > 0:
            self.lose -= 1
            return
        self._world.updates.push("message", message, lifetime=MESSAGE_SECONDS)
        if self.twice > 0:
            self.twice -= 1
            self._world.updates.push("message", message, lifetime=MESSAGE_SECONDS)
