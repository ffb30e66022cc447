"""The bot as one coroutine: opens the store, lets the tree run, and stops it in order when cancelled."""

import math
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
import trio
from sqlalchemy import Engine

from actors import tree
from actors.films.finishing import Media
from actors.heartbeat import Heartbeat
from actors.mailbox import Switchboard
from actors.operator.desk import Operator
from actors.shop import boot, restored
from actors.shop.context import Shop
from actors.upkeep.backups import Plan
from actors.upkeep.figures import Draw, draw_apart
from actors.upkeep.vital_signs import Measure
from protocol import texts
from protocol.telegram.client import TelegramClient
from protocol.videos.client import VideoClient
from storage import jobs, starts, waits
from storage.store import Clock, RunSync, Store

LAST_WORDS_SECONDS = 1.0
"""What the note that the bot stopped in order may take."""

if TYPE_CHECKING:
    from protocol.stripe.client import StripeClient

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outside:
    """What the bot is given from outside: in production the real thing, in tests a stand-in."""

    engine: Engine
    clock: Clock
    run_sync: RunSync
    telegram: TelegramClient
    backends: dict[str, VideoClient]
    shop: Shop
    films: Path
    media: Media
    rng: random.Random
    requests: Path | None = None
    """Where other commands leave what they ask of the bot; nobody can ask anything where it is None."""
    backups: Plan | None = None
    """How the database is copied each night, if it is."""
    operator: Operator | None = None
    """The feed, the dashboard and the heartbeat; a bot without them sells films all the same."""
    measure: Measure | None = None
    """Looks at the disk and the memory of the machine, so that the admins hear in time."""
    stripe: "StripeClient | None" = None
    """Speaks to Stripe, where the operator has an account there."""
    draw: Draw = draw_apart
    """Draws the picture of `/stats`."""
    release: str = "0"
    """What the running code is called: its version, and where known its commit."""


@asynccontextmanager
async def open_store(engine: Engine, clock: Clock, run_sync: RunSync, mail: Switchboard) -> AsyncGenerator[Store]:
    """The store with its writer, which outlives everybody inside: a cancellation from outside reaches it last."""
    store = Store(engine, clock=clock, run_sync=run_sync, deliver=mail.deliver)
    writer = trio.CancelScope(shield=True)

    async def serve(*, task_status: trio.TaskStatus[None]) -> None:
        with writer:
            await store.serve(task_status=task_status)

    async with trio.open_nursery() as nursery:
        with trio.CancelScope(shield=True):
            # A start that is cancelled waits for what it started, and the writer would wait for ever to be let go.
            await nursery.start(serve)
        try:
            yield store
        finally:
            writer.cancel(reason="nobody is left who writes")


async def run(outside: Outside, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
    """Run the bot until cancelled; then stop in order and return. Raises what the supervisor gives up on."""
    mail = Switchboard()
    texts.read_all()
    async with open_store(outside.engine, outside.clock, outside.run_sync, mail) as store:
        recovered = await store.insist(jobs.recover)
        if await store.insist(waits.shorten):
            log.warning("clock.set_back")
        was_restored = await store.insist(restored.settle, outside.shop)
        await store.insist(outside.shop.shelf.renew)
        world = tree.World(
            store=store,
            mail=mail,
            shop=outside.shop,
            telegram=outside.telegram,
            backends=outside.backends,
            films=outside.films,
            clock=outside.clock,
            media=outside.media,
            rng=outside.rng,
            requests=outside.requests,
            backups=outside.backups,
            operator=outside.operator,
            measure=outside.measure,
            draw=outside.draw,
            stripe=outside.stripe,
        )
        start = await store.insist(boot.begin, outside.shop, outside.release, recovered, was_restored=was_restored)
        log.info("bot.started", recovered=recovered, release=outside.release)
        task_status.started()
        supervisor = tree.supervisor(world)
        if world.operator is not None:
            world.operator.actors = supervisor.seen
        heartbeat = world.operator.heartbeat if world.operator else Heartbeat()
        try:
            await supervisor.run(tree.children(world, heartbeat))
        finally:
            # Asked to stop, and not failed: only then the next start finds that all was well.
            if trio.current_effective_deadline() == -math.inf:
                with trio.move_on_after(LAST_WORDS_SECONDS, shield=True):
                    await store.insist(starts.end, start)
