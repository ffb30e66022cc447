"""`kill -9` at each step of a purchase by card: one credit or none, one page, and the person reads how it ended."""

import httpx2
import pytest
import trio
from chats import press
from stripe_counter import TOKENS, balance, choose_card, link, newest_card, only, open_page, session_of, stands
from trio.testing import MockClock

from protocol.order import OrderState
from tests.town import ADMIN, KATE, Forward, Town


@pytest.fixture(autouse=True)
def admin_is_there(town: Town) -> None:
    town.telegram.person(ADMIN, first_name="Admin", username="boss", language_code="en", started=True)


def deadly(town: Town, path: str, method: str, *, acted: bool) -> None:
    """The bot is killed at the first such request: before Stripe acts, or after it, before the answer is heard."""

    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        if request.method == method and path in request.url.path:
            del town.doors["stripe"]
            if not acted:
                town.kill()
            response = await forward(request)
            town.kill()
            return response
        return await forward(request)

    town.doors["stripe"] = door


async def until_dead(town: Town) -> None:
    """Wait for the kill."""
    await town.until(lambda: not town.power.on)


@pytest.mark.parametrize("acted", [False, True], ids=["before it was asked for", "before it was heard of"])
async def test_while_the_page_is_made(town: Town, autojump_clock: MockClock, acted: bool) -> None:
    world = town.open_stripe()
    async with town.bot():
        deadly(town, "/checkout/sessions", "POST", acted=acted)
        await choose_card(town)
        await until_dead(town)
    assert len(world.sessions) == int(acted)
    async with town.bot():
        await town.until(lambda: bool(link(newest_card(town))))
        assert len(world.sessions) == 1  # the same key makes the same page
        had = balance(town)
        world.pay(session_of(world).id)
        await town.until(lambda: balance(town) == had + TOKENS)
    assert town.audit() == []


async def test_paid_while_the_bot_was_dead_for_days(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
        town.kill()
    await trio.sleep(3600)
    world.pay(session.id)
    for _ in range(6):
        await trio.sleep(43_200)
    async with town.bot():
        await town.until(lambda: balance(town) == had + TOKENS, within=60)
        await trio.sleep(1000)
        assert balance(town) == had + TOKENS
        assert stands(town) is OrderState.PAID
    assert town.audit() == []


@pytest.mark.parametrize("acted", [False, True])
async def test_while_the_payment_is_seen(town: Town, autojump_clock: MockClock, acted: bool) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
        deadly(town, f"/checkout/sessions/{session.id}", "GET", acted=acted)
        world.pay(session.id)
        await until_dead(town)
    assert balance(town) == had
    async with town.bot():
        await town.until(lambda: balance(town) == had + TOKENS, within=60)
        await trio.sleep(1000)
        assert balance(town) == had + TOKENS
        assert len([text for text in town.texts(KATE) if "+100 tokens" in text]) == 1
    assert town.audit() == []


async def test_right_after_the_credit(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
        world.pay(session.id)
        await town.until(lambda: balance(town) != had)
        town.kill()
    async with town.bot():
        await trio.sleep(2000)
        assert balance(town) == had + TOKENS
        assert town.says(KATE, "+100 tokens")
    assert town.audit() == []


@pytest.mark.parametrize("acted", [False, True])
async def test_while_the_page_is_closed(town: Town, autojump_clock: MockClock, acted: bool) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        deadly(town, "/expire", "POST", acted=acted)
        await press(town, KATE, "✖️")
        await until_dead(town)
    async with town.bot():
        await town.until(lambda: session.status == "expired")
        await trio.sleep(30)
        assert stands(town) is OrderState.CANCELLED
        assert only(town).next_check_at is None


async def test_paid_after_the_cancel_and_before_the_page_was_closed(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
        deadly(town, "/expire", "POST", acted=False)
        await press(town, KATE, "✖️")
        await until_dead(town)
    world.pay(session.id)
    async with town.bot():
        await town.until(lambda: balance(town) == had + TOKENS, within=60)
        assert stands(town) is OrderState.PAID
    assert town.audit() == []


@pytest.mark.parametrize("acted", [False, True])
async def test_while_money_goes_back(town: Town, autojump_clock: MockClock, acted: bool) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
        payment = world.pay(session.id)
        await town.until(lambda: balance(town) == had + TOKENS)
        deadly(town, "/refunds", "POST", acted=acted)
        town.telegram.say(ADMIN, f"/refund {only(town).code}")
        await until_dead(town)
    async with town.bot():
        await town.until(lambda: stands(town) is OrderState.REFUNDED, within=60)
        await trio.sleep(2000)
        assert balance(town) == had
        assert payment.refunded == payment.amount
        assert len(world.refunds) == 1
    assert town.audit() == []
