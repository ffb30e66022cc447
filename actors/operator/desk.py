"""The operator's desk: what of it outlives a restart of its actor, and the actor that serves it.

A port that is taken is no reason to sell no films: it is said once, and tried again in silence.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2
import structlog
import trio

from actors import logs
from actors.heartbeat import Heartbeat
from actors.metrics import CONTENT_TYPE, Metrics, Scrape, as_text, figures
from actors.operator.guard import Guard
from actors.operator.http import Request, Response, as_json
from actors.operator.observer import Observer, memory_in_use
from actors.operator.page import page_routes
from actors.operator.ring import Ring
from actors.operator.server import GOODBYE_SECONDS, Route, Server
from actors.shop import alerts
from actors.shop.context import Shop
from actors.supervisor import Seen, Stop
from storage.store import Clock, Store, StoreUnavailable, Tx

GRACE = 2 * GOODBYE_SECONDS
PORT_AGAIN_SECONDS = 30.0
STORE_SECONDS = 5.0
"""How long Prometheus waits for what the store knows, before it is told the rest."""

log = structlog.get_logger(__name__)


def _nobody() -> list[Seen]:
    return []


@dataclass(slots=True, eq=False)
class Operator:
    """Where the operator's port is, and everything shown there. Made inside the Trio run it is for.

    `routes` is for those who have something to serve besides; add to it before the bot runs.
    """

    address: str
    clock: Clock
    heartbeat: Heartbeat = field(default_factory=Heartbeat)
    metrics: Metrics = field(default_factory=Metrics)
    token: str | None = None
    ping_url: str | None = None
    ping_http: httpx2.AsyncClient | None = None
    actors: Callable[[], list[Seen]] = _nobody
    routes: dict[str, Route] = field(default_factory=dict[str, Route])
    listening: trio.Event = field(default_factory=trio.Event)
    port: int = 0  # once it listens

    @property
    def host(self) -> str:
        return self.address.rpartition(":")[0].strip("[]")


async def _allowed(_request: Request) -> Response:
    """Whoever comes here has the token: the page asks, because a refused WebSocket tells a browser nothing."""
    await trio.lowlevel.checkpoint()
    return Response(204)


def _alert_port(tx: Tx, shop: Shop, address: str, reason: str) -> None:
    alerts.alert(shop, tx, "operator:port", "alert-operator-port", address=address, detail=reason)


class Desk:
    """The task that serves the operator's port."""

    def __init__(self, operator: Operator, store: Store, shop: Shop) -> None:
        self._operator = operator
        self._store = store
        self._shop = shop
        self._ring = Ring(operator.clock.now())
        self._ring.board.release = logs.origin().get("release", "")
        self._ring.board.instance = logs.origin().get("instance", "")
        self.observer = Observer(
            store,
            shop,
            self._ring,
            operator.heartbeat,
            actors=operator.actors,
            now=operator.clock.now,
        )
        routes = {
            "/metrics": Route(self._metrics),
            "/health": Route(self._health, open=True),
            "/allowed": Route(_allowed),
            **page_routes(),
            **operator.routes,
        }
        guard = Guard(operator.host, operator.token)
        self._server = Server(self._ring, guard, routes, audience=self.observer.audience, now=operator.clock.now)

    async def run(self, stop: Stop) -> None:
        """Serve until asked to stop; then readers are told so, and nobody is waited for."""
        with self.observer.hearing_the_log():
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self.observer.run)
                with stop.until():
                    listeners = await self._listeners()
                    nursery.start_soon(self._serve, listeners, nursery)
                    await trio.sleep_forever()
                self._ring.close()
                await self._server.say_goodbye()
                nursery.cancel_scope.cancel(reason="the desk was asked to stop")

    async def _serve(self, listeners: list[trio.SocketListener], clients: trio.Nursery) -> None:
        await trio.serve_listeners(self._server.client, listeners, handler_nursery=clients)

    async def _listeners(self) -> list[trio.SocketListener]:
        """The open port; waits for one that is taken."""
        operator = self._operator
        asked = int(operator.address.rpartition(":")[2])
        warned = False
        while True:
            try:
                listeners = await trio.open_tcp_listeners(asked, host=operator.host)
                break
            except OSError as error:
                if not warned:
                    reason = error.strerror or str(error)
                    log.warning("operator.not_listening", address=operator.address, reason=reason)
                    await self._alert(reason)
                    warned = True
            await trio.sleep(PORT_AGAIN_SECONDS)
        operator.port = int(listeners[0].socket.getsockname()[1])
        log.info("operator.listening", address=f"{operator.host}:{operator.port}")
        operator.listening.set()
        return listeners

    async def _alert(self, reason: str) -> None:
        try:
            await self._store.write(_alert_port, self._shop, self._operator.address, reason)
        except StoreUnavailable:
            log.warning("operator.alert_not_saved")

    async def give_up(self, error: Exception) -> None:
        """The desk fails again and again: the bot goes on without it."""
        log.error("operator.gave_up", exc_info=error)

    async def _metrics(self, _request: Request) -> Response:
        seen = None
        with trio.move_on_after(STORE_SECONDS):
            try:
                seen = await self._store.read(figures)
            except StoreUnavailable:
                log.debug("metrics.store_unavailable")  # the answer says so itself
        operator = self._operator
        scrape = Scrape(
            seen,
            operator.heartbeat,
            operator.actors(),
            memory_in_use(),
            self._ring.board.started_at,
            logs.origin(),
        )
        return Response(200, as_text(operator.metrics, scrape), CONTENT_TYPE)

    async def _health(self, _request: Request) -> Response:
        ago = self._operator.heartbeat.polled_ago
        healthy = self._operator.heartbeat.healthy
        value = {"status": "ok" if healthy else "stale", "polled_ago": None if ago is None else round(ago, 1)}
        await trio.lowlevel.checkpoint()
        return as_json(value, 200 if healthy else 503)
