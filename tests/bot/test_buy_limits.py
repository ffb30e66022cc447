"""What keeps one buyer from taking up the shop, and the way back to a film that is still out of reach."""

from typing import Any

import pytest
from trio.testing import MockClock

from actors.shop.money import purchase
from protocol.order import OrderState, Rail
from storage import orders
from tests.bot.chats import labels, newest, press, press_data, reply, text_of, words
from tests.bot.kaspi_desk_side import buy as buy_by_kaspi
from tests.bot.kaspi_desk_side import claim, open_kaspi
from tests.town import ADMIN, KATE, Town


async def test_only_so_many_orders_of_one_person_wait(town: Town, autojump_clock: MockClock) -> None:
    """Each takes a sum from all other buyers, so nobody may take all of them."""
    open_kaspi(town)
    async with town.bot():
        for number in range(1, purchase.MOST_WAITING + 4):
            await reply(town, KATE, "/buy")
            await press(town, KATE, "💰 100")
            await town.until(lambda: any(label.startswith("🏦") for label in labels(newest(town, KATE))))
            await press(town, KATE, "🏦")
            await town.until(lambda: town.read(orders.get, number).stands is OrderState.WAITING)  # noqa: B023
        waiting = town.read(orders.in_states, [OrderState.WAITING], Rail.KASPI)
        given_up = town.read(orders.in_states, [OrderState.CANCELLED], Rail.KASPI)
    assert len(waiting) == purchase.MOST_WAITING
    assert len(given_up) == 3
    assert max(order.id for order in given_up) < min(order.id for order in waiting), "the oldest go"
    assert town.audit() == []


async def test_a_film_that_is_still_out_of_reach(town: Town, autojump_clock: MockClock) -> None:
    """Nobody is told to start what they cannot pay yet."""
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/topup @kate -40")
        await town.draft(KATE, "a long film of the steppe")
        await press(town, KATE, "⚙️")
        await town.until(lambda: town.button(KATE, "sora-2-pro"))
        await press(town, KATE, "sora-2-pro")
        await town.until(lambda: town.button(KATE, "12 s"))
        await press(town, KATE, "12 s")
        await town.until(lambda: town.button(KATE, "• 12 s"))
        await press(town, KATE, "💰")
        await town.until(lambda: town.button(KATE, "💰 100"))
        await press(town, KATE, "💰 100")
        await town.until(lambda: town.button(KATE, "⭐"))
        await press(town, KATE, "⭐")
        await town.until(lambda: town.telegram.history(KATE)[-1].get("invoice"))
        town.telegram.stars.pay_newest(KATE)
        await town.until(lambda: town.says(KATE, "✅ +100"))
        await town.until(lambda: "80 tokens short" in text_of(newest(town, KATE)))
        told = next(text for text in town.texts(KATE) if "+100 tokens" in text)
        assert "press ▶️" not in told
        assert "It needs 80 tokens more" in told


async def test_words_changed_while_paying(town: Town, autojump_clock: MockClock) -> None:
    """Another text is another card; the way back leads to that one."""
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/topup @kate -40")
        await town.draft(KATE, "an eagle over Almaty")
        await press(town, KATE, "💰")
        await press(town, KATE, "💰 100")
        await press(town, KATE, "⭐")
        await town.until(lambda: town.telegram.history(KATE)[-1].get("invoice"))
        await press(town, KATE, "✏️")
        await reply(town, KATE, "two eagles over Almaty")
        await town.until(lambda: town.says(KATE, "two eagles"))
        town.telegram.stars.pay_newest(KATE)
        await town.until(lambda: town.says(KATE, "Your film waits below"))
        await town.until(lambda: "two eagles" in text_of(newest(town, KATE)))
        assert any(label.startswith("▶️") for label in labels(newest(town, KATE)))


async def test_the_only_admin_buys_for_themselves(town: Town, autojump_clock: MockClock) -> None:
    """❌ on the desk's card refuses; it is not the buyer's own ✖️, though both are the same person's."""
    open_kaspi(town)
    async with town.bot():
        await reply(town, ADMIN, "/start")
        order = await buy_by_kaspi(town, ADMIN)
        await claim(town, order, person=ADMIN)
        now = town.read(orders.get, order.id)
        await press_data(town, ADMIN, newest(town, ADMIN)["message_id"], f"o:{order.id}:no:{now.version}")
        await town.until(lambda: town.button(ADMIN, "❌ No money"))
        assert town.read(orders.get, order.id).stands is OrderState.CLAIMED


@pytest.mark.parametrize("data", ["o:1:no:7", "o:1:check:x", "o:1:stars:1"])
async def test_a_buyer_s_button_has_no_version(town: Town, autojump_clock: MockClock, data: str) -> None:
    async with town.bot():
        await reply(town, KATE, "/buy")
        card: dict[str, Any] = newest(town, KATE)
        await press(town, KATE, "💰 100")
        assert await press_data(town, KATE, int(card["message_id"]), data) == words("answer-stale")
    assert town.read(orders.get, 1).stands is OrderState.DRAFT
