"""A database in memory and transactions on it, for the tests of `storage`. The clock stands until it is moved."""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Engine

from protocol.messages import Message
from storage import jobs, ledger, users
from storage.engine import open_engine
from storage.jobs import Job
from storage.migrate import upgrade
from storage.store import Tx

P = ParamSpec("P")
T = TypeVar("T")

NOW = 1_800_000_000.0


class Rows:
    """Every call of `run` is a transaction of its own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now = NOW
        self.messages: list[Message] = []
        """What the transactions told the actors."""

    @contextmanager
    def tx(self) -> Generator[Tx]:
        with self.engine.connect() as conn, conn.begin():
            tx = Tx(conn, self.now)
            yield tx
        self.messages += tx.messages

    def run(self, fn: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self.tx() as tx:
            return fn(tx, *args, **kwargs)

    def sql(self, statement: str) -> list[Any]:
        """One statement as it is, past everything that guards the books."""
        with self.engine.connect() as conn, conn.begin():
            result = conn.exec_driver_sql(statement)
            return list(result) if result.returns_rows else []

    def script(self, *statements: str) -> None:
        """Statements outside of any transaction, because some pragmas do nothing inside one."""
        with self.engine.connect() as conn:
            driver = cast("sqlite3.Connection", conn.connection.driver_connection)
            for statement in statements:
                driver.execute(statement)

    # Things many tests need.

    def person(self, user_id: int, *, name: str = "Ann", username: str | None = None, tokens: int = 0) -> int:
        self.run(users.meet, user_id, first_name=name, username=username, telegram_language="en")
        if tokens:
            self.give(user_id, tokens)
        return user_id

    def give(self, user_id: int, tokens: int, key: str = "gift") -> bool:
        return self.run(
            ledger.transfer,
            key=f"{key}:{user_id}",
            source=ledger.PROMOTION,
            target=ledger.account_of(user_id),
            amount=tokens,
            kind="welcome",
        )

    def job(self, user_id: int, *, price: int = 20, backend: str = "default", hold: bool = True, **more: Any) -> Job:
        """A queued job, with its hold."""
        film: dict[str, Any] = {"prompt": "a cat", "model": "sora-2", "seconds": 4, "size": "720x1280"}
        values = {**film, "expected_seconds": 100.0, **more}
        with self.tx() as tx:
            job = jobs.create(tx, user_id=user_id, backend=backend, price=price, **values)
            if hold:
                ledger.hold(tx, job_id=job.id, user_id=user_id, amount=price)
            return job


@cache
def _template() -> sqlite3.Connection:
    engine = open_engine("sqlite:///:memory:")
    upgrade(engine)
    with engine.connect() as conn:
        return cast("sqlite3.Connection", conn.connection.driver_connection)


@contextmanager
def fresh() -> Generator[Rows]:
    """An empty database with the newest schema: a copy of one that was migrated, because migrating takes 20 ms."""
    engine = open_engine("sqlite:///:memory:")
    with engine.connect() as conn:
        _template().backup(cast("sqlite3.Connection", conn.connection.driver_connection))
    try:
        yield Rows(engine)
    finally:
        engine.dispose()
