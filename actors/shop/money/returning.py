"""Whoever comes back from a payment page: `/start p_<code>` opens the chat again, and proves nothing."""

from typing import TYPE_CHECKING

from actors.shop.money import purchase, till
from actors.shop.rails import stripe
from protocol.order import OrderState, Rail
from protocol.texts import say
from storage import orders

if TYPE_CHECKING:
    from actors.shop.said import Said

PREFIX = "p_"


def back(said: "Said") -> bool:
    """Look after the order that a start parameter names; False when it names none of this person's."""
    word = said.words.strip()
    order = orders.by_code(said.tx, word.removeprefix(PREFIX)) if word.startswith(PREFIX) else None
    if order is None or order.user_id != said.person.id:
        return False
    if order.paid_at is not None:
        till.show_ended(said.shop, said.tx, order)
        said.reply(say(said.language, "returned-paid", code=order.code, balance=said.available()))
    elif order.way is Rail.STRIPE:
        stripe.look_now(said.tx, order)
        said.reply(say(said.language, "returned-checking", code=order.code))
    elif order.stands is OrderState.WAITING:
        purchase.show_again(said.shop, said.tx, said.person, order)
    else:
        return False
    return True
