"""Stripe Checkout as the buyer meets it: the card with the link, 🔄, and what is wanted of the desk.

Nothing here speaks to Stripe: rows say what is wanted, and `actors.rails.stripe_desk` sees to it.
"""

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from actors.shop.context import Shop
from actors.shop.money import order_cards
from actors.shop.words import tokens
from protocol.messages import StripeDue
from protocol.order import CREDITED, OrderState, Rail
from protocol.posts import Button, Card, Keyboard
from protocol.texts import plain, say
from storage import orders, posts
from storage.orders import Order
from storage.store import Tx
from storage.users import User

if TYPE_CHECKING:
    from actors.shop.pressed import Pressed

SESSION_SECONDS = 6 * 3600.0
"""How long the page may be paid at. Stripe allows half an hour to a day after its creation; a create that has to be
repeated for hours must still leave that half hour."""
OFTEN_SECONDS, SELDOM_SECONDS = 5.0, 60.0
"""Between two looks that a person asked for: at first, and after many of them."""
MANY_LOOKS = 60


class Page(BaseModel):
    """What is kept of an order's session: the exact request, committed before it is sent, and what became of it."""

    model_config = ConfigDict(frozen=True)

    key: str = ""
    """The idempotency key; empty while the request is not written yet."""
    livemode: bool = True
    params: dict[str, Any] = Field(default_factory=dict[str, Any])
    url: str = ""
    shown_at: float = 0.0
    asked_at: float = 0.0
    """When the person last asked for a look; 0 when they have been answered."""
    trouble: bool = False


def page_of(order: Order) -> Page:
    """What is kept of the order's session."""
    return Page.model_validate_json(order.params) if order.params else Page()


def keep(tx: Tx, order: Order, page: Page, **values: Any) -> Order:
    """Keep this of the order's session, and set columns of the order."""
    return orders.change(tx, order, params=page.model_dump_json(), **values)


def offer(shop: Shop, tx: Tx, person: User, order: Order) -> None:
    """The order's card; the link follows as soon as Stripe has made the page."""
    if order.params is None:
        order = keep(tx, order, Page(), expires_at=tx.now + SESSION_SECONDS, next_check_at=tx.now)
        tx.tell(StripeDue())
    show(shop, tx, order)


def show(shop: Shop, tx: Tx, order: Order, *, unpaid: bool = False) -> None:
    """The card of a waiting order, as things stand. `unpaid`: the person asked, and nothing has come."""
    language, page = shop.language_of(tx, order.user_id), page_of(order)
    link: Keyboard = ()
    state = "preparing"
    if page.url:
        state = "unpaid" if unpaid else "ready"
        text = plain(language, "button-pay-page", price=order_cards.price(order))
        link = ((Button(text=text, url=page.url),),)
    elif page.trouble:
        state = "away"
    body = say(
        language,
        "order-waiting-stripe",
        code=order.code,
        tokens=tokens(language, order.tokens),
        price=order_cards.price(order),
        state=say(language, f"stripe-{state}"),
    )
    card = Card(html=body, keyboard=order_cards.waiting_keyboard(language, order, *link))
    posts.show(tx, order.user_id, order_cards.slot(order.id), card)


def withdraw(shop: Shop, tx: Tx, order: Order) -> None:
    """Nobody is to pay at the page any more. One that nobody has seen yet cannot be paid at."""
    if order.external_id is not None:
        orders.change(tx, order, next_check_at=tx.now)
        tx.tell(StripeDue())


def look_now(tx: Tx, order: Order) -> None:
    """The person says they have paid: look at once, but not more often than Stripe likes."""
    page = page_of(order)
    rest = OFTEN_SECONDS if order.checks < MANY_LOOKS else SELDOM_SECONDS
    if order.external_id is not None and order.stands not in CREDITED and tx.now - page.asked_at >= rest:
        keep(tx, order, page.model_copy(update={"asked_at": tx.now}), next_check_at=tx.now)
        tx.tell(StripeDue())


def check(pressed: "Pressed", order: Order) -> None:
    """🔄."""
    if Rail.STRIPE not in pressed.said.shop.rails:
        pressed.answer("answer-stale")  # the operator has switched Stripe off
        return
    look_now(pressed.said.tx, order)
    pressed.answer("answer-checking")


def press(pressed: "Pressed", order: Order, action: str, version: str) -> bool:
    """This rail has no buttons of its own."""
    return False


def repay(tx: Tx) -> None:
    """A refund is wanted."""
    tx.tell(StripeDue())


def is_waiting(order: Order) -> bool:
    return order.stands is OrderState.WAITING
