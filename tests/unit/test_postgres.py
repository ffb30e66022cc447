"""The store on PostgreSQL: alone with its database, connections that break, commits whose answers are lost."""

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
import trio
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError

from actors import database
from actors.process import in_thread
from actors.settings import Settings, SettingsError
from storage.engine import DatabaseTaken, open_engine
from storage.sql import insert_or_ignore
from storage.store import RunSync, Store, StoreUnavailable, Tx, is_weather
from storage.tables import inbox
from tests.postgres import Postgres


@pytest.fixture
def url(postgres: Postgres) -> Generator[str]:
    with postgres.migrated() as made:
        yield made


@pytest.fixture
def engine(url: str) -> Generator[Engine]:
    engine = open_engine(url)
    with engine.begin() as conn:
        conn.execute(text("create table things (id bigserial, name text unique)"))
    yield engine
    with engine.begin() as conn:
        conn.execute(text("drop table things"))
    engine.dispose()


class FixedClock:
    def now(self) -> float:
        return 5.0


@asynccontextmanager
async def serving(engine: Engine, run_sync: RunSync | None = None) -> AsyncGenerator[Store]:
    run = run_sync or in_thread(trio.CapacityLimiter(1))
    store = Store(engine, clock=FixedClock(), run_sync=run, deliver=lambda _: None)
    async with trio.open_nursery() as nursery:
        await nursery.start(store.serve)
        yield store
        nursery.cancel_scope.cancel()


def add(tx: Tx, name: str) -> str:
    tx.conn.execute(text("insert into things (name) values (:name)"), {"name": name})
    return name.upper()


def names(tx: Tx) -> list[str]:
    return list(tx.conn.execute(text("select name from things order by id")).scalars())


def session(tx: Tx) -> int:
    return int(tx.conn.execute(text("select pg_backend_pid()")).scalar_one())


async def is_refused(store: Store, fn: Callable[..., Any], *args: Any) -> None:
    with pytest.raises(StoreUnavailable, match="nothing was saved"):
        await store.write(fn, *args)


async def test_a_connection_that_broke_is_replaced(postgres: Postgres, engine: Engine) -> None:
    async with serving(engine) as store:
        await store.write(add, "a")
        before = await store.read(session)
        assert postgres.end_sessions() == 1
        await is_refused(store, add, "b")
        assert await store.write(add, "c") == "C"
        assert await store.read(names) == ["a", "c"]
        assert await store.read(session) != before


async def test_a_connection_that_breaks_in_the_middle_of_a_batch(postgres: Postgres, engine: Engine) -> None:
    """Nobody's work is kept, not even of a call that hides the failure."""

    def hides(tx: Tx) -> None:
        postgres.end_sessions()
        with pytest.raises(DBAPIError), tx.savepoint():
            add(tx, "hidden")

    async with serving(engine) as store, trio.open_nursery() as at_once:
        at_once.start_soon(is_refused, store, add, "a")
        at_once.start_soon(is_refused, store, hides)
        at_once.start_soon(is_refused, store, add, "b")
    async with serving(engine) as store:
        assert await store.read(names) == []


async def test_the_server_crashes_and_comes_back(postgres: Postgres, engine: Engine) -> None:
    """What was committed is there, although the server was told not to wait for the disk: the store asks for it."""
    async with serving(engine) as store:
        for name in "abc":
            await store.write(add, name)
        postgres.stop()
        try:
            for _ in range(3):
                await is_refused(store, add, "d")
        finally:
            postgres.start()
        await store.insist(add, "e")
        assert await store.read(names) == ["a", "b", "c", "e"]


@pytest.mark.parametrize("committed", [True, False])
async def test_a_commit_whose_answer_is_lost(postgres: Postgres, engine: Engine, committed: bool) -> None:
    """Nobody is told anything before the server has said what became of it; then everybody hears the truth, once."""
    real, stopped = engine.dialect.do_commit, trio.Event()

    def do_commit(connection: Any) -> None:
        if stopped.is_set():
            return real(connection)
        if committed:
            real(connection)
        postgres.stop()  # asked in vain at first
        trio.from_thread.run_sync(stopped.set)
        connection.driver_connection.close()
        raise psycopg.OperationalError("the connection is lost")

    async def server_comes_back() -> None:
        await stopped.wait()
        postgres.start()

    engine.dialect.do_commit = do_commit  # type: ignore[method-assign]
    async with serving(engine) as store, trio.open_nursery() as nursery:
        nursery.start_soon(server_comes_back)
        if committed:
            assert await store.write(add, "a") == "A"
        else:
            await is_refused(store, add, "a")
    async with serving(engine) as store:
        assert await store.read(names) == (["a"] if committed else [])


async def test_another_has_taken_the_database_meanwhile(
    postgres: Postgres, engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then this one stops, instead of writing beside it."""
    monkeypatch.setattr("storage.engine.PATIENCE", 0.1)
    with pytest.RaisesGroup(DatabaseTaken):
        async with serving(engine) as store:
            await store.write(add, "a")
            postgres.end_sessions()
            other = open_engine(url)
            other.connect().close()
            await is_refused(store, add, "b")
            await store.write(add, "c")
    with other.connect() as conn:
        assert names(Tx(conn, 0.0)) == ["a"]
    other.dispose()


def test_who_writes_has_the_database_alone(engine: Engine, url: str) -> None:
    with engine.connect():
        with pytest.raises(DatabaseTaken):
            open_engine(url, patience=0.0).connect()
        with pytest.raises(SettingsError, match=r"^DATABASE_URL: another kadr is running on this database\.$"):
            database.open_newest(url, patience=0.0)
    engine.dispose()
    other = open_engine(url, patience=0.0)
    other.connect().close()
    other.dispose()


def test_who_reads_sees_one_moment_and_changes_nothing(engine: Engine, url: str) -> None:
    reader = open_engine(url, read_only=True)
    with engine.connect() as conn, reader.connect() as other:
        assert names(Tx(other, 0.0)) == []
        with conn.begin():
            add(Tx(conn, 0.0), "a")
        assert names(Tx(other, 0.0)) == []
        other.rollback()
        assert names(Tx(other, 0.0)) == ["a"]
        with pytest.raises(InternalError, match="read-only"):
            add(Tx(other, 0.0), "b")
    reader.dispose()


def test_commits_wait_for_the_disk_whatever_the_server_is_told(engine: Engine) -> None:
    with engine.connect() as conn:
        assert conn.execute(text("show synchronous_commit")).scalar_one() == "on"


def test_texts_it_would_refuse(engine: Engine) -> None:
    """NUL, and half a sign: SQLite takes the one, and neither comes from a keyboard."""
    with engine.connect() as conn, conn.begin():
        add(Tx(conn, 0.0), "a\0b \ud83d c")
        assert names(Tx(conn, 0.0)) == ["ab ? c"]


def test_trouble_of_the_server_is_told_from_faults_of_ours(engine: Engine) -> None:
    def complaint(statement: str, *, before: str = "select 1") -> DBAPIError:
        with engine.connect() as conn:
            conn.exec_driver_sql(before)
            with pytest.raises(DBAPIError) as caught:
                conn.exec_driver_sql(statement)
        return caught.value

    assert is_weather(complaint("select pg_terminate_backend(pg_backend_pid())"))
    assert is_weather(complaint("select pg_sleep(1)", before="set local statement_timeout = 1"))
    assert is_weather(complaint("insert into things values (1, 'a')", before="set transaction read only"))
    long = "select 1, string_agg(md5(n::text), '') from generate_series(1, 500) n"
    too_large = complaint(f"insert into things {long}")
    assert isinstance(too_large, OperationalError)
    assert not is_weather(too_large)
    assert not is_weather(complaint("select nonsense"))


def test_how_many_rows_were_new(engine: Engine) -> None:
    rows = [{"update_id": n, "body": "{}", "state": "new", "received_at": 0.0} for n in (1, 2, 3)]
    with engine.connect() as conn, conn.begin():
        tx = Tx(conn, 0.0)
        assert tx.conn.execute(insert_or_ignore(tx, inbox), rows[:2]).rowcount == 2
        assert tx.conn.execute(insert_or_ignore(tx, inbox), rows).rowcount == 1
        assert tx.conn.execute(insert_or_ignore(tx, inbox).values(rows[0])).rowcount == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("@/", "@/no_such_"), 'database "no_such_'),
        (("host=", "host=/no/such/folder&x="), 'invalid connection option "x"'),
        (("host=/", "host=/no/such/folder/"), "No such file or directory"),
        (("kadr@", "nobody@"), 'role "nobody" does not exist'),
    ],
)
def test_a_database_that_cannot_be_opened(url: str, change: tuple[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: the database cannot be opened: [^\n]+\.$") as caught:
        database.open_newest(url.replace(*change))
    assert said in str(caught.value)


def test_a_password_is_a_secret_in_both_its_spellings_and_an_odd_host_is_no_crash() -> None:
    def secrets(url: str) -> tuple[str, ...]:
        given: dict[str, Any] = {"telegram_bot_token": "1:a", "admin_user_id": "1", "openai_api_key": "k"}
        return Settings(**given, database_url=url, _env_file=None).secrets  # type: ignore[call-arg]

    assert {"se@cret", "se%40cret"} <= set(secrets("postgresql://kadr:se%40cret@host/kadr"))
    assert secrets("postgresql://[odd/kadr") == ("1:a", "k")


def test_a_database_that_cannot_keep_every_letter(postgres: Postgres) -> None:
    with pytest.raises(SettingsError, match="its encoding is LATIN1, and must be UTF8"):
        database.open_newest(postgres.new(encoding="LATIN1"))


def test_a_user_that_may_not_make_tables(postgres: Postgres) -> None:
    with postgres.admin() as admin:
        admin.execute("create role guest login")
    with pytest.raises(SettingsError, match="permission denied for schema public"):
        database.open_newest(postgres.new().replace("kadr@", "guest@"))


def test_an_empty_database_is_brought_to_the_newest_schema_and_then_left_alone(postgres: Postgres) -> None:
    url = postgres.new()
    assert database.bring_to_newest(url) is True
    engine, was_older = database.open_newest(url)
    assert not was_older
    with engine.connect():
        assert database.bring_to_newest(url) is False  # beside the running bot
    engine.dispose()
