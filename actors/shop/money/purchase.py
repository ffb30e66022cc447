"""Buying tokens: packages, the way to pay, and an order's buttons. What a payment means is in `till`.

An order keeps its rail: whoever wants to pay another way gets another order in the place of the first one's card.
"""

from typing import TYPE_CHECKING

from actors.shop.context import Shop
from actors.shop.money import order_cards, till
from actors.shop.rails import RAILS, stars
from actors.shop.words import tokens
from protocol.order import OPEN, OrderEvent, OrderState, Rail
from protocol.texts import Html, say
from storage import drafts as draft_rows
from storage import ledger, orders, posts
from storage.orders import Order
from storage.store import Tx
from storage.users import User

if TYPE_CHECKING:
    from actors.shop.pressed import Pressed
    from actors.shop.said import Said


MOST_WAITING = 5
"""Orders of one person that wait for money at the same time. Each of Kaspi's reserves a sum of its own, of which there
are few, and each of Stripe's has a page that must be looked at."""


def offered(shop: Shop) -> tuple[Rail, ...]:
    """The rails a person can choose."""
    return tuple(rail for rail in shop.rails if rail in RAILS)


def show_packages(said: "Said", draft_id: int | None = None) -> None:
    """The packages with their prices, for a film that lacks tokens or for later."""
    language = said.language
    owed = ledger.owed(said.tx, said.person.id)
    available = ledger.balance(said.tx, said.person.id).available
    body = say(language, "packages", balance=order_cards.balance_line(language, available=available, owed=owed))
    packages = said.shop.catalogue.packages
    notes = order_cards.package_notes(language, packages)
    keyboard = order_cards.packages_keyboard(language, packages, offered(said.shop), draft_id)
    said.reply(Html("\n".join([body, *([""] if notes else []), *notes])), keyboard)


def choose_package(pressed: "Pressed", package_id: str, draft_id: int | None) -> None:
    """A package was chosen: an order, and how to pay for it. An order without a rail is used again."""
    said = pressed.said
    shop, tx, person = said.shop, said.tx, said.person
    package = shop.catalogue.package(package_id)
    if package is None:
        show_packages(said, draft_id)
        pressed.answer("answer-package-gone")
        return
    if draft_id is not None and draft_rows.get(tx, draft_id, user_id=person.id) is None:
        draft_id = None
    begun = next(iter(orders.open_of(tx, person.id, {OrderState.DRAFT})), None)
    if begun is None:
        order = orders.create(tx, user_id=person.id, package=package.id, tokens=package.tokens, draft_id=draft_id)
    else:
        order = orders.change(
            tx,
            begun,
            package=package.id,
            tokens=package.tokens,
            draft_id=draft_id,
            expires_at=tx.now + orders.LIFETIME_SECONDS,
        )
        orders.note(tx, order, "choose", who=orders.person_is(person.id), detail=f"{package.id}: {package.tokens}")
        slot = order_cards.slot(order.id)
        if posts.message_of(tx, person.id, slot) <= pressed.message_id:
            posts.leave_behind(tx, person.id, slot)  # it stands above the packages, out of sight
    _show_rails(shop, tx, person, order)
    pressed.answer()


def _show_rails(shop: Shop, tx: Tx, person: User, order: Order) -> bool:
    package = shop.catalogue.package(order.package)
    if package is None:
        return False
    card = order_cards.rails_card(shop.language(person), order, package, offered(shop))
    posts.show(tx, person.id, order_cards.slot(order.id), card)
    return True


def on_order(pressed: "Pressed", order: Order, action: str, version: str) -> None:
    """A button of an order's card. What is not the buyer's, or not known here, is asked of the rail."""
    # The buyer's own buttons carry no version: an admin who buys for themselves presses those of the desk too.
    if order.user_id == pressed.said.person.id and not version and _on_own(pressed, order, action):
        return
    way = order.way
    if way is None or way not in RAILS or not RAILS[way].press(pressed, order, action, version):
        pressed.answer("answer-stale")


def _on_own(pressed: "Pressed", order: Order, action: str) -> bool:
    match action:
        case "stars" | "stripe" | "kaspi":
            _choose_rail(pressed, order, Rail(action))
        case "check":
            _check(pressed, order)
        case "other":
            _other_way(pressed, order)
        case "no":
            _cancel(pressed, order)
        case _:
            return False
    return True


def _choose_rail(pressed: "Pressed", order: Order, rail: Rail) -> None:
    said = pressed.said
    if order.stands is not OrderState.DRAFT or rail not in offered(said.shop):
        pressed.answer("answer-stale")
        return
    package = said.shop.catalogue.package(order.package)
    if package is None or package.tokens != order.tokens:
        show_packages(said, order.draft_id)
        pressed.answer("answer-package-gone")
        return
    amount, currency = order_cards.price_of(package, rail)
    waiting = orders.open_of(said.tx, said.person.id, {OrderState.WAITING})
    for oldest in waiting[MOST_WAITING - 1 :]:
        cancel(said.shop, said.tx, oldest, who=orders.person_is(said.person.id), detail="too many at once")
    order = orders.move(
        said.tx,
        order,
        OrderEvent.OFFER,
        who=orders.person_is(said.person.id),
        detail=f"{rail}: {amount} {currency}",
        rail=rail,
        amount=amount,
        currency=currency,
        expires_at=said.tx.now + orders.LIFETIME_SECONDS,
    )
    RAILS[rail].offer(said.shop, said.tx, said.person, order)
    pressed.answer()


def _check(pressed: "Pressed", order: Order) -> None:
    if order.paid_at is not None:
        till.show_ended(pressed.said.shop, pressed.said.tx, order)
        pressed.answer("answer-paid")
    elif (way := order.way) is not None and way in RAILS:
        RAILS[way].check(pressed, order)
    else:
        pressed.answer("answer-stale")


def _other_way(pressed: "Pressed", order: Order) -> None:
    """The first order is cancelled; one with the same package takes the place of its card."""
    said = pressed.said
    package = said.shop.catalogue.package(order.package)
    if order.stands not in OPEN or order.way is None:
        pressed.answer("answer-stale")
        return
    _close(said.shop, said.tx, order, OrderEvent.CANCEL, orders.person_is(said.person.id), "another way to pay")
    if package is None:
        till.show_ended(said.shop, said.tx, orders.get(said.tx, order.id))
        show_packages(said, order.draft_id)
        pressed.answer("answer-package-gone")
        return
    fresh = orders.create(
        said.tx,
        user_id=said.person.id,
        package=package.id,
        tokens=package.tokens,
        draft_id=order.draft_id,
    )
    posts.rename(said.tx, said.person.id, order_cards.slot(order.id), order_cards.slot(fresh.id))
    _show_rails(said.shop, said.tx, said.person, fresh)
    pressed.answer()


def _cancel(pressed: "Pressed", order: Order) -> None:
    said = pressed.said
    if order.stands not in OPEN and order.stands is not OrderState.REFUSED:
        till.show_ended(said.shop, said.tx, order)
        pressed.answer("answer-paid" if order.paid_at is not None else "answer-stale")
        return
    cancel(said.shop, said.tx, order, who=orders.person_is(said.person.id))
    pressed.answer("answer-order-cancelled")


def cancel(shop: Shop, tx: Tx, order: Order, *, who: str, detail: str = "") -> None:
    """The order is not wanted any more. Raises `IllegalOrderTransition` when it is over, or paid."""
    _close(shop, tx, order, OrderEvent.CANCEL, who, detail)
    till.show_ended(shop, tx, orders.get(tx, order.id))


def expire(shop: Shop, tx: Tx, order: Order) -> None:
    """Nobody paid in time. Raises `IllegalOrderTransition` when it is over, or paid."""
    _close(shop, tx, order, OrderEvent.EXPIRE, orders.CLOCK, "")
    till.show_ended(shop, tx, orders.get(tx, order.id))


def _close(shop: Shop, tx: Tx, order: Order, event: OrderEvent, who: str, detail: str) -> None:
    order = orders.move(tx, order, event, who=who, detail=detail, next_check_at=None)
    if (way := order.way) is not None and way in RAILS:
        RAILS[way].withdraw(shop, tx, order)


def mention(said: "Said", order: Order) -> Html:
    """One line about an order, for whoever needs its code."""
    language = said.language
    return say(
        language,
        "order-mention",
        code=order.code,
        tokens=tokens(language, order.tokens),
        price=order_cards.price(order),
        state=say(language, f"order-state-{order.state}"),
    )


def give_up(said: "Said") -> int:
    """`/cancel`: orders nobody has paid or claimed to have paid. How many there were."""
    begun = orders.open_of(said.tx, said.person.id, {OrderState.DRAFT, OrderState.WAITING})
    for order in begun:
        cancel(said.shop, said.tx, order, who=orders.person_is(said.person.id))
    return len(begun)


def show_again(shop: Shop, tx: Tx, person: User, order: Order) -> None:
    """How to pay for an open order, once more at the end of the chat."""
    posts.leave_behind(tx, person.id, order_cards.slot(order.id))
    if order.stands is OrderState.DRAFT:
        _show_rails(shop, tx, person, order)
    elif order.stands is OrderState.WAITING and (way := order.way) is not None and way in RAILS:
        if way is Rail.STARS:
            posts.leave_behind(tx, person.id, stars.invoice_slot(order.id))
        RAILS[way].offer(shop, tx, person, order)
