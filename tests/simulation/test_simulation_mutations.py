"""The simulation is worth what it finds: five bugs are planted one by one, and each must be found within some seeds."""

import re

import pytest

from tests.simulation.mutations import MUTATIONS, planted
from tests.simulation.plan import draw
from tests.simulation.simulation import simulate

FOUND_AS = {
    "acknowledge_before_commit": (5, "was acknowledged before it was committed"),
    "capture_before_delivery": (5, "was paid before its film was shown"),
    "retry_a_create": (20, "the backend made"),
    "drop_the_savepoint": (20, "its hold of None is None"),
    "release_twice": (
        20,
        "the hold of job|held_not_negative",
    ),  # where nothing else is held, the database says no first
}
"""Within how many seeds, and by which words."""


def test_every_mutation_is_tried() -> None:
    assert set(FOUND_AS) == set(MUTATIONS)


@pytest.mark.parametrize("name", FOUND_AS)
def test_a_planted_bug_is_found(name: str) -> None:
    seeds, words = FOUND_AS[name]
    with planted(name):
        for seed in range(1, seeds + 1):
            violations = simulate(draw(seed)).violations
            if violations:
                assert any(re.search(words, sentence) for sentence in violations), violations
                return
    pytest.fail(f"not found in {seeds} seeds")
