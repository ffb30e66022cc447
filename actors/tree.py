"""The supervision tree on one screen: who runs, in which order, and how much time each has to stop.

Children start left to right and stop right to left, so whoever produces work stops before whoever carries it out:
intake first, the outbox last. The store lives outside, below them all.
"""

import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from actors import admin_requests
from actors.conversation import Conversation
from actors.films.dispatcher import Dispatcher
from actors.films.finishing import Media
from actors.films.pictures import Pictures
from actors.films.poller import Poller
from actors.films.pollers import GRACE as POLLERS_GRACE
from actors.films.pollers import Pollers
from actors.films.progress import Heard, Progress
from actors.heartbeat import Examiner, Heartbeat, Pings
from actors.mailbox import Switchboard
from actors.operator.desk import GRACE as DESK_GRACE
from actors.operator.desk import Desk, Operator
from actors.rails import webhook
from actors.rails.orders_clock import OrdersClock
from actors.rails.receipts import Receipts
from actors.rails.stars_desk import StarsDesk
from actors.rails.stripe_desk import StripeDesk
from actors.requests import Handler, Requests, in_transaction
from actors.shop.context import Shop
from actors.supervisor import Child, Restart, Supervisor
from actors.telegram.broadcaster import Broadcaster
from actors.telegram.flow import Flow
from actors.telegram.intake import Intake
from actors.telegram.introduction import Introduction
from actors.telegram.menu import Menu
from actors.telegram.outbox import Outbox
from actors.telegram.traces import Traces
from actors.upkeep.backups import Backups, Plan
from actors.upkeep.daily_audit import DailyAudit
from actors.upkeep.figures import Draw, draw_apart
from actors.upkeep.figures_desk import FiguresDesk
from actors.upkeep.housekeeping import Housekeeping
from actors.upkeep.vital_signs import Measure, VitalSigns, reason_of
from protocol.messages import ActorFailed
from protocol.telegram.client import TelegramClient
from protocol.videos.client import VideoClient
from storage.store import Clock, Store

if TYPE_CHECKING:
    from protocol.stripe.client import StripeClient


GRACES_SECONDS = 13.0
"""All graces together, when everybody hangs: a stop takes 20 s at most, and a store that hangs too needs 3 of them."""


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
    requests: Path | None = None
    backups: Plan | None = None
    operator: Operator | None = None
    measure: Measure | None = None
    draw: Draw = draw_apart
    stripe: "StripeClient | None" = None


def supervisor(world: World) -> Supervisor:
    return Supervisor(
        "kadr",
        rng=world.rng,
        stops_within=GRACES_SECONDS,
        on_failure=lambda name, error: world.mail.deliver(ActorFailed(name, reason_of(error))),
    )


def children(world: World, heartbeat: Heartbeat) -> list[Child]:
    """All actors, left to right."""
    store, mail, shop, rng = world.store, world.mail, world.shop, world.rng
    flow = Flow()
    traces = Traces(world.telegram)
    heard: Heard = {}
    poller = Poller(
        store,
        shop,
        world.backends,
        heard=heard,
        films=world.films,
        media=world.media,
        clock=world.clock,
        rng=rng,
    )
    handlers: dict[str, Handler] = {admin_requests.KIND: in_transaction(store, partial(admin_requests.perform, shop))}
    outbox = Outbox(world.telegram, store, shop, mail.outbox, rng=rng, flow=flow, traces=traces)
    all = [
        Child("outbox", outbox.run, grace=8.0),
        Child("broadcaster", Broadcaster(store, shop, mail.broadcaster, flow).run),
        Child("progress", Progress(store, shop, mail.progress, heard).run),
        Child("pollers", Pollers(store, poller, mail.pollers, rng=rng).run, grace=POLLERS_GRACE + 2.5),
        Child("dispatcher", Dispatcher(store, shop, mail.dispatcher).run, grace=1.0),
        Child("pictures", Pictures(world.telegram, store, shop, mail.pictures, look=world.media.look, rng=rng).run),
        Child(
            "receipts",
            Receipts(world.telegram, store, shop, mail.receipts, read=world.media.receipt, rng=rng).run,
            grace=1.0,
        ),
        Child("orders", OrdersClock(store, shop).run, grace=1.0),
        Child("stars", StarsDesk(world.telegram, store, shop, mail.stars, rng=rng).run, grace=1.0),
        Child("conversation", Conversation(store, shop, mail.conversation).run, grace=1.0),
        Child("figures", FiguresDesk(store, shop, mail.figures, world.draw, world.films.parent / "figures").run),
        Child("housekeeping", Housekeeping(store, shop, world.films).run),
        Child("vital signs", VitalSigns(store, shop, mail.vital_signs, heartbeat, world.measure).run),
        Child("audit", DailyAudit(store, shop).run),
        Child("introduction", Introduction(world.telegram, store, rng=rng).run, restart=Restart.TRANSIENT, grace=1.0),
        Child("menu", Menu(world.telegram, shop, mail.menu, rng=rng).run),
        Child(
            "intake",
            Intake(world.telegram, store, shop, rng=rng, heartbeat=heartbeat, traces=traces).run,
            grace=1.0,
        ),
    ]
    if world.backups is not None:
        backups = Backups(store, shop, mail.backups, world.backups, clock=world.clock)
        handlers["backup"] = backups.answer
        all.append(Child("backups", backups.run))
    if world.stripe is not None:
        # Left of the conversation, which wants things of it until the last moment.
        desk = StripeDesk(world.stripe, world.telegram, store, shop, mail.stripe, rng=rng)
        place = next(number for number, child in enumerate(all) if child.name == "conversation")
        all.insert(place, Child("stripe", desk.run, grace=1.0))
        if world.stripe.hears and world.operator is not None:
            world.operator.routes[webhook.PATH] = webhook.route(world.stripe, mail.deliver)
    if world.requests is not None:
        all.append(Child("requests", Requests(world.requests, handlers).run, grace=1.0))
    return [*watchers(world), *all]


def watchers(world: World) -> list[Child]:
    """Those who only look on, to the left of everybody: they see the others stop."""
    operator, store = world.operator, world.store
    if operator is None:
        return []
    desk = Desk(operator, store, world.shop)
    world.mail.onlooker = desk.observer.hear
    looking = [
        Child("desk", desk.run, grace=DESK_GRACE, give_up=desk.give_up),
        Child("examiner", Examiner(store, world.mail, operator.heartbeat).run),
    ]
    if operator.ping_url is not None and operator.ping_http is not None:
        looking.append(Child("pings", Pings(operator.ping_http, operator.ping_url, operator.heartbeat).run))
    return looking
