"""Telegram Stars: the invoice, the question before the payment, the payment, and the way back.

Telegram's terms ask for Stars where digital goods are sold (Bot Developer Terms, 6.2). A payment is believed only from
`successful_payment` or from the list of transactions; a pre-checkout query proves nothing.
"""

from typing import TYPE_CHECKING

import structlog

from actors.shop import alerts
from actors.shop.context import Shop
from actors.shop.money import order_cards, repayments, till
from actors.shop.words import money, tokens
from protocol.messages import StarsDue
from protocol.order import CREDITED, OrderEvent, OrderState, Rail
from protocol.posts import Card, Invoice
from protocol.texts import plain, say
from storage import bans, orders, posts, refunds, stars, users
from storage.orders import Order
from storage.refunds import Refund
from storage.stars import StarsPayment
from storage.store import Tx
from storage.users import User

if TYPE_CHECKING:
    from actors.shop.pressed import Pressed

CURRENCY = "XTR"
TITLE, DESCRIPTION = 32, 255
"""Characters (Bot API, sendInvoice)."""

log = structlog.get_logger(__name__)


def invoice_slot(order_id: int) -> str:
    return f"invoice:{order_id}"


def offer(shop: Shop, tx: Tx, person: User, order: Order) -> None:
    """The order's card, and the invoice below it."""
    language = shop.language(person)
    amount = tokens(language, order.tokens)
    body = say(language, "order-waiting-stars", code=order.code, tokens=amount, price=order_cards.price(order))
    keyboard = order_cards.waiting_keyboard(language, order)
    posts.show(tx, person.id, order_cards.slot(order.id), Card(html=body, keyboard=keyboard))
    invoice = Invoice(
        title=plain(language, "invoice-title", tokens=amount)[:TITLE],
        description=plain(language, "invoice-description", tokens=amount, code=order.code)[:DESCRIPTION],
        payload=order.code,
        label=amount,
        amount=order.amount,
        start_parameter=f"p_{order.code}",
    )
    posts.show(tx, person.id, invoice_slot(order.id), invoice)


def invoice_refused(shop: Shop, tx: Tx, chat_id: int, code: str, reason: str) -> None:
    """Telegram will never show this invoice: the order ends, the person reads so, and the admins hear why."""
    order = orders.by_code(tx, code)
    if order is None or order.stands is not OrderState.WAITING:
        return
    who = orders.rail_is(Rail.STARS)
    till.show_ended(shop, tx, orders.move(tx, order, OrderEvent.CANCEL, who=who, detail=reason))
    person = users.get(tx, chat_id)
    if person is None or person.gone_at is not None:
        return  # nobody is there to read
    posts.show(tx, chat_id, f"refused:{order.id}", Card(html=say(shop.language(person), "invoice-refused", code=code)))
    alerts.alert(shop, tx, "stars-invoice", "alert-invoice-refused", code=code, detail=reason[:300])


def withdraw(shop: Shop, tx: Tx, order: Order) -> None:
    """Nothing is open at Telegram: the question before a payment is answered by the order's state."""


def check(pressed: "Pressed", order: Order) -> None:
    """🔄: look at Telegram's list now."""
    pressed.said.tx.tell(StarsDue())
    pressed.answer("answer-checking")


def press(pressed: "Pressed", order: Order, action: str, version: str) -> bool:
    """This rail has no buttons of its own."""
    return False


def repay(tx: Tx) -> None:
    """A refund is wanted."""
    tx.tell(StarsDue())


def objection(shop: Shop, tx: Tx, *, payer: int, payload: str, amount: int, currency: str) -> str | None:
    """Why this must not be paid, as a sentence for the payer; None when it may be. A function of the books alone."""
    order = orders.by_code(tx, payload)
    person = users.get(tx, payer)
    language = shop.language(person) if person else shop.default_language
    if order is None or order.way is not Rail.STARS or order.user_id != payer or bans.of(tx, payer) is not None:
        return plain(language, "precheckout-unknown")
    if order.stands in CREDITED:
        return plain(language, "precheckout-paid")
    if order.stands is not OrderState.WAITING or order.expires_at <= tx.now:
        return plain(language, "precheckout-dead")
    if (amount, currency) != (order.amount, order.currency):
        return plain(language, "precheckout-amount")
    return None


def received(
    shop: Shop,
    tx: Tx,
    *,
    payer: int,
    charge_id: str,
    payload: str,
    amount: int,
    currency: str,
    at: float,
    old: bool = False,
) -> bool:
    """Stars came. Credit them once, however often and from wherever it is told; True when they were credited now.

    `old`: from before this shop was here, so nobody is told when it belongs to no order.
    """
    order = orders.by_code(tx, payload)
    mine = order is not None and order.way is Rail.STARS and order.user_id == payer
    payment = StarsPayment(charge_id, payer, amount, payload, order.id if order else None, "unknown", at, None)
    if not stars.record(tx, payment):
        return False
    if order is None or not mine:
        log.warning("stars.unknown_payment", user_id=payer, payload=payload[:100], external_id=charge_id, amount=amount)
        if old:
            return False
        price = money(amount, currency)
        alerts.alert(
            shop,
            tx,
            f"stars:{charge_id}"[:50],
            "alert-payment-unknown",
            who=str(payer),
            price=price,
            payload=payload[:100],
            payment=charge_id,
        )
        person = users.get(tx, payer)
        if person is not None:
            html = say(shop.language(person), "payment-unknown", price=price)
            posts.show(tx, payer, f"stars:{charge_id}"[:50], Card(html=html))
        return False
    again = order.stands in CREDITED
    credited = till.paid(
        shop, tx, order, external_id=charge_id, amount=amount, currency=currency, at=at, who=orders.rail_is(Rail.STARS)
    )
    stars.judged(tx, charge_id, "credited" if credited else "again" if again else "wrong")
    if again:
        # Nobody wants to pay twice, and Telegram takes back the whole of a payment at no cost.
        refunds.want(
            tx,
            rail=Rail.STARS,
            external_id=charge_id,
            user_id=payer,
            amount=amount,
            currency=currency,
            order_id=order.id,
            asked_by=None,
        )
        repay(tx)
    return credited


def went_back(shop: Shop, tx: Tx, *, charge_id: str, amount: int) -> bool:
    """Stars were paid back: take the tokens back, once, if they were credited. False when that is known already."""
    payment = stars.find(tx, charge_id)
    if payment is None or not stars.refunded(tx, charge_id):
        return False
    if payment.order_id is not None and payment.outcome == "credited":
        order = orders.get(tx, payment.order_id)
        till.refunded(shop, tx, order, total_refunded=amount, key=charge_id)
    wanted = refunds.of_payment(tx, Rail.STARS, charge_id)
    if wanted is not None:
        repayments.done(tx, shop, wanted)
    return True


def repaid(tx: Tx, shop: Shop, refund: Refund) -> None:
    """Telegram has given back what was wanted, now or before."""
    went_back(shop, tx, charge_id=refund.external_id, amount=refund.amount)
    repayments.done(tx, shop, refund)
