"""The idle bot: how soon after exec it asks Telegram for updates, and how much memory it holds with nothing to do.

Each run starts with a new database, so the first migration is included; a second start on the same database is what a
restart costs. Kadr is sold for a machine of 512 MB. Run it: `python -m benchmarks.idle`.
"""

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, fields
from pathlib import Path

from benchmarks import processes
from benchmarks.processes import StandIn
from benchmarks.telegram import TOKEN

MEMORY_AIM = 150.0
"""MB of resident memory of the idle bot."""
START_AIM = 3.0
"""Seconds from exec to the first getUpdates."""
SETTLE_SECONDS = 5.0
PEOPLE = 1000
MB = 1e6


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one start: seconds and CPU seconds until the first poll, then megabytes; `worked` after a burst of work."""

    start: float
    cpu: float
    rss: float
    pss: float
    worked: float


def one(stand_in: StandIn, folder: Path) -> Figures:
    """Start a bot, let it idle, look at it, let everybody write once, and look again."""
    environment = processes.bot_environment(folder, stand_in.url, TOKEN, stand_in.pem)
    stand_in.tell(do="start")
    began = time.perf_counter()
    with processes.running(processes.kadr(), environment, folder) as child:
        stand_in.hear("polled", child)
        start, cpu = time.perf_counter() - began, processes.cpu_seconds(child.pid)
        time.sleep(SETTLE_SECONDS)
        rss, pss = _memory(child.pid, "Rss"), _memory(child.pid, "Pss")
        stand_in.tell(do="load", people=PEOPLE, texts=["/help", "/balance"])
        stand_in.hear("answered", child)
        return Figures(start, cpu, rss, pss, _memory(child.pid, "Rss"))


def _memory(pid: int, name: str) -> float:
    """Megabytes, from Linux's own sum over the mappings of the process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / MB for line in lines if line.startswith(f"{name}:"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    print(f"# {processes.machine()}")
    print(f"# RSS and PSS after {SETTLE_SECONDS:g} s of idling, and RSS after {PEOPLE} people wrote once; TLS\n")
    print("| start | to first poll, s | CPU s | RSS MB | PSS MB | RSS MB after work |")
    print("|---|---:|---:|---:|---:|---:|")
    found: dict[str, list[Figures]] = {"new database": [], "again": []}
    with (
        tempfile.TemporaryDirectory(prefix="kadr-bench-") as shared,
        StandIn(processes.certificate(Path(shared))) as stand_in,
    ):
        for run in range(asked.runs):
            folder = Path(shared) / f"run-{run}"
            folder.mkdir()
            for seen in found.values():
                seen.append(one(stand_in, folder))
    for name, seen in found.items():
        start, cpu, rss, pss, worked = (
            statistics.median(getattr(figures, field.name) for figures in seen) for field in fields(Figures)
        )
        print(f"| {name} | {start:.2f} | {cpu:.2f} | {rss:.0f} | {pss:.0f} | {worked:.0f} |")
    every = found["new database"] + found["again"]
    memory, start = max(each.rss for each in every), max(each.start for each in every)
    print(f"\nworst of {len(every)}: {memory:.0f} MB (aim {MEMORY_AIM:g}), {start:.2f} s (aim {START_AIM:g})")
    if memory > MEMORY_AIM or start > START_AIM:
        sys.exit("An aim is missed.")


if __name__ == "__main__":
    main()
