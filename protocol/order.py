"""The life of a purchase, as one table for all rails. No other file decides which transition is legal.

Rule 1. An order is `draft` until a rail is chosen, and keeps its rail for ever: another way to pay is another order.
Rule 2. `waiting` means the person may pay; `claimed` that they say they have, and an admin must decide (Kaspi).
Rule 3. Money that really came is credited, however late: `pay` is legal wherever nothing was paid yet.
Rule 4. Only `pay` credits tokens, once. `refund`, `undo` and a lost dispute take them back, once.
Rule 5. A dispute freezes the tokens until it is won or lost. What goes back only in part leaves the order `paid`.
Rule 6. Banks decide again: a refund may fail, and a lost dispute be won on appeal. Then the tokens come back.
"""

from enum import StrEnum
from types import MappingProxyType

CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0 O 1 I, which people take for each other."""
CODE_LENGTH = 6
_BITS = 5 * CODE_LENGTH
_MASK = (1 << _BITS) - 1


class Rail(StrEnum):
    """A way money comes in. The words are stored, so they never change."""

    STARS = "stars"
    STRIPE = "stripe"
    KASPI = "kaspi"


class OrderState(StrEnum):
    """Where an order stands. The words are stored, so they never change."""

    DRAFT = "draft"
    WAITING = "waiting"
    CLAIMED = "claimed"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    REFUNDED = "refunded"
    DISPUTED = "disputed"


class OrderEvent(StrEnum):
    """What can happen to an order."""

    OFFER = "offer"  # a rail was chosen: the person may pay
    CLAIM = "claim"  # a receipt came
    REFUSE = "refuse"  # an admin found no money behind it
    PAY = "pay"  # money came: the tokens are credited
    CANCEL = "cancel"  # the person does not want it any more
    EXPIRE = "expire"
    REFUND_PART = "refund_part"
    REFUND = "refund"  # the whole amount went back
    RESTORE = "restore"  # a refund did not go through after all
    DISPUTE = "dispute"
    WIN = "win"
    LOSE = "lose"
    LOSE_PART = "lose_part"  # the bank took back a part of the amount only
    WIN_LATE = "win_late"  # a dispute that had been lost was won after all
    UNDO = "undo"  # an admin takes back an approval


S, E = OrderState, OrderEvent
TRANSITIONS = MappingProxyType(
    {
        (S.DRAFT, E.OFFER): S.WAITING,
        (S.DRAFT, E.CANCEL): S.CANCELLED,
        (S.DRAFT, E.EXPIRE): S.EXPIRED,
        (S.WAITING, E.CLAIM): S.CLAIMED,
        (S.WAITING, E.PAY): S.PAID,
        (S.WAITING, E.CANCEL): S.CANCELLED,
        (S.WAITING, E.EXPIRE): S.EXPIRED,
        (S.CLAIMED, E.CLAIM): S.CLAIMED,
        (S.CLAIMED, E.REFUSE): S.REFUSED,
        (S.CLAIMED, E.PAY): S.PAID,
        (S.CLAIMED, E.CANCEL): S.CANCELLED,
        (S.CLAIMED, E.EXPIRE): S.EXPIRED,
        (S.REFUSED, E.CLAIM): S.CLAIMED,
        (S.REFUSED, E.PAY): S.PAID,
        (S.REFUSED, E.CANCEL): S.CANCELLED,
        (S.REFUSED, E.EXPIRE): S.EXPIRED,
        (S.EXPIRED, E.CLAIM): S.CLAIMED,
        (S.EXPIRED, E.PAY): S.PAID,
        (S.CANCELLED, E.CLAIM): S.CLAIMED,
        (S.CANCELLED, E.PAY): S.PAID,
        (S.PAID, E.REFUND_PART): S.PAID,
        (S.PAID, E.REFUND): S.REFUNDED,
        (S.PAID, E.RESTORE): S.PAID,
        (S.PAID, E.DISPUTE): S.DISPUTED,
        (S.PAID, E.WIN_LATE): S.PAID,
        (S.PAID, E.UNDO): S.REFUSED,
        (S.REFUNDED, E.RESTORE): S.PAID,
        (S.REFUNDED, E.WIN_LATE): S.PAID,
        (S.DISPUTED, E.REFUND_PART): S.DISPUTED,
        (S.DISPUTED, E.REFUND): S.REFUNDED,
        (S.DISPUTED, E.WIN): S.PAID,
        (S.DISPUTED, E.LOSE): S.REFUNDED,
        (S.DISPUTED, E.LOSE_PART): S.PAID,
    }
)

OPEN = frozenset({S.DRAFT, S.WAITING, S.CLAIMED})
"""Nothing was paid yet, and it may still be cancelled."""
CREDITED = frozenset({S.PAID, S.REFUNDED, S.DISPUTED})
"""Its tokens were credited once."""


class IllegalOrderTransition(Exception):
    """This cannot happen to an order that stands there."""

    def __init__(self, state: OrderState, event: OrderEvent) -> None:
        super().__init__(f"{event} cannot happen to an order that is {state}")
        self.state = state
        self.event = event


def after(state: OrderState, event: OrderEvent) -> OrderState:
    """Where the event leads. Raises `IllegalOrderTransition`."""
    found = TRANSITIONS.get((state, event))
    if found is None:
        raise IllegalOrderTransition(state, event)
    return found


def code_of(order_id: int) -> str:
    """A short code people can read aloud: one for each of the first 2^30 orders, in no visible sequence.

    It is made from the id by steps that can be undone (xor with a shift, product with an odd number), so no two ids
    share a code. It opens nothing: whoever guesses one learns nothing by it.
    """
    mixed = order_id & _MASK
    for factor, shift in ((0x2545F491, 15), (0x1B873593, 13)):
        mixed = (mixed ^ (mixed >> shift)) * factor & _MASK
    mixed ^= mixed >> 16
    return "".join(CODE_LETTERS[(mixed >> place) & 31] for place in range(_BITS - 5, -1, -5))


def is_code(text: str) -> bool:
    """Whether this could be the code of an order, as a person may type it."""
    return len(text) == CODE_LENGTH and all(letter in CODE_LETTERS for letter in text.upper())
