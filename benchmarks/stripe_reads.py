"""How many reads of Stripe an order costs, and how long a buyer waits for tokens: days of sales in seconds.

    python -m benchmarks.stripe_reads [--orders 400] [--days 2] [--seed 1]

Only the desk and the clock of orders run, on a mocked clock, against the stand-in. Buyers pay after seconds, minutes or
hours, or never; some come back by the link or press 🔄, most just close the page. Stripe grants 500 reads for each
payment and never less than 10,000 a month (docs.stripe.com/rate-limits).
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import httpx2
import structlog
import trio
from trio.testing import MockClock

from actors.bot import open_store
from actors.clock import TrioClock
from actors.mailbox import Switchboard
from actors.rails.orders_clock import OrdersClock
from actors.rails.stripe_desk import StripeDesk
from actors.shop.context import Shop
from actors.shop.money import order_cards
from actors.shop.rails import RAILS, stripe
from actors.supervisor import Stop
from protocol import catalogue
from protocol.order import OrderEvent, Rail
from protocol.stripe.client import StripeClient
from protocol.telegram.client import TelegramClient
from protocol.telegram.http import OverHttpx
from sandbox.faults import Faults
from sandbox.stripe import StripeWorld, create_app
from sandbox.stripe.wire import InProcessHttp
from sandbox.wire import InProcess
from storage import orders, users
from storage.engine import open_engine
from storage.migrate import upgrade
from storage.orders import Order
from storage.store import Store, Tx

T = TypeVar("T")

START = 1_800_000_000.0
RETURNING = 0.4
"""Of those who pay, how many come back by the link or press 🔄."""


@dataclass
class Tally:
    """What was seen."""

    waited: list[float] = field(default_factory=list[float])
    came_back: list[float] = field(default_factory=list[float])
    never: int = 0


async def inline(fn: Callable[..., T], /, *args: Any) -> T:
    await trio.lowlevel.checkpoint()
    return fn(*args)


def begin(tx: Tx, shop: Shop, user_id: int) -> int:
    """An order that waits for its page."""
    users.meet(tx, user_id, first_name="B", username=None, telegram_language="ru")
    person = users.get(tx, user_id)
    assert person is not None
    package = shop.catalogue.packages[0]
    order = orders.create(tx, user_id=user_id, package=package.id, tokens=package.tokens)
    amount, currency = order_cards.price_of(package, Rail.STRIPE)
    order = orders.move(tx, order, OrderEvent.OFFER, who="user", rail=Rail.STRIPE, amount=amount, currency=currency)
    RAILS[Rail.STRIPE].offer(shop, tx, person, order)
    return order.id


def come_back(tx: Tx, order_id: int) -> None:
    stripe.look_now(tx, orders.get(tx, order_id))


async def seen(store: Store, order_id: int, ready: Callable[[Order], bool]) -> Order:
    """The order, once the books say so."""
    while True:
        order = await store.read(orders.get, order_id)
        if ready(order):
            return order
        await trio.sleep(10)


def hesitation(rng: random.Random) -> float | None:
    """Seconds until a buyer pays: soon, after a while, late, or never."""
    kind = rng.random()
    if kind < 0.55:
        return rng.uniform(15, 120)
    if kind < 0.72:
        return rng.uniform(120, 1800)
    return rng.uniform(1800, 18_000) if kind < 0.8 else None


async def buyer(store: Store, shop: Shop, world: StripeWorld, rng: random.Random, tally: Tally, user_id: int) -> None:
    order_id = await store.write(begin, shop, user_id)
    order = await seen(store, order_id, lambda order: order.external_id is not None)
    seconds = hesitation(rng)
    if seconds is None or order.external_id is None:
        tally.never += 1
        return
    await trio.sleep(seconds)
    world.pay(order.external_id)
    paid_at = world.now()
    back = rng.random() < RETURNING
    if back:
        await trio.sleep(rng.uniform(1, 4))
        await store.write(come_back, order_id)
    order = await seen(store, order_id, lambda order: order.paid_at is not None)
    (tally.came_back if back else tally.waited).append((order.paid_at or 0.0) - paid_at)


def telegram_answer(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json={"ok": True, "result": {"username": "kadr_bot"}}, request=request)


async def run(folder: Path, count: int, days: float, seed: int) -> tuple[StripeWorld, Tally]:
    rng, tally = random.Random(seed), Tally()
    clock = TrioClock(START)
    world = StripeWorld(now=clock.now, random=random.Random(seed))
    client = StripeClient(InProcessHttp(InProcess(create_app(world, Faults()))), key="sk_live_x", base_url="http://s")
    engine = open_engine(f"sqlite:///{folder}/bot.db")
    upgrade(engine)
    mail = Switchboard()
    shop = Shop(catalogue.read(), (1,), "ru", rails=(Rail.STARS, Rail.STRIPE))
    web = httpx2.AsyncClient(transport=httpx2.MockTransport(telegram_answer))
    telegram = TelegramClient(OverHttpx(web), base_url="http://t", bot_token="1:x")
    async with open_store(engine, clock, inline, mail) as store, trio.open_nursery() as nursery:
        nursery.start_soon(StripeDesk(client, telegram, store, shop, mail.stripe, rng=rng).run, Stop())
        nursery.start_soon(OrdersClock(store, shop).run, Stop())
        async with trio.open_nursery() as buyers:
            for number in range(count):
                await trio.sleep(rng.expovariate(count / (days * 86_400)))
                buyers.start_soon(buyer, store, shop, world, rng, tally, 1000 + number)
        await trio.sleep(7 * 3600)  # the last pages expire
        nursery.cancel_scope.cancel()
    return world, tally


def told(seconds: list[float]) -> str:
    if not seconds:
        return "nobody"
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    return f"{len(ordered)} buyers: median {median(ordered):.1f} s, p99 {p99:.0f} s, worst {ordered[-1]:.0f} s"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=400)
    parser.add_argument("--days", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    structlog.configure(processors=[_silent])
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        world, tally = trio.run(
            run, Path(folder), asked.orders, asked.days, asked.seed, clock=MockClock(autojump_threshold=0)
        )
    paid = len(tally.waited) + len(tally.came_back)
    looks = world.requests["sessions.retrieve"]
    lists = world.requests["sessions.list"] + world.requests["events.list"]
    span = (world.log[-1].at - world.log[0].at) / 86_400
    took = time.perf_counter() - began
    print(f"{asked.orders} orders in {span:.1f} days, {paid} paid, {tally.never} never (simulated in {took:.0f} s)")
    print(f"  reads: {world.reads} = {looks} looks at sessions + {lists} lists")
    print(f"  looks for each order: {looks / asked.orders:.1f}; lists a day: {lists / span:.0f}")
    print(f"  reads for each payment: {world.reads / paid:.1f} of the 500 that Stripe grants")
    print(f"  from payment to credit, page closed: {told(tally.waited)}")
    print(f"  from payment to credit, came back or pressed the button: {told(tally.came_back)}")


def _silent(_logger: object, _method: str, _event: object) -> Any:
    raise structlog.DropEvent


if __name__ == "__main__":
    main()
