"""/buy: packages, ways to pay, and an order's card on its way; and the road from a film that lacks tokens and back."""

from typing import Any

import pytest
from trio.testing import MockClock

from protocol.order import OrderState
from storage import orders
from storage.orders import Order
from tests.bot.chats import labels, newest, press, press_data, reply, text_of, words
from tests.bot.doors import answering, is_method
from tests.town import ADMIN, AIGERIM, BORIS, KATE, Town


def all_orders(town: Town) -> list[Order]:
    return town.read(orders.in_states, list(OrderState))


def data_of(message: dict[str, object], prefix: str) -> str:
    rows = message["reply_markup"]["inline_keyboard"]  # type: ignore[index]
    return next(button["callback_data"] for row in rows for button in row if button["text"].startswith(prefix))


async def choose(town: Town, person: int, package: str = "💰 100") -> dict[str, object]:
    """The card of a new order, which asks for the way to pay."""
    await reply(town, person, "/buy")
    await press(town, person, package)
    await town.until(lambda: town.button(person, "⭐"))
    return newest(town, person)


async def test_the_packages_have_their_price_in_tokens_and_money(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        packages = await reply(town, KATE, "/buy")
    assert "You have 40 tokens." in text_of(packages)
    assert text_of(packages).endswith("\n\n300 tokens: best start\n1000 tokens: best price")
    assert labels(packages) == [
        "💰 100 tokens · 250 ⭐",
        "💰 300 tokens · 700 ⭐",
        "💰 1000 tokens · 2\u202f000 ⭐",
    ]


@pytest.mark.parametrize("person", [AIGERIM, BORIS, KATE])
async def test_in_every_language(town: Town, autojump_clock: MockClock, person: int) -> None:
    async with town.bot():
        await reply(town, person, "/buy")
        await press(town, person, "💰")
        await press(town, person, "⭐")
        await town.until(lambda: any("invoice" in message for message in town.telegram.history(person)))
        town.telegram.stars.pay_newest(person)
        await town.until(lambda: town.says(person, "✅ +100"))
    assert town.balance(person).posted == 140
    assert town.audit() == []


async def test_another_package_takes_the_place_of_the_first(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await choose(town, KATE, "💰 100")
        await press(town, KATE, "💰 300")
        await town.until(lambda: town.says(KATE, "300 tokens, order"))
    [order] = all_orders(town)
    assert (order.stands, order.package, order.tokens) == (OrderState.DRAFT, "medium", 300)
    assert town.audit() == []


async def test_cancelling(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        card = await choose(town, KATE)
        assert await press(town, KATE, "✖️") == words("answer-order-cancelled")
        await town.until(lambda: town.says(KATE, "is cancelled"))
        stale = await press_data(town, KATE, int(str(card["message_id"])), data_of(card, "⭐"))
        assert stale == words("answer-stale")
    [order] = all_orders(town)
    assert order.stands is OrderState.CANCELLED
    assert town.audit() == []


async def test_another_way_is_another_order(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        card = await choose(town, KATE)
        await press(town, KATE, "⭐")
        await town.until(lambda: town.button(KATE, "🔄"))
        await press(town, KATE, "💰 Another way")
        await town.until(lambda: len(all_orders(town)) == 2)
        await town.until(
            lambda: "How would you like to pay" in text_of(town.telegram.messages[KATE][card["message_id"]])
        )
    first, second = all_orders(town)
    assert (first.stands, second.stands) == (OrderState.CANCELLED, OrderState.DRAFT)
    assert second.package == first.package
    assert town.audit() == []


async def test_somebody_else_s_order_is_nobody_s(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        card = await choose(town, KATE)
        await reply(town, BORIS, "/start")
        for action in ("stars", "check", "other", "no", "approve", "x"):
            assert await press_data(town, BORIS, 1, f"o:1:{action}") == words("answer-stale", "ru")
        assert await press_data(town, KATE, int(str(card["message_id"])), "o:1:nonsense") == words("answer-stale")
        assert await press_data(town, KATE, 1, "o:99:no") == words("answer-stale")
        assert await press_data(town, KATE, 1, "pk:nothing") == words("answer-package-gone")
    [order] = all_orders(town)
    assert order.stands is OrderState.DRAFT


async def test_from_a_film_that_lacks_tokens_and_back(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/topup @kate -40")
        before = await town.draft(KATE, "an eagle over Almaty")
        await press(town, KATE, "💰")
        await press(town, KATE, "💰 100")
        await press(town, KATE, "⭐")
        await town.until(lambda: town.telegram.history(KATE)[-1].get("invoice"))
        town.telegram.stars.pay_newest(KATE)
        await town.until(lambda: town.says(KATE, "+100 tokens", "Your film waits below"))
        await town.until(lambda: any(label.startswith("▶️") for label in labels(newest(town, KATE))))
        card = newest(town, KATE)
        assert "Balance after: 80 tokens" in text_of(card)
        assert card["message_id"] > before["message_id"]
        old = town.telegram.messages[KATE][before["message_id"]]
        await town.until(lambda: not labels(town.telegram.messages[KATE][old["message_id"]]))
        await press(town, KATE, "▶️")
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅ Film"))
    assert town.balance(KATE).posted == 80
    assert town.audit() == []


async def test_telegram_does_not_take_the_invoice(town: Town, autojump_clock: MockClock, logbook: Any) -> None:
    logbook.expected.add("outbox.refused")
    refusal = {"ok": False, "error_code": 400, "description": "Bad Request: STARS_INVOICE_INVALID"}
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await choose(town, KATE)
        town.doors["telegram"] = answering(is_method("sendInvoice"), 400, refusal)
        await press(town, KATE, "⭐")
        await town.until(lambda: town.says(KATE, "does not take the invoice"))
        await town.until(lambda: town.says(ADMIN, "⚠️", "STARS_INVOICE_INVALID"))
    [order] = all_orders(town)
    assert order.stands is OrderState.CANCELLED
    assert town.audit() == []


async def test_somebody_who_blocks_the_bot_before_the_invoice_came(town: Town, autojump_clock: MockClock) -> None:
    town.answers_within = None
    async with town.bot():
        await choose(town, KATE)
        town.telegram.press_label(KATE, "⭐")
        town.telegram.block(KATE)
        await town.until(lambda: all_orders(town)[0].stands is OrderState.CANCELLED)
        town.telegram.unblock(KATE)
        await reply(town, KATE, "/buy")
    assert town.audit() == []


async def test_cancel_gives_up_unpaid_orders(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await choose(town, KATE)
        await press(town, KATE, "⭐")
        await town.until(lambda: town.telegram.history(KATE)[-1].get("invoice"))
        assert text_of(await reply(town, KATE, "/cancel")) == words("cancel-drafts", balance="40 tokens")
        assert text_of(await reply(town, KATE, "/cancel")) == words("cancel-nothing")
    [order] = all_orders(town)
    assert order.stands is OrderState.CANCELLED


async def test_paysupport_names_the_orders(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await choose(town, KATE)
        await press(town, KATE, "⭐")
        [order] = all_orders(town)
        answer = text_of(await reply(town, KATE, "/paysupport"))
    assert f"{order.code} · 100 tokens · 250 ⭐" in answer


async def test_a_package_that_is_no_longer_sold(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await choose(town, KATE)
    town.catalogue = town.catalogue.model_copy(update={"packages": town.catalogue.packages[1:]})
    async with town.bot():
        assert await press(town, KATE, "⭐") == words("answer-package-gone")
        await town.until(lambda: labels(newest(town, KATE))[0].startswith("💰 300"))


async def test_without_packages_the_admin_is_asked(town: Town, autojump_clock: MockClock) -> None:
    town.catalogue = town.catalogue.model_copy(update={"packages": ()})
    town.telegram.say(ADMIN, "/start")
    async with town.bot():
        assert str(KATE) in text_of(await reply(town, KATE, "/buy"))


async def test_the_link_of_an_invoice_shows_it_again_to_its_owner_only(town: Town, autojump_clock: MockClock) -> None:
    """A forwarded invoice leads to the bot with this parameter."""
    async with town.bot():
        await choose(town, KATE)
        await press(town, KATE, "⭐")
        await town.until(lambda: town.telegram.history(KATE)[-1].get("invoice"))
        [order] = all_orders(town)
        card = text_of(await reply(town, KATE, f"/start p_{order.code}"))
        assert order.code in card
        await town.until(lambda: town.telegram.history(KATE)[-1].get("invoice"))
        assert order.code not in text_of(await reply(town, BORIS, f"/start p_{order.code}"))
        assert order.code not in text_of(await reply(town, BORIS, "/start p_"))
        town.telegram.stars.pay_newest(KATE)
        await town.until(lambda: town.says(KATE, "✅ +100"))
    assert town.balance(KATE).posted == 140
    assert town.audit() == []
