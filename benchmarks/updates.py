"""Durable updates: how many a second, and what 1,000 of them cost in CPU; Kadr beside a plain aiogram bot.

Every update is committed to SQLite (WAL, synchronous=FULL) and answered by one message, over TLS, against a stand-in in
another process. Both run in turns (A B A B) and are compared by the median of the ratios, because absolute figures of a
shared machine move more than the ratio does. Run it: `python -m benchmarks.updates`. With `--database` it is Kadr on
SQLite beside Kadr on that PostgreSQL, whose user must be allowed to make databases.
"""

import argparse
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from benchmarks import ceiling, processes
from benchmarks.processes import StandIn
from benchmarks.telegram import TOKEN

TEXTS = ["/help", "/balance"]


@dataclass(frozen=True, slots=True)
class Bot:
    """One contestant: how it is started, and how many handled updates its database should show."""

    name: str
    command: list[str]
    count: str
    server: str = ""
    """A URL of a PostgreSQL where it makes a database for itself; empty for SQLite."""


KADR = Bot("Kadr", processes.kadr(), "select count(*) from inbox where state = 'done'")
AIOGRAM = Bot("aiogram", [sys.executable, "-m", "benchmarks.aiogram_bot", "bot.db"], "select count(*) from seen")


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one load: updates a second, and CPU seconds of the bot per 1,000 updates."""

    rate: float
    cpu: float


def one(bot: Bot, stand_in: StandIn, people: int) -> tuple[Figures, Figures]:
    """Start the bot, let everybody write once to be met, and once more to be measured: (first, second)."""
    with tempfile.TemporaryDirectory(prefix="kadr-bench-") as name, _database(bot) as database:
        folder = Path(name)
        environment = processes.bot_environment(folder, stand_in.url, TOKEN, stand_in.pem)
        if database:
            environment["DATABASE_URL"] = database
        stand_in.tell(do="start")
        with processes.running(bot.command, environment, folder) as child:
            stand_in.hear("polled", child)
            first = _load(child, stand_in, people)
            second = _load(child, stand_in, people)
        _check(bot, folder, database, 2 * people)
    return first, second


def _load(child: "subprocess.Popen[bytes]", stand_in: StandIn, people: int) -> Figures:
    before = processes.cpu_seconds(child.pid)
    stand_in.tell(do="load", people=people, texts=TEXTS)
    answered = stand_in.hear("answered", child)
    # The stand-in speaks half a second after the last message, so what the bot does afterwards counts as well.
    spent = processes.cpu_seconds(child.pid) - before
    if answered["chats"] != people or answered["extra"]:
        raise RuntimeError(f"each of {people} people should have one answer: {answered}")
    return Figures(people / answered["seconds"], spent / people * 1000)


@contextmanager
def _database(bot: Bot) -> Generator[str]:
    """The URL of a database for one run; empty for a file in the bot's folder."""
    if not bot.server:
        yield ""
        return
    with psycopg.connect(bot.server, autocommit=True) as admin:
        admin.execute("create database kadr_benchmark")
        try:
            yield urlsplit(bot.server)._replace(path="/kadr_benchmark").geturl()
        finally:
            admin.execute("drop database kadr_benchmark with (force)")


def _check(bot: Bot, folder: Path, database: str, expected: int) -> None:
    with closing(psycopg.connect(database) if database else sqlite3.connect(folder / "bot.db")) as conn:
        (count,) = conn.execute(bot.count).fetchone()
    if count != expected:
        raise RuntimeError(f"{bot.name}: {count} of {expected} updates are in its database")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--people", type=int, default=3000, help="people who write, once in each load")
    parser.add_argument("--pairs", type=int, default=3, help="how often both are measured")
    parser.add_argument("--plain", action="store_true", help="HTTP instead of TLS")
    parser.add_argument("--only", choices=["kadr"], help="Kadr alone, without the comparison")
    parser.add_argument("--database", metavar="URL", help="postgresql://…: Kadr there instead of aiogram")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kadr-bench-") as name:
        pem = None if asked.plain else processes.certificate(Path(name))
        with StandIn(pem) as stand_in:
            other = replace(KADR, name="Kadr on PostgreSQL", server=asked.database) if asked.database else AIOGRAM
            _run(stand_in, asked.people, asked.pairs, [KADR] if asked.only else [KADR, other])


def _run(stand_in: StandIn, people: int, pairs: int, bots: list[Bot]) -> None:
    before = stand_in.cpu()
    most = ceiling.measure(stand_in.url, stand_in.pem)
    own = (stand_in.cpu() - before) / (ceiling.CLIENTS * ceiling.REQUESTS) * 1000
    print(f"# {processes.machine()}")
    way = "TLS" if stand_in.pem else "plain HTTP"
    print(f"# {people} people, one update each ({', '.join(TEXTS)} in turn), one message each, {way}")
    print(f"# the stand-in alone: {most:,.0f} messages/s at {own:.2f} CPU s per 1,000\n")
    print("| run | bot | updates/s | CPU s per 1,000 | new people: updates/s | CPU s per 1,000 |")
    print("|---|---|---:|---:|---:|---:|")
    found: dict[str, list[Figures]] = {bot.name: [] for bot in bots}
    for run in range(1, pairs + 1):
        for bot in bots:
            new, known = one(bot, stand_in, people)
            found[bot.name].append(known)
            print(f"| {run} | {bot.name} | {known.rate:,.0f} | {known.cpu:.2f} | {new.rate:,.0f} | {new.cpu:.2f} |")
            sys.stdout.flush()
    for name, figures in found.items():
        rate, cpu = (statistics.median(getattr(one, field) for one in figures) for field in ("rate", "cpu"))
        print(f"| median | {name} | {rate:,.0f} | {cpu:.2f} | | |")
    if len(bots) == 2:
        second = bots[1].name
        pairs_of = list(zip(found[KADR.name], found[second], strict=True))
        rate = statistics.median(kadr.rate / other.rate for kadr, other in pairs_of)
        cpu = statistics.median(kadr.cpu / other.cpu for kadr, other in pairs_of)
        print(f"\nKadr / {second}, median of {len(pairs_of)} pairs: {rate:.2f} x the updates/s, {cpu:.2f} x the CPU.")


if __name__ == "__main__":
    main()
