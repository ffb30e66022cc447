"""Two hundred seeds, each a shop for some minutes with whatever may go wrong in it. A long run is a command away."""

import pytest

from tests.simulation.plan import draw
from tests.simulation.report import explain, run_all

SEEDS, AT_ONCE = 200, 20


@pytest.mark.parametrize("first", range(1, SEEDS + 1, AT_ONCE))
def test_every_invariant_holds(first: int) -> None:
    figures = run_all(draw(seed) for seed in range(first, first + AT_ONCE))
    assert not figures.failed, explain(figures.failed[0].plan)
    assert figures.counts["crash"] > 0, "no process was killed: these seeds prove little"
    assert figures.counts["fault"] > 0
    assert figures.job_ends["delivered"] > 0


@pytest.mark.parametrize(("seed", "what"), [(27, "a clock that was set back made a film take less than no time")])
def test_what_was_found_once(seed: int, what: str) -> None:
    figures = run_all([draw(seed, hours=1.0)])
    assert not figures.failed, f"{what}: {explain(figures.failed[0].plan)}"
