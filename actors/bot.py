"""The bot as one coroutine: opens the store, lets the tree run, and stops it in order when cancelled."""

import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
import trio
from sqlalchemy import Engine

from actors import tree
from actors.finishing import Media
from actors.intake import Heartbeat
from actors.mailbox import Switchboard
from actors.shop.context import Shop
from protocol.telegram.client import TelegramClient
from protocol.videos.client import VideoClient
from storage import jobs
from storage.store import Clock, RunSync, Store

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


@asynccontextmanager
async def open_store(engine: Engine, clock: Clock, run_sync: RunSync, mail: Switchboard) -> AsyncGenerator[Store]:
    """The store with its writer, which outlives everybody inside: a cancellation from outside reaches it last."""
    store = Store(engine, clock=clock, run_sync=run_sync, deliver=mail.deliver)
    writer = trio.CancelScope(shield=True)

    async def serve(*, task_status: trio.TaskStatus[None]) -> None:
        with writer:
            await store.serve(task_status=task_status)

    async with trio.open_nursery() as nursery:
        await nursery.start(serve)
        try:
            yield store
        finally:
            writer.cancel(reason="nobody is left who writes")


async def run(outside: Outside, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
    """Run the bot until cancelled; then stop in order and return. Raises what the supervisor gives up on."""
    mail = Switchboard()
    async with open_store(outside.engine, outside.clock, outside.run_sync, mail) as store:
        recovered = await store.insist(jobs.recover)
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
        )
        log.info("bot.started", recovered=recovered)
        task_status.started()
        await tree.supervisor(world).run(tree.children(world, Heartbeat()))
