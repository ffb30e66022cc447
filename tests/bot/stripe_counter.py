"""A buyer at the counter with a bank card: from /buy to the hosted page, and what the chat says of it."""

from typing import Any

from chats import newest, press, reply, text_of

from protocol.order import OrderState
from sandbox.stripe import StripeWorld
from sandbox.stripe.objects import Session
from storage import orders
from storage.orders import Order
from tests.town import ADMIN, KATE, Town

TOKENS, PRICE = 100, 249_000
"""The smallest package of the catalogue, and its price in tiyn."""


def only(town: Town) -> Order:
    """The one order there is."""
    (order,) = town.read(orders.of_user, KATE)
    return order


def session_of(world: StripeWorld) -> Session:
    """The newest session."""
    return list(world.sessions.values())[-1]


def link(message: dict[str, Any]) -> str:
    """Where the 💳 button of a message leads."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    urls = [button["url"] for row in rows for button in row if button.get("url") and button["text"].startswith("💳")]
    return str(urls[0]) if urls else ""


def card(town: Town, person: int = KATE) -> dict[str, Any]:
    """The newest message with an order's buttons."""
    found = [m for m in town.telegram.history(person) if "order" in text_of(m) and m.get("reply_markup")]
    return found[-1]


async def choose_card(town: Town, person: int = KATE) -> None:
    """/buy, the first package, 💳."""
    await reply(town, person, "/buy")
    await press(town, person, "💰 100")
    await town.until(lambda: town.button(person, "💳"))
    await press(town, person, "💳")


async def open_page(town: Town, world: StripeWorld, person: int = KATE) -> Session:
    """The same, until the link is there."""
    before = len(world.sessions)
    await choose_card(town, person)
    await town.until(lambda: len(world.sessions) > before and link(newest_card(town, person)) == session_of(world).url)
    return session_of(world)


def newest_card(town: Town, person: int = KATE) -> dict[str, Any]:
    return next((m for m in reversed(town.telegram.history(person)) if link(m)), newest(town, person))


def balance(town: Town, person: int = KATE) -> int:
    return town.balance(person).available


def stands(town: Town) -> OrderState:
    return only(town).stands


def alerted(town: Town, *words: str) -> bool:
    return town.says(ADMIN, *words)
