"""/refund of money that came by Kaspi: nobody can be asked to pay it back, so the admin does, and says so once."""

from typing import Any

from trio.testing import MockClock

from protocol.order import OrderState
from storage import audit_log
from storage.orders import Order
from tests.bot.chats import newest, press, press_data, reply, text_of, words
from tests.bot.kaspi_desk_side import SECOND, admins_begin, approve, buy, claim, order_of
from tests.bot.kaspi_desk_side import open_kaspi as opened
from tests.town import ADMIN, KATE, Town


async def paid(town: Town) -> Order:
    """An order of Kate's whose money an admin has seen."""
    await admins_begin(town)
    order = await buy(town)
    await claim(town, order)
    await approve(town)
    await town.until(lambda: town.says(KATE, "✅ +100"))
    return order_of(town)


def data_of(message: dict[str, Any], sign: str) -> str:
    rows = message["reply_markup"]["inline_keyboard"]
    return next(str(button["callback_data"]) for row in rows for button in row if button["text"].startswith(sign))


async def test_in_two_steps(town: Town, autojump_clock: MockClock) -> None:
    opened(town)
    async with town.bot():
        order = await paid(town)
        asked = await reply(town, ADMIN, f"/refund {order.code}")
        assert "Kate (103)" in text_of(asked)
        assert "2\u202f49" in text_of(asked)
        assert town.balance(KATE).posted == 140, "nothing is taken before the money is sent"
        await press(town, ADMIN, "✅")
        await town.until(lambda: town.says(KATE, "went back to you", "Taken back: 100 tokens"))
        await town.until(lambda: "Returned" in text_of(town.telegram.messages[ADMIN][asked["message_id"]]))
        assert await press_data(town, ADMIN, asked["message_id"], data_of(asked, "✅")) == words("answer-stale")
    assert order_of(town).stands is OrderState.REFUNDED
    assert town.balance(KATE).posted == 40
    assert "refund" in [line.what for line in town.read(lambda tx: audit_log.latest(tx, limit=10))]
    assert town.audit() == []


async def test_two_admins_at_once(town: Town, autojump_clock: MockClock) -> None:
    opened(town, SECOND)
    async with town.bot():
        order = await paid(town)
        cards = {admin: await reply(town, admin, f"/refund {order.code}") for admin in town.admins}
        said = {
            admin: await press_data(town, admin, card["message_id"], data_of(card, "✅"))
            for admin, card in cards.items()
        }
    assert sorted(said.values()) == sorted([words("answer-refunded"), words("answer-stale")])
    assert town.balance(KATE).posted == 40
    assert town.audit() == []


async def test_thinking_better_of_it(town: Town, autojump_clock: MockClock) -> None:
    opened(town)
    async with town.bot():
        order = await paid(town)
        asked = await reply(town, ADMIN, f"/refund {order.code}")
        await press(town, ADMIN, "✖️")
        await town.until(lambda: "was not returned" in text_of(town.telegram.messages[ADMIN][asked["message_id"]]))
    assert order_of(town).stands is OrderState.PAID
    assert town.balance(KATE).posted == 140


async def test_a_forged_button_does_nothing(town: Town, autojump_clock: MockClock) -> None:
    opened(town)
    async with town.bot():
        order = await paid(town)
        for version in range(1, 12):
            forged = f"a:r:{order.id}:{version}:yes"
            assert await press_data(town, KATE, newest(town, KATE)["message_id"], forged) == words("answer-stale")
    assert order_of(town).stands is OrderState.PAID
    assert town.balance(KATE).posted == 140


async def test_what_is_spent_is_told_beforehand(town: Town, autojump_clock: MockClock) -> None:
    opened(town)
    async with town.bot():
        order = await paid(town)
        await reply(town, ADMIN, "/topup @kate -110")
        asked = text_of(await reply(town, ADMIN, f"/refund {order.code}"))
    assert words("refund-spent", tokens="70 tokens") in asked
