"""`python -m tests.simulation`: one seed, many seeds, or the walk through every boundary."""

import argparse
import sys
import time
from contextlib import nullcontext

from tests.simulation.mutations import MUTATIONS, planted
from tests.simulation.plan import QUICK_HOURS, draw
from tests.simulation.report import Figures, explain
from tests.simulation.simulation import simulate
from tests.simulation.walk import WAYS, walk


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    asked = _arguments()
    with planted(asked.plant) if asked.plant else nullcontext():
        if asked.walk:
            return _walk()
        if asked.seeds:
            return _many(asked)
        return _one(asked)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", metavar="A..B", help="from A up to and without B")
    parser.add_argument("--hours", type=float, default=QUICK_HOURS, help="how long the shop is busy in each simulation")
    parser.add_argument("--days", type=float, help="the same in days")
    parser.add_argument("--keep", metavar="p0,f3", help="only these items of the plan")
    parser.add_argument("--trace", action="store_true", help="print every step of a single seed")
    parser.add_argument("--walk", action="store_true", help="kill one job's process once at every boundary")
    parser.add_argument("--plant", choices=sorted(MUTATIONS), help="with this bug planted in the bot")
    asked = parser.parse_args()
    if asked.days is not None:
        asked.hours = asked.days * 24.0
    return asked


def _one(asked: argparse.Namespace) -> int:
    plan = draw(asked.seed, hours=asked.hours)
    if asked.keep is not None:
        plan = plan.only(asked.keep.split(","))
    started = time.perf_counter()
    result = simulate(plan, keep_trace=asked.trace)
    figures = Figures()
    figures.add(result)
    for line in result.lines:
        say(line.replace("\n", " "))
    for line in figures.lines(time.perf_counter() - started):
        say(line)
    say(f"trace {result.hash}")
    for sentence in result.violations:
        say(f"VIOLATION {sentence}")
    return 1 if result.violations else 0


def _many(asked: argparse.Namespace) -> int:
    first, _, last = asked.seeds.partition("..")
    figures, started = Figures(), time.perf_counter()
    for seed in range(int(first), int(last)):
        plan = draw(seed, hours=asked.hours)
        result = simulate(plan)
        figures.add(result)
        if result.violations:
            say(f"seed {seed} fails")
            say(explain(plan))
    for line in figures.lines(time.perf_counter() - started):
        say(line)
    return 1 if figures.failed else 0


def _walk() -> int:
    failures = 0
    for name in WAYS:
        started = time.perf_counter()
        way = walk(name)
        ends = ", ".join(f"{ending} {number}" for ending, number in way.endings.most_common())
        repeats = ", ".join(f"{reason} {number}" for reason, number in way.repeats.most_common()) or "none"
        seconds = time.perf_counter() - started
        say(f"{name}: killed at {way.points} points in {seconds:.1f} s; {ends}; repeats: {repeats}")
        for failure in way.failures:
            say(explain(failure.plan, shorten=False))
        failures += len(way.failures)
    say(f"violations {failures}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
