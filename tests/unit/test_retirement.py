"""Which days before a retirement are told to the admins, and that each is told once."""

from datetime import UTC, date, datetime, timedelta

from actors.shop import retirement
from actors.shop.context import Shop
from protocol import catalogue

from .rows import Rows

RETIRES = date(2027, 3, 20)


def shop() -> Shop:
    sold = catalogue.read()
    first, *others = sold.models
    models = (first.model_copy(update={"retires": RETIRES}), *others)
    return Shop(sold.model_copy(update={"models": models}), (1, 2), "en")


def told(rows: Rows, days_before: int) -> list[str]:
    """What the first admin has been told when so many days are left."""
    rows.now = datetime.combine(RETIRES - timedelta(days=days_before), datetime.min.time(), UTC).timestamp() + 3600
    rows.run(retirement.warn, shop())
    return [str(slot) for (slot,) in rows.sql("select slot from posts where chat_id = 1 order by id")]


def test_each_date_is_told_once(rows: Rows) -> None:
    counts = [len(told(rows, days)) for days in (30, 15, 14, 14, 8, 7, 6, 4, 3, 2, 1, 1, 0, -1, -300)]
    assert counts == [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5, 5]
    texts = [str(content) for (content,) in rows.sql("select content from posts where chat_id = 2 order by id")]
    assert ["retires on 2027-03-20" in text for text in texts] == [True] * 4 + [False]
    assert "retired on 2027-03-20" in texts[-1]


def test_whoever_starts_late_is_told_once(rows: Rows) -> None:
    assert len(told(rows, 2)) == 1
    assert len(told(rows, 2)) == 1


def test_a_retired_model_is_told_once(rows: Rows) -> None:
    assert len(told(rows, -40)) == 1
    assert len(told(rows, -41)) == 1
