"""The same seed is the same run, step by step, also in another process."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.simulation.plan import Plan, draw
from tests.simulation.simulation import Result, simulate


@cache
def rough() -> tuple[Plan, Result]:
    """The first seed in which a process is killed and a fault strikes."""
    for seed in range(1, 50):
        result = simulate(draw(seed), keep_trace=True)
        if result.counts["crash"] and result.counts["fault"] and result.counts["log job.accepted"]:
            return result.plan, result
    pytest.fail("no seed is rough")


def test_the_same_seed_gives_the_same_trace() -> None:
    plan, first = rough()
    second = simulate(plan, keep_trace=True)
    assert first.lines == second.lines
    assert first.hash == second.hash


def test_another_seed_gives_another_trace() -> None:
    plan, first = rough()
    assert simulate(draw(plan.seed + 1)).hash != first.hash


@pytest.mark.parametrize("hash_seed", ["0", "12345"])
def test_also_in_another_process(hash_seed: str) -> None:
    plan, here = rough()
    there = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--seed", str(plan.seed), "--hours", str(plan.hours)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        timeout=240,  # beside the rest of the suite a process starts slowly
        check=True,
    )
    assert there.stdout.splitlines()[-1] == f"trace {here.hash}"
