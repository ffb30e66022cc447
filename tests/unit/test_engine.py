"""The database as it is opened: settings that survive a power cut, one connection, a reader beside a writer."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from storage.engine import open_engine


@contextmanager
def opened(url: str, *, read_only: bool = False) -> Generator[Engine]:
    engine = open_engine(url, read_only=read_only)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/new/folder/bot.db"


@pytest.fixture
def writer(url: str) -> Generator[Engine]:
    engine = open_engine(url)
    with engine.begin() as conn:
        conn.execute(text("create table things (name text)"))
    yield engine
    engine.dispose()


def names(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        return list(conn.execute(text("select name from things")).scalars())


def test_the_settings_of_the_writer(writer: Engine, tmp_path: Path) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 2000, "cache_size": -16000}
    with writer.connect() as conn:
        found = {name: conn.exec_driver_sql(f"pragma {name}").scalar_one() for name in wanted}
        assert conn.exec_driver_sql("pragma mmap_size").scalar_one() == 0
    assert found == wanted
    assert (tmp_path / "new/folder/bot.db").exists()


def test_there_is_one_connection(writer: Engine) -> None:
    with writer.connect() as one, writer.connect() as two:
        assert one.connection.driver_connection is two.connection.driver_connection


def test_a_transaction_takes_the_lock_at_its_beginning(writer: Engine, url: str) -> None:
    """It must not turn out later that somebody else has written."""
    other = open_engine(url)
    with other.connect() as conn:
        conn.exec_driver_sql("pragma busy_timeout = 0")
    with writer.begin(), pytest.raises(OperationalError, match="locked"), other.begin():
        pass
    with other.begin():
        pass
    other.dispose()


def test_a_reader_stands_beside_the_writer(writer: Engine, url: str) -> None:
    reader = open_engine(url, read_only=True)
    with writer.begin() as conn:
        conn.execute(text("insert into things values ('a')"))
        assert names(reader) == []
    assert names(reader) == ["a"]
    with reader.connect() as conn, conn.begin():
        first = list(conn.execute(text("select name from things")).scalars())
        with writer.begin() as writing:
            writing.execute(text("insert into things values ('b')"))
        assert list(conn.execute(text("select name from things")).scalars()) == first
    assert names(reader) == ["a", "b"]
    reader.dispose()


def test_a_reader_changes_nothing(writer: Engine, url: str) -> None:
    with (
        opened(url, read_only=True) as reader,
        pytest.raises(OperationalError, match="readonly"),
        reader.begin() as conn,
    ):
        conn.execute(text("insert into things values ('a')"))
    assert names(writer) == []


def test_a_reader_creates_nothing(tmp_path: Path) -> None:
    with (
        opened(f"sqlite:///{tmp_path}/none/bot.db", read_only=True) as reader,
        pytest.raises(OperationalError, match="unable to open"),
    ):
        reader.connect()
    assert list(tmp_path.iterdir()) == []


def test_a_reader_reads_what_a_stopped_bot_left(writer: Engine, url: str) -> None:
    with writer.begin() as conn:
        conn.execute(text("insert into things values ('a')"))
    writer.dispose()
    with opened(url, read_only=True) as reader:
        assert names(reader) == ["a"]


def test_a_path_with_odd_signs(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a b & 100 %/бот.db"
    with opened(url) as writer, writer.begin() as conn:
        conn.execute(text("create table things (name text)"))
    with opened(url, read_only=True) as reader:
        assert names(reader) == []


def test_small_letters_of_every_alphabet(writer: Engine, url: str) -> None:
    """SQLite's own `lower` knows only the Latin ones."""
    for engine in (writer, open_engine(url, read_only=True)):
        with engine.connect() as conn:
            assert conn.execute(text("select lower('ӘБВ Äb'), lower(null), lower(12)")).one() == ("әбв äb", None, "12")
        engine.dispose()
