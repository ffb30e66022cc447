"""The people the bot has met, and the drafts of what they want."""

from typing import Any

import pytest

from storage import drafts, users
from storage.people import search
from storage.users import User

from .rows import NOW, Rows

DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def town(rows: Rows) -> Rows:
    for user_id, name, username in [
        (101, "Айгерім", "aigerim_kz"),
        (102, "Борис", None),
        (103, "Kate 100%", "Kate_B"),
        (1030, "Ann_Lee", "ann"),
    ]:
        rows.now += 1
        rows.person(user_id, name=name, username=username)
    return rows


def found(rows: Rows, text: str) -> list[int]:
    people, total = rows.run(search, text, "all", midnight=0.0, limit=10, offset=0)
    assert total == len(people)
    return [person.id for person in people]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [1030, 103, 102, 101]),
        ("Борис", [102]),
        ("борис", [102]),
        ("АЙГЕРІМ", [101]),
        ("герім", [101]),
        ("kate", [103]),
        ("@kate_b", [103]),
        ("AIGERIM", [101]),
        ("103", [103]),
        ("1030", [1030]),
        ("99999999999999999999999", []),
        ("%", [103]),
        ("_", [1030, 103, 101]),
        ("'; drop table users", []),
        ("nobody", []),
    ],
)
def test_searching(town: Rows, text: str, ids: list[int]) -> None:
    assert found(town, text) == ids


def test_a_search_has_pages(town: Rows) -> None:
    pages = [town.run(search, "", "all", midnight=0.0, limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [[person.id for person in people] for people, _ in pages] == [[1030, 103, 102], [101], []]
    assert {total for _, total in pages} == {4}


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("102", 102),
        ("@kate_b", 103),
        ("KATE_B", 103),
        ("@Aigerim_KZ", 101),
        ("104", None),
        ("-104", None),
        ("@nobody", None),
        ("@", None),
        ("99999999999999999999999", None),
    ],
)
def test_finding_one(town: Rows, name: str, id: int | None) -> None:
    person = town.run(users.find, name)
    assert (person.id if person else None) == id


def test_a_name_that_changed_hands_is_the_last_owner_s(town: Rows) -> None:
    town.now += 1
    town.person(105, name="New", username="ann")
    person = town.run(users.find, "@ann")
    assert person is not None
    assert person.id == 105


def test_meeting_again(rows: Rows) -> None:
    first, new = rows.run(users.meet, 7, first_name="Ann", username="ann", telegram_language="en-GB")
    assert new
    assert first == User(7, "Ann", "ann", "en-GB", None, NOW, NOW, None, None, None, None, None, 0.0)
    with rows.tx() as tx:
        users.change(tx, 7, gone_at=NOW, language="kk", asked="edit:5")
    rows.now += 10
    again, new = rows.run(users.meet, 7, first_name="Анна", username=None, telegram_language=None)
    assert not new
    assert again == User(7, "Анна", None, None, "kk", NOW, NOW + 10, None, "edit:5", None, None, None, 0.0)
    assert rows.run(users.get, 7) == again
    assert rows.run(users.get, 8) is None


CHOICES: dict[str, Any] = {"prompt": "a cat", "model": "sora-2", "seconds": 4, "size": "720x1280"}


def test_a_draft_is_its_owner_s(rows: Rows) -> None:
    rows.person(7)
    rows.person(8)
    draft = rows.run(drafts.create, 7, **CHOICES)
    assert (draft.state, draft.settings_open, draft.created_at) == ("open", False, NOW)
    assert rows.run(drafts.get, draft.id, user_id=7) == draft
    assert rows.run(drafts.get, draft.id, user_id=8) is None
    assert rows.run(drafts.get, 99, user_id=7) is None


def test_open_drafts_are_newest_first(rows: Rows) -> None:
    rows.person(7)
    rows.person(8)
    rows.run(drafts.create, 8, **CHOICES)
    made = [rows.run(drafts.create, 7, **CHOICES) for _ in range(4)]
    with rows.tx() as tx:
        drafts.change(tx, made[0].id, state="started")
        drafts.change(tx, made[2].id, state="closed")
        changed = drafts.change(tx, made[3].id, seconds=8, settings_open=True)
    assert (changed.seconds, changed.settings_open, changed.model) == (8, True, "sora-2")
    assert rows.run(drafts.open_of, 7) == [changed, made[1]]
