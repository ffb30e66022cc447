"""Figures of many simulations, and what to print about one that failed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.simulation.plan import Plan
from tests.simulation.shrink import shrink
from tests.simulation.simulation import Result, simulate

LAST_LINES = 40
"""Of the trace of a failed seed: the cause is near the end, because the first violation ends the simulation."""


@dataclass(slots=True)
class Figures:
    """Sums over simulations. Seconds are simulated ones, except where they are called wall seconds."""

    seeds: int = 0
    lives: int = 0
    points: int = 0
    seconds: float = 0.0
    job_seconds: float = 0.0
    job_ends: Counter[str] = field(default_factory=Counter[str])
    counts: Counter[str] = field(default_factory=Counter[str])
    repeats: Counter[str] = field(default_factory=Counter[str])
    failed: list[Result] = field(default_factory=list[Result])

    def add(self, result: Result) -> None:
        self.seeds += 1
        self.lives += result.lives
        self.points += result.points
        self.seconds += result.seconds
        self.job_seconds += result.job_seconds
        self.job_ends.update(result.job_ends)
        self.counts += result.counts
        self.repeats += result.repeats
        if result.violations:
            self.failed.append(result)

    def lines(self, wall_seconds: float) -> list[str]:
        """A report, one figure a line."""
        crashes = self._sum("crash at ")
        return [
            f"seeds {self.seeds}, lives of the bot {self.lives}, simulated hours {self.seconds / 3600:.1f}",
            f"films {sum(self.job_ends.values())} ({_said(self.job_ends)}), "
            f"job-hours at the backend {self.job_seconds / 3600:.2f}",
            f"wall seconds {wall_seconds:.1f}: {self.seconds / 3600 / wall_seconds:.2f} shop-hours "
            f"and {self.job_seconds / 3600 / wall_seconds:.3f} job-hours a second",
            f"commits {self.counts['commit']}, requests {self.counts['request']}, boundaries passed {self.points}",
            f"crashes {self.counts['crash']}, at {len(crashes)} kinds of boundary; "
            f"terminated {self.counts['sigterm']}; gave up and started again {self.counts['life gave up']}",
            f"faults struck {self.counts['fault']}, full disks {self.counts['disk']}, "
            f"commits refused {self.counts['log store.commit_failed']}, suspensions {self.counts['suspended']}, "
            f"actors that raised {self.counts['mischief']}",
            f"paid {self._sum('paid in').total() + self._sum('paid at').total() + self._sum('paid by').total()} times "
            f"({_said(self._sum('paid in') + self._sum('paid at') + self._sum('paid by'))}), "
            f"paid back {self.counts['paid back']}, disputed {self.counts['disputed']}",
            f"messages repeated {sum(self.repeats.values())} ({_said(self.repeats) or 'none'})",
            f"violations {len(self.failed)}",
        ]

    def _sum(self, prefix: str) -> Counter[str]:
        return Counter({kind: number for kind, number in self.counts.items() if kind.startswith(prefix)})


def _said(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counter.most_common())


def explain(plan: Plan, *, shorten: bool = True) -> str:
    """Everything about a failing plan: what is wrong, the command that replays it, and its last steps."""
    if shorten:
        plan = shrink(plan, lambda shorter: bool(simulate(shorter).violations))
    result = simulate(plan, keep_trace=True)
    items = [f"  {name} {item}" for name, item in plan.items.items()]
    tail = [f"  {line}".replace("\n", " ")[:160] for line in result.lines[-LAST_LINES:]]
    return "\n".join(["", *result.violations, "", plan.command, *items, "", *tail])


def run_all(plans: Iterable[Plan]) -> Figures:
    """Simulate one after another."""
    figures = Figures()
    for plan in plans:
        figures.add(simulate(plan))
    return figures
