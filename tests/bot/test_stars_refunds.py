"""/refund, and Stars that went back by themselves: the tokens are taken once, and what was spent becomes a debt."""

import pytest
import trio
from trio.testing import MockClock

from protocol.order import OrderState
from sandbox.faults import FaultKind
from sandbox.telegram.stars import Charge
from storage import ledger, orders, refunds
from storage.orders import Order
from tests.bot.chats import press, reply, text_of, words
from tests.bot.doors import after, answering, before, is_method
from tests.town import ADMIN, KATE, Town


async def bought(town: Town) -> tuple[Order, Charge]:
    """Kate's order, paid in Stars."""
    await reply(town, ADMIN, "/start")
    await reply(town, KATE, "/buy")
    await press(town, KATE, "💰 100")
    await press(town, KATE, "⭐")
    await town.until(lambda: any("invoice" in message for message in town.telegram.history(KATE)))
    checkout = town.telegram.stars.pay_newest(KATE)
    await town.until(lambda: town.says(KATE, "✅ +100"))
    [order] = town.read(orders.in_states, list(OrderState))
    return order, town.telegram.stars.charges[checkout.charge_id or ""]


def the_order(town: Town) -> Order:
    return town.read(orders.in_states, list(OrderState))[0]


async def taken_back(town: Town, charge: Charge) -> None:
    await town.until(lambda: town.says(KATE, "went back to you: 250 ⭐", "Taken back: 100 tokens"), within=2000)
    assert charge.refunded
    assert the_order(town).stands is OrderState.REFUNDED
    assert town.balance(KATE).posted == 40
    assert sum("Taken back: 100 tokens" in text for text in town.texts(KATE)) == 1
    assert town.audit() == []


@pytest.mark.parametrize("name", ["code", "lower", "payment"])
async def test_by_the_order_s_code_or_the_payment_s_id(town: Town, autojump_clock: MockClock, name: str) -> None:
    async with town.bot():
        order, charge = await bought(town)
        await reply(
            town, ADMIN, "/refund " + {"code": order.code, "lower": order.code.lower(), "payment": charge.id}[name]
        )
        await taken_back(town, charge)
        await town.until(lambda: town.says(ADMIN, "Returned 250 ⭐ to Kate (103)"))
        again = text_of(await reply(town, ADMIN, f"/refund {order.code}"))
        assert again == words("refund-not-again", code=order.code)


async def test_asked_twice_at_once_is_one(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        order, charge = await bought(town)
        town.fault("telegram", "refundStarPayment", FaultKind.SERVER_ERROR)
        await reply(town, ADMIN, f"/refund {order.code}")
        await town.until(lambda: town.says(ADMIN, "Returning"))
        under_way = text_of(await reply(town, ADMIN, f"/refund {order.code}"))
        assert under_way == words("refund-under-way", price="250 ⭐")
        await taken_back(town, charge)


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.LOSE_REQUEST, FaultKind.LOSE_ANSWER])
async def test_bad_weather_is_waited_out(town: Town, autojump_clock: MockClock, kind: FaultKind) -> None:
    """Asked again after a lost answer, Telegram says that it was done."""
    async with town.bot():
        order, charge = await bought(town)
        town.fault("telegram", "refundStarPayment", kind, times=3)
        await reply(town, ADMIN, f"/refund {order.code}")
        await taken_back(town, charge)
        await town.until(lambda: town.says(ADMIN, "Returned"), within=600)


@pytest.mark.parametrize("moment", [before, after], ids=["before", "after"])
async def test_killed_while_it_is_asked(town: Town, autojump_clock: MockClock, moment: object) -> None:
    async with town.bot():
        order, charge = await bought(town)
        town.doors["telegram"] = moment(is_method("refundStarPayment"), town.kill)  # type: ignore[operator]
        town.telegram.say(ADMIN, f"/refund {order.code}")
        await town.until(lambda: not town.power.on)
    town.doors.clear()
    async with town.bot():
        await taken_back(town, charge)
        await town.until(lambda: town.says(ADMIN, "Returned"), within=600)


async def test_telegram_will_not(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        order, charge = await bought(town)
        refusal = {"ok": False, "error_code": 400, "description": "Bad Request: BALANCE_TOO_LOW"}
        town.doors["telegram"] = answering(is_method("refundStarPayment"), 400, refusal)
        await reply(town, ADMIN, f"/refund {order.code}")
        await town.until(lambda: town.says(ADMIN, "⚠️", "BALANCE_TOO_LOW", charge.id))
        await town.until(lambda: town.says(ADMIN, "Could not return"))
        assert (town.balance(KATE).posted, the_order(town).stands) == (140, OrderState.PAID)
        await reply(town, ADMIN, f"/refund {order.code}")  # the reason is gone: another round
        await taken_back(town, charge)


async def test_made_elsewhere(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        _, charge = await bought(town)
        town.telegram.stars.refund(charge)
        await taken_back(town, charge)


async def test_made_elsewhere_and_never_told(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        _, charge = await bought(town)
        town.telegram.stars.lose = 1
        town.telegram.stars.refund(charge)
        await trio.sleep(3700)
        await taken_back(town, charge)


async def test_refund_told_and_payment_not(town: Town, autojump_clock: MockClock) -> None:
    """Both are read from the list, in their order: credited, and taken back."""
    async with town.bot():
        order, charge = await bought(town)
        town.telegram.stars.lose = 1
        second = town.telegram.stars.charge(KATE, 250, order.code)
        town.telegram.stars.refund(second)
        await town.until(lambda: town.says(KATE, "paid twice"))
        assert not charge.refunded
    assert town.balance(KATE).posted == 140
    assert town.audit() == []


async def test_what_is_spent_becomes_a_debt(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        order, charge = await bought(town)
        for number in range(5):
            await town.order(KATE, f"film {number}")
        await town.until(lambda: len(town.films(KATE)) == 5, within=3000)
        await town.until(lambda: town.balance(KATE).posted == 40)
        await reply(town, ADMIN, f"/refund {order.code}")
        await town.until(lambda: town.says(KATE, "You have 0 tokens. You owe 60 tokens"))
        assert charge.refunded
        shown = text_of(await reply(town, KATE, "/balance"))
        assert "0 tokens" in shown
        assert "60 tokens" in shown
        await reply(town, ADMIN, "/topup @kate 100")
        await town.until(lambda: town.says(KATE, "given 100 tokens. Balance: 40 tokens"))
        assert "You have 40 tokens" in text_of(await reply(town, KATE, "/balance"))
    assert town.read(ledger.owed, KATE) == 0
    assert town.balance(KATE).posted == 40
    assert town.audit() == []


async def test_tokens_held_by_a_film_are_not_taken_from_it(town: Town, autojump_clock: MockClock) -> None:
    """The film goes on; when it fails, its tokens pay the debt."""
    town.videos.speed = 0.0001
    async with town.bot():
        order, _ = await bought(town)
        for number in range(5):
            await town.order(KATE, f"film {number}")
        await town.until(lambda: town.balance(KATE).held == 100)
        await reply(town, ADMIN, f"/refund {order.code}")
        await town.until(lambda: town.says(KATE, "You owe 60 tokens"))
        await reply(town, KATE, "/cancel")
        await town.until(lambda: town.read(ledger.owed, KATE) < 60)
    assert town.audit() == []


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "refund-usage"),
        ("one two", "refund-usage"),
        ("x" * 300, "refund-usage"),
        ("nothing", "refund-unknown"),
        ("<b>", "refund-unknown"),
    ],
)
async def test_garbage_changes_nothing(town: Town, autojump_clock: MockClock, typed: str, key: str) -> None:
    async with town.bot():
        await bought(town)
        answer = text_of(await reply(town, ADMIN, f"/refund {typed}".strip()))
        assert answer == (words(key) if key == "refund-usage" else words(key, name=typed))
    assert town.balance(KATE).posted == 140


async def test_an_order_nobody_has_paid(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await reply(town, KATE, "/buy")
        await press(town, KATE, "💰 100")
        code = the_order(town).code
        assert text_of(await reply(town, ADMIN, f"/refund {code}")) == words("refund-not-paid", code=code)


async def test_for_everybody_else_there_is_no_such_command(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        order, charge = await bought(town)
        assert text_of(await reply(town, KATE, f"/refund {order.code}")) == words("unknown-command")
        assert not charge.refunded
    assert town.read(refunds.due, "stars") == []  # type: ignore[arg-type]
