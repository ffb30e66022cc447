"""One simulation: the lives of the bot in its world, one after another, all from one plan.

A life is one `trio.run` under a mocked clock. Between lives only plain data exists: the database, the stand-ins, the
people. A life begins where the last one ended, plus the gap before the new process.
"""

import random
import ssl
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import trio
from trio.testing import MockClock

from actors import bot
from actors.clock import TrioClock
from actors.films.finishing import Media
from actors.shop.context import KaspiAccount, Shop
from protocol.order import Rail
from protocol.stripe.client import StripeClient
from protocol.telegram.client import TelegramClient
from protocol.videos.client import VideoClient
from sandbox.faults import Fault
from sandbox.stripe.wire import InProcessHttp
from tests.asgi import Direct
from tests.simulation import money
from tests.simulation.excuses import Span
from tests.simulation.films import finish_paper, finish_real, fit_inline, look_inline, receipt_inline
from tests.simulation.finale import Finale
from tests.simulation.invariants import Invariants
from tests.simulation.logs import excuse_or_break, judged_logs
from tests.simulation.plan import Breakage, Crash, DiskFull, Mischief, Plan, Suspension, Terminate, Visitor
from tests.simulation.power import Fuse
from tests.simulation.scheduling import seeded_scheduler, without_threads
from tests.simulation.stall import StallDetector
from tests.simulation.trace import Trace
from tests.simulation.wire import DirectWire, Exchange, HttpWire, Wire
from tests.simulation.world import World
from tests.town import START, Killed

STRIPE_KEY = "sk_live_simulation"
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here is reached by TLS, and to read the system's certificates takes longer than a commit."""
KASPI = KaspiAccount("https://pay.kaspi.kz/pay/simulate", "+77010000000", "Simulation")
STOP_SECONDS = 20.0
"""The promise of the contract: a process ends within this after SIGTERM."""
RESTART_SECONDS = 5.0
"""How soon the platform starts a process again that gave up."""


@dataclass(slots=True)
class Result:
    """What came of a plan."""

    plan: Plan
    violations: list[str]
    hash: str
    lines: list[str]
    counts: Counter[str]
    repeats: Counter[str]
    lives: int
    points: int
    job_seconds: float
    seconds: float
    job_ends: list[str]
    order_ends: list[str]
    points_before_people: int


class Simulation:
    """Runs one plan to its end, or to the first violation."""

    def __init__(self, plan: Plan, folder: Path, *, keep_trace: bool = False) -> None:
        self.plan = plan
        self.trace = Trace(keep=keep_trace)
        self.world = World(plan, folder, self.trace)
        self.invariants = Invariants(self.world)
        self.points = 0
        self._life = 0
        self._skew = 0.0
        self._gap = 0.0
        self._ending = ""
        self._finished = False
        self._run: trio.CancelScope | None = None
        self._process: trio.CancelScope | None = None
        self._schedule()

    # The plan.

    def _schedule(self) -> None:
        for item in self.plan.items.values():
            match item:
                case Visitor():
                    continue  # the world has invited them
                case Breakage():
                    fault = Fault(item.service, item.operation, item.kind, item.times, item.seconds)
                    act = lambda fault=fault: self.world.faults.plan(fault)  # noqa: E731
                case Mischief():
                    act = lambda item=item: self.world.mischief.append(item)  # noqa: E731
                case DiskFull():
                    act = lambda item=item: self.world.fill_disk(item)  # noqa: E731
                case Crash():
                    act = lambda item=item: self._arm(item)  # noqa: E731
                case Terminate():
                    act = lambda item=item: self._terminate(item.gap)  # noqa: E731
                case Suspension():
                    act = lambda item=item: self._suspend(item.seconds)  # noqa: E731
            self.world.at(START + item.at, self._unless_calm(act))
        finale = Finale(self.world, self.invariants, running=self._running, finish=self._finish)
        self.world.at(START + self.plan.hours * 3600.0, finale.calm)

    def _unless_calm(self, act: Any) -> Any:
        def unless_calm() -> None:
            if not self.world.closing:
                act()

        return unless_calm

    def _arm(self, item: Crash) -> None:
        if self.world.fuse is not None:
            self.world.fuse.arm(item.points)
            self._gap, self._skew = item.gap, item.skew

    def _terminate(self, gap: float) -> None:
        if self._process is not None and not self._ending:
            self._ending = "stopped"
            self._gap, self._skew = gap, 0.0
            self._asked_at = self.world.clock.now()
            self.world.note("sigterm")
            self._process.cancel(reason="SIGTERM")

    def _suspend(self, seconds: float) -> None:
        if self._process is not None:
            self.world.note("suspended", seconds)
            now = self.world.clock.now()
            self.world.unwritable.append(Span(now, now + seconds))
            self._mocked.jump(seconds)

    # Lives.

    def run(self) -> Result:
        random.seed(self.plan.seed)  # the Stripe SDK's pauses between two tries
        with (
            seeded_scheduler(f"trio {self.plan.seed}"),
            judged_logs(self._alive, self._count, self.invariants.broken),
        ):
            while not self._finished:
                self._life += 1
                self._ending, self._gap, self._skew_now, self._skew = "", RESTART_SECONDS, self._skew, 0.0
                self._mocked = MockClock(autojump_threshold=0)
                self._stall = StallDetector(self._stalled)
                trio.run(self._live, clock=self._mocked, instruments=[self._stall])
                self._bury()
                self.world.pass_time(self._gap)
        self._job_ends = [state for (state,) in self.world.ask("select state from jobs order by id")]
        self._order_ends = [state for (state,) in self.world.ask("select state from orders order by id")]
        self.world.close()
        return self._result()

    async def _live(self) -> None:
        world = self.world
        world.clock.start()
        world.fuse = Fuse(self._died)
        world.fuse.committed = self._committed
        world.note("life", self._life, self._skew_now)
        async with trio.open_nursery() as run:
            self._run = run.cancel_scope
            run.start_soon(self._drive)
            await self._be_the_process(world.fuse)
            if not self._ending:
                self._ending = "gave up"
            world.clock.stop()
            run.cancel_scope.cancel(reason="the process ended")

    async def _be_the_process(self, fuse: Fuse) -> None:
        try:
            video_http = httpx2.AsyncClient(
                transport=HttpWire(self.world.apps["videos"], self._wire("videos", fuse)),
                follow_redirects=True,
                verify=NO_CERTIFICATES,
            )
            async with video_http, trio.open_nursery() as process:
                self._process = process.cancel_scope
                await process.start(bot.run, self._outside(fuse, video_http))
        except* Killed:
            pass  # the process is dead: this is how its tasks end
        except* Exception as failed:
            if fuse.on:
                self._gave_up(failed)

    def _wire(self, service: str, fuse: Fuse) -> Wire:
        rng = random.Random(f"latency {self.plan.seed} {self._life} {service}")
        return Wire(
            service,
            self._life,
            fuse,
            now=self.world.clock.now,
            mischief=self.world.mischief,
            delay=lambda: rng.random() * self.plan.latency,
            before=self.invariants.before_request,
            after=self._requested,
            raised=self._raised,
        )

    def _outside(self, fuse: Fuse, video_http: httpx2.AsyncClient) -> bot.Outside:
        world = self.world
        telegram = Direct(DirectWire(world.apps["telegram"], self._wire("telegram", fuse)))
        stripe = InProcessHttp(HttpWire(world.apps["stripe"], self._wire("stripe", fuse)))
        backend = VideoClient(video_http, api_key="sandbox", base_url="http://videos.test/v1")
        without_threads(backend)
        return bot.Outside(
            engine=world.engine,
            clock=TrioClock(world.clock.now() + self._skew_now),
            run_sync=fuse.run_sync,
            telegram=TelegramClient(telegram, base_url="http://telegram.test", bot_token=world.telegram.token),
            backends=dict.fromkeys(world.catalogue.backends, backend),
            shop=Shop(world.catalogue, world.admins, "ru", world.pictures, rails=tuple(Rail), kaspi=KASPI),
            stripe=StripeClient(stripe, key=STRIPE_KEY, base_url="http://stripe.test"),
            films=world.films,
            media=Media(
                finish=finish_real if self.plan.real_films else finish_paper,
                look=look_inline,
                fit=fit_inline,
                receipt=receipt_inline,
            ),
            rng=random.Random(f"bot {self.plan.seed} {self._life}"),
        )

    async def _drive(self) -> None:
        """Let the world's events happen in their time."""
        while (moment := self.world.next_moment()) is not None:
            wait = moment - self.world.clock.now()
            if wait > 0:
                await trio.sleep(wait)
            else:
                await trio.lowlevel.checkpoint()
            self.world.act()
            if self.invariants.found:
                self._abort()

    def _bury(self) -> None:
        """The process is gone: what it leaves behind must be in order."""
        world = self.world
        if world.fuse is not None:
            self.points += world.fuse.passed
        world.fuse = self._process = self._run = None
        if world.database.in_transaction:
            world.database.rollback()
        world.note("end", self._ending)
        self.trace.counts[f"life {self._ending}"] += 1
        if self._ending == "stopped" and world.clock.now() - self._asked_at > STOP_SECONDS:
            self.invariants.broken(f"stopping took {world.clock.now() - self._asked_at:.1f} s")
        self.invariants.end_of_life(self._life, self._ending)
        if self.invariants.found:
            self._finished = True
        elif self._finished:
            self.invariants.at_the_end()

    # What the bot does, as it happens.

    def _committed(self) -> bool:
        """Something may have been committed; False when it was not."""
        if not self.world.wrote():
            return False
        self.world.note("commit")
        self.invariants.after_commit()
        self._abort_if_broken()
        return True

    def _requested(self, exchange: Exchange) -> None:
        self.world.note("request", exchange.operation, exchange.outcome)
        self.world.answered(exchange.operation)
        self.invariants.after_request(exchange)
        self._abort_if_broken()

    def _raised(self) -> None:
        self.world.note("mischief")

    def _died(self, point: str) -> None:
        self.world.note("crash", point)
        self.trace.counts[f"crash at {point.rpartition('.')[2]} of {point.rpartition('.')[0]}"] += 1
        self._ending = "crashed"
        self._cut_short()

    def _abort_if_broken(self) -> None:
        if self.invariants.found:
            self._abort()

    def _abort(self) -> None:
        """One violation is enough: what follows from it says nothing."""
        self._finished = True
        self._ending = self._ending or "aborted"
        if self.world.fuse is not None:
            self.world.fuse.on = False
        self._cut_short()

    def _cut_short(self) -> None:
        self.world.clock.stop()
        if self._run is not None:
            self._run.cancel(reason="the process is dead")

    def _stalled(self) -> None:
        self.invariants.broken("deadlock: " + "; ".join(self._stall.found))
        self._abort()

    def _gave_up(self, failed: ExceptionGroup[Exception]) -> None:
        """The bot ended by itself. The platform starts it again."""
        self._ending = "gave up"
        excuse_or_break("the bot gave up", failed, self.invariants.broken)

    def _alive(self) -> bool:
        return self.world.fuse is not None and self.world.fuse.on

    def _count(self, kind: str) -> None:
        self.trace.counts[kind] += 1

    # The end.

    def _finish(self) -> None:
        self._finished = True
        self._terminate(0.0)

    def _running(self) -> bool:
        return self._process is not None and not self._ending

    def _result(self) -> Result:
        self.trace.counts += money.figures(self.world)
        job_seconds = sum(job.ends_at - job.created_at for job in self.world.videos.created)
        return Result(
            plan=self.plan,
            violations=self.invariants.found,
            hash=self.trace.hash,
            lines=self.trace.lines or [],
            counts=self.trace.counts,
            repeats=self.invariants.repeats,
            lives=self._life,
            points=self.points,
            job_seconds=job_seconds,
            seconds=self.world.clock.elapsed(),
            job_ends=self._job_ends,
            order_ends=self._order_ends,
            points_before_people=self.world.points_before_people,
        )


def simulate(plan: Plan, *, keep_trace: bool = False) -> Result:
    """Run a plan. Films lie in a folder in memory, where there is one."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        return Simulation(plan, Path(folder), keep_trace=keep_trace).run()
