"""What a Kaspi order remembers besides its row, and what speaks against the receipt that came for it.

Nothing here decides: a doubt is a line on the admins' card, and the money in the bank's application is the proof.
"""

import json
from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from actors.media.receipt import Fields
from actors.shop.context import Shop
from actors.shop.words import astana, money
from protocol.catalogue import Language
from protocol.job import JobState
from protocol.order import Rail
from protocol.texts import Html, say
from storage import jobs, orders, receipts, users
from storage.orders import Order
from storage.receipts import Receipt
from storage.store import Tx

CLOCKS_DIFFER = 15 * 60.0
"""Seconds a receipt may be older than its order, or ahead of our clock, without a word about it."""
NEW_PERSON = 86400.0
FILMS_COUNTED = 500


class Claim(BaseModel):
    """Kept in the order's `params`. Sums in tiyn; admins by their ids; times in epoch seconds."""

    model_config = ConfigDict(frozen=True)

    expected: int
    """What the person was asked for."""
    tokens: int
    """What that sum buys."""
    receipt: int = 0
    claimed_at: float = 0.0
    first_admin: int = 0
    """Who approved first, where two must."""
    first_amount: int = 0
    decided_by: int = 0
    decided_at: float = 0.0
    refusal: str = ""
    """A reason of the list by its name, or an admin's own words."""
    credits: int = 0
    """How often it was credited: more than once only after an approval was undone."""

    @property
    def asked(self) -> int:
        """The sum the next approval is about: what the first admin has found, else what was expected."""
        return self.first_amount or self.expected

    def tokens_for(self, amount: int) -> int:
        """Whole tokens for the sum that really came, in proportion."""
        return self.tokens * amount // self.expected


def of(order: Order) -> Claim:
    """What the order remembers. Raises pydantic's `ValidationError` when it is no Kaspi order."""
    return Claim.model_validate_json(order.params or "{}")


def stored(claim: Claim) -> str:
    """The form kept in `params`."""
    return claim.model_dump_json()


def fields_of(receipt: Receipt | None) -> Fields:
    """What was read from a receipt; nothing while it was not."""
    if receipt is None or receipt.state != "read" or not receipt.fields:
        return Fields()
    return Fields(**json.loads(receipt.fields))


def doubts(
    shop: Shop, tx: Tx, language: Language, order: Order, claim: Claim, receipt: Receipt | None
) -> Iterator[Html]:
    """Everything that speaks against the receipt, the gravest first, as lines for the admins' card."""
    fields = fields_of(receipt)
    for order_id in receipts.seen_before(tx, receipt) if receipt else ():
        other = orders.find(tx, order_id)
        assert other is not None, "a receipt has its order"
        state = say(language, f"order-state-{other.state}")
        yield say(language, "desk-doubt-used", code=other.code, state=state, who=str(other.user_id))
    if fields.amount is not None and fields.amount != claim.expected:
        yield say(language, "desk-doubt-amount", shown=money(fields.amount, "KZT"))
        for other in orders.of_user(tx, order.user_id):
            if other.id != order.id and other.way is Rail.KASPI and other.amount == fields.amount:
                state = say(language, f"order-state-{other.state}")
                yield say(language, "desk-doubt-fits", code=other.code, state=state)
    ours = shop.kaspi.recipient if shop.kaspi else ""
    if fields.recipient and ours and not same_name(fields.recipient, ours):
        yield say(language, "desk-doubt-recipient", recipient=fields.recipient)
    if fields.paid_at is not None and fields.paid_at < order.created_at - CLOCKS_DIFFER:
        yield say(language, "desk-doubt-old", time=astana(fields.paid_at))
    if fields.paid_at is not None and fields.paid_at > tx.now + CLOCKS_DIFFER:
        yield say(language, "desk-doubt-future", time=astana(fields.paid_at))
    if fields.problem:
        yield say(language, f"desk-doubt-{fields.problem}")
    person = users.get(tx, order.user_id)
    if person is not None and tx.now - person.created_at < NEW_PERSON and not orders.paid_before(tx, order):
        yield say(language, "desk-doubt-new")


def same_name(shown: str, expected: str) -> bool:
    """Whether a receipt's recipient may be the expected one: a bank shortens `Данияр Сериков` to `Данияр С.`."""
    ours, theirs = _words(expected), _words(shown)
    if not ours or not theirs:
        return True
    short, long = sorted((ours, theirs), key=len)
    if len(short) != len(long) and short == long[: len(short)]:
        return True
    return len(ours) == len(theirs) and all(
        one.startswith(other) or other.startswith(one) for one, other in zip(ours, theirs, strict=True)
    )


def _words(name: str) -> list[str]:
    kept = "".join(letter if letter.isalnum() else " " for letter in name.casefold())
    return kept.split()


def history(tx: Tx, language: Language, order: Order) -> Html:
    """Who asks: purchases and films so far, and since when we know them."""
    person = users.get(tx, order.user_id)
    assert person is not None, "an order has its person"
    bought = sum(1 for other in orders.of_user(tx, person.id, limit=FILMS_COUNTED) if other.paid_at is not None)
    films = len(jobs.of_user(tx, person.id, [JobState.DELIVERED], limit=FILMS_COUNTED))
    handle = f" @{person.username}" if person.username else ""
    return say(
        language,
        "desk-person",
        name=person.first_name[:60] + handle,
        id=str(person.id),
        orders=bought,
        films=films,
        since=astana(person.created_at)[:10],
    )


def external_id(order: Order, claim: Claim) -> str:
    """The unique name of the credit; another one after an approval was undone."""
    return order.code if not claim.credits else f"{order.code}-{claim.credits + 1}"
