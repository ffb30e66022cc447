"""Kaspi, the buyer's side: a transfer by hand, found again by its unique sum, and the receipt that is sent for it.

Kaspi tells a shop of this size nothing, so an admin looks into the bank's application and decides (`kaspi_desk`).
A receipt is a claim, never proof.
"""

from typing import TYPE_CHECKING

from actors.shop.context import KaspiAccount, Shop
from actors.shop.money import order_cards
from actors.shop.rails import kaspi_claim, kaspi_desk
from actors.shop.rails.kaspi_claim import Claim
from actors.shop.words import astana, by_day, duration, money, tokens
from protocol.order import OrderEvent, OrderState
from protocol.posts import Button, Card, Keyboard
from protocol.texts import Html, plain, say
from storage import orders, posts, receipts, users
from storage.orders import Order
from storage.store import Tx
from storage.users import User

if TYPE_CHECKING:
    from actors.shop.pressed import Pressed

TENGE = 100
"""Minor units."""
NEAREST, FARTHEST = 99, 999
"""Whole tenge above the price: one of the first 99, and only when all of them are taken, one farther away."""
KEPT_FREE_SECONDS = 3 * 86400.0
"""For so long after its last day the sum of an order that is over goes to another one only when no other is left."""
FIRST_REMINDER = 30 * 60.0
MOST_COPIED = 256
"""Characters a button puts on the clipboard (Bot API, CopyTextButton)."""


def offer(shop: Shop, tx: Tx, person: User, order: Order) -> None:
    """Reserve the order's own sum, once, and show where to send it."""
    if not order.params:
        amount = free_amount(tx, order)
        claim = Claim(expected=amount, tokens=order.tokens)
        order = orders.change(tx, order, amount=amount, params=kaspi_claim.stored(claim))
        orders.note(tx, order, "reserve", who=orders.rail_is("kaspi"), detail=f"{amount} KZT")
    posts.show(tx, person.id, order_cards.slot(order.id), waiting_card(shop, tx, person, order))


def free_amount(tx: Tx, order: Order) -> int:
    """The price and a few tenge, in tiyn: a sum no other open Kaspi order has. It tells whose transfer came."""
    taken, recent = receipts.amounts_taken(tx, except_order=order.id, since=tx.now - KEPT_FREE_SECONDS)
    near = [order.amount + TENGE * (1 + (order.id + step) % NEAREST) for step in range(NEAREST)]
    far = [order.amount + TENGE * step for step in range(NEAREST + 1, FARTHEST + 1)]
    for amounts, used in ((near, taken | recent), (near, taken), (far, taken)):
        found = next((amount for amount in amounts if amount not in used), None)
        if found is not None:
            return found
    raise RuntimeError(f"{FARTHEST} open orders have taken every sum near {order.amount}")


def waiting_card(shop: Shop, tx: Tx, person: User, order: Order) -> Card:
    """What to pay, where, and what to send afterwards; each thing with a button that copies it."""
    language = shop.language(person)
    account = shop.kaspi or KaspiAccount()
    lines = [
        say(language, "order-waiting-kaspi", tokens=tokens(language, order.tokens), price=order_cards.price(order)),
        *([say(language, "kaspi-phone", phone=account.phone)] if account.phone else []),
        *([say(language, "kaspi-recipient", recipient=account.recipient)] if account.recipient else []),
        say(language, "kaspi-then", code=order.code, until=astana(order.expires_at)),
    ]
    rows: list[tuple[Button, ...]] = []
    if account.pay_url:
        rows.append((Button(text=plain(language, "button-kaspi-open"), url=account.pay_url),))
        if len(account.pay_url) <= MOST_COPIED:
            rows.append((Button(text=plain(language, "button-copy-link"), copies=account.pay_url),))
    if account.phone:
        rows.append((Button(text=f"📋 {account.phone}", copies=account.phone),))
    rows.append((Button(text=f"📋 {order_cards.price(order)}", copies=str(order.amount // TENGE)),))
    return Card(html=Html("\n".join(lines)), keyboard=order_cards.waiting_keyboard(language, order, *rows))


def withdraw(shop: Shop, tx: Tx, order: Order) -> None:
    """It was cancelled or has expired: the admins' cards say so."""
    kaspi_desk.show(shop, tx, order)


def repay(tx: Tx) -> None:
    """A refund is wanted: nobody is told, for an admin sends the money back by hand and says so with `/refund`."""


def check(pressed: "Pressed", order: Order) -> None:
    """🔄: there is nothing to ask of Kaspi, so the person is asked for the receipt, or told how long it takes."""
    said = pressed.said
    if order.stands is OrderState.CLAIMED:
        pressed.answer("answer-kaspi-waits", alert=True, wait=_wait(said.tx, said.language))
        return
    users.change(said.tx, said.person.id, asked=f"receipt:{order.id}")
    said.reply(say(said.language, "kaspi-send-receipt", code=order.code, price=order_cards.price(order)))
    pressed.answer()


def press(pressed: "Pressed", order: Order, action: str, value: str) -> bool:
    """Whether a picture is a receipt, says its sender; everything else is asked of the admins' desk."""
    from actors.shop.rails import kaspi_receipts

    if order.user_id == pressed.said.person.id and kaspi_receipts.press(pressed, order, action, value):
        return True
    return kaspi_desk.press(pressed, order, action, value)


def claim(shop: Shop, tx: Tx, person: User, order: Order, receipt_id: int) -> Order:
    """A receipt came: the order waits for an admin, and the person hears how long that usually takes."""
    before = kaspi_claim.of(order)
    again = order.stands is OrderState.CLAIMED
    now = before.model_copy(
        update={
            "receipt": receipt_id,
            "claimed_at": before.claimed_at if again else tx.now,
            "first_admin": 0,
            "first_amount": 0,
            "refusal": "",
        }
    )
    order = orders.move(
        tx,
        order,
        OrderEvent.CLAIM,
        who=orders.person_is(person.id),
        detail=f"receipt {receipt_id}",
        params=kaspi_claim.stored(now),
        amount=now.expected,
        tokens=now.tokens,
        next_check_at=order.next_check_at if again else by_day(tx.now + FIRST_REMINDER),
    )
    show_claimed(shop, tx, person, order)
    language = shop.language(person)
    html = say(language, "kaspi-received", code=order.code, wait=_wait(tx, language))
    posts.show(tx, person.id, f"kaspi-said:{order.id}:{order.version}", Card(html=html))
    return order


def show_claimed(shop: Shop, tx: Tx, person: User, order: Order) -> None:
    """The order's card while an admin looks."""
    language = shop.language(person)
    html = say(
        language,
        "order-claimed",
        tokens=tokens(language, order.tokens),
        price=money(kaspi_claim.of(order).expected, "KZT"),
        code=order.code,
    )
    ask: Keyboard = ((order_cards.button(order, plain(language, "button-check"), "check"),),)
    posts.show(tx, person.id, order_cards.slot(order.id), Card(html=html, keyboard=ask))


def _wait(tx: Tx, language: str) -> Html:
    """How long a decision usually takes: the median of the last ones, or that nobody knows yet."""
    seconds = receipts.usual_wait(tx)
    if seconds is None:
        return say(language, "kaspi-wait-unknown")
    return say(language, "kaspi-wait", time=duration(language, max(60.0, seconds)))
