"""The paying side of the soak: people buy on all rails, admins approve, and every payment is held against the books.

What was paid is read from the stand-ins and from what the pages of Stripe answered, never from the bot.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx2
import trio

from tests.process.machine import Books, Buyer, StandIns

RAILS = ("⭐", "💳", "🏦")
LOOKS, LOOK_SECONDS = 60, 0.5
"""A buyer waits half a minute for a button, then gives up and comes again: the bot may be dead just now."""


@dataclass(slots=True)
class Till:
    """What was paid, as the payers know it."""

    sessions: set[str] = field(default_factory=set[str])
    begun: Counter[str] = field(default_factory=Counter[str])


async def buys(buyer: Buyer, chance: random.Random, till: Till, end: float) -> None:
    """One purchase after another."""
    while trio.current_time() < end:
        rail = chance.choice(RAILS)
        before = await _newest(buyer, "💰 100")
        await buyer.says("/buy")
        package = await _newer(buyer, "💰 100", before)
        if package is not None:
            before = await _newest(buyer, rail)
            await buyer.stand_ins.press(buyer.id, *package)
            way = await _newer(buyer, rail, before)
            if way is not None:
                till.begun[rail] += 1
                await buyer.stand_ins.press(buyer.id, *way)
                await _pay(buyer, rail, till)
        await trio.sleep(chance.uniform(1, 6))


async def approves(stand_ins: StandIns, chance: random.Random, end: float) -> None:
    """The admin presses every ✅ that comes, some of them twice."""
    admin = Buyer(stand_ins, stand_ins.admin)
    await admin.says("/start")
    while trio.current_time() < end:
        found = await _newest(admin, "✅")
        if found is not None:
            for _ in range(chance.choice((1, 1, 2))):
                await stand_ins.press(admin.id, *found)
        await trio.sleep(chance.uniform(0.3, 2))


async def _pay(buyer: Buyer, rail: str, till: Till) -> None:
    match rail:
        case "⭐":
            for invoice in (await _messages(buyer, "invoice"))[-1:]:
                await _does(buyer, "pay", {"person": buyer.id, "message_id": invoice["message_id"]})
        case "🏦":
            for _ in range(LOOKS):
                await trio.sleep(LOOK_SECONDS)
                if await _does(buyer, "receipt", {"person": buyer.id}):
                    break
        case _:
            url = await _page(buyer)
            if url is not None:
                async with httpx2.AsyncClient(timeout=10.0) as browser:
                    answer = await browser.post(url, data={"action": "pay"})
                if answer.status_code == 303:  # paid, and led back to the chat
                    till.sessions.add(url.rpartition("/")[2])


async def _does(buyer: Buyer, path: str, body: dict[str, Any]) -> bool:
    """Do it if the chat allows it: what is not asked for yet, or not any more, is not paid."""
    async with httpx2.AsyncClient(base_url=buyer.stand_ins.url, timeout=60.0) as page:
        return (await page.post(f"/sandbox/api/{path}", json=body)).status_code == 200


async def _page(buyer: Buyer) -> str | None:
    for _ in range(LOOKS):
        for message in reversed(await buyer.stand_ins.history(buyer.id)):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if button.get("url") and button["text"].startswith("💳"):
                        return str(button["url"])
        await trio.sleep(LOOK_SECONDS)
    return None


async def _newest(buyer: Buyer, prefix: str) -> tuple[int, str] | None:
    """The newest button that begins so: its message and its data."""
    for message in reversed(await buyer.stand_ins.history(buyer.id)):
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                if button["text"].startswith(prefix) and "callback_data" in button:
                    return message["message_id"], str(button["callback_data"])
    return None


async def _newer(buyer: Buyer, prefix: str, before: tuple[int, str] | None) -> tuple[int, str] | None:
    for _ in range(LOOKS):
        found = await _newest(buyer, prefix)
        if found not in (None, before):
            return found
        await trio.sleep(LOOK_SECONDS)
    return None


async def _messages(buyer: Buyer, name: str) -> list[dict[str, Any]]:
    """Messages of this kind, as soon as there are any."""
    for _ in range(LOOKS):
        found = [message for message in await buyer.stand_ins.history(buyer.id) if name in message]
        if found:
            return found
        await trio.sleep(LOOK_SECONDS)
    return []


async def paid(buyers: list[Buyer], till: Till) -> dict[str, set[str]]:
    """The names of all payments that were really made, by rail; Kaspi has none but the admins' word."""
    stars: set[str] = set()
    for buyer in buyers:
        for message in await buyer.stand_ins.history(buyer.id):
            if "successful_payment" in message:
                stars.add(str(message["successful_payment"]["telegram_payment_charge_id"]))
    return {"stars": stars, "stripe": till.sessions}


def not_credited(books: Books, real: dict[str, set[str]]) -> list[str]:
    """Payments without a credit; nothing once the bot has heard of all."""
    missing: list[str] = []
    for rail, names in real.items():
        known = set(books.ask("select external_id from orders where rail = ? and paid_at is not null", rail))
        if rail == "stars":  # a second payment of one order is paid back instead
            known |= set(books.ask("select charge_id from stars_payments where outcome = 'again'"))
        missing += [f"{rail} payment {name} was never credited" for name in sorted(names - known)]
    return missing


def violations(books: Books, real: dict[str, set[str]]) -> list[str]:
    """What does not hold between payments, orders and the ledger."""
    found = not_credited(books, real)
    for rail, names in real.items():
        known = set(books.ask("select external_id from orders where rail = ? and paid_at is not null", rail))
        found += [f"an order was credited for {name}, which nobody paid" for name in sorted(known - names)]
    twice = "select memo from transfers where kind = 'purchase' group by memo having count(*) > 1"
    found += [f"order {code} was credited twice" for code in books.ask(twice)]
    orders, credits = (
        books.ask("select count(*) from orders where paid_at is not null")[0],
        books.ask("select count(*) from transfers where kind = 'purchase'")[0],
    )
    if orders != credits:
        found.append(f"{orders} orders are paid and {credits} were credited")
    return found
