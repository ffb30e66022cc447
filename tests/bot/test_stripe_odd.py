"""What Stripe may rightly do and seldom does: answers that cross each other, decisions that are taken back."""

import trio
from chats import press, reply
from stripe_counter import alerted, balance, only, open_page, stands
from trio.testing import MockClock

from protocol.order import OrderState, Rail
from sandbox.faults import FaultKind
from tests.bot.test_stripe_back import QUARTER, buy
from tests.town import ADMIN, KATE, Town


async def test_cancelled_while_a_look_is_on_its_way(town: Town, autojump_clock: MockClock) -> None:
    """Else the page stays open, and the person may pay there and somewhere else."""
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        seen = world.requests["sessions.retrieve"]
        town.fault("stripe", "sessions.retrieve", FaultKind.SLOW, seconds=5)
        await press(town, KATE, "🔄")
        await town.until(lambda: world.requests["sessions.retrieve"] > seen)
        await press(town, KATE, "✖️")
        await town.until(lambda: stands(town) is OrderState.CANCELLED)
        await trio.sleep(60)
        assert session.status == "expired"
    assert town.audit() == []


async def test_a_refund_from_the_chat_comes_back_and_is_asked_for_again(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        await reply(town, ADMIN, "/start")
        payment = await buy(town, world)
        await reply(town, ADMIN, f"/refund {only(town).code}")
        await town.until(lambda: stands(town) is OrderState.REFUNDED)
        (refund,) = world.refunds.values()
        world.fail_refund(refund)
        await trio.sleep(QUARTER)
        assert (balance(town), stands(town)) == (140, OrderState.PAID)
        assert alerted(town, "⚠️", "did not go through", payment.session)
        await reply(town, ADMIN, f"/refund {only(town).code}")
        await town.until(lambda: stands(town) is OrderState.REFUNDED)
        assert payment.refunded == payment.amount
        assert balance(town) == 40
    assert town.audit() == []


async def test_a_dispute_that_was_won_is_lost_after_all(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        dispute = world.dispute(payment)
        await trio.sleep(QUARTER)
        for ending, left in (("won", 140), ("needs_response", 40), ("won", 140), ("lost", 40)):
            world.close_dispute(dispute, ending)
            await trio.sleep(QUARTER)
            assert balance(town) == left, ending
        assert stands(town) is OrderState.REFUNDED
    assert town.audit() == []


async def test_stripe_remembers_a_failure_of_a_refund(town: Town, autojump_clock: MockClock) -> None:
    """For its key; another one is safe, for all that is left can only go back once."""
    world = town.open_stripe()
    async with town.bot():
        payment = await buy(town, world)
        town.fault("stripe", "refunds.create", FaultKind.KEPT_ERROR)
        await reply(town, ADMIN, f"/refund {only(town).code}")
        await town.until(lambda: stands(town) is OrderState.REFUNDED, within=3600)
        assert payment.refunded == payment.amount
        assert len(world.refunds) == 1
    assert town.audit() == []


async def test_disputed_after_the_money_went_back(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        await reply(town, ADMIN, "/start")
        payment = await buy(town, world)
        world.refund(payment)
        await trio.sleep(QUARTER)
        world.dispute(payment, amount=payment.amount)
        await trio.sleep(QUARTER)
        assert alerted(town, "⚠️", only(town).code, "proof of the refund")
        assert (balance(town), stands(town)) == (40, OrderState.REFUNDED)
    assert town.audit() == []


async def test_another_sum_than_asked_for_goes_back(town: Town, autojump_clock: MockClock) -> None:
    """What the alert tells an admin to type does it."""
    world = town.open_stripe()
    async with town.bot():
        await reply(town, ADMIN, "/start")
        session = await open_page(town, world)
        had = balance(town)
        payment = world.pay(session.id, amount=100_000)
        await town.until(lambda: alerted(town, f"/refund {session.id}"))
        await reply(town, ADMIN, f"/refund {session.id}")
        await town.until(lambda: alerted(town, "Returned 1", "Kate"))
        assert payment.refunded == payment.amount
        await trio.sleep(QUARTER)
        assert balance(town) == had
    assert town.audit() == []


async def test_a_refund_when_stripe_is_switched_off(town: Town, autojump_clock: MockClock) -> None:
    """Nobody would serve it: the admin hears so at once."""
    world = town.open_stripe()
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await buy(town, world)
    town.stripe, town.rails = None, (Rail.STARS,)
    async with town.bot():
        await reply(town, ADMIN, f"/refund {only(town).code}")
        assert alerted(town, "switched off now")
        assert stands(town) is OrderState.PAID


async def test_a_credit_that_stripe_does_not_list_is_told_once(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        await reply(town, ADMIN, "/start")
        session = await open_page(town, world)
        world.pay(session.id)
        await town.until(lambda: balance(town) == 140)
        await trio.sleep(1000)
        assert not alerted(town, session.id)
        world.forget_session(session.id)
        await town.until(lambda: alerted(town, only(town).code, session.id), within=1000)
        told = len(town.texts(ADMIN))
        await trio.sleep(2000)
        assert len(town.texts(ADMIN)) == told
        assert balance(town) == 140
