"""One job or purchase, its process killed once at every commit and every request boundary, one after another.

Three more ways (a picture, Kaspi, a broadcast) are walked by `python -m tests.simulation --walk`.
"""

import pytest

from tests.simulation.report import explain
from tests.simulation.walk import Way, walk


def _walked(name: str, *, least: int) -> Way:
    way = walk(name)
    assert not way.failures, explain(way.failures[0].plan, shorten=False)
    assert way.points >= least, "the way has become so short that something is no longer walked"
    return way


def test_a_film_comes_or_is_paid_back_wherever_the_process_dies() -> None:
    endings = _walked("a film", least=80).endings
    assert set(endings) == {"delivered", "failed"}
    assert endings["delivered"] > 4 * endings["failed"], "only around the create may a film be lost"


def test_a_film_that_fails_is_paid_back_once() -> None:
    assert set(_walked("a film that fails", least=40).endings) == {"failed"}


def test_a_film_that_is_cancelled_is_paid_back_once() -> None:
    assert set(_walked("a film that is cancelled", least=40).endings) == {"cancelled", "failed"}


def test_a_create_whose_answer_is_lost_is_not_sent_again() -> None:
    assert set(_walked("a create whose answer is lost", least=40).endings) == {"delivered", "failed"}


@pytest.mark.parametrize("rail", ["in Stars", "by card"])
def test_a_purchase_is_credited_once(rail: str) -> None:
    """Some give up, because an invoice or a page never came: then nothing is paid and nothing is credited."""
    way = _walked(f"a purchase {rail}", least=50)
    assert set(way.orders) <= {"paid", "open", "expired", "draft", "no order"}
    assert way.orders["paid"] > 0.8 * way.points
