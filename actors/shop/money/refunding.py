"""`/refund`: money goes back to the buyer by the way it came, and the tokens are taken back once it has.

Stars and Stripe are asked by their actors, for as long as that takes (`storage.refunds`). Kaspi has nobody to ask: the
admin sends the money by hand and confirms it. Stripe has several names for one payment; of those that are not in the
books its actor asks first whose payment it is.
"""

import re
from dataclasses import dataclass

from actors.shop.context import Shop
from actors.shop.money import order_cards, repayments, till
from actors.shop.pressed import Pressed
from actors.shop.rails import RAILS, stars
from actors.shop.said import Said
from actors.shop.words import money, tokens
from protocol.messages import StarsDue
from protocol.order import CREDITED, OrderState, Rail
from protocol.posts import Button, Card
from protocol.texts import Html, plain, say
from storage import audit_log, ledger, orders, posts, refunds
from storage import stars as payments
from storage.orders import Order
from storage.refunds import Refund
from storage.stars import StarsPayment
from storage.store import Tx

LONGEST_ID = 255
_AT_STRIPE = re.compile(r"(?:ch|py|pi|cs)_[A-Za-z0-9_]+")
"""What the Dashboard calls a payment: the charge, its intent, or the page it was paid at."""


@dataclass(frozen=True, slots=True)
class Payment:
    """What is to be paid back: the rail's name of it, and the order it paid for, if it did."""

    rail: Rail
    external_id: str
    user_id: int
    amount: int
    currency: str
    order: Order | None

    @property
    def price(self) -> str:
        return money(self.amount, self.currency)


def refund(said: Said) -> None:
    """`/refund <order code or the rail's payment id>`: asked for once, however often it is typed."""
    name = said.words.strip()
    if not name or len(name) > LONGEST_ID or len(name.split()) > 1:
        said.reply(say(said.language, "refund-usage"))
        return
    found = _find(said.tx, name)
    if found is None and Rail.STRIPE in said.shop.rails and _AT_STRIPE.fullmatch(name):
        _seek(said, name)
    elif found is None:
        said.tx.tell(StarsDue())  # perhaps it is a payment nobody has told of yet
        said.reply(say(said.language, "refund-unknown", name=name))
    elif isinstance(found, Order):
        said.reply(say(said.language, f"refund-not-{_why_not(found)}", code=found.code))
    elif found.rail is Rail.KASPI:
        assert found.order is not None, "money from Kaspi always has its order"
        said.reply(*_by_hand(said, found, found.order))
    elif found.rail not in said.shop.rails:
        said.reply(say(said.language, "refund-rail-off", price=found.price))
    elif (answer := _ask(said.shop, said.tx, said.person.id, found)) is not None:
        said.reply(answer)


def _find(tx: Tx, name: str) -> Payment | Order | None:
    """The payment of that name; the order, where it has nothing to give back."""
    order = orders.by_code(tx, name) or orders.by_payment(tx, name)
    for rail in Rail:
        order = order or orders.by_external(tx, rail, name)
    if order is not None:
        if order.stands not in CREDITED and (strange := _not_credited(tx, order)) is not None:
            return strange
        if order.stands is not OrderState.PAID or order.way is None or order.external_id is None:
            return order
        left = order.amount - order.refunded_amount
        return Payment(order.way, order.external_id, order.user_id, left, order.currency, order)
    payment = payments.find(tx, name)
    return None if payment is None else _of_stars(payment)


def _of_stars(payment: StarsPayment) -> Payment:
    return Payment(Rail.STARS, payment.charge_id, payment.user_id, payment.amount, stars.CURRENCY, None)


def _not_credited(tx: Tx, order: Order) -> Payment | None:
    """Money that came for this order and was another sum than asked for, so that nobody was credited."""
    for line in orders.trail(tx, order.id):
        if line.event != "wrong_amount":
            continue
        name, _, came = line.detail.rpartition(": ")
        if order.way is Rail.STARS and (payment := payments.find(tx, name)) is not None:
            return _of_stars(payment)
        if order.way is Rail.STRIPE and name == order.external_id:
            amount, _, currency = came.partition(" ")
            return Payment(Rail.STRIPE, name, order.user_id, int(amount), currency, order)
    return None


def _why_not(order: Order) -> str:
    match order.stands:
        case OrderState.REFUNDED:
            return "again"
        case OrderState.DISPUTED:
            return "disputed"
        case _:
            return "paid"


def _ask(shop: Shop, tx: Tx, admin: int, payment: Payment) -> Html | None:
    """Let the rail's actor ask for it; its outcome will be read in a message of its own. Else why it is not asked."""
    wanted = refunds.want(
        tx,
        rail=payment.rail,
        external_id=payment.external_id,
        user_id=payment.user_id,
        amount=payment.amount,
        currency=payment.currency,
        order_id=payment.order.id if payment.order else None,
        asked_by=admin,
    )
    if wanted is None:
        known = refunds.of_payment(tx, payment.rail, payment.external_id)
        done = known is not None and known.state == "done"
        return say(
            shop.language_of(tx, admin), "refund-done-before" if done else "refund-under-way", price=payment.price
        )
    RAILS[payment.rail].repay(tx)
    audit_log.write(tx, admin, "refund", _subject(payment), after=payment.price, detail=payment.external_id)
    if payment.order is not None:
        orders.note(tx, payment.order, "refund_wanted", who=orders.admin_is(admin), detail=payment.price)
    repayments.show(shop, tx, wanted, "refund-asked")
    return None


def _subject(payment: Payment) -> str:
    return f"order:{payment.order.id}" if payment.order else f"user:{payment.user_id}"


# Stripe: by a name that only Stripe knows.


def _seek(said: Said, name: str) -> None:
    """Have Stripe asked whose payment it is: a refund wanted of no order, until `sought` knows."""
    wanted = refunds.want(
        said.tx,
        rail=Rail.STRIPE,
        external_id=name,
        user_id=0,
        amount=0,
        currency="",
        order_id=None,
        asked_by=said.person.id,
    )
    html = say(said.language, "refund-sought", name=name)
    if wanted is None:
        said.reply(html)
        return
    RAILS[Rail.STRIPE].repay(said.tx)
    posts.show(said.tx, said.person.id, repayments.slot(wanted), Card(html=html))


def sought(tx: Tx, shop: Shop, refund: Refund, order_id: int | None, trouble: str = "") -> None:
    """Stripe has said whose payment an admin named; now it is wanted by the name the books have for it.

    No `order_id`: it is nobody's here. `trouble`: why Stripe would not say.
    """
    if refund.asked_by is None:
        raise ValueError(f"nobody has asked for {refund.external_id}")
    refunds.ended(tx, refund, done=False, detail=trouble or f"order {order_id}")
    language = shop.language_of(tx, refund.asked_by)
    code = orders.get(tx, order_id).code if order_id is not None else ""
    found = _find(tx, code) if code else None
    if trouble:
        html = say(language, "refund-not-sought", name=refund.external_id, detail=trouble[:300])
    elif found is None:
        html = say(language, "refund-nowhere", name=refund.external_id)
    elif isinstance(found, Order):
        html = say(language, f"refund-not-{_why_not(found)}", code=code)
    else:
        answer = _ask(shop, tx, refund.asked_by, found)
        html = answer or say(language, "refund-found", name=refund.external_id, code=code)
    posts.show(tx, refund.asked_by, repayments.slot(refund), Card(html=html))


# Kaspi: by hand.


def _by_hand(said: Said, payment: Payment, order: Order) -> tuple[Html, tuple[tuple[Button, ...], ...]]:
    """What to do, and a button for when it is done. It carries the order's version: one that is stale does nothing."""
    spent = max(0, order.tokens - ledger.balance(said.tx, order.user_id).available)
    lines = [
        say(
            said.language,
            "refund-by-hand",
            code=order.code,
            price=payment.price,
            name=repayments.name_of(said.tx, order.user_id),
            id=str(order.user_id),
            tokens=tokens(said.language, order.tokens),
        )
    ]
    if spent:
        lines.append(say(said.language, "refund-spent", tokens=tokens(said.language, spent)))
    data = f"a:r:{order.id}:{order.version}"
    yes = Button(text=plain(said.language, "button-refund-sent"), data=f"{data}:yes")
    no = Button(text=plain(said.language, "button-cancel"), data=f"{data}:no")
    return Html("\n".join(lines)), ((yes,), (no,))


def press(pressed: Pressed, order_id: int, version: str, action: str) -> None:
    """The admin has sent the money back, or will not. Whoever calls has made sure that it is an admin's press."""
    said = pressed.said
    order = orders.find(said.tx, order_id)
    if order is None or str(order.version) != version or order.stands is not OrderState.PAID:
        pressed.answer("answer-stale")
        return
    if action != "yes":
        pressed.change(Card(html=say(said.language, "refund-left", code=order.code)))
        pressed.answer()
        return
    price = order_cards.price(order)
    who = orders.admin_is(said.person.id)
    till.refunded(said.shop, said.tx, order, total_refunded=order.amount, key=f"{order.code}:{version}", who=who)
    audit_log.write(said.tx, said.person.id, "refund", f"order:{order.id}", before=order.state, after="refunded")
    name, number = repayments.name_of(said.tx, order.user_id), str(order.user_id)
    pressed.change(Card(html=say(said.language, "refund-done", price=price, name=name, id=number)))
    pressed.answer("answer-refunded")
