"""Notes: the log says that something happened once it is committed, in its caller's name, and never otherwise."""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
import structlog
import trio
from sqlalchemy import text

from actors.bot import open_store
from actors.logs import about
from actors.mailbox import Switchboard
from actors.process import in_thread
from storage.engine import open_engine
from storage.store import Store, StoreUnavailable, Tx


class FixedClock:
    def now(self) -> float:
        return 5.0


@pytest.fixture
def said() -> list[dict[str, Any]]:
    """What was logged."""
    lines: list[dict[str, Any]] = []

    def keep(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        lines.append(dict(line))
        raise structlog.DropEvent

    structlog.configure(processors=[structlog.contextvars.merge_contextvars, keep])
    return lines


def note(tx: Tx, what: str) -> None:
    tx.note(what, job_id=1)
    structlog.get_logger().info(f"{what} at once")


def note_and_fail(tx: Tx) -> None:
    tx.note("never")
    raise KeyError


def note_and_take_half_back(tx: Tx) -> None:
    tx.note("kept")
    try:
        with tx.savepoint():
            tx.note("taken back")
            raise KeyError
    except KeyError:
        tx.note("kept too")


async def test_notes_are_logged_after_the_commit_in_their_caller_s_name(
    tmp_path: Path, said: list[dict[str, Any]]
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/bot.db")
    one_thread = in_thread(trio.CapacityLimiter(1))

    async def call(store: Store, actor: str) -> None:
        with about(actor=actor):
            await store.write(note, actor)

    async with open_store(engine, FixedClock(), one_thread, Switchboard()) as store:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(call, store, "outbox")
            nursery.start_soon(call, store, "intake")
        with pytest.raises(KeyError):
            await store.write(note_and_fail)
        await store.write(note_and_take_half_back)
    engine.dispose()
    for actor in ("outbox", "intake"):
        mine = [line for line in said if line.get("actor") == actor]
        assert [line["event"] for line in mine] == [f"{actor} at once", actor]
        assert mine[1]["job_id"] == 1
    assert [line["event"] for line in said if "actor" not in line] == ["kept", "kept too"]


async def test_what_was_not_committed_did_not_happen(tmp_path: Path, said: list[dict[str, Any]]) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/bot.db")
    with engine.connect() as conn, conn.begin():
        conn.execute(text("create table things (name text)"))
        conn.execute(text("pragma max_page_count = 2"))

    def fill(tx: Tx) -> None:
        tx.note("stored")
        tx.conn.execute(text("insert into things values (:name)"), {"name": "x" * 100_000})

    async with open_store(engine, FixedClock(), in_thread(trio.CapacityLimiter(1)), Switchboard()) as store:

        def small(tx: Tx) -> None:
            tx.conn.execute(text("pragma max_page_count = 2"))

        await store.write(small)
        with pytest.raises(StoreUnavailable):
            await store.write(fill)
    engine.dispose()
    assert "stored" not in [line["event"] for line in said]
