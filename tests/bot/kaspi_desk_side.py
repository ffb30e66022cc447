"""What Kaspi's tests share: a town that takes Kaspi, a purchase up to the receipt, and the admins' cards."""

import io
from typing import Any

from PIL import Image
from sqlalchemy import update

from actors.shop.context import KaspiAccount
from protocol.order import Rail
from storage import orders
from storage.orders import Order
from storage.payment_tables import orders as table
from tests.bot.chats import newest, press, shown, text_of
from tests.media import receipt_samples
from tests.town import ADMIN, KATE, Town, labels

SECOND, THIRD = 2, 3
"""Two more admins."""
MOMENT = "15.01.2027 13:05"
"""Five minutes after a town's clock begins, in the time of Astana."""


def open_kaspi(town: Town, *admins: int) -> None:
    """The shop takes Kaspi; its admins speak English."""
    town.kaspi = KaspiAccount("https://pay.kaspi.kz/pay/abcd1234", "+77011234567", "Данияр Сериков")
    town.rails = (Rail.STARS, Rail.KASPI)
    town.admins = (ADMIN, *admins)
    for admin in admins:
        town.telegram.person(admin, first_name=f"Admin {admin}", username=f"boss{admin}", language_code="en")


async def admins_begin(town: Town) -> None:
    """A bot may write only to people who have written to it."""
    for admin in town.admins:
        town.telegram.say(admin, "/start")
    await town.until(lambda: all(town.texts(admin) for admin in town.admins))


async def buy(town: Town, person: int = KATE, package: str = "💰 100") -> Order:
    """Choose a package and Kaspi; the order, which waits for the money."""
    town.telegram.say(person, "/buy")
    await town.until(lambda: town.button(person, package))
    await press(town, person, package)
    await town.until(lambda: town.button(person, "🏦"))
    await press(town, person, "🏦")
    await town.until(lambda: town.button(person, "🔄"))
    return order_of(town, person)


def order_of(town: Town, person: int = KATE) -> Order:
    """The person's newest order."""
    return town.read(orders.of_user, person)[0]


def soon(town: Town, order: Order) -> None:
    """Let the order expire in a minute: a day of polling takes a test too long."""
    town.read(lambda tx: tx.conn.execute(update(table).where(table.c.id == order.id).values(expires_at=tx.now + 60)))


def tenge(amount: int) -> str:
    """`2 491 ₸` as the bot writes it, from tiyn."""
    return f"{amount // 100:,} ₸".replace(",", "\u202f")


def receipt(order: Order, *, number: str = "QR17262148385", **fields: str) -> bytes:
    """The right receipt for this order, unless told otherwise."""
    given = {"amount": tenge(order.amount), "moment": MOMENT, "recipient": "Данияр С.", **fields}
    return receipt_samples.kaspi(number=number, **given)


def screenshot(shade: int = 90) -> bytes:
    """A picture of a receipt."""
    made = io.BytesIO()
    Image.new("RGB", (400, 800), (shade, 40, 40)).save(made, "PNG")
    return made.getvalue()


async def claim(town: Town, order: Order, pdf: bytes | None = None, person: int = KATE) -> None:
    """Send the receipt and wait for the admins' cards."""
    before = {admin: len(cards(town, order, admin)) for admin in town.admins}
    town.telegram.send_document(person, pdf or receipt(order), "receipt.pdf", "application/pdf")
    others = [admin for admin in town.admins if admin != person] or list(town.admins)
    await town.until(lambda: all(len(cards(town, order, admin)) > before[admin] for admin in others))


def cards(town: Town, order: Order, admin: int = ADMIN) -> list[dict[str, Any]]:
    """The messages with receipts of this order in an admin's chat, oldest first."""
    theirs = [message for message in town.telegram.history(admin) if message["from"]["is_bot"]]
    return [message for message in theirs if ("document" in message or "photo" in message)]


def card(town: Town, order: Order, admin: int = ADMIN) -> str:
    """What the newest card says."""
    return text_of(cards(town, order, admin)[-1])


def keys(town: Town, order: Order, admin: int = ADMIN) -> list[str]:
    """The newest card's buttons."""
    return labels(cards(town, order, admin)[-1])


async def approve(town: Town, admin: int = ADMIN) -> str:
    """Both steps; what the second press was answered."""
    await press(town, admin, "✅")
    await town.until(lambda: town.button(admin, "✅ Yes"))
    return await press(town, admin, "✅ Yes")


async def refuse(town: Town, prefix: str = "❌ No money", admin: int = ADMIN) -> str:
    await press(town, admin, "❌ Refuse")
    await town.until(lambda: town.button(admin, prefix))
    return await press(town, admin, prefix)


__all__ = ["newest", "press", "shown"]
