"""Buying with a bank card on bad days: Stripe does not answer, answers nonsense, or forgets."""

import pytest
import trio
from chats import press, reply
from stripe_counter import TOKENS, alerted, balance, choose_card, link, newest_card, only, open_page, session_of, stands
from trio.testing import MockClock

from protocol.order import OrderState
from sandbox.faults import FaultKind
from tests.town import ADMIN, BORIS, KATE, Town


@pytest.fixture(autouse=True)
def admin_is_there(town: Town) -> None:
    town.telegram.person(ADMIN, first_name="Admin", username="boss", language_code="en", started=True)


@pytest.mark.parametrize(
    ("kind", "times", "seconds"),
    [
        (FaultKind.RATE_LIMIT, 6, 0),
        (FaultKind.LOCKED, 7, 0),
        (FaultKind.SERVER_ERROR, 10, 0),
        (FaultKind.KEPT_ERROR, 3, 0),
        (FaultKind.LOSE_REQUEST, 10, 0),
        (FaultKind.LOSE_ANSWER, 10, 0),
        (FaultKind.MALFORMED, 5, 0),
        (FaultKind.SLOW, 3, 60),
        (FaultKind.DRIP, 3, 60),
    ],
)
async def test_the_page_comes_in_the_end_and_once(
    town: Town, autojump_clock: MockClock, kind: FaultKind, times: int, seconds: float
) -> None:
    world = town.open_stripe()
    async with town.bot():
        town.fault("stripe", "sessions.create", kind, times=times, seconds=seconds)
        await choose_card(town)
        had = balance(town)
        await town.until(lambda: bool(link(newest_card(town))), within=900)
        assert len(world.sessions) == 1
        world.pay(session_of(world).id)
        await town.until(lambda: balance(town) == had + TOKENS)
    assert town.audit() == []


async def test_the_person_reads_why_there_is_no_link_and_may_go_another_way(
    town: Town, autojump_clock: MockClock
) -> None:
    world = town.open_stripe()
    async with town.bot():
        town.fault("stripe", "sessions.create", FaultKind.SERVER_ERROR, times=1000)
        await choose_card(town)
        await town.until(lambda: town.says(KATE, "does not answer at the moment", "nothing has been charged"))
        await press(town, KATE, "💰 Another way")
        await town.until(lambda: town.button(KATE, "⭐"))
        asked = world.requests["sessions.create"]
        await trio.sleep(600)
        assert world.requests["sessions.create"] <= asked + 3  # nobody wants it any more


async def test_a_page_that_never_comes(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        town.fault("stripe", "sessions.create", FaultKind.SERVER_ERROR, times=10_000)
        await choose_card(town)
        await trio.sleep(6 * 3600)
        assert stands(town) is OrderState.CANCELLED
        assert world.sessions == {}
        assert town.says(KATE, "did not work", only(town).code, "nothing was charged", "/buy")
        assert only(town).next_check_at is None


async def test_a_refused_page_ends_in_a_sentence(town: Town, autojump_clock: MockClock) -> None:
    """The package costs less than Stripe takes: the catalogue is wrong, and the admins hear of it."""
    from sandbox.stripe import rules

    world = town.open_stripe()
    least = rules.LEAST["kzt"]
    rules.LEAST["kzt"] = 1_000_000
    try:
        async with town.bot():
            await choose_card(town)
            await town.until(lambda: town.says(KATE, "did not work", only(town).code, "/buy"))
            await town.until(lambda: alerted(town, only(town).code, "at least 50 cents"))
            assert stands(town) is OrderState.CANCELLED
            assert world.requests["sessions.create"] == 1
    finally:
        rules.LEAST["kzt"] = least


async def test_a_refused_key_is_told_once_and_mended(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        world.revoked = True
        await choose_card(town)
        await town.until(lambda: alerted(town, "STRIPE_SECRET_KEY", "Invalid API Key"))
        await town.until(lambda: town.says(KATE, "does not answer at the moment"))
        await trio.sleep(1200)
        assert len([text for text in town.texts(ADMIN) if "STRIPE_SECRET_KEY" in text]) == 1
        assert not any("sk_live_town" in text for text in town.texts(ADMIN))
        world.revoked = False
        await town.until(lambda: bool(link(newest_card(town))))
        await town.until(lambda: alerted(town, "✅ Stripe"))


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [
        (FaultKind.RATE_LIMIT, 0),
        (FaultKind.SERVER_ERROR, 0),
        (FaultKind.LOSE_ANSWER, 0),
        (FaultKind.MALFORMED, 0),
        (FaultKind.SLOW, 60),
        (FaultKind.DRIP, 60),
    ],
)
async def test_paid_while_stripe_is_hard_to_ask(
    town: Town, autojump_clock: MockClock, kind: FaultKind, seconds: float
) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
        town.fault("stripe", "*", kind, times=12, seconds=seconds)
        world.pay(session.id)
        await press(town, KATE, "🔄")
        await town.until(lambda: balance(town) == had + TOKENS, within=1200)
    assert town.audit() == []


async def test_a_page_that_vanished(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        world.forget_session(session.id)
        await press(town, KATE, "🔄")
        await town.until(lambda: town.says(KATE, "is gone", only(town).code, "/paysupport"))
        await town.until(lambda: alerted(town, session.id))
        assert stands(town) is OrderState.CANCELLED
        asked = world.reads
        await trio.sleep(800)
        assert world.reads <= asked + 2  # the lists, which are read anyway


async def test_many_buyers_are_looked_at_together(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    buyers = range(2001, 2021)
    for buyer in buyers:
        town.telegram.person(buyer, first_name=f"B{buyer}", language_code="en")
    async with town.bot():
        town.fault("stripe", "sessions.create", FaultKind.SLOW, times=20, seconds=5)
        for buyer in buyers:
            town.telegram.say(buyer, "/buy")
        await town.until(lambda: all(town.button(buyer, "💰 100") for buyer in buyers))
        for buyer in buyers:
            town.telegram.press_label(buyer, "💰 100")
        await town.until(lambda: all(town.button(buyer, "💳") for buyer in buyers))
        for buyer in buyers:
            town.telegram.press_label(buyer, "💳")
        await town.until(lambda: len(world.sessions) == len(buyers))
        await trio.sleep(120)
        reads = world.reads
        for session in world.sessions.values():
            world.pay(session.id)
        paid_at = trio.current_time()
        await town.until(lambda: all(balance(town, buyer) >= TOKENS for buyer in buyers))
        assert trio.current_time() - paid_at < 100
        assert world.reads - reads <= 3 * len(buyers)
    assert town.audit() == []


async def test_a_shop_without_stripe_has_no_such_button(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, BORIS, "/buy")
        await press(town, BORIS, "💰 100")
        await town.until(lambda: town.button(BORIS, "⭐"))
        assert not town.button(BORIS, "💳")


async def test_stripe_switched_off_while_somebody_pays(town: Town, autojump_clock: MockClock) -> None:
    """The operator takes the key away: nothing breaks, and the order ends by itself."""
    from protocol.order import Rail

    world = town.open_stripe()
    async with town.bot():
        await open_page(town, world)
    town.stripe, town.rails = None, (Rail.STARS,)
    async with town.bot():
        assert await press(town, KATE, "🔄")
        await press(town, KATE, "✖️")
        assert stands(town) is OrderState.CANCELLED
