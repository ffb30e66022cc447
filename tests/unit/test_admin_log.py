"""The log of what admins did: appended, never changed, and counted as a version."""

import pytest
from sqlalchemy.exc import DatabaseError

from storage import audit_log

from .rows import Rows


def test_the_newest_first(rows: Rows) -> None:
    for number in range(3):
        rows.now += 1
        rows.run(audit_log.write, 1, "price", f"price:{number}", before=5, after=number, detail="x" * 2000)
    rows.run(audit_log.write, None, "ban", "user:7")
    last, *others = rows.run(audit_log.latest, limit=3)
    assert (last.what, last.admin, last.subject, last.before, last.detail) == ("ban", None, "user:7", "", "")
    assert [entry.after for entry in others] == ["2", "1"]
    assert len(others[0].detail) == 1000
    assert [entry.subject for entry in rows.run(audit_log.latest, limit=9, subject="price:1")] == ["price:1"]


def test_each_entry_is_a_new_version_of_its_subject(rows: Rows) -> None:
    assert rows.run(audit_log.version, "user:7") == 0
    rows.run(audit_log.write, 1, "ban", "user:7")
    rows.run(audit_log.write, 1, "unban", "user:7")
    rows.run(audit_log.write, 1, "ban", "user:70")
    assert rows.run(audit_log.version, "user:7") == 2


@pytest.mark.parametrize("statement", ["update audit_log set admin = 2", "delete from audit_log"])
def test_nobody_rewrites_it(rows: Rows, statement: str) -> None:
    rows.run(audit_log.write, 1, "ban", "user:7")
    with pytest.raises(DatabaseError, match="are never changed"):
        rows.sql(statement)
    assert rows.run(audit_log.version, "user:7") == 1
