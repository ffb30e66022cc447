"""The exhaustive walk: one job or one purchase, and the process killed once at every boundary of its way.

Until the first person comes every way is the same, so the start of the bot is walked along the first way only.
"""

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
    "a film that begins with a picture": [Visitor(1.0, "one_picture", "en")],
    "a purchase in Stars": [Visitor(1.0, "one_in_stars", "en")],
    "a purchase by card": [Visitor(1.0, "one_by_card", "ru")],
    "a purchase by Kaspi": [Visitor(1.0, "one_by_kaspi", "kk"), Visitor(1.0, "one_approving", "en")],
    "a broadcast": [Visitor(1.0, "one_greeting", "en"), Visitor(1.0, "one_writing", "en")],
}
START = next(iter(WAYS))
"""The way along which the start of the bot is walked too."""


@dataclass(slots=True)
class Way:
    """What the walk along one way found. `orders` are the ends of purchases."""

    name: str
    points: int = 0
    endings: Counter[str] = field(default_factory=Counter[str])
    orders: Counter[str] = field(default_factory=Counter[str])
    repeats: Counter[str] = field(default_factory=Counter[str])
    failures: list[Result] = field(default_factory=list[Result])


def plan_of(name: str, points: int | None = None) -> Plan:
    """One way, with the process killed at boundary number `points` (0 is the first), or not at all."""
    items = [*WAYS[name]]
    if points is not None:
        items.append(Crash(0.0, points, GAP_SECONDS))
    return Plan(WALK_SEED, MINUTES / 60, label(items), speed=SPEED)


def walk(name: str) -> Way:
    """Kill it everywhere. The first run, which is not killed, tells where the boundaries are."""
    way = Way(name)
    undisturbed = simulate(plan_of(name))
    _take(way, undisturbed)
    for point in range(0 if name == START else undisturbed.points_before_people, undisturbed.points):
        result = simulate(plan_of(name, point))
        if result.counts["crash"] == 0:
            break  # the way became quiet, and calm disarms the fuse
        way.points += 1
        _take(way, result)
    return way


def _take(way: Way, result: Result) -> None:
    way.repeats += result.repeats
    way.endings[", ".join(result.job_ends) or "no job"] += 1
    way.orders[", ".join(result.order_ends) or "no order"] += 1
    if result.violations:
        way.failures.append(result)


def walks() -> Iterator[Way]:
    for name in WAYS:
        yield walk(name)
