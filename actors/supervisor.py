"""Supervision of Trio tasks: children start left to right, stop right to left, and come back when they fail.

Each child runs in a cancel scope that is shielded from the outside, so a cancellation from above reaches only the
supervisor, and it stops its children in order: first each is asked (`Stop`), and after its grace it is cancelled.
What Trio cannot do is kill: a child with an endless shield of its own is waited for, and the watchdog ends the process.
"""

import math
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from types import TracebackType
from typing import cast

import structlog
import trio

log = structlog.get_logger(__name__)

CANCEL_SECONDS = 2.0
"""How long a cancelled child may take to unwind before the supervisor goes on without it."""


class Restart(Enum):
    """When a child that ended is started again."""

    PERMANENT = "always"
    TRANSIENT = "only after an error"


@dataclass(frozen=True, slots=True)
class Limit:
    """More than `restarts` within `seconds` is too many."""

    restarts: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds before a restart: doubling from `first` to `longest`, each stretched by up to a half at random."""

    first: float = 0.2
    longest: float = 30.0

    def delay(self, failures: int, rng: random.Random) -> float:
        return min(self.longest, self.first * 2.0 ** min(failures, 20)) * (1 + rng.random() / 2)


class Stop:
    """How a child is asked to end. A child that only waits does so inside `until()`; others look at `asked`."""

    __slots__ = ("_scopes", "asked")

    def __init__(self) -> None:
        self.asked = False
        self._scopes: list[trio.CancelScope] = []

    def ask(self) -> None:
        self.asked = True
        for scope in self._scopes:
            scope.cancel(reason="asked to stop")

    def until(self) -> "_Until":
        """What is inside is left as soon as the child is asked to stop."""
        return _Until(self)

    def watch(self, scope: trio.CancelScope) -> None:
        """Cancel this scope when asked to stop; at once, when that has been asked already."""
        self._scopes.append(scope)
        if self.asked:
            scope.cancel(reason="asked to stop")

    def leave(self, scope: trio.CancelScope) -> None:
        self._scopes.remove(scope)

    async def sleep(self, seconds: float) -> None:
        """Sleep, but no longer than until asked to stop."""
        with self.until():
            await trio.sleep(seconds)


class _Until:
    """A cancel scope that a stop ends. Not a generator: ten thousand pollers wait in one, and each costs a kilobyte."""

    __slots__ = ("_scope", "_stop")

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._scope = trio.CancelScope()

    def __enter__(self) -> None:
        self._scope.__enter__()
        self._stop.watch(self._scope)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        self._stop.leave(self._scope)
        return self._scope.__exit__(kind, error, traceback)


@dataclass(frozen=True, slots=True)
class Child:
    """One task to look after. `grace` is the seconds between asking it to stop and cancelling it.

    A child with `give_up` does not take its supervisor down when it fails too often: `give_up` is run instead.
    """

    name: str
    run: Callable[[Stop], Awaitable[None]]
    restart: Restart = Restart.PERMANENT
    grace: float = 0.0
    limit: Limit = Limit(restarts=10, seconds=300)
    give_up: Callable[[Exception], Awaitable[None]] | None = None


class TooManyRestarts(Exception):
    """A child failed more often than its limit allows; the cause is its last error."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} failed too often")
        self.name = name


class Fatal(Exception):
    """No restart can help; the message is a sentence for the operator."""


@dataclass(slots=True, eq=False)
class _Running:
    child: Child
    stop: Stop = field(default_factory=Stop)
    scope: trio.CancelScope = field(default_factory=lambda: trio.CancelScope(shield=True))
    ended: trio.Event = field(default_factory=trio.Event)


@dataclass(frozen=True, slots=True)
class _End:
    running: _Running
    error: Exception | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A child as an onlooker sees it: `running` or `restarting`, and how often it was started again so far."""

    name: str
    state: str
    restarts: int


class Supervisor:
    """Runs children until it is cancelled, or until one of them fails too often."""

    def __init__(
        self,
        name: str,
        *,
        rng: random.Random,
        backoff: Backoff | None = None,
        ordered: bool = True,
        stops_within: float = math.inf,
        on_failure: Callable[[str, Exception], None] | None = None,
    ) -> None:
        """`ordered` children stop one after another, right to left; others all at once.

        All graces together end `stops_within` seconds after the stop began: whoever comes later has none.
        `on_failure` is told the name of a child that failed and why; it must not raise.
        """
        self.name = name
        self._on_failure = on_failure
        self.restarts = 0
        self.restarts_of: Counter[str] = Counter()
        self._ordered = ordered
        self._stops_within = stops_within
        self._position: dict[str, int] = {}  # of each name's first start: a restart does not change the order
        self._counter = count()
        self._stopping = False
        self._rng = rng
        self._backoff = backoff or Backoff()
        self._failures: dict[str, deque[float]] = {}
        self._running: dict[str, _Running] = {}
        self._waiting: set[str] = set()  # names between an end and the decision about it, or the restart
        self._nursery: trio.Nursery | None = None
        self._ends_send, self._ends = trio.open_memory_channel[_End](1_000_000)

    @property
    def names(self) -> set[str]:
        """Children that run now or are about to be started again."""
        return set(self._running) | self._waiting

    def has(self, name: str) -> bool:
        """Whether a child of this name runs now or is about to be started again."""
        return name in self._running or name in self._waiting

    async def run(
        self, children: Sequence[Child] = (), *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Look after these children and those started later. Raises `TooManyRestarts` or a child's `Fatal`."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            try:
                for child in children:
                    self.start(child)
                    await trio.lowlevel.checkpoint()  # Trio shuffles tasks that become runnable together
                task_status.started()
                async for end in self._ends:
                    self._decide(end)
            finally:
                with trio.CancelScope(shield=True):
                    await self._stop_all()
                self._report_last_ends()
                self._nursery = None

    def start(self, child: Child) -> None:
        """Start one more child, to the right of all others."""
        assert self._nursery is not None, "the supervisor does not run"
        if self._stopping:
            return
        self._position.setdefault(child.name, next(self._counter))
        running = _Running(child)
        self._running[child.name] = running
        self._waiting.discard(child.name)
        self._nursery.start_soon(self._live, running, name=f"{self.name}/{child.name}")

    def ask_to_stop(self, name: str) -> None:
        """Ask one child to end by itself, if it runs; it is not started again."""
        running = self._running.get(name)
        if running is not None:
            running.stop.ask()

    async def _live(self, running: _Running) -> None:
        """Run one child; its end, whatever it is, becomes a value."""
        error: Exception | None = None
        try:
            with running.scope:
                try:
                    # For good: the context is this task's own, and ends with it.
                    structlog.contextvars.bind_contextvars(actor=self._path_of(running.child))
                    await running.child.run(running.stop)
                except trio.Cancelled:
                    raise
                except BaseExceptionGroup as group:
                    # A cancellation and an error may come together: Trio must see the first, we the second.
                    cancelled, rest = group.split(trio.Cancelled)
                    if rest is not None and not isinstance(rest, Exception):
                        raise
                    error = rest
                    if cancelled is not None:
                        raise cancelled from None
                except Exception as failure:
                    error = failure
        finally:
            self._running.pop(running.child.name, None)
            self._waiting.add(running.child.name)
            running.ended.set()
        self._ends_send.send_nowait(_End(running, error))

    def _path_of(self, child: Child) -> str:
        """What its log lines call it: its name, after that of the actor this supervisor lives in."""
        parent = structlog.contextvars.get_contextvars().get("actor")
        return f"{parent}/{child.name}" if parent else child.name

    def seen(self) -> list[Seen]:
        """All children, left to right."""
        return [
            Seen(name, "running" if name in self._running else "restarting", self.restarts_of[name])
            for name in sorted(self.names, key=lambda name: self._position.get(name, 0))
        ]

    def _decide(self, end: _End) -> None:
        child, error = end.running.child, end.error
        self._waiting.discard(child.name)
        if error is None:
            if child.restart is Restart.TRANSIENT or end.running.stop.asked:
                self._failures.pop(child.name, None)
                if child.restart is Restart.TRANSIENT:
                    self._position.pop(child.name, None)
                return
            log.warning("actor.ended", supervisor=self.name, actor=child.name)
        else:
            fatal = _find_fatal(error)
            if fatal is not None:
                raise fatal
            log.error("actor.failed", supervisor=self.name, actor=child.name, exc_info=error)
            if self._on_failure is not None:
                self._on_failure(child.name, error)
        failures = self._failures.setdefault(child.name, deque())
        now = trio.current_time()
        while failures and failures[0] <= now - child.limit.seconds:
            failures.popleft()
        failures.append(now)
        self.restarts += 1
        self.restarts_of[child.name] += 1
        if len(failures) <= child.limit.restarts:
            self._waiting.add(child.name)
            self._later(self._restart, child, self._backoff.delay(len(failures) - 1, self._rng))
        elif child.give_up is not None and error is not None:
            self._failures.pop(child.name)
            self._later(child.give_up, error)
        else:
            raise TooManyRestarts(child.name) from error

    def _later(self, fn: Callable[..., Awaitable[None]], *args: object) -> None:
        assert self._nursery is not None
        self._nursery.start_soon(fn, *args)

    async def _restart(self, child: Child, delay: float) -> None:
        await trio.sleep(delay)
        log.info("actor.restarted", supervisor=self.name, actor=child.name)
        self.start(child)

    async def _stop_all(self) -> None:
        self._stopping = True
        last_first = sorted(self._running.values(), key=lambda r: self._position[r.child.name], reverse=True)
        if self._ordered:
            graces_end = trio.current_time() + self._stops_within
            for running in last_first:
                await self._stop_one(running, graces_end)
            return
        await self._stop_together(last_first)

    def _report_last_ends(self) -> None:
        """Nobody decides about an end during the stop, but an error is not kept silent."""
        while True:
            try:
                end = self._ends.receive_nowait()
            except trio.WouldBlock:
                return
            self._waiting.discard(end.running.child.name)
            if end.error is not None:
                log.error("actor.failed", supervisor=self.name, actor=end.running.child.name, exc_info=end.error)

    async def _stop_together(self, all: list[_Running]) -> None:
        """Each has its grace from now on. Not a task for each, because they may be thousands."""
        now = trio.current_time()
        for running in all:
            running.stop.ask()
        for running in sorted(all, key=lambda r: r.child.grace):
            with trio.move_on_at(now + running.child.grace):
                await _ended(running)
            running.scope.cancel(reason=f"{self.name} stops")
        with trio.move_on_after(CANCEL_SECONDS):
            for running in all:
                await _ended(running)
        for running in all:
            if not running.ended.is_set():
                log.error("actor.stuck", supervisor=self.name, actor=running.child.name)

    async def _stop_one(self, running: _Running, graces_end: float) -> None:
        running.stop.ask()
        if running.child.grace:
            with trio.move_on_at(min(graces_end, trio.current_time() + running.child.grace)):
                await running.ended.wait()
        running.scope.cancel(reason=f"{self.name} stops")
        with trio.move_on_after(CANCEL_SECONDS):
            await running.ended.wait()
        if not running.ended.is_set():
            log.error("actor.stuck", supervisor=self.name, actor=running.child.name)


async def _ended(running: _Running) -> None:
    if not running.ended.is_set():
        await running.ended.wait()


def _find_fatal(error: BaseException) -> Fatal | None:
    if isinstance(error, Fatal):
        return error
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        return next((found for inner in group.exceptions if (found := _find_fatal(inner))), None)
    return None
