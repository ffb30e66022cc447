"""The supervision tree on one screen: who runs, in which order, and how much time each has to stop.

Children start left to right and stop right to left, so whoever produces work stops before whoever carries it out:
intake first, the outbox last. The store lives outside, below them all. The graces add up to less than 20 s.
"""

import random
from dataclasses import dataclass
from pathlib import Path

from actors.conversation import Conversation
from actors.dispatcher import Dispatcher
from actors.finishing import Media
from actors.housekeeping import Housekeeping
from actors.intake import Heartbeat, Intake
from actors.mailbox import Switchboard
from actors.menu import Menu
from actors.outbox import Outbox
from actors.pictures import Pictures
from actors.poller import Poller
from actors.pollers import GRACE as POLLERS_GRACE
from actors.pollers import Pollers
from actors.progress import Progress
from actors.shop.context import Shop
from actors.supervisor import Child, Restart, Supervisor
from protocol.telegram.client import TelegramClient
from protocol.videos.client import VideoClient
from storage.store import Clock, Store


@dataclass(frozen=True, slots=True)
class World:
    """Everything the actors reach for; a test hands in its own."""

    store: Store
    mail: Switchboard
    shop: Shop
    telegram: TelegramClient
    backends: dict[str, VideoClient]
    films: Path
    clock: Clock
    media: Media
    rng: random.Random


def supervisor(world: World) -> Supervisor:
    return Supervisor("kadr", rng=world.rng)


def children(world: World, heartbeat: Heartbeat) -> list[Child]:
    """All actors, left to right."""
    store, mail, shop, rng = world.store, world.mail, world.shop, world.rng
    poller = Poller(store, shop, world.backends, films=world.films, media=world.media, clock=world.clock, rng=rng)
    return [
        Child("outbox", Outbox(world.telegram, store, shop, mail.outbox, rng=rng).run, grace=8.0),
        Child("progress", Progress(store, shop, mail.progress).run),
        Child("pollers", Pollers(store, poller, mail.pollers, rng=rng).run, grace=POLLERS_GRACE + 2.5),
        Child("dispatcher", Dispatcher(store, shop, mail.dispatcher).run, grace=1.0),
        Child("pictures", Pictures(world.telegram, store, shop, mail.pictures, look=world.media.look, rng=rng).run),
        Child("conversation", Conversation(store, shop, mail.conversation).run, grace=1.0),
        Child("housekeeping", Housekeeping(store, shop, world.films).run),
        Child("menu", Menu(world.telegram, shop, rng=rng).run, restart=Restart.TRANSIENT),
        Child("intake", Intake(world.telegram, store, rng=rng, heartbeat=heartbeat).run, grace=1.0),
    ]
