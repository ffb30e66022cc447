"""Buying with a bank card: the whole way, late and twice, and whatever does not match."""

import pytest
import trio
from chats import labels, press, press_data, reply
from stripe_counter import TOKENS, alerted, balance, choose_card, link, newest_card, only, open_page, session_of, stands
from trio.testing import MockClock

from protocol.order import OrderState
from sandbox.faults import FaultKind
from storage import orders
from tests.town import ADMIN, BORIS, KATE, Town


@pytest.fixture(autouse=True)
def admin_is_there(town: Town) -> None:
    """An admin who has written to the bot, as one who set it up would."""
    town.telegram.person(ADMIN, first_name="Admin", username="boss", language_code="en", started=True)


async def test_a_card_pays_for_tokens(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        await reply(town, KATE, "/start")
        had = balance(town)
        session = await open_page(town, world)
        assert session.amount_total == 249_000
        assert (session.currency, session.locale, session.livemode) == ("kzt", "auto", True)
        assert session.payment_method_types == ["card"]
        assert session.success_url == f"https://t.me/kadr_sandbox_bot?start=p_{only(town).code}"
        assert len(session.success_url.partition("start=")[2]) <= 64
        assert session.payment_metadata["order"] == only(town).code
        assert labels(newest_card(town))[0].startswith("💳 Pay 2")
        world.pay(session.id)
        await town.until(lambda: balance(town) == had + TOKENS)
        assert town.says(KATE, "+100 tokens", f"Balance: {had + TOKENS}")
        assert town.says(KATE, f"Order {only(town).code} is paid")
        assert only(town).payment_id == session.payment_intent
    assert town.audit() == []


async def test_the_way_back_looks_at_once(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        await reply(town, KATE, "/start")
        had = balance(town)
        session = await open_page(town, world)
        await trio.sleep(1000)  # the next look of its own accord is far away
        asked = world.requests["sessions.retrieve"]
        world.pay(session.id)
        paid_at = trio.current_time()
        town.telegram.say(KATE, f"/start p_{only(town).code}")
        await town.until(lambda: balance(town) == had + TOKENS, within=5)
        assert trio.current_time() - paid_at < 3
        assert world.requests["sessions.retrieve"] == asked + 1
        assert town.says(KATE, "I am checking the payment")
        await reply(town, KATE, f"/start p_{only(town).code}")
        assert town.says(KATE, "is paid. Your balance")
        assert balance(town) == had + TOKENS


async def test_somebody_else_s_code_is_an_ordinary_start(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        await open_page(town, world)
        asked = world.reads
        answer = await reply(town, BORIS, f"/start p_{only(town).code}")
        assert "Борис" in answer["text"]
        assert (await reply(town, BORIS, "/start p_XXXXXX"))["text"].startswith("С возвращением")
        assert world.reads == asked


async def test_the_check_button_says_so_when_nothing_has_come(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        await trio.sleep(2000)
        asked = world.reads
        assert "Checking" in await press(town, KATE, "🔄")
        await town.until(lambda: town.says(KATE, "No payment has arrived yet"))
        assert link(newest_card(town)) == session.url  # the way to pay is still there
        for _ in range(20):
            await press(town, KATE, "🔄")
        assert world.reads <= asked + 6  # however often it is pressed


async def test_a_declined_card_may_be_followed_by_another(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
        world.decline(session.id)
        await trio.sleep(30)
        assert balance(town) == had
        world.pay(session.id)
        await town.until(lambda: balance(town) == had + TOKENS)


async def test_a_kazakh_buyer_reads_the_page_in_russian(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        await open_page(town, world, BORIS)
        assert session_of(world).locale == "ru"


# Late


async def test_paid_after_the_looks_have_ended(town: Town, autojump_clock: MockClock) -> None:
    """The list of paid sessions finds it, a quarter of an hour later at most."""
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
        await trio.sleep(3 * 3600)
        world.pay(session.id)
        paid_at = trio.current_time()
        await town.until(lambda: balance(town) == had + TOKENS, within=1000)
        assert trio.current_time() - paid_at <= 906


async def test_paid_in_the_last_minute(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
        await trio.sleep(session.expires_at - town.now() - 1)
        world.pay(session.id)
        await town.until(lambda: balance(town) == had + TOKENS, within=1000)
        assert stands(town) is OrderState.PAID
    assert town.audit() == []


async def test_nobody_pays(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        await trio.sleep(7 * 3600)
        assert stands(town) is OrderState.EXPIRED
        assert session.status == "expired"
        assert town.says(KATE, "has expired")
        assert only(town).next_check_at is None


# Another way, or none


@pytest.mark.parametrize("button", ["✖️", "💰 Another way"])
async def test_who_changes_their_mind_cannot_pay_twice(town: Town, autojump_clock: MockClock, button: str) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        await press(town, KATE, button)
        await town.until(lambda: session.status == "expired")
        with pytest.raises(Exception, match="expired"):
            world.pay(session.id)


@pytest.mark.parametrize("button", ["✖️", "💰 Another way"])
async def test_who_had_paid_already_gets_their_tokens(town: Town, autojump_clock: MockClock, button: str) -> None:
    """Paid between our last look and the change of mind: the session cannot be expired, so it is credited."""
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
        await trio.sleep(700)
        world.pay(session.id)
        await press(town, KATE, button)
        await town.until(lambda: balance(town) == had + TOKENS, within=20)
        first = town.read(orders.by_external, orders.Rail.STRIPE, session.id)
        assert first is not None
        assert first.stands is OrderState.PAID
    assert town.audit() == []


async def test_cancelled_before_the_page_was_made(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        town.fault("stripe", "sessions.create", FaultKind.SLOW, seconds=10)
        await choose_card(town)
        await press(town, KATE, "✖️")
        await town.until(lambda: bool(world.sessions))
        await town.until(lambda: session_of(world).status == "expired")
        assert stands(town) is OrderState.CANCELLED
        assert not any(link(message) for message in town.telegram.history(KATE))


# What does not match


@pytest.mark.parametrize("change", [{"amount": 100_000}, {"amount": 249_001}, {"currency": "usd"}])
async def test_another_amount_or_currency_is_credited_to_nobody(
    town: Town, autojump_clock: MockClock, change: dict[str, object]
) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
        world.pay(session.id, **change)  # type: ignore[arg-type]
        await town.until(lambda: town.says(KATE, "came instead of"))
        await town.until(lambda: alerted(town, only(town).code, f"/topup {KATE}"))
        await trio.sleep(2000)
        assert balance(town) == had
        told = [text for text in town.texts(KATE) if "came instead of" in text]
        assert len(told) == 1
    assert town.audit() == []


async def test_play_money_buys_nothing_once_the_shop_is_real(town: Town, autojump_clock: MockClock) -> None:
    """The page was made with a test key; then the operator set the live one, and somebody told us of it anyway."""
    world = town.open_stripe("sk_test_town")
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
    town.open_stripe("sk_live_town")
    async with town.bot():
        world.pay(session.id)
        await trio.sleep(1000)
        assert balance(town) == had
        await town.until(lambda: alerted(town, "STRIPE_SECRET_KEY", only(town).code))
        assert stands(town) is OrderState.CANCELLED
        assert town.says(KATE, "/paysupport", only(town).code)


async def test_a_session_of_another_shop_is_none_of_ours(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        price = {"currency": "kzt", "unit_amount": 249_000, "product_data": {"name": "x"}}
        other = world.create(
            {
                "line_items": [{"price_data": price}],
                "success_url": "https://example.test",
                "client_reference_id": only(town).code,  # the code of a database that is gone
            },
            livemode=True,
            page="https://pay.test",
        )
        had = balance(town)
        world.pay(other.id)
        await trio.sleep(2000)
        assert balance(town) == had
        world.pay(session.id)
        await town.until(lambda: balance(town) == had + TOKENS, within=1000)
    assert town.audit() == []


async def test_a_payment_of_a_database_that_is_gone_is_told(town: Town, autojump_clock: MockClock) -> None:
    """The order of today has the code of a forgotten one, and no page yet: the key says that the money is not its."""
    world = town.open_stripe()
    async with town.bot():
        town.fault("stripe", "sessions.create", FaultKind.SERVER_ERROR, times=1000)
        await choose_card(town)
        had = balance(town)
        price = {"currency": "kzt", "unit_amount": 249_000, "product_data": {"name": "x"}}
        about = {"order": only(town).code, "user": str(BORIS), "shop": "kadr", "key": "of-long-ago"}
        other = world.create(
            {
                "line_items": [{"price_data": price}],
                "success_url": "https://example.test",
                "client_reference_id": only(town).code,
                "metadata": about,
            },
            livemode=True,
            page="https://pay.test",
        )
        payment = world.pay(other.id)
        await town.until(lambda: alerted(town, payment.id, str(BORIS), "Stripe"), within=1000)
        assert balance(town) == had
        assert stands(town) is OrderState.WAITING


async def test_a_forged_button_about_somebody_else_s_order_does_nothing(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        order = only(town)
        mine = await reply(town, BORIS, "/start")
        for action in ("check", "no", "other", "stripe"):
            said = await press_data(town, BORIS, mine["message_id"], f"o:{order.id}:{action}")
            assert said
        assert session.status == "open"
        assert stands(town) is OrderState.WAITING
