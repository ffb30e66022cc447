"""How commands ask the running bot: once, answered or refused in a sentence, and never done behind anybody's back."""

import json
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio

from actors import requests
from actors.lock import DataLock, NoLock
from actors.requests import FOLDER, Answer, Handler, Refused, Request, Requests, in_transaction
from actors.settings import SettingsError
from actors.supervisor import Stop
from storage import ledger
from storage.store import Store, StoreUnavailable, Tx
from tests.process.machine import until

from .rows import NOW, fresh


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, with shorter waits: these tests live in real time, because files know no other."""
    monkeypatch.setattr(requests, "EVERY_SECONDS", 0.05)
    monkeypatch.setattr(requests, "TAKEN_WITHIN", 0.4)


@asynccontextmanager
async def a_bot(data: Path, **handlers: Handler) -> AsyncGenerator[Stop]:
    """A process that holds the folder and takes requests."""
    stop = Stop()
    with DataLock(data):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(Requests(data / FOLDER, handlers).run, stop)
            yield stop
            stop.ask()


def never(_request: Request) -> Answer:
    raise AssertionError("nobody may do it here")


async def ask(data: Path, kind: str, here: Callable[[Request], Answer] = never, **more: Any) -> Answer:
    arguments = more.pop("arguments", {})
    return await trio.to_thread.run_sync(partial(requests.perform, data, kind, arguments, here, **more))


async def echo(request: Request) -> Answer:
    await trio.lowlevel.checkpoint()
    return {"id": request.id, **request.arguments}


def files(data: Path) -> list[str]:
    return [path.name for path in (data / FOLDER).iterdir()]


async def test_asked_and_answered(tmp_path: Path) -> None:
    async with a_bot(tmp_path, echo=echo):
        answer = await ask(tmp_path, "echo", arguments={"who": "@Айгерім", "tokens": -5})
    assert (answer["who"], answer["tokens"]) == ("@Айгерім", -5)
    assert len(answer["id"]) == 32
    assert files(tmp_path) == []
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700


async def test_many_at_once_are_each_done_once(tmp_path: Path) -> None:
    done: list[str] = []

    async def count(request: Request) -> Answer:
        await trio.sleep(0.01)
        done.append(request.id)
        return {"n": request.arguments["n"]}

    answers: list[int] = []

    async def one(n: int) -> None:
        answers.append((await ask(tmp_path, "count", arguments={"n": n}))["n"])

    async with a_bot(tmp_path, count=count), trio.open_nursery() as nursery:
        for n in range(10):
            nursery.start_soon(one, n)
    assert sorted(answers) == list(range(10))
    assert len(done) == len(set(done)) == 10


async def test_nobody_runs_so_it_is_done_here(tmp_path: Path) -> None:
    def here(request: Request) -> Answer:
        with pytest.raises(Exception, match="another kadr is running"), DataLock(tmp_path):
            pass
        return {"here": request.kind}

    assert await ask(tmp_path, "x", here) == {"here": "x"}
    with pytest.raises(SettingsError, match="no bot has ever run on it"):
        await ask(tmp_path / "nowhere", "x", here)


async def test_what_is_refused(tmp_path: Path) -> None:
    async def no(_request: Request) -> Answer:
        await trio.lowlevel.checkpoint()
        raise Refused("There is no such person.", 2)

    async with a_bot(tmp_path, no=no):
        for kind, said in (("no", "There is no such person."), ("fly", r"cannot do this \(fly\)")):
            with pytest.raises(Refused, match=said) as caught:
                await ask(tmp_path, kind)
            assert caught.value.code == 2
    assert files(tmp_path) == []


async def test_a_fault_of_one_is_nothing_to_the_next(tmp_path: Path) -> None:
    async def fault(_request: Request) -> Answer:
        await trio.lowlevel.checkpoint()
        raise ZeroDivisionError("secret details")

    async def full(_request: Request) -> Answer:
        await trio.lowlevel.checkpoint()
        raise StoreUnavailable("disk is full")

    async with a_bot(tmp_path, fault=fault, full=full, echo=echo):
        with pytest.raises(Refused, match=r"could not do it \(ZeroDivisionError\): see its log") as caught:
            await ask(tmp_path, "fault")
        assert caught.value.code == 1
        with pytest.raises(Refused, match="Nothing was done, the database cannot be written: disk is full"):
            await ask(tmp_path, "full")
        assert (await ask(tmp_path, "echo"))["id"]


async def test_a_bot_that_does_not_look(tmp_path: Path) -> None:
    """It holds the folder and takes nothing: then nothing is done, and later neither."""
    with DataLock(tmp_path), pytest.raises(Refused, match="did not take the request; nothing was done"):
        await ask(tmp_path, "echo")
    assert files(tmp_path) == []


async def test_a_bot_that_ends_before_it_looks(tmp_path: Path) -> None:
    """The command does it itself then, and only then."""
    answers: list[Answer] = []

    async def asking() -> None:
        answers.append(await ask(tmp_path, "x", lambda request: {"here": request.kind}))

    async with trio.open_nursery() as nursery:
        with DataLock(tmp_path):
            nursery.start_soon(asking)
            await until(lambda: (tmp_path / FOLDER).exists() and files(tmp_path))
            assert answers == []
    assert answers == [{"here": "x"}]


async def test_a_bot_that_dies_at_it(tmp_path: Path) -> None:
    async def vanish(request: Request) -> Answer:
        (tmp_path / FOLDER / f"{request.id}.taken").unlink()  # as the next life does with what the last one left
        await trio.sleep_forever()
        raise AssertionError

    async with trio.open_nursery() as nursery:

        async def bot() -> None:
            async with a_bot(tmp_path, vanish=vanish):
                await trio.sleep_forever()

        nursery.start_soon(bot)
        await trio.sleep(0.02)
        with pytest.raises(Refused, match="ended while it was doing it; look whether it was done"):
            await ask(tmp_path, "vanish")
        nursery.cancel_scope.cancel()


async def test_an_answer_that_does_not_come(tmp_path: Path) -> None:
    async def slow(_request: Request) -> Answer:
        await trio.sleep(2)
        return {}

    async with a_bot(tmp_path, slow=slow):
        with pytest.raises(Refused, match=r"did not answer within 0\.3 s; it may still do it"):
            await ask(tmp_path, "slow", within=0.3)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"kind": "echo"}', '{"kind": "echo", "arguments": 3, "until": 9e9}']
)
async def test_what_is_no_request_is_thrown_away(tmp_path: Path, content: str) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "x.json").write_text(content)
    async with a_bot(tmp_path, echo=echo):
        await until(lambda: not files(tmp_path))


async def test_what_was_asked_long_ago_is_not_done(tmp_path: Path) -> None:
    """Whoever asked was killed, or has read that nothing was done."""
    (tmp_path / FOLDER).mkdir()
    old = {"kind": "never", "arguments": {}, "until": time.time() - 1}
    (tmp_path / FOLDER / "x.json").write_text(json.dumps(old))
    (tmp_path / FOLDER / "y.done").write_text("left behind")

    async def fail(_request: Request) -> Answer:
        await trio.lowlevel.checkpoint()
        raise AssertionError

    async with a_bot(tmp_path, never=fail):
        await until(lambda: not files(tmp_path))


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file")
    with DataLock(tmp_path), pytest.raises(Refused, match=r"^DATA_DIR: .* cannot be written: "):
        await ask(tmp_path, "x")


async def test_a_transaction_as_a_handler(tmp_path: Path) -> None:
    def give(tx: Tx, request: Request) -> Answer:
        ledger.transfer(
            tx, key=request.id, source=ledger.PROMOTION, target="user:7", amount=request.arguments["n"], kind="gift"
        )
        return {"now": ledger.balance(tx, 7).available}

    with fresh() as rows:
        store = Store(rows.engine, clock=_Clock(), run_sync=_inline, deliver=lambda message: None)
        async with trio.open_nursery() as nursery:
            await nursery.start(store.serve)
            async with a_bot(tmp_path, give=in_transaction(store, give)):
                assert await ask(tmp_path, "give", arguments={"n": 5}) == {"now": 5}
            nursery.cancel_scope.cancel()


class _Clock:
    def now(self) -> float:
        return NOW


async def _inline(fn: Callable[..., Any], /, *args: Any) -> Any:
    await trio.lowlevel.checkpoint()
    return fn(*args)


def test_a_lock_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "kadr.lock").mkdir()
    with (
        pytest.raises(NoLock, match=r"^DATA_DIR: .*kadr\.lock cannot be opened: Is a directory\.$"),
        DataLock(tmp_path),
    ):
        pass
