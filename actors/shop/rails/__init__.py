"""The rails in one table: what each of them does when an order is offered, taken back, looked at or paid back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actors.shop.context import Shop
from actors.shop.rails import kaspi, stars, stripe
from protocol.order import Rail
from storage.orders import Order
from storage.store import Tx
from storage.users import User

if TYPE_CHECKING:
    from actors.shop.pressed import Pressed


@dataclass(frozen=True, slots=True)
class RailFunctions:
    """What the shop asks of a rail. All are functions of a transaction; none speaks to anybody outside.

    `offer`: the order is waiting now and has its amount; show how to pay. `withdraw`: it was cancelled or has expired;
    close what is open elsewhere. `check`: the buyer pressed 🔄; answer the press. `press`: any other button, of a buyer
    or an admin (ask which); answer it and return True, or return False for a button it does not have. `repay`: tell
    the actor that a refund is wanted (`storage.refunds`).
    """

    offer: Callable[[Shop, Tx, User, Order], None]
    withdraw: Callable[[Shop, Tx, Order], None]
    check: "Callable[[Pressed, Order], None]"
    press: "Callable[[Pressed, Order, str, str], bool]"
    repay: Callable[[Tx], None]


RAILS: dict[Rail, RailFunctions] = {
    Rail.STARS: RailFunctions(
        offer=stars.offer,
        withdraw=stars.withdraw,
        check=stars.check,
        press=stars.press,
        repay=stars.repay,
    ),
    Rail.STRIPE: RailFunctions(
        offer=stripe.offer,
        withdraw=stripe.withdraw,
        check=stripe.check,
        press=stripe.press,
        repay=stripe.repay,
    ),
    Rail.KASPI: RailFunctions(
        offer=kaspi.offer,
        withdraw=kaspi.withdraw,
        check=kaspi.check,
        press=kaspi.press,
        repay=kaspi.repay,
    ),
}
