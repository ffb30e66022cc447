"""The same seed is the same run, step by step, also in another process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.plan import draw
from tests.simulation.simulation import simulate

SEED, HOURS = 20, 0.1
"""A seed with crashes and faults in it."""


def test_the_same_seed_gives_the_same_trace() -> None:
    first, second = (
        simulate(draw(SEED, hours=HOURS), keep_trace=True),
        simulate(draw(SEED, hours=HOURS), keep_trace=True),
    )
    assert first.counts["crash"]
    assert first.counts["fault"]
    assert first.lines == second.lines
    assert first.hash == second.hash


def test_another_seed_gives_another_trace() -> None:
    assert simulate(draw(SEED, hours=HOURS)).hash != simulate(draw(SEED + 1, hours=HOURS)).hash


@pytest.mark.parametrize("hash_seed", ["0", "12345"])
def test_also_in_another_process(hash_seed: str) -> None:
    here = simulate(draw(SEED, hours=HOURS))
    command = [sys.executable, "-m", "tests.simulation", "--seed", str(SEED), "--hours", str(HOURS)]
    there = subprocess.run(
        command,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert there.stdout.splitlines()[-1] == f"trace {here.hash}"
