"""The store: calls in order, each all or nothing, one commit for all that wait. Inline, and with real threads."""

import os
import resource
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
import trio
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import IntegrityError
from trio.testing import wait_all_tasks_blocked

from actors.bot import open_store
from actors.mailbox import Switchboard
from actors.process import in_thread
from protocol.messages import JobLeft, JobQueued, Message, PostDue, UpdatesArrived
from storage.engine import open_engine
from storage.ruin import DatabaseRuined
from storage.store import BATCH, RunSync, Store, StoreUnavailable, Tx

T = TypeVar("T")


async def inline(fn: Callable[..., T], /, *args: Any) -> T:
    await trio.lowlevel.checkpoint()
    return fn(*args)


class FixedClock:
    def now(self) -> float:
        return 5.0


class Bench:
    """A store with one table, `things`, and what it commits and delivers."""

    def __init__(self, engine: Engine, run_sync: RunSync) -> None:
        self.engine = engine
        self.delivered: list[Message] = []
        self.delivered_after: list[int] = []
        """How many commits there were when each message was delivered."""
        self.commits = 0
        self.store = Store(engine, clock=FixedClock(), run_sync=run_sync, deliver=self._deliver)
        event.listen(engine, "commit", self._count)

    def _deliver(self, message: Message) -> None:
        self.delivered.append(message)
        self.delivered_after.append(self.commits)

    def _count(self, _connection: object) -> None:
        self.commits += 1

    async def things(self) -> list[str]:
        return await self.store.read(look)


def look(tx: Tx) -> list[str]:
    return list(tx.conn.execute(text("select name from things order by rowid")).scalars())


def add(tx: Tx, name: str) -> str:
    tx.conn.execute(text("insert into things values (:name)"), {"name": name})
    tx.tell(PostDue(len(name)))
    return name.upper()


def add_and_fail(tx: Tx, name: str) -> None:
    add(tx, name)
    raise KeyError(name)


@pytest.fixture(params=["inline", "threads"])
def run_sync(request: pytest.FixtureRequest) -> RunSync:
    return inline if request.param == "inline" else in_thread(trio.CapacityLimiter(1))


@pytest.fixture
def engine(tmp_path: Path) -> Generator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path}/bot.db")
    with engine.begin() as conn:
        conn.execute(text("create table things (name text primary key)"))
    yield engine
    engine.dispose()


@asynccontextmanager
async def serving(engine: Engine, run_sync: RunSync) -> AsyncGenerator[Bench]:
    bench = Bench(engine, run_sync)
    async with trio.open_nursery() as nursery:
        await nursery.start(bench.store.serve)
        bench.commits = 0
        yield bench
        nursery.cancel_scope.cancel()


async def together(*calls: Callable[[], Awaitable[object]]) -> None:
    """Make the calls wait for the writer at the same time, in this order."""
    async with trio.open_nursery() as nursery:
        for call in calls:
            nursery.start_soon(call)
            await trio.lowlevel.checkpoint()


async def test_a_call_returns_once_it_is_committed(engine: Engine, run_sync: RunSync) -> None:
    async with serving(engine, run_sync) as bench:
        assert await bench.store.write(add, "a") == "A"
        assert bench.commits == 1
        assert await bench.store.write(lambda tx: tx.now) == 5.0
        assert await bench.things() == ["a"]


async def test_all_that_wait_share_one_commit_in_their_order(engine: Engine, run_sync: RunSync) -> None:
    bench = Bench(engine, run_sync)
    names = [f"{n:03}" for n in range(BATCH + 10)]

    async def adds(name: str) -> None:
        await bench.store.write(add, name)

    async with trio.open_nursery() as writer:
        async with trio.open_nursery() as callers:
            for name in names:
                callers.start_soon(adds, name)
                await trio.lowlevel.checkpoint()
            await writer.start(bench.store.serve)
        writer.cancel_scope.cancel()
    assert bench.commits == 2
    with engine.connect() as conn:
        assert list(conn.execute(text("select name from things order by rowid")).scalars()) == names


async def test_a_call_that_fails_keeps_nothing_and_harms_nobody(engine: Engine, run_sync: RunSync) -> None:
    async with serving(engine, run_sync) as bench:

        async def fails() -> None:
            with pytest.raises(KeyError):
                await bench.store.write(add_and_fail, "bb")

        async def repeats() -> None:
            with pytest.raises(IntegrityError):
                await bench.store.write(add, "a")

        await together(lambda: bench.store.write(add, "a"), fails, repeats, lambda: bench.store.write(add, "ccc"))
        assert await bench.things() == ["a", "ccc"]
        assert bench.delivered == [PostDue(1), PostDue(3)]


async def test_a_savepoint_inside_a_call_is_undone_with_its_messages(engine: Engine, run_sync: RunSync) -> None:
    def tries(tx: Tx) -> None:
        add(tx, "a")
        with pytest.raises(KeyError), tx.savepoint():
            add_and_fail(tx, "bb")
        add(tx, "ccc")

    async with serving(engine, run_sync) as bench:
        await bench.store.write(tries)
        assert await bench.things() == ["a", "ccc"]
        assert bench.delivered == [PostDue(1), PostDue(3)]


async def test_messages_leave_after_the_commit_in_their_order(engine: Engine, run_sync: RunSync) -> None:
    said: list[Message] = [JobQueued(1), JobLeft(2), UpdatesArrived()]

    def tell(tx: Tx) -> None:
        for message in said:
            tx.tell(message)

    async with serving(engine, run_sync) as bench:
        await bench.store.write(tell)
        await bench.things()
    assert bench.delivered == said
    assert bench.delivered_after == [1, 1, 1]


@contextmanager
def full_disk(database: Path) -> Generator[None]:
    """No file of this process may grow beyond what the write-ahead log has now, as on a disk without room."""
    log = Path(f"{database}-wal").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_at_the_commit_is_everybody_s_and_passes(
    engine: Engine, run_sync: RunSync, tmp_path: Path
) -> None:
    async with serving(engine, run_sync) as bench:
        await bench.store.write(add, "before")
        errors: list[StoreUnavailable] = []

        async def is_refused(name: str) -> None:
            with pytest.raises(StoreUnavailable) as caught:
                await bench.store.write(add, name)
            errors.append(caught.value)

        with full_disk(tmp_path / "bot.db"):
            async with trio.open_nursery() as at_once:
                at_once.start_soon(is_refused, "a")
                at_once.start_soon(is_refused, "bb")
            await is_refused("ccc")
        assert len(errors) == 3
        assert bench.delivered == [PostDue(6)]
        assert await bench.store.write(add, "after") == "AFTER"
        assert await bench.things() == ["before", "after"]
        assert bench.delivered == [PostDue(6), PostDue(5)]


async def test_a_database_that_is_full_in_the_middle_of_a_call(engine: Engine, run_sync: RunSync) -> None:
    """SQLite undoes the whole transaction by itself then, savepoints and all."""

    def limit(tx: Tx, pages: int) -> None:
        tx.conn.execute(text(f"pragma max_page_count = {pages}"))

    async with serving(engine, run_sync) as bench:
        await bench.store.write(limit, 5)

        async def is_refused(name: str) -> None:
            with pytest.raises(StoreUnavailable, match="nothing was saved: database or disk is full"):
                await bench.store.write(add, name)

        async with trio.open_nursery() as at_once:
            for name in ("a", "b" * 100_000, "c"):
                at_once.start_soon(is_refused, name)
        assert bench.delivered == []
        await bench.store.write(limit, 1_000_000)
        await bench.store.write(add, "b" * 100_000)
        assert await bench.things() == ["b" * 100_000]


async def test_a_database_locked_by_somebody_else(engine: Engine, run_sync: RunSync, tmp_path: Path) -> None:
    other = open_engine(f"sqlite:///{tmp_path}/bot.db")
    with engine.connect() as conn:
        conn.exec_driver_sql("pragma busy_timeout = 0")
    async with serving(engine, run_sync) as bench:
        with other.begin(), pytest.raises(StoreUnavailable, match="locked"):
            await bench.store.write(add, "a")
        await bench.store.write(add, "a")
        assert await bench.things() == ["a"]
    other.dispose()


async def test_a_caller_that_stops_waiting_stops_nobody_else(engine: Engine, run_sync: RunSync) -> None:
    """What it asked for may still happen; the store says so."""
    async with serving(engine, run_sync) as bench:
        with trio.CancelScope() as scope:
            scope.cancel()
            await bench.store.write(add, "a")
        assert scope.cancelled_caught
        assert await bench.store.write(add, "b") == "B"
        assert await bench.things() == ["a", "b"]


async def test_what_the_writer_has_taken_is_finished(engine: Engine, run_sync: RunSync) -> None:
    """Cancelled in the same instant in which a call reaches it, the writer still commits it and says so."""
    bench = Bench(engine, run_sync)
    results: list[str] = []

    async def caller() -> None:
        results.append(await bench.store.write(add, "a"))

    async with trio.open_nursery() as callers, trio.open_nursery() as writers:
        await writers.start(bench.store.serve)
        await wait_all_tasks_blocked()
        callers.start_soon(caller)
        queue = bench.store._send  # pyright: ignore[reportPrivateUsage]  # the instant shows nowhere else
        for _ in range(100):
            if not queue.statistics().tasks_waiting_receive:
                break
            await trio.lowlevel.checkpoint()
        writers.cancel_scope.cancel()
        callers.cancel_scope.deadline = trio.current_time() + 5
    assert results == ["A"]
    assert bench.delivered == [PostDue(1)]


async def test_the_writer_outlives_everybody_who_writes(engine: Engine, run_sync: RunSync) -> None:
    """A cancellation from outside leaves those inside time to write their last words."""
    said: list[str] = []

    async def last_words(store: Store) -> None:
        try:
            await trio.sleep_forever()
        finally:
            with trio.CancelScope(shield=True):
                said.append(await store.write(add, "last"))

    with trio.CancelScope() as outside:
        async with open_store(engine, FixedClock(), run_sync, Switchboard()) as store, trio.open_nursery() as nursery:
            nursery.start_soon(last_words, store)
            await wait_all_tasks_blocked()
            outside.cancel()
    assert said == ["LAST"]
    with engine.connect() as conn:
        assert conn.execute(text("select name from things")).scalar_one() == "last"


async def test_a_stop_that_comes_while_the_writer_starts(engine: Engine, run_sync: RunSync) -> None:
    """SIGTERM in the middle of a start: the writer ends with everybody else, and is not waited for."""
    came_in = False
    with trio.CancelScope() as outside:
        outside.cancel()
        async with open_store(engine, FixedClock(), run_sync, Switchboard()) as store:
            came_in = True
            await store.write(add, "never")
    assert came_in
    assert outside.cancelled_caught


async def ends_in_ruin(engine: Engine, run_sync: RunSync, spoil: Callable[[], object]) -> str:
    """Why the writer gives up at the first call after `spoil`; whoever called never hears that it was kept."""
    with pytest.raises(BaseExceptionGroup) as found:  # noqa: PT012
        async with serving(engine, run_sync) as bench:
            await bench.store.read(lambda tx: tx.now)
            spoil()
            await bench.store.write(add, "lost")
    [error] = found.value.exceptions
    assert isinstance(error, DatabaseRuined)
    return str(error)


@pytest.mark.parametrize("other", [None, b"", b"something else"])
async def test_a_file_that_is_taken_away_keeps_nothing(
    engine: Engine, run_sync: RunSync, tmp_path: Path, other: bytes | None
) -> None:
    """SQLite itself would go on writing to a file that nobody will ever find again."""

    def spoil() -> None:
        (tmp_path / "bot.db").unlink()
        if other is not None:
            (tmp_path / "new").write_bytes(other)
            (tmp_path / "new").rename(tmp_path / "bot.db")

    assert "bot.db was removed, replaced or cut short" in await ends_in_ruin(engine, run_sync, spoil)


async def test_a_file_that_is_emptied(engine: Engine, run_sync: RunSync, tmp_path: Path) -> None:
    engine.dispose()  # else all that was ever written still waits in the log beside it
    found = await ends_in_ruin(engine, run_sync, lambda: os.truncate(tmp_path / "bot.db", 0))
    assert "cut short" in found


async def test_a_folder_that_is_taken_away(engine: Engine, run_sync: RunSync, tmp_path: Path) -> None:
    found = await ends_in_ruin(engine, run_sync, lambda: tmp_path.rename(f"{tmp_path}-away"))
    assert "bot.db was removed" in found


async def test_a_damaged_file(run_sync: RunSync, engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    engine.dispose()
    data = path.read_bytes()
    page = int.from_bytes(data[16:18], "big")  # sqlite.org/fileformat2.html, the database header
    path.write_bytes(data[:page] + b"\xff" * (len(data) - page))
    assert "malformed" in await ends_in_ruin(engine, run_sync, lambda: None)
