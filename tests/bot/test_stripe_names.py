"""`/refund` by the names Stripe has for a payment, also those that are not in the books: Stripe says whose it is."""

from collections.abc import Callable

import pytest
from chats import reply
from stripe_counter import TOKENS, balance, choose_card, only, open_page, session_of, stands
from trio.testing import MockClock

from protocol.order import OrderState
from sandbox.faults import FaultKind
from sandbox.stripe import StripeWorld
from sandbox.stripe.objects import Payment
from tests.town import ADMIN, KATE, Town

NAMES: dict[str, Callable[[Payment], str]] = {
    "charge": lambda payment: payment.charge_id,
    "intent": lambda payment: payment.id,
    "session": lambda payment: payment.session,
}


@pytest.fixture(autouse=True)
def admin_is_there(town: Town) -> None:
    town.telegram.person(ADMIN, first_name="Admin", username="boss", language_code="en", started=True)


async def buy(town: Town, world: StripeWorld) -> Payment:
    session = await open_page(town, world)
    payment = world.pay(session.id)
    await town.until(lambda: balance(town) == 40 + TOKENS)
    return payment


@pytest.mark.parametrize("name", NAMES)
async def test_every_name_finds_the_payment(town: Town, autojump_clock: MockClock, name: str) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        await reply(town, ADMIN, f"/refund {NAMES[name](payment)}")
        await town.until(lambda: stands(town) is OrderState.REFUNDED)
        assert balance(town) == 40
        await reply(town, ADMIN, f"/refund {NAMES[name](payment)}")
        await town.until(lambda: town.says(ADMIN, f"{only(town).code} was refunded before"))
        assert len(world.refunds) == 1
    assert town.audit() == []


async def test_a_charge_is_sought_through_bad_weather_and_a_kill(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        town.fault("stripe", "charges.retrieve", FaultKind.SERVER_ERROR, times=6)
        await reply(town, ADMIN, f"/refund {payment.charge_id}")
        town.kill()
    async with town.bot():
        await town.until(lambda: stands(town) is OrderState.REFUNDED)
        assert balance(town) == 40
    assert town.audit() == []


@pytest.mark.parametrize("name", ["charge", "intent"])
async def test_money_that_did_not_match_goes_back_by_any_name(town: Town, autojump_clock: MockClock, name: str) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        payment = world.pay(session.id, amount=100)
        await town.until(lambda: town.says(ADMIN, only(town).code))
        await reply(town, ADMIN, f"/refund {NAMES[name](payment)}")
        await town.until(lambda: payment.refunded == 100)
        assert balance(town) == 40
    assert town.audit() == []


async def test_a_payment_nobody_has_noticed_is_credited_and_paid_back(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        for operation in ("sessions.retrieve", "sessions.list"):
            town.fault("stripe", operation, FaultKind.SERVER_ERROR, times=4)
        payment = world.pay(session.id)
        await reply(town, ADMIN, f"/refund {payment.charge_id}")
        await town.until(lambda: stands(town) is OrderState.REFUNDED)
        assert town.says(KATE, "went back to you")
        assert balance(town) == 40
    assert town.audit() == []


async def test_a_page_the_books_have_never_heard_of(town: Town, autojump_clock: MockClock) -> None:
    """Its answer was lost, so that only the key it was asked for with says whose it is."""
    world = town.open_stripe()
    async with town.bot():
        town.fault("stripe", "sessions.create", FaultKind.LOSE_ANSWER, times=40)
        await choose_card(town)
        await town.until(lambda: world.sessions)
        payment = world.pay(session_of(world).id)
        await reply(town, ADMIN, f"/refund {payment.session}")
        await town.until(lambda: payment.refunded == payment.amount)
        await town.until(lambda: stands(town) is OrderState.REFUNDED)
        assert balance(town) == 40
        assert world.requests["sessions.retrieve"] < 5
    assert town.audit() == []


@pytest.mark.parametrize("name", ["ch_nobodys", "pi_nobodys", "cs_live_nobodys"])
async def test_what_stripe_does_not_know_is_said_to_be_nowhere(
    town: Town, autojump_clock: MockClock, name: str
) -> None:
    world = town.open_stripe()
    async with town.bot():
        for _ in range(2):
            await reply(town, ADMIN, f"/refund {name}")
            await town.until(lambda: town.says(ADMIN, f"There is no payment {name}"))
        assert not world.refunds
    assert town.audit() == []


async def test_a_key_that_may_not_look_says_so(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        world.forbidden.add("charges.retrieve")
        await reply(town, ADMIN, f"/refund {payment.charge_id}")
        await town.until(lambda: town.says(ADMIN, "did not say whose payment", payment.charge_id, "permissions"))
        assert balance(town) == 140
        world.forbidden.clear()
        await reply(town, ADMIN, f"/refund {payment.charge_id}")
        await town.until(lambda: stands(town) is OrderState.REFUNDED)
    assert town.audit() == []
