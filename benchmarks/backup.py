"""How long a backup keeps the writer waiting: the copy in steps that Kadr takes, beside one `VACUUM INTO`.

A database of 100 MB is written to by eight tasks all the while, through the real store. What it shows is the longest
and the 99th percentile of a write, without a copy and during each kind. Run it: `python -m benchmarks.backup`.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import trio

from actors.upkeep.backups import rest
from storage import archive, backup, ledger
from storage.engine import open_engine
from storage.migrate import upgrade
from storage.store import Store, Tx

WRITERS = 8
PAUSE_SECONDS = 0.01
AROUND_SECONDS = 0.5


class _Clock:
    def now(self) -> float:
        return time.time()


def fill(folder: Path, megabytes: int) -> Path:
    """A database of about this size, most of it transfers with long memos."""
    path = folder / "bot.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    number = 0
    while path.stat().st_size < megabytes * 1e6:
        with engine.begin() as conn:
            for _ in range(500):
                number += 1
                give(Tx(conn, 0.0), f"fill:{number}", "user:1")
    engine.dispose()
    return path


def give(tx: Tx, key: str, account: str) -> None:
    memo = f"{key} " * 200
    ledger.transfer(tx, key=key, source=ledger.PROMOTION, target=account, amount=1, kind="gift", memo=memo)


async def measure(store: Store, name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Write all the while that `work` takes, and print what the writes took."""
    took: list[float] = []

    async def write(writer: int) -> None:
        number = 0
        while True:
            began = time.perf_counter()
            await store.write(give, f"{name}:{writer}:{number}", f"user:{writer}")
            took.append(1000 * (time.perf_counter() - began))
            number += 1
            await trio.sleep(PAUSE_SECONDS)

    async with trio.open_nursery() as nursery:
        for writer in range(WRITERS):
            nursery.start_soon(write, writer)
        await trio.sleep(AROUND_SECONDS)
        began = time.perf_counter()
        await work()
        seconds = time.perf_counter() - began
        await trio.sleep(AROUND_SECONDS)  # whoever was kept waiting to the very end counts too
        nursery.cancel_scope.cancel()
    p99 = statistics.quantiles(took, n=100)[98]
    print(f"| {name} | {seconds:.2f} | {len(took)} | {statistics.median(took):.1f} | {p99:.1f} | {max(took):.1f} |")


async def run(folder: Path, megabytes: int) -> None:
    engine = open_engine(f"sqlite:///{fill(folder, megabytes)}")
    limiter = trio.CapacityLimiter(1)
    one_thread = partial(trio.to_thread.run_sync, limiter=limiter)
    store = Store(engine, clock=_Clock(), run_sync=one_thread, deliver=lambda message: None)
    async with trio.open_nursery() as nursery:
        await nursery.start(store.serve)
        connection, size = await store.read(backup.connection)
        print(f"{size / 1e6:.0f} MB, {WRITERS} writers\n")
        print("| | took, s | writes | median, ms | p99, ms | longest, ms |\n|---|---:|---:|---:|---:|---:|")

        async def copy() -> None:
            await trio.to_thread.run_sync(backup.copy, connection, folder / "copy.db", rest)

        async def vacuum() -> None:
            # Where the store would run it: in its thread, with nobody else on the connection.
            await trio.to_thread.run_sync(connection.execute, f"VACUUM INTO '{folder}/vacuum.db'", limiter=limiter)

        async def make() -> None:
            make = partial(archive.make, folder / "copy.db", folder / "made.tar.gz", time.time(), None, rest)
            await trio.to_thread.run_sync(make)

        await measure(store, "nothing else", partial(trio.sleep, 3))
        await measure(store, "the copy, in steps", copy)
        await measure(store, "compressing it, restoring and auditing that", make)
        await measure(store, "`VACUUM INTO` by the writer", vacuum)
        print(f"\nthe backup has {(folder / 'made.tar.gz').stat().st_size / 1e6:.1f} MB")
        nursery.cancel_scope.cancel()
    engine.dispose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    with tempfile.TemporaryDirectory(prefix="kadr-bench-") as made:
        trio.run(run, Path(made), parser.parse_args().megabytes)
