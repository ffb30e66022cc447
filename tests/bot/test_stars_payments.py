"""Paying in Stars, on good days and on bad ones: each payment ends in one credit or none, and a sentence."""

import pytest
import trio
from trio.testing import MockClock

from actors.rails import stars_desk
from protocol.order import OrderState
from sandbox.faults import FaultKind
from sandbox.telegram.stars import Stars
from storage import bans, orders, stars
from storage.orders import Order
from tests.bot.chats import press, reply, text_of
from tests.bot.doors import after, before, is_method
from tests.town import ADMIN, BORIS, KATE, Town

PRICE = 250
TOKENS = 100


def the_order(town: Town) -> Order:
    [order] = town.read(orders.in_states, list(OrderState))
    return order


async def invoice(town: Town, person: int = KATE) -> Order:
    """An order that waits for its Stars."""
    await reply(town, person, "/buy")
    await press(town, person, "💰 100")
    await press(town, person, "⭐")
    await town.until(lambda: any("invoice" in message for message in town.telegram.history(person)))
    return town.read(orders.open_of, person)[0]


async def credited(town: Town, person: int = KATE) -> None:
    await town.until(lambda: town.says(person, "✅ +100"))
    await town.until(lambda: town.says(person, "is paid"))
    assert town.balance(person).posted == 40 + TOKENS
    assert sum("+100" in text for text in town.texts(person)) == 1
    assert town.audit() == []


def stars_of(town: Town) -> Stars:
    return town.telegram.stars


def payments(town: Town) -> list[str]:
    return [str(town.read(stars.find, id).outcome) for id in town.telegram.stars.charges]  # type: ignore[union-attr]


async def test_a_purchase(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        order = await invoice(town)
        shown = next(m for m in town.telegram.history(KATE) if "invoice" in m)["invoice"]
        assert shown["currency"] == "XTR"
        assert shown["total_amount"] == PRICE
        assert shown["start_parameter"]
        checkout = town.telegram.stars.pay_newest(KATE)
        await credited(town)
    assert checkout.answered_at is not None
    assert checkout.answered_at - checkout.asked < 2
    assert the_order(town).stands is OrderState.PAID
    assert the_order(town).external_id == checkout.charge_id
    assert town.telegram.stars.charges[checkout.charge_id or ""].payload == order.code
    assert payments(town) == ["credited"]


async def test_told_of_twice(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await invoice(town)
        town.telegram.stars.twice = 1
        town.telegram.stars.pay_newest(KATE)
        await credited(town)
        await reply(town, KATE, "/balance")
    assert town.balance(KATE).posted == 140


@pytest.mark.parametrize("how", ["✖️", "expired"])
async def test_paid_after_the_order_was_over(town: Town, autojump_clock: MockClock, how: str) -> None:
    """The bot said yes, then the person cancelled, or the time ran out: the Stars are gone, so the tokens come."""
    async with town.bot():
        order = await invoice(town)
        if how == "✖️":
            await press(town, KATE, how)
            await town.until(lambda: the_order(town).stands is OrderState.CANCELLED)
        else:
            await trio.sleep(86400 + 600)
            assert the_order(town).stands is OrderState.EXPIRED
        town.telegram.stars.charge(KATE, PRICE, order.code)
        await credited(town)
    assert the_order(town).stands is OrderState.PAID


async def test_a_dead_invoice_is_refused_kindly(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await invoice(town)
        await press(town, KATE, "✖️")
        checkout = town.telegram.stars.pay_newest(KATE)
        await town.until(lambda: checkout.answered_at)
    assert checkout.charge_id is None
    assert checkout.error == "This invoice is not valid any more. Open /buy for a new one."
    assert town.telegram.stars.charges == {}


async def test_two_payments_of_one_order(town: Town, autojump_clock: MockClock) -> None:
    """Two devices, both asked before either paid: one is credited, the other goes back by itself."""
    async with town.bot():
        await reply(town, ADMIN, "/start")
        order = await invoice(town)
        town.telegram.stars.charge(KATE, PRICE, order.code)
        second = town.telegram.stars.charge(KATE, PRICE, order.code)
        await credited(town)
        await town.until(lambda: town.says(KATE, "was paid twice", "250"))
        await town.until(lambda: second.refunded)
        await reply(town, KATE, "/balance")
        await town.until(lambda: town.says(ADMIN, "⚠️", order.code))
    assert [charge.refunded for charge in town.telegram.stars.charges.values()] == [False, True]
    assert town.balance(KATE).posted == 140
    assert payments(town) == ["credited", "again"]
    assert town.audit() == []


@pytest.mark.parametrize("amount", [1, 249, 251, 2500])
async def test_another_amount(town: Town, autojump_clock: MockClock, amount: int) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/start")
        order = await invoice(town)
        charge = town.telegram.stars.charge(KATE, amount, order.code)
        await town.until(lambda: town.says(KATE, "instead of 250 ⭐"))
        await town.until(lambda: town.says(ADMIN, "⚠️", order.code, charge.id))
        assert town.balance(KATE).posted == 40
        name = charge.id if amount < PRICE else order.code  # the admin may type either
        await reply(town, ADMIN, f"/refund {name}")
        await town.until(lambda: charge.refunded)
        await town.until(lambda: town.says(ADMIN, "Returned"))
    assert the_order(town).stands is OrderState.WAITING
    assert town.balance(KATE).posted == 40
    assert town.audit() == []


@pytest.mark.parametrize("payload", ["", "AAAAAA", "K" * 128, "<b>&", "o:1"])
async def test_a_payment_for_nothing_we_know(town: Town, autojump_clock: MockClock, payload: str) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await reply(town, KATE, "/start")
        charge = town.telegram.stars.charge(KATE, PRICE, payload)
        await town.until(lambda: town.says(KATE, "We received 250 ⭐"))
        await town.until(lambda: town.says(ADMIN, "⚠️", "103", charge.id))
    assert town.balance(KATE).posted == 40
    assert payments(town) == ["unknown"]
    assert town.audit() == []


async def test_somebody_else_pays(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await reply(town, BORIS, "/start")
        order = await invoice(town)
        charge = town.telegram.stars.charge(BORIS, PRICE, order.code)
        await town.until(lambda: town.says(ADMIN, "⚠️", "102", charge.id))
    assert the_order(town).stands is OrderState.WAITING
    assert (town.balance(KATE).posted, town.balance(BORIS).posted) == (40, 40)
    assert town.audit() == []


async def test_a_payment_nobody_told_of_is_found_within_the_hour(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await invoice(town)
        town.telegram.stars.lose = 1
        town.telegram.stars.pay_newest(KATE)
        await trio.sleep(3700)
        await credited(town)


async def test_a_payment_nobody_told_of_is_found_at_once_when_asked(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await invoice(town)
        town.telegram.stars.lose = 1
        checkout = town.telegram.stars.pay_newest(KATE)
        await town.until(lambda: checkout.charge_id)
        asked = town.now()
        assert "Checking" in await press(town, KATE, "🔄")
        await credited(town)
        assert town.now() - asked < 10


async def test_a_payment_nobody_told_of_is_found_at_boot(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        order = await invoice(town)
    town.telegram.stars.lose = 1
    town.telegram.stars.charge(KATE, PRICE, order.code)
    async with town.bot():
        await credited(town)


async def test_pressing_check_before_paying_changes_nothing(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await invoice(town)
        for _ in range(5):
            await press(town, KATE, "🔄")
        lists = [call for call in town.telegram.log if call.method == "getStarTransactions"]
        assert len(lists) <= 4
    assert the_order(town).stands is OrderState.WAITING


async def test_hundreds_of_payments_are_read_page_by_page_and_once(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        order = await invoice(town)
    town.telegram.stars.lose = 251
    for _ in range(250):
        town.telegram.stars.charge(BORIS, 1, "somebody else's")
    town.telegram.stars.charge(KATE, PRICE, order.code)
    async with town.bot():
        await credited(town)
    read = sum(call.method == "getStarTransactions" for call in town.telegram.log)
    async with town.bot():
        await reply(town, KATE, "/balance")
        await town.until(lambda: sum(call.method == "getStarTransactions" for call in town.telegram.log) == read + 1)
    assert town.balance(KATE).posted == 140


@pytest.mark.parametrize("method", ["sendInvoice", "answerPreCheckoutQuery"])
@pytest.mark.parametrize("moment", [before, after], ids=["before", "after"])
async def test_killed_at_a_step(town: Town, autojump_clock: MockClock, method: str, moment: object) -> None:
    town.answers_within = None  # whom a kill left without an answer
    async with town.bot():
        await reply(town, KATE, "/buy")
        await press(town, KATE, "💰 100")
        await town.until(lambda: town.button(KATE, "⭐"))
        town.doors["telegram"] = moment(is_method(method), town.kill)  # type: ignore[operator]
        town.telegram.press_label(KATE, "⭐")
        if method == "answerPreCheckoutQuery":
            await town.until(lambda: any("invoice" in message for message in town.telegram.history(KATE)))
            town.telegram.stars.pay_newest(KATE)
        await town.until(lambda: not town.power.on)
    town.doors.clear()
    async with town.bot():
        await town.until(lambda: any("invoice" in message for message in town.telegram.history(KATE)))
        await town.until(lambda: town.says(KATE, "Press the pay button"))
        await town.until(
            lambda: all(c.charge_id or stars_of(town).failed(c) for c in stars_of(town).checkouts.values())
        )
        if not stars_of(town).charges:
            stars_of(town).pay_newest(KATE)
        await credited(town)
    assert len(town.telegram.stars.charges) == 1


async def test_killed_while_the_payment_is_told(town: Town, autojump_clock: MockClock) -> None:
    """Between Telegram's message and ours: the credit is there, and the sentence comes after the restart."""
    async with town.bot():
        await invoice(town)
        town.doors["telegram"] = before(is_method("editMessageText"), town.kill)
        town.telegram.stars.pay_newest(KATE)
        await town.until(lambda: not town.power.on)
    town.doors.clear()
    async with town.bot():
        await credited(town)


async def test_the_question_is_answered_in_time_under_load(town: Town, autojump_clock: MockClock) -> None:
    """A full inbox, a chat that is told to wait, and slow answers: the question has its own way past them all."""
    town.answers_within = None
    async with town.bot():
        await invoice(town)
        town.fault("telegram", "sendMessage", FaultKind.RATE_LIMIT, times=40, seconds=60)
        town.fault("telegram", "editMessageText", FaultKind.SLOW, times=200, seconds=25)
        for number in range(400):
            town.telegram.say(BORIS if number % 2 else KATE, f"film number {number}")
        checkout = town.telegram.stars.pay_newest(KATE)
        await town.until(lambda: checkout.answered_at)
        assert checkout.charge_id is not None
        assert checkout.answered_at is not None
        assert checkout.answered_at - checkout.asked < 3
        await town.until(lambda: town.balance(KATE).posted == 140)
    assert town.audit() == []


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.LOSE_REQUEST, FaultKind.LOSE_ANSWER])
async def test_the_answer_to_the_question_is_repeated(town: Town, autojump_clock: MockClock, kind: FaultKind) -> None:
    async with town.bot():
        await invoice(town)
        town.fault("telegram", "answerPreCheckoutQuery", kind, times=2)
        town.telegram.stars.pay_newest(KATE)
        await credited(town)
    assert len(town.telegram.stars.charges) == 1


async def test_a_question_from_before_a_long_silence_is_dropped(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await invoice(town)
    checkout = town.telegram.stars.pay_newest(KATE)
    await town.until(lambda: town.telegram.stars.failed(checkout))
    async with town.bot():
        await reply(town, KATE, "/balance")
        again = town.telegram.stars.pay_newest(KATE)
        await town.until(lambda: again.charge_id)
        await credited(town)
    assert checkout.charge_id is None


async def test_the_price_has_changed_meanwhile(town: Town, autojump_clock: MockClock) -> None:
    """Whoever has an invoice pays what it says."""
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await invoice(town)
        await reply(town, ADMIN, "/package small 100 2490 300")
        town.telegram.stars.pay_newest(KATE)
        await credited(town)


async def test_a_film_is_bought_with_it(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await invoice(town)
        town.telegram.stars.pay_newest(KATE)
        await credited(town)
        for number in range(7):
            await town.order(KATE, f"film {number}")
        await town.until(lambda: len(town.films(KATE)) == 7, within=3000)
        await town.until(lambda: sum("✅ Film" in text for text in town.texts(KATE)) == 7)
        assert "You have 0 tokens" in text_of(await reply(town, KATE, "/balance"))
    assert town.audit() == []


@pytest.mark.parametrize("lines", [99, 199])
async def test_a_list_that_ends_with_its_page(town: Town, autojump_clock: MockClock, lines: int) -> None:
    """The page after it is empty, which is not another bot's list."""
    async with town.bot():
        order = await invoice(town)
    town.telegram.stars.lose = lines + 1
    for _ in range(lines):
        town.telegram.stars.charge(BORIS, 1, "somebody else's")
    town.telegram.stars.charge(KATE, PRICE, order.code)
    async with town.bot():
        await credited(town)
        await trio.sleep(30)
    read = sum(call.method == "getStarTransactions" for call in town.telegram.log)
    assert read <= lines // 100 + 5
    assert town.read(stars_desk.where) == lines + 1


async def test_another_bot_s_list(town: Town, autojump_clock: MockClock) -> None:
    """The bot's token was changed: the new bot's list is shorter than what was read of the old one's."""
    async with town.bot():
        order = await invoice(town)
        for _ in range(30):
            town.telegram.stars.charge(BORIS, 1, "of the old bot")
        await press(town, KATE, "🔄")
        await town.until(lambda: town.read(stars_desk.where) == 30)
    town.telegram.stars.transactions.clear()
    town.telegram.stars.lose = 1
    town.telegram.stars.charge(KATE, PRICE, order.code)
    async with town.bot():
        await credited(town)
        assert town.read(stars_desk.where) == 1


async def test_somebody_who_is_banned_is_not_let_pay(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await invoice(town)
        await reply(town, ADMIN, "/ban @kate spam")
        await town.until(lambda: town.read(bans.of, KATE))
        checkout = town.telegram.stars.pay_newest(KATE)
        await town.until(lambda: checkout.answered_at)
    assert checkout.charge_id is None


async def test_a_bot_that_sold_something_else_before(town: Town, autojump_clock: MockClock) -> None:
    """Its list of payments is long and old: nobody is told of those, only of what is new and strange."""
    town.telegram.person(ADMIN, first_name="Admin", username="boss", language_code="en", started=True)
    town.telegram.stars.lose = 3
    for number in range(3):
        town.telegram.stars.charge(KATE, 1 + number, "of another shop")
    await trio.sleep(5 * 86_400)
    async with town.bot():
        await reply(town, KATE, "/start")
        await town.until(lambda: town.read(stars_desk.where) == 3)
        await reply(town, ADMIN, "/balance")
        assert not town.says(KATE, "We received")
        assert not town.says(ADMIN, "⚠️")
        town.telegram.stars.charge(KATE, 7, "new and strange")
        await town.until(lambda: town.says(KATE, "We received 7 ⭐"))
    assert town.audit() == []


async def test_telegram_says_when_to_ask_for_the_list_again(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await invoice(town)
        town.fault("telegram", "getStarTransactions", FaultKind.RATE_LIMIT, seconds=300)
        asked = len([call for call in town.telegram.log if call.method == "getStarTransactions"])
        await press(town, KATE, "🔄")
        await trio.sleep(200)
        for _ in range(3):
            await press(town, KATE, "🔄")
        calls = [call for call in town.telegram.log if call.method == "getStarTransactions"]
        assert len(calls) == asked + 1
        town.telegram.stars.lose = 1
        town.telegram.stars.pay_newest(KATE)
        await trio.sleep(200)
        await credited(town)
