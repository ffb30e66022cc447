"""The audits find what was planted past everything that guards the books, and name it; no row ends them."""

import pytest

from storage import audits

from .rows import Rows


def planted(rows: Rows, *statements: str) -> list[str]:
    rows.script("PRAGMA foreign_keys=OFF", "PRAGMA ignore_check_constraints=ON", *statements)
    return rows.run(audits.everything)


def test_right_books(rows: Rows) -> None:
    rows.job(rows.person(7, tokens=40))
    assert rows.run(audits.everything) == []


def test_a_hold_whose_job_is_gone(rows: Rows) -> None:
    job = rows.job(rows.person(7, tokens=40))
    assert planted(rows, "delete from jobs") == [f"there is a hold of 20 for job {job.id}, and no such job"]


def test_a_job_that_somebody_else_pays_for(rows: Rows) -> None:
    job = rows.job(rows.person(7, tokens=40))
    rows.person(8)
    [found] = planted(rows, "update jobs set user_id = 8")
    assert found == f"job {job.id} is user 8's and holds tokens of user:7"


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("update jobs set state = 'nonsense'", "the jobs cannot be recomputed"),
        ("update accounts set name = x'ff00' where name = 'user:7'", "account"),
        ("update accounts set posted = 'much' where name = 'user:7'", "account user:7"),
    ],
)
def test_a_row_that_holds_what_it_never_could(rows: Rows, statement: str, named: str) -> None:
    rows.job(rows.person(7, tokens=40))
    assert any(named in found or "cannot be recomputed" in found for found in planted(rows, statement))
