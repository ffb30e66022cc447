"""A webhook: what is signed takes the same way as the lists, at once; what is not changes nothing."""

import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import trio
from stripe_counter import TOKENS, balance, open_page, stands
from trio.testing import MockClock

from actors.bot import open_store
from actors.clock import TrioClock
from actors.mailbox import Switchboard
from actors.operator.http import Request
from actors.operator.server import Route
from actors.rails import webhook
from actors.rails.stripe_desk import StripeDesk
from actors.shop.context import Shop
from actors.supervisor import Stop
from protocol.order import OrderState
from protocol.stripe.client import StripeClient
from protocol.telegram.client import TelegramClient
from sandbox.stripe.objects import Event
from sandbox.stripe.webhook import signed
from sandbox.stripe.wire import InProcessHttp
from sandbox.wire import InProcess
from tests.town import ADMIN, Town

SECRET = "whsec_town"


def posted(event: Event, secret: str = SECRET) -> Request:
    body, headers = signed(event, secret)
    return Request("POST", webhook.PATH, {}, headers, body)


@asynccontextmanager
async def a_desk(town: Town) -> AsyncGenerator[Route]:
    """Only the desk, on the town's books, with the route of its webhook beside it."""
    mail = Switchboard()
    http = InProcessHttp(InProcess(town.stripe_app))
    client = StripeClient(http, key=town.stripe_key, base_url="http://stripe.test", webhook_secret=SECRET)
    shop = Shop(town.catalogue, (ADMIN,), "ru", rails=town.rails)
    telegram = TelegramClient(None, base_url="", bot_token="")  # type: ignore[arg-type]  # nobody is to ask it
    async with (
        open_store(town.engine, TrioClock(town.now()), town.power.run_sync, mail) as store,
        trio.open_nursery() as nursery,
    ):
        desk = StripeDesk(client, telegram, store, shop, mail.stripe, rng=random.Random(1))
        nursery.start_soon(desk.run, Stop())
        await trio.sleep(10)  # it has read the lists
        yield webhook.route(client, mail.deliver)
        nursery.cancel_scope.cancel()


async def test_an_event_counts_at_once_and_once(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
        await trio.sleep(1000)  # the next look is minutes away
    async with a_desk(town) as route:
        world.pay(session.id)
        paid = posted(world.events[-1])
        assert (await route.run(posted(world.events[-1], "whsec_forged"))).status == 400
        await trio.sleep(5)
        assert balance(town) == had
        for _ in range(3):
            assert (await route.run(paid)).status == 200
        await trio.sleep(5)
        assert balance(town) == had + TOKENS
        payment = next(iter(world.payments.values()))
        world.refund(payment)
        told = posted(world.events[-1])
        for _ in range(3):
            await route.run(told)
        await trio.sleep(5)
        assert (balance(town), stands(town)) == (had, OrderState.REFUNDED)
        await trio.sleep(2000)  # the lists tell the same
        assert balance(town) == had
    assert town.audit() == []


async def test_a_refund_that_is_told_before_its_payment(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
        await trio.sleep(1000)
    async with a_desk(town) as route:
        world.refund(world.pay(session.id))
        await route.run(posted(world.events[-1]))
        await trio.sleep(2000)
        assert (balance(town), stands(town)) == (had, OrderState.REFUNDED)
    assert town.audit() == []


async def test_a_stream_of_events_does_not_keep_the_lists_from_being_read(
    town: Town, autojump_clock: MockClock
) -> None:
    world = town.open_stripe()
    async with town.bot():
        session = await open_page(town, world)
        had = balance(town)
    async with a_desk(town) as route:
        world.pay(session.id)
        completed = world.events[-1]
        other = posted(Event("evt_1", "price.created", completed.created, True, 0.0, {"id": "price_1"}))
        for _ in range(100):
            await route.run(other)
            await trio.sleep(10)
        assert balance(town) == had + TOKENS
        assert world.requests["sessions.list"] >= 2
