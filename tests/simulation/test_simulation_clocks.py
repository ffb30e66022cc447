"""A process that starts again may be told another time than the one before: films come all the same, once."""

import pytest

from tests.simulation.plan import Crash, Plan, Visitor, label
from tests.simulation.report import explain
from tests.simulation.simulation import simulate


@pytest.mark.parametrize("skew", [-3600.0, -90.0, -5.0, 90.0, 900.0])
def test_a_film_survives_a_clock_that_jumps(skew: float) -> None:
    """The process dies while the backend works, and its clock is off from then on, by less than the film's deadline."""
    plan = Plan(1, 0.1, label([Visitor(1.0, "one_film", "en"), Crash(20.0, 1, 2.0, skew)]))
    result = simulate(plan)
    assert result.violations == [], explain(plan, shorten=False)
    assert result.counts["crash"] == 1
    assert result.job_ends == ["delivered"]
