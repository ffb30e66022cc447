"""A database with witnesses: triggers write down every step the bot's own tables take, inside the bot's transactions.

The schema is the shipped one, migrated once and copied; the triggers exist in the simulation only.
"""

import sqlite3
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Engine

from storage.engine import open_engine
from storage.migrate import upgrade

_WITNESSES = """
create table witness (id integer primary key, kind text not null, key text not null, old text, new text);
create trigger w1 after insert on inbox begin
  insert into witness (kind, key, new) values ('update', new.update_id, new.state); end;
create trigger w2 after update of state on inbox begin
  insert into witness (kind, key, old, new) values ('update', new.update_id, old.state, new.state); end;
create trigger w3 after insert on jobs begin
  insert into witness (kind, key, new) values ('job', new.id, new.state); end;
create trigger w4 after update of state on jobs begin
  insert into witness (kind, key, old, new) values ('job', new.id, old.state, new.state); end;
create trigger w5 after insert on holds begin
  insert into witness (kind, key, new) values ('hold', new.job_id, new.state); end;
create trigger w6 after update of state on holds begin
  insert into witness (kind, key, old, new) values ('hold', new.job_id, old.state, new.state); end;
create trigger w7 after update of message_id on posts when new.message_id is not old.message_id begin
  insert into witness (kind, key, old, new) values ('post', new.id, old.message_id, new.message_id); end;
create trigger w8 after insert on transfers begin
  insert into witness (kind, key, new) values ('transfer', new.id, new.key); end;
create trigger w9 after insert on orders begin
  insert into witness (kind, key, new) values ('order', new.id, new.state); end;
create trigger w10 after update of state on orders begin
  insert into witness (kind, key, old, new) values ('order', new.id, old.state, new.state); end;
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One step: what kind of row, which, from what, to what."""

    kind: str
    key: int
    old: str | None
    new: str | None


@cache
def _template() -> sqlite3.Connection:
    engine = open_engine("sqlite:///:memory:")
    upgrade(engine)
    connection = raw(engine)
    connection.executescript(_WITNESSES)
    connection.commit()
    return connection


def raw(engine: Engine) -> sqlite3.Connection:
    """The driver's connection: the engine has only this one, and a reader outside of transactions may use it."""
    pooled = engine.raw_connection()
    try:
        connection = pooled.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        return connection
    finally:
        pooled.close()


_resting: list[Engine] = []


def borrow_database() -> Engine:
    """A fresh database in memory. It lives as long as the engine does, however often the process on it dies.

    Engines are used again: what SQLAlchemy has compiled once is half the time of a short simulation.
    """
    engine = _resting.pop() if _resting else open_engine("sqlite:///:memory:")
    _template().backup(raw(engine))
    return engine


def give_back(engine: Engine) -> None:
    """The simulation is over; its listeners are gone."""
    _resting.append(engine)


class Witness:
    """Reads what is new since it last looked."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._last = 0

    def news(self) -> list[Seen]:
        rows = self._connection.execute(
            "select id, kind, cast(key as integer), old, new from witness where id > ? order by id", (self._last,)
        ).fetchall()
        if rows:
            self._last = rows[-1][0]
        return [Seen(*row[1:]) for row in rows]
