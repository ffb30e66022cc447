"""Disputes: a buyer's bank asks for the money of an order, and decides; perhaps more than once, perhaps about a part.

What a bank has taken stands in the order's trail, for the rail's own count of refunds does not know of it. Weak point:
of two disputes of one order at the same time the second is seen when the first is over.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from actors.shop import alerts
from actors.shop.context import Shop
from actors.shop.money import promotions, till
from actors.shop.words import money, tokens
from protocol.order import OrderEvent, OrderState
from protocol.texts import say
from storage import ledger, orders
from storage.orders import Order
from storage.store import Tx

DECIDED = frozenset({OrderEvent.DISPUTE, OrderEvent.WIN, OrderEvent.LOSE, OrderEvent.LOSE_PART, OrderEvent.WIN_LATE})
LOST = frozenset({OrderEvent.LOSE, OrderEvent.LOSE_PART})


@dataclass(frozen=True, slots=True)
class _Step:
    """One line of the trail: what happened to the dispute `key`, and the sum it was about, in minor units."""

    key: str
    event: OrderEvent
    amount: int


def opened(shop: Shop, tx: Tx, order: Order, *, key: str, amount: int | None = None) -> bool:
    """The buyer's bank asks for `amount` minor units, or for all: its tokens are frozen until that is decided.

    Money that went back already cannot be taken twice from the buyer, only from us: then the admins answer the bank.
    """
    order = orders.get(tx, order.id)
    if _last(tx, order, key) in LOST:
        return False
    if order.stands is OrderState.REFUNDED:
        alerts.alert(shop, tx, f"dispute:{order.id}", "alert-dispute-refunded", code=order.code)
        return False
    if order.stands is not OrderState.PAID:
        return False
    asked = _part(order, amount)
    frozen = _share(order, asked)
    # A dispute that was won may be lost later, so its name alone is not fresh.
    once = f"dispute:{order.rail}:{key}:{order.version}"
    taken = till.take(tx, order, frozen, key=once, kind="dispute", target=ledger.disputed_of(order.user_id))
    order = _move(tx, order, OrderEvent.DISPUTE, key, asked, frozen_tokens=frozen)
    till.note("order.disputed", order, key=key, tokens=frozen)
    price = money(asked, order.currency)
    till.taken_back(shop, tx, order, "dispute-notice", taken, price=price)
    alerts.alert(shop, tx, f"dispute:{order.id}", "alert-dispute", code=order.code, price=price, who=str(order.user_id))
    return True


def won(shop: Shop, tx: Tx, order: Order, *, key: str) -> bool:
    """The money stays, or has come back on appeal: the tokens are the person's again."""
    order = orders.get(tx, order.id)
    last = _last(tx, order, key)
    if order.stands is OrderState.DISPUTED and last is OrderEvent.DISPUTE:
        back = order.frozen_tokens
        if back:
            person, once = ledger.account_of(order.user_id), f"dispute-won:{key}:{order.version}"
            till.unfreeze(tx, order, back, target=person, key=once)
        order = _move(tx, order, OrderEvent.WIN, key, frozen_tokens=0)
    elif order.stands in (OrderState.PAID, OrderState.REFUNDED) and last in LOST:
        order, back = _given_again(tx, order, key)
    else:
        return False
    till.note("order.dispute_won", order, key=key, tokens=back)
    _told(shop, tx, order, "won", back)
    return True


def _given_again(tx: Tx, order: Order, key: str) -> tuple[Order, int]:
    """What the bank had taken is with us after all: its tokens are credited from where they went."""
    regained = _cost(step for step in _steps(tx, order) if step.key == key)
    returned = max(0, order.refunded_amount - regained)
    clawed = order.tokens * returned // order.amount
    back = order.clawed_tokens - clawed
    if back > 0:
        ledger.transfer(
            tx,
            key=f"{order.rail}:dispute-won:{key}:{order.version}",
            source=ledger.rail_account(order.rail or ""),
            target=ledger.account_of(order.user_id),
            amount=back,
            kind="dispute-won",
            memo=order.code,
        )
    moved = _move(tx, order, OrderEvent.WIN_LATE, key, regained, refunded_amount=returned, clawed_tokens=clawed)
    return moved, back


def lost(shop: Shop, tx: Tx, order: Order, *, key: str, amount: int | None = None) -> bool:
    """The bank has taken `amount` minor units, or all: the frozen tokens go with it."""
    order = orders.get(tx, order.id)
    if order.stands is not OrderState.DISPUTED or _last(tx, order, key) in LOST:
        return False
    gone = _part(order, amount)
    share = _share(order, gone)
    once = f"dispute-lost:{key}:{order.version}"
    if thawed := min(share, order.frozen_tokens):
        till.unfreeze(tx, order, thawed, target=ledger.rail_account(order.rail or ""), key=once)
    # The sum may have changed since the tokens were frozen, and shares are rounded.
    taken = till.take(tx, order, share - thawed, key=f"{order.rail}:{once}:rest", kind="dispute")
    if rest := order.frozen_tokens - thawed:
        till.unfreeze(tx, order, rest, target=ledger.account_of(order.user_id), key=f"dispute-won:{once}:rest")
    whole = gone == order.amount - order.refunded_amount
    order = _move(
        tx,
        order,
        OrderEvent.LOSE if whole else OrderEvent.LOSE_PART,
        key,
        gone,
        frozen_tokens=0,
        clawed_tokens=order.clawed_tokens + share,
        refunded_amount=order.refunded_amount + gone,
    )
    till.note("order.dispute_lost", order, key=key, tokens=share, owed=taken.owed)
    _told(shop, tx, order, "lost", share, price=money(gone, order.currency))
    if whole:
        promotions.gave_back(shop, tx, order)
    return True


def taken_by_banks(tx: Tx, order: Order) -> int:
    """Minor units of the order that lost disputes have cost so far; they are part of `refunded_amount`."""
    return _cost(_steps(tx, order))


def _cost(steps: Iterable[_Step]) -> int:
    signs = {OrderEvent.LOSE: 1, OrderEvent.LOSE_PART: 1, OrderEvent.WIN_LATE: -1}
    return sum(signs.get(step.event, 0) * step.amount for step in steps)


def _part(order: Order, amount: int | None) -> int:
    """The disputed sum, as far as it has not gone back yet."""
    left = order.amount - order.refunded_amount
    return left if amount is None else max(0, min(amount, left))


def _share(order: Order, amount: int) -> int:
    """The tokens of so much more of the order's money, rounded down until the last part."""
    return order.tokens * (order.refunded_amount + amount) // order.amount - order.clawed_tokens


def _move(tx: Tx, order: Order, event: OrderEvent, key: str, amount: int = 0, **values: int) -> Order:
    detail = f"{key}: {amount} {order.currency}"
    return orders.move(tx, order, event, who=orders.rail_is(order.rail or ""), detail=detail, **values)


def _steps(tx: Tx, order: Order) -> Iterator[_Step]:
    for line in orders.trail(tx, order.id):
        if line.event in DECIDED:
            key, _, sum_ = line.detail.partition(": ")
            # Lines written before disputes had sums are about the whole order.
            yield _Step(key, OrderEvent(line.event), int(sum_.split()[0]) if sum_ else order.amount)


def _last(tx: Tx, order: Order, key: str) -> OrderEvent | None:
    """What was decided last about this dispute; None when it is new."""
    return next((step.event for step in reversed(list(_steps(tx, order))) if step.key == key), None)


def _told(shop: Shop, tx: Tx, order: Order, end: str, amount: int, **more: str) -> None:
    """The buyer reads how it ended and what that means for their tokens; the admins hear of it too."""
    language = shop.language_of(tx, order.user_id)
    given = {"code": order.code, "tokens": tokens(language, amount), "balance": till.balance(shop, tx, order)}
    till.show_ended(shop, tx, order)
    html = say(language, f"dispute-{end}-notice", **given, **more)
    till.tell(shop, tx, order, f"dispute-{end}:{order.version}", html)
    alerts.alert(shop, tx, f"dispute:{order.id}", f"alert-dispute-{end}", code=order.code, **more)
