"""When to look at a job: requests for each film, and how late its end is noticed; Kadr beside fixed intervals.

Simulated, without a network: durations are drawn, and `actors.films.looks.next_wait` is asked as a poller asks it, with
the poller's jitter. The shapes follow what was seen of real servers: minutes around a median, some with a queue.
What it leaves out: the time a request takes, and the budget of requests. Run it: `python -m benchmarks.polling`.
"""

import argparse
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from actors.films.looks import next_wait
from storage.timings import Learned, of_samples

SAMPLES = 20
"""Films that were made before, where the duration is learned."""

Draw = Callable[[random.Random], float]
Wait = Callable[[float], float]
"""Seconds since the acceptance -> seconds until the next look."""


def log_normal(median: float, spread: float = 0.3) -> Draw:
    return lambda rng: median * 2.718281828459045 ** rng.gauss(0, spread)


def bimodal(fast: float, slow: float, share: float) -> Draw:
    """Some films wait in the server's own queue first."""
    quick, late = log_normal(fast, 0.2), log_normal(slow, 0.2)
    return lambda rng: late(rng) if rng.random() < share else quick(rng)


@dataclass(frozen=True, slots=True)
class Kind:
    """Films of one kind: how long they take, and what the catalogue guesses before anything is learned (seconds)."""

    name: str
    draw: Draw
    guess: float


KINDS = [
    Kind("log-normal, median 67 s", log_normal(67), 85),
    Kind("log-normal, median 120 s", log_normal(120), 125),
    Kind("log-normal, median 300 s", log_normal(300), 170),
    Kind("wide log-normal, median 120 s", log_normal(120, 0.6), 125),
    Kind("bimodal, 60 s or 180 s (3 of 10)", bimodal(60, 180, 0.3), 85),
    Kind("fast, median 8 s", log_normal(8), 85),
]
FIXED = (3.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Figures:
    requests: float
    mean: float
    p90: float


def measure(kind: Kind, films: int, seed: int, wait: Callable[[Learned], Wait]) -> Figures:
    """Requests for each film, and the delay between its end and the look that notices it.

    What is learned is learned anew for each hundred films: twenty samples may be lucky or not.
    """
    rng = random.Random(seed)
    counts: list[int] = []
    delays: list[float] = []
    while len(counts) < films:
        known = of_samples([kind.draw(rng) for _ in range(SAMPLES)])
        assert known is not None
        next_look = wait(known)
        for _ in range(100):
            took, at, count = kind.draw(rng), 0.0, 0
            while at < took:
                at += next_look(at) * (0.9 + 0.2 * rng.random())
                count += 1
            counts.append(count)
            delays.append(at - took)
    return Figures(statistics.mean(counts), statistics.mean(delays), statistics.quantiles(delays, n=10)[8])


def every(seconds: float) -> Callable[[Learned], Wait]:
    return lambda _known: lambda _at: seconds


def policies(kind: Kind) -> list[Callable[[Learned], Wait]]:
    """The fixed intervals, then Kadr before it has learned anything, then after."""
    return [
        *map(every, FIXED),
        lambda _known: lambda at: next_wait(at, kind.guess, None),
        lambda known: lambda at: next_wait(at, kind.guess, known),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--films", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(f"# {asked.films} films of each kind, seed {asked.seed}; requests for each film / mean delay / p90 of it, s")
    print("# last column: requests of the fixed interval that has the same mean delay as with 20 films learned\n")
    columns = [*(f"every {n:g} s" for n in FIXED), "nothing learned", f"{SAMPLES} films learned", "fixed"]
    print("| durations | " + " | ".join(columns) + " |")
    print("|---|" + "---:|" * len(columns))
    for kind in KINDS:
        found = [measure(kind, asked.films, asked.seed, policy) for policy in policies(kind)]
        same = measure(kind, asked.films, asked.seed, every(2 * found[-1].mean))
        cells = [f"{f.requests:.1f} / {f.mean:.1f} / {f.p90:.1f}" for f in found]
        print(f"| {kind.name} | " + " | ".join(cells) + f" | {same.requests:.1f} |")


if __name__ == "__main__":
    main()
