"""The till: what a payment or a refund means for the tokens, the order and the people. For every rail.

Each function moves order, books and posts in one transaction, and happens once: the books' keys see to that. Disputes
are next door (`disputes`) and use the same tools.
"""

import structlog

from actors.shop import alerts, drafts
from actors.shop.context import Shop
from actors.shop.money import order_cards, promotions, thanks
from actors.shop.words import money, tokens
from protocol.order import CREDITED, OrderEvent, OrderState
from protocol.posts import Card
from protocol.texts import Html, say
from storage import ledger, orders, posts, users
from storage.ledger import Taken
from storage.orders import Order
from storage.store import Tx

log = structlog.get_logger(__name__)


def paid(
    shop: Shop,
    tx: Tx,
    order: Order,
    *,
    external_id: str,
    amount: int,
    currency: str,
    payment_id: str = "",
    at: float | None = None,
    who: str = "",
) -> bool:
    """Money came: credit it once, tell the person, and lead them back to their film. False when nothing was credited.

    `amount` in minor units of `currency`; `external_id` is the rail's name of this payment, `at` its time. An order
    that had expired or was cancelled is credited all the same. What does not match is credited to nobody, and told.
    """
    order = orders.get(tx, order.id)
    rail = order.way
    assert rail is not None, "nobody pays for an order without a rail"
    if order.stands in CREDITED:
        if order.external_id != external_id:
            _paid_again(shop, tx, order, external_id, money(amount, currency))
        return False
    if (amount, currency) != (order.amount, order.currency):
        wrong_amount(shop, tx, order, external_id=external_id, amount=amount, currency=currency)
        return False
    # Asked before the credit, because the credit pays a debt by itself.
    owed = ledger.owed(tx, order.user_id)
    credited = ledger.transfer(
        tx,
        key=f"{rail}:{external_id}",
        source=ledger.rail_account(rail),
        target=ledger.account_of(order.user_id),
        amount=order.tokens,
        kind=orders.PURCHASE,
        memo=order.code,
    )
    if not credited:
        return False
    order = orders.move(
        tx,
        order,
        OrderEvent.PAY,
        who=who or orders.rail_is(rail),
        detail=f"{external_id}: {amount} {currency}, +{order.tokens} tokens",
        external_id=external_id,
        payment_id=payment_id or order.payment_id,
        paid_at=at or tx.now,
        next_check_at=None,
    )
    show_ended(shop, tx, order)
    thanks.thank(shop, tx, order, owed - ledger.owed(tx, order.user_id))
    promotions.bought(shop, tx, order)
    note("order.paid", order, external_id=external_id, tokens=order.tokens)
    return True


def note(event: str, order: Order, **what: object) -> None:
    """One structured line about an order's money."""
    log.info(event, order=order.code, user_id=order.user_id, rail=order.rail, state=order.state, **what)


def _paid_again(shop: Shop, tx: Tx, order: Order, external_id: str, price: str) -> None:
    """The same order was paid a second time: nobody is credited by themselves, and everybody knows."""
    if any(line.event == "paid_again" and line.detail == external_id for line in orders.trail(tx, order.id)):
        return
    note("order.paid_again", order, external_id=external_id)
    orders.note(tx, order, "paid_again", who=orders.rail_is(order.rail or ""), detail=external_id)
    language = shop.language_of(tx, order.user_id)
    tell(shop, tx, order, "paid-again", say(language, "paid-again", code=order.code, price=price))
    alerts.alert(
        shop,
        tx,
        f"paid-again:{order.id}",
        "alert-paid-again",
        code=order.code,
        price=price,
        who=str(order.user_id),
        payment=external_id,
    )


def wrong_amount(shop: Shop, tx: Tx, order: Order, *, external_id: str, amount: int, currency: str) -> None:
    """Another amount came than was asked for: nothing is credited, the person and the admins are told, once."""
    seen = f"{external_id}: {amount} {currency}"
    if any(line.event == "wrong_amount" and line.detail == seen for line in orders.trail(tx, order.id)):
        return
    note("order.wrong_amount", order, external_id=external_id, amount=amount, currency=currency)
    orders.note(tx, order, "wrong_amount", who=orders.rail_is(order.rail or ""), detail=seen)
    language = shop.language_of(tx, order.user_id)
    came, expected = money(amount, currency), order_cards.price(order)
    html = say(language, "wrong-amount", code=order.code, came=came, expected=expected)
    tell(shop, tx, order, "wrong-amount", html)
    alerts.alert(
        shop,
        tx,
        f"wrong-amount:{order.id}",
        "alert-wrong-amount",
        code=order.code,
        came=came,
        expected=expected,
        who=str(order.user_id),
        payment=external_id,
    )


def refunded(
    shop: Shop, tx: Tx, order: Order, *, total_refunded: int, key: str, who: str = "", detail: str = ""
) -> bool:
    """Money went back: take the tokens back in proportion, once. False when that has happened before.

    `total_refunded` counts all refunds of the order so far, in minor units, so an older number changes nothing. `key`
    names this refund among those of the rail. Tokens that are spent already become a debt.
    """
    order = orders.get(tx, order.id)
    if order.stands not in (OrderState.PAID, OrderState.DISPUTED):
        return False
    total = min(total_refunded, order.amount)
    now = total - order.refunded_amount
    if now <= 0:
        return False
    share = order.tokens * total // order.amount - order.clawed_tokens
    # A dispute of a part leaves the other part: that goes back first.
    thawed = max(0, share - (order.tokens - order.clawed_tokens - order.frozen_tokens))
    # What went back and came again may go back again, so its name alone is not fresh. The amount makes it happen once.
    once = f"{key}:{order.version}"
    taken = take(tx, order, share - thawed, key=f"refund:{order.rail}:{once}", kind="refund")
    if thawed:
        unfreeze(tx, order, thawed, target=ledger.rail_account(order.rail or ""), key=f"refund-frozen:{once}")
    whole = total == order.amount
    order = orders.move(
        tx,
        order,
        OrderEvent.REFUND if whole else OrderEvent.REFUND_PART,
        who=who or orders.rail_is(order.rail or ""),
        detail=detail or f"{key}: {total} of {order.amount} {order.currency}, −{share} tokens",
        refunded_amount=total,
        clawed_tokens=order.clawed_tokens + share,
        frozen_tokens=order.frozen_tokens - thawed,
    )
    price = money(now, order.currency)
    note("order.refunded", order, key=key, total=total, tokens=share)
    taken_back(shop, tx, order, "refund-notice", Taken(taken.free + thawed, taken.owed), price=price)
    if whole:
        promotions.gave_back(shop, tx, order)
    return True


def refund_failed(shop: Shop, tx: Tx, order: Order, *, total_refunded: int, key: str) -> bool:
    """A refund did not go through after all: give the tokens back, once.

    `total_refunded` is what has really gone back, in minor units, without the one that failed.
    """
    order = orders.get(tx, order.id)
    if order.stands not in (OrderState.PAID, OrderState.REFUNDED) or total_refunded >= order.refunded_amount:
        return False
    clawed = order.tokens * total_refunded // order.amount
    back = order.clawed_tokens - clawed
    if back:
        restored = ledger.transfer(
            tx,
            key=f"restore:{order.rail}:{key}:{order.version}",
            source=ledger.rail_account(order.rail or ""),
            target=ledger.account_of(order.user_id),
            amount=back,
            kind="refund-failed",
            memo=order.code,
        )
        if not restored:
            return False
    order = orders.move(
        tx,
        order,
        OrderEvent.RESTORE,
        who=orders.rail_is(order.rail or ""),
        detail=f"{key}: {total_refunded} of {order.amount} {order.currency} went back, +{back} tokens",
        refunded_amount=total_refunded,
        clawed_tokens=clawed,
    )
    note("order.refund_failed", order, key=key, tokens=back)
    language = shop.language_of(tx, order.user_id)
    given = {"code": order.code, "tokens": tokens(language, back), "balance": balance(shop, tx, order)}
    show_ended(shop, tx, order)
    tell(shop, tx, order, f"restored:{order.version}", say(language, "refund-failed-notice", **given))
    return True


def undone(shop: Shop, tx: Tx, order: Order, *, who: str, actor: int | None = None, reason: str = "") -> bool:
    """An approval was a mistake: a reversal takes the tokens back, and the order is as if it had been refused."""
    order = orders.get(tx, order.id)
    if order.stands is not OrderState.PAID or order.clawed_tokens:
        return False
    taken = ledger.reverse(
        tx,
        f"{order.rail}:{order.external_id}",
        key=f"undo:{order.rail}:{order.external_id}",
        kind=orders.UNDO,
        memo=order.code,
        actor=actor,
    )
    if taken is None:
        return False
    order = orders.move(tx, order, OrderEvent.UNDO, who=who, detail=reason, paid_at=None, external_id=None)
    note("order.undone", order, who=who)
    taken_back(shop, tx, order, "undo-notice", taken, price=order_cards.price(order))
    promotions.gave_back(shop, tx, order)
    return True


def show_ended(shop: Shop, tx: Tx, order: Order) -> None:
    """Let the order's card say that it is over, or paid."""
    language = shop.language_of(tx, order.user_id)
    posts.show(tx, order.user_id, order_cards.slot(order.id), order_cards.ended_card(language, order))


def take(tx: Tx, order: Order, amount: int, *, key: str, kind: str, target: str | None = None) -> Taken:
    """Take tokens of the order from its buyer, to its rail unless `target` says otherwise. Raises `ValueError`."""
    if amount <= 0:
        return Taken(0, 0)
    where = target or ledger.rail_account(order.rail or "")
    taken = ledger.take(tx, key=key, user_id=order.user_id, target=where, amount=amount, kind=kind, memo=order.code)
    if taken is None:
        raise ValueError(f"{key} has been taken before, and order {order.code} does not know of it")
    return taken


def unfreeze(tx: Tx, order: Order, amount: int, *, target: str, key: str) -> None:
    """Move tokens that a dispute has frozen on to `target`. Raises `ValueError` when that has happened before."""
    source = ledger.disputed_of(order.user_id)
    kind = key.partition(":")[0]
    done = ledger.transfer(
        tx, key=f"{order.rail}:{key}", source=source, target=target, amount=amount, kind=kind, memo=order.code
    )
    if not done:
        raise ValueError(f"{key} has happened before, and order {order.code} does not know of it")


def taken_back(shop: Shop, tx: Tx, order: Order, text: str, taken: Taken, *, price: str) -> None:
    """Tell the person what was taken, what they owe if it was spent already, and what they have."""
    language = shop.language_of(tx, order.user_id)
    html = say(
        language,
        text,
        code=order.code,
        price=price,
        tokens=tokens(language, taken.free + taken.owed),
        balance=balance(shop, tx, order),
    )
    show_ended(shop, tx, order)
    tell(shop, tx, order, f"taken:{order.version}", html)


def balance(shop: Shop, tx: Tx, order: Order) -> Html:
    """What the buyer has now, in their words."""
    language = shop.language_of(tx, order.user_id)
    available = ledger.balance(tx, order.user_id).available
    return order_cards.balance_line(language, available=available, owed=ledger.owed(tx, order.user_id))


def tell(shop: Shop, tx: Tx, order: Order, what: str, html: Html) -> None:
    """A message of its own to the buyer, and open cards that must not say otherwise."""
    posts.show(tx, order.user_id, f"{what}:{order.id}", Card(html=html))
    person = users.get(tx, order.user_id)
    if person is not None:
        drafts.refresh(shop, tx, person)
