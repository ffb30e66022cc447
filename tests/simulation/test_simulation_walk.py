"""One job, its process killed once at every commit and every request boundary, one after another."""

from tests.simulation.report import explain
from tests.simulation.walk import walk


def _walked(name: str, *, least: int) -> dict[str, int]:
    way = walk(name)
    assert not way.failures, explain(way.failures[0].plan, shorten=False)
    assert way.points >= least, "the way has become so short that something is no longer walked"
    return dict(way.endings)


def test_a_film_comes_or_is_paid_back_wherever_the_process_dies() -> None:
    endings = _walked("a film", least=50)
    assert set(endings) == {"delivered", "failed"}
    assert endings["delivered"] > 4 * endings["failed"], "only around the create may a film be lost"


def test_a_film_that_fails_is_paid_back_once() -> None:
    assert set(_walked("a film that fails", least=45)) == {"failed"}


def test_a_film_that_is_cancelled_is_paid_back_once() -> None:
    assert set(_walked("a film that is cancelled", least=45)) == {"cancelled", "failed"}


def test_a_create_whose_answer_is_lost_is_not_sent_again() -> None:
    assert set(_walked("a create whose answer is lost", least=50)) == {"delivered", "failed"}
