"""The exhaustive walk: one job, and the process killed once at every boundary of its way, one after another."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.faults import FaultKind
from tests.simulation.plan import Breakage, Crash, Item, Plan, Visitor, label
from tests.simulation.simulation import Result, simulate

WALK_SEED = 1
SPEED = 20.0
"""The backend is quick, so that a way has few steps of the same kind: a hundred looks are one look."""
MINUTES = 2.0
GAP_SECONDS = 3.0

WAYS: dict[str, list[Item]] = {
    "a film": [Visitor(1.0, "one_film", "en")],
    "a film that fails": [
        Visitor(1.0, "one_film", "ru"),
        Breakage(0.0, "videos", "create", FaultKind.FAIL_HALFWAY, 1, 0.0),
    ],
    "a film that is cancelled": [
        Visitor(1.0, "one_cancelled", "kk"),
        Breakage(0.0, "videos", "create", FaultKind.RATE_LIMIT, 1, 8.0),
    ],
    "a create whose answer is lost": [
        Visitor(1.0, "one_film", "en"),
        Breakage(0.0, "videos", "create", FaultKind.LOSE_ANSWER, 1, 0.0),
    ],
}


@dataclass(slots=True)
class Way:
    """What the walk along one way found."""

    name: str
    points: int = 0
    endings: Counter[str] = field(default_factory=Counter[str])
    repeats: Counter[str] = field(default_factory=Counter[str])
    failures: list[Result] = field(default_factory=list[Result])


def plan_of(name: str, points: int | None = None) -> Plan:
    """One way, with the process killed at boundary number `points` (0 is the first), or not at all."""
    items = [*WAYS[name]]
    if points is not None:
        items.append(Crash(0.0, points, GAP_SECONDS))
    return Plan(WALK_SEED, MINUTES / 60, label(items), speed=SPEED)


def walk(name: str) -> Way:
    """Kill it everywhere. The first run, which is not killed, tells how many boundaries there are."""
    way = Way(name)
    undisturbed = simulate(plan_of(name))
    _take(way, undisturbed)
    for point in range(undisturbed.points):
        result = simulate(plan_of(name, point))
        if result.counts["crash"] == 0:
            break  # the way became quiet, and calm disarms the fuse
        way.points += 1
        _take(way, result)
    return way


def _take(way: Way, result: Result) -> None:
    way.repeats += result.repeats
    way.endings[", ".join(result.job_ends) or "no job"] += 1
    if result.violations:
        way.failures.append(result)


def walks() -> Iterator[Way]:
    for name in WAYS:
        yield walk(name)
