"""What posts show of purchases: packages, ways to pay, and where an order stands, in the person's language."""

from actors.shop.words import money, tokens
from protocol.catalogue import Language, Package
from protocol.order import OrderState, Rail
from protocol.posts import Button, Card, Keyboard
from protocol.texts import Html, plain, say
from storage.orders import Order


def slot(order_id: int) -> str:
    """Where the card of an order is shown."""
    return f"order:{order_id}"


def price_of(package: Package, rail: Rail) -> tuple[int, str]:
    """What a package costs on a rail: minor units, and their currency."""
    return (package.stars, "XTR") if rail is Rail.STARS else (package.kzt * 100, "KZT")


def prices(package: Package, rails: tuple[Rail, ...]) -> str:
    """What it costs in each currency that can be paid, tenge first."""
    found = {currency: amount for amount, currency in (price_of(package, rail) for rail in rails)}
    return " · ".join(money(found[currency], currency) for currency in sorted(found))


def packages_keyboard(
    language: Language, packages: tuple[Package, ...], rails: tuple[Rail, ...], draft_id: int | None
) -> Keyboard:
    """One button for each package; it remembers the film the tokens are for."""
    film = f":{draft_id}" if draft_id is not None else ""
    rows: list[tuple[Button, ...]] = []
    for package in packages:
        label = plain(language, "button-package", tokens=tokens(language, package.tokens), price=prices(package, rails))
        rows.append((Button(text=label, data=f"pk:{package.id}{film}"),))
    return tuple(rows)


def package_notes(language: Language, packages: tuple[Package, ...]) -> list[Html]:
    """What is said of some packages besides: on a phone there is no room for it on their buttons."""
    return [
        say(language, "package-note", tokens=tokens(language, package.tokens), note=package.label.in_(language))
        for package in packages
        if package.label
    ]


def button(order: Order, text: str, action: str) -> Button:
    """A button about an order. Add `:<version>` to `action` where a stale one must be refused."""
    return Button(text=text, data=f"o:{order.id}:{action}")


def rails_card(language: Language, order: Order, package: Package, rails: tuple[Rail, ...]) -> Card:
    """A package was chosen: how to pay for it."""
    body = say(language, "order-draft", tokens=tokens(language, order.tokens), code=order.code)
    rows = [
        (button(order, plain(language, f"button-pay-{rail}", price=money(*price_of(package, rail))), str(rail)),)
        for rail in rails
    ]
    return Card(html=body, keyboard=(*rows, (_cancel(language, order),)))


def waiting_keyboard(language: Language, order: Order, *first: tuple[Button, ...]) -> Keyboard:
    """What every waiting order offers, below the rows of its rail: check, another way, cancel."""
    check = button(order, plain(language, "button-check"), "check")
    other = button(order, plain(language, "button-other-way"), "other")
    return (*first, (check,), (other, _cancel(language, order)))


def _cancel(language: Language, order: Order) -> Button:
    return button(order, plain(language, "button-cancel"), "no")


def price(order: Order) -> str:
    """What the person is asked for, or was."""
    return money(order.amount, order.currency)


def ended_card(language: Language, order: Order) -> Card:
    """An order that is over, or paid: what it was, and what can be done."""
    shared = {"tokens": tokens(language, order.tokens), "code": order.code}
    again: Keyboard = ((Button(text=plain(language, "button-buy"), data="buy"),),)
    match order.stands:
        case OrderState.PAID if order.clawed_tokens:
            returned = money(order.refunded_amount, order.currency)
            body = say(language, "order-refunded-part", price=price(order), returned=returned, **shared)
            return Card(html=body)
        case OrderState.PAID:
            return Card(html=say(language, "order-paid", price=price(order), **shared))
        case OrderState.REFUNDED:
            return Card(html=say(language, "order-refunded", price=price(order), **shared))
        case OrderState.DISPUTED:
            return Card(html=say(language, "order-disputed", price=price(order), **shared))
        case OrderState.REFUSED:
            check = (button(order, plain(language, "button-check"), "check"),)
            return Card(html=say(language, "order-refused", **shared), keyboard=(check, *again))
        case state:
            over = say(language, "order-expired" if state is OrderState.EXPIRED else "order-cancelled", **shared)
            if order.way is None:
                return Card(html=over, keyboard=again)
            if order.way is Rail.KASPI:
                # No bank tells us of a late transfer: its sender must.
                check = (button(order, plain(language, "button-check"), "check"),)
                return Card(html=Html(f"{over}\n{say(language, 'order-late-kaspi')}"), keyboard=(check, *again))
            return Card(html=Html(f"{over}\n{say(language, 'order-late')}"), keyboard=again)


def balance_line(language: Language, *, available: int, owed: int) -> Html:
    """The balance; whoever owes tokens reads that too."""
    balance = tokens(language, available)
    if owed > 0:
        return say(language, "balance-owed", balance=balance, debt=tokens(language, owed))
    return say(language, "balance-now", balance=balance)
