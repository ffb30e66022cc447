"""Money that goes back: refunds from the chat and from the Dashboard, in parts, failed ones, and disputes."""

import pytest
import trio
from chats import reply
from stripe_counter import TOKENS, alerted, balance, only, open_page, stands
from trio.testing import MockClock

from protocol.order import OrderState
from sandbox.faults import FaultKind
from sandbox.stripe import StripeWorld
from sandbox.stripe.objects import Payment
from tests.town import ADMIN, BORIS, KATE, Town

QUARTER = 920.0
"""Seconds until the lists are surely read again."""


@pytest.fixture(autouse=True)
def admin_is_there(town: Town) -> None:
    town.telegram.person(ADMIN, first_name="Admin", username="boss", language_code="en", started=True)


async def buy(town: Town, world: StripeWorld, person: int = KATE) -> Payment:
    """A whole purchase; what is left is a balance of 140."""
    session = await open_page(town, world, person)
    had = balance(town, person)
    payment = world.pay(session.id)
    await town.until(lambda: balance(town, person) == had + TOKENS)
    return payment


async def test_an_admin_gives_the_money_back(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        await reply(town, ADMIN, f"/refund {only(town).code}")
        await town.until(lambda: payment.refunded == payment.amount)
        await town.until(lambda: town.says(KATE, "went back to you", "Taken back: 100 tokens"))
        assert balance(town) == 40
        assert stands(town) is OrderState.REFUNDED
        await reply(town, ADMIN, f"/refund {payment.id}")
        await trio.sleep(QUARTER)  # the event tells the same once more
        assert balance(town) == 40
        assert len(world.refunds) == 1
    assert town.audit() == []


async def test_a_refund_that_failed_during_a_dispute(town: Town, autojump_clock: MockClock) -> None:
    """Half went back and came back, while the other half was disputed: once that is won, all tokens are there again."""
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        refund = world.refund(payment, payment.amount // 2)
        await trio.sleep(QUARTER)
        assert balance(town) == 90
        dispute = world.dispute(payment)
        await trio.sleep(QUARTER)
        assert stands(town) is OrderState.DISPUTED
        world.fail_refund(refund)
        await trio.sleep(QUARTER)
        world.close_dispute(dispute, "won")
        await trio.sleep(QUARTER)
        assert stands(town) is OrderState.PAID
        assert town.balance(KATE).available == balance(town) == 140
    assert town.audit() == []


async def test_by_the_rail_s_payment_id_and_in_bad_weather(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        town.fault("stripe", "refunds.create", FaultKind.LOSE_ANSWER, times=4)
        town.fault("stripe", "payment_intents.retrieve", FaultKind.SERVER_ERROR, times=4)
        await reply(town, ADMIN, f"/refund {payment.id}")
        await town.until(lambda: stands(town) is OrderState.REFUNDED)
        assert len(world.refunds) == 1
        assert balance(town) == 40
    assert town.audit() == []


async def test_refunded_in_the_dashboard(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        world.refund(payment)
        await trio.sleep(QUARTER)
        assert stands(town) is OrderState.REFUNDED
        assert balance(town) == 40
        assert town.says(KATE, "went back to you")
    assert town.audit() == []


async def test_refunded_in_the_dashboard_while_the_chat_asks_for_it_too(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        world.refund(payment)
        await reply(town, ADMIN, f"/refund {only(town).code}")
        await town.until(lambda: stands(town) is OrderState.REFUNDED, within=60)
        await trio.sleep(QUARTER)
        assert balance(town) == 40
        assert len(world.refunds) == 1
    assert town.audit() == []


async def test_in_parts(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        world.refund(payment, payment.amount // 4)
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (115, OrderState.PAID)
        world.refund(payment, payment.amount // 4)
        world.refund(payment, payment.amount // 4)
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (65, OrderState.PAID)
        world.refund(payment)
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (40, OrderState.REFUNDED)
    assert town.audit() == []


async def test_a_refund_that_comes_back(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        refund = world.refund(payment)
        await trio.sleep(QUARTER)
        assert balance(town) == 40
        world.fail_refund(refund)
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (140, OrderState.PAID)
        assert town.says(KATE, "did not go through")
        world.refund(payment)
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (40, OrderState.REFUNDED)
    assert town.audit() == []


async def test_tokens_that_were_spent_become_a_debt(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        await reply(town, ADMIN, f"/topup {KATE} -100 spent")
        await town.until(lambda: balance(town) == 40)
        world.refund(payment)
        await trio.sleep(QUARTER)
        assert balance(town) == 0
        assert town.says(KATE, "You owe 60 tokens")
    assert town.audit() == []


async def test_a_refund_that_is_refused(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        await buy(town, world)
        world.forbidden.add("refunds.create")
        await reply(town, ADMIN, f"/refund {only(town).code}")
        await town.until(lambda: alerted(town, "required permissions"))
        assert balance(town) == 140
        world.forbidden.clear()
        await reply(town, ADMIN, f"/refund {only(town).code}")
        await town.until(lambda: stands(town) is OrderState.REFUNDED)
        assert balance(town) == 40
    assert town.audit() == []


async def test_paid_and_refunded_before_anybody_looked(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        town.kill()
    world.refund(world.pay(session.id))
    await trio.sleep(7200)
    async with town.bot():
        await town.until(lambda: stands(town) is OrderState.REFUNDED, within=QUARTER)
        assert balance(town) == 40
    assert town.audit() == []


# Disputes


@pytest.mark.parametrize(("ending", "left"), [("won", 140), ("lost", 40)])
async def test_a_dispute(town: Town, autojump_clock: MockClock, ending: str, left: int) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        dispute = world.dispute(payment)
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (40, OrderState.DISPUTED)
        assert town.says(KATE, "disputed at your bank", "Frozen", "100 tokens")
        await town.until(lambda: alerted(town, only(town).code, "⚠️", str(KATE)))
        world.close_dispute(dispute, ending)
        await trio.sleep(2 * QUARTER)
        assert balance(town) == left
        assert stands(town) is (OrderState.PAID if ending == "won" else OrderState.REFUNDED)
    assert town.audit() == []


@pytest.mark.parametrize("part", [1, 4])
async def test_a_dispute_that_is_lost_and_won_on_appeal(town: Town, autojump_clock: MockClock, part: int) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        dispute = world.dispute(payment, amount=payment.amount // part)
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (140 - TOKENS // part, OrderState.DISPUTED)
        for status in ("lost", "appeal_under_review"):
            world.close_dispute(dispute, status)
            await trio.sleep(QUARTER)
            assert balance(town) == 140 - TOKENS // part
            assert stands(town) is (OrderState.REFUNDED if part == 1 else OrderState.PAID)
            assert town.audit() == []
        world.close_dispute(dispute, "won")
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (140, OrderState.PAID)
        assert town.says(KATE, "the tokens are yours again")
    assert town.audit() == []


async def test_a_part_lost_to_the_bank_and_the_rest_refunded(town: Town, autojump_clock: MockClock) -> None:
    """Stripe counts refunds without what the bank has taken."""
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        world.close_dispute(world.dispute(payment, amount=payment.amount // 4), "lost")
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (115, OrderState.PAID)
        payment.disputed = False  # the undisputed rest may be given back
        world.refund(payment, payment.amount // 4)
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (90, OrderState.PAID)
        world.refund(payment, payment.amount // 2)
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (40, OrderState.REFUNDED)
    assert town.audit() == []


async def test_a_dispute_that_was_prevented_takes_nothing(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        dispute = world.dispute(payment)
        await trio.sleep(QUARTER)
        world.close_dispute(dispute, "prevented")
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (140, OrderState.PAID)
    assert town.audit() == []


@pytest.mark.parametrize(("ending", "left"), [("won", 140), ("lost", 40)])
async def test_a_dispute_that_was_over_before_anybody_looked(
    town: Town, autojump_clock: MockClock, ending: str, left: int
) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
    world.close_dispute(world.dispute(payment), ending)
    await trio.sleep(600)
    async with town.bot():
        await trio.sleep(QUARTER)
        assert balance(town) == left
    assert town.audit() == []


async def test_an_inquiry_freezes_nothing(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        inquiry = world.dispute(payment, inquiry=True)
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (140, OrderState.PAID)
        world.close_dispute(inquiry, "warning_closed")
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (140, OrderState.PAID)


async def test_an_event_that_is_listed_after_a_younger_one_is_not_missed(town: Town, autojump_clock: MockClock) -> None:
    """Else whoever reads on from the newest event would never see it."""
    world = town.open_stripe()
    async with town.bot():
        late, early = await buy(town, world), await buy(town, world, BORIS)
        read = world.requests["events.list"]
        await town.until(lambda: world.requests["events.list"] > read, within=1000)
        await trio.sleep(880)
        world.event_delay = 240.0
        world.refund(late)
        await trio.sleep(2)
        world.event_delay = 0.0
        world.refund(early)
        await town.until(lambda: balance(town, BORIS) == 40, within=100)
        assert balance(town) == 140  # not listed yet
        await trio.sleep(QUARTER)
        assert balance(town) == 40
    assert town.audit() == []


async def test_after_a_month_away_refunds_and_disputes_are_listed_themselves(
    town: Town, autojump_clock: MockClock
) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
    world.refund(payment, payment.amount // 2)
    world.close_dispute(world.dispute(payment), "lost")
    for _ in range(80):
        await trio.sleep(43_200)
    world.events.clear()  # thirty days have passed
    async with town.bot():
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (40, OrderState.REFUNDED)
    assert town.audit() == []
