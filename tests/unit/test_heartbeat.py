"""Pulses and pings: who beats for whom, and when an outside service hears that the shop is open."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import trio
from trio.testing import MockClock

from actors.heartbeat import BEAT_SECONDS, PING_SECONDS, POLLED_WITHIN, UNREAD_LOOKS, Examiner, Heartbeat, Pings
from actors.mailbox import Switchboard
from actors.supervisor import Stop
from protocol.messages import JobQueued
from storage.store import StoreUnavailable
from tests.conftest import Logbook

URL = "https://hc-ping.example/secret-uuid/"


class AStore:
    """Answers, refuses or says nothing, as it is told."""

    def __init__(self) -> None:
        self.manner = "answers"

    async def write(self, _fn: Callable[..., Any]) -> None:
        await trio.lowlevel.checkpoint()
        if self.manner == "hangs":
            await trio.sleep_forever()
        if self.manner == "refuses":
            raise StoreUnavailable("full")


@asynccontextmanager
async def examined(store: AStore, mail: Switchboard) -> AsyncGenerator[Heartbeat]:
    heartbeat = Heartbeat()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Examiner(store, mail, heartbeat).run, Stop())
        yield heartbeat
        nursery.cancel_scope.cancel()


async def read(mail: Switchboard) -> None:
    """Every actor reads what it was told."""
    for box in (mail.conversation, mail.outbox, mail.dispatcher, mail.pollers, mail.progress):
        if not box.empty:
            await box.get_all()


async def test_a_store_that_answers_beats(autojump_clock: MockClock) -> None:
    store, mail = AStore(), Switchboard()
    await read(mail)
    async with examined(store, mail) as heartbeat:
        await trio.sleep(10 * BEAT_SECONDS + 1)
        assert heartbeat.store.beats == heartbeat.jobs.beats == 11


async def test_a_store_that_hangs_does_not(autojump_clock: MockClock) -> None:
    store = AStore()
    async with examined(store, Switchboard()) as heartbeat:
        await trio.sleep(1)
        store.manner = "hangs"
        await trio.sleep(1000)
        assert (heartbeat.store.beats, heartbeat.jobs.beats) == (1, 1)


async def test_mail_that_nobody_reads_is_an_actor_that_hangs(autojump_clock: MockClock, logbook: Logbook) -> None:
    mail = Switchboard()
    await read(mail)
    async with examined(AStore(), mail) as heartbeat:
        await trio.sleep(1)
        mail.deliver(JobQueued(1))
        await trio.sleep(BEAT_SECONDS * UNREAD_LOOKS)
        before = heartbeat.jobs.beats
        await trio.sleep(BEAT_SECONDS * 5)
        assert heartbeat.jobs.beats == before
        assert "heartbeat.mailbox_unread" in logbook
        await mail.dispatcher.get_all()
        await trio.sleep(BEAT_SECONDS * 2)
        assert heartbeat.jobs.beats == before + 2


async def test_an_actor_that_reads_much_is_none(autojump_clock: MockClock) -> None:
    mail = Switchboard()
    await read(mail)
    async with examined(AStore(), mail) as heartbeat:
        for number in range(20):
            mail.deliver(JobQueued(number))
            mail.deliver(JobQueued(-number))
            await mail.dispatcher.get()  # one more always waits
            await trio.sleep(BEAT_SECONDS)
        assert heartbeat.jobs.beats >= 20


async def test_while_the_disk_is_full_nobody_is_blamed(autojump_clock: MockClock) -> None:
    store, mail = AStore(), Switchboard()
    store.manner = "refuses"
    async with examined(store, mail) as heartbeat:  # each mailbox holds the first Rescan, and nobody reads
        await trio.sleep(BEAT_SECONDS * 20 + 1)
        assert heartbeat.store.beats == heartbeat.jobs.beats == 21


@asynccontextmanager
async def pinging(
    answer: Callable[[httpx2.Request], httpx2.Response],
) -> AsyncGenerator[tuple[Heartbeat, list[tuple[float, str]]]]:
    asked: list[tuple[float, str]] = []
    start = trio.current_time()

    def serve(request: httpx2.Request) -> httpx2.Response:
        asked.append((round(trio.current_time() - start), request.url.path))
        return answer(request)

    heartbeat = Heartbeat()
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(serve)) as http, trio.open_nursery() as nursery:
        nursery.start_soon(Pings(http, URL, heartbeat).run, Stop())
        yield heartbeat, asked
        nursery.cancel_scope.cancel()


async def test_pings_only_while_polls_succeed(autojump_clock: MockClock) -> None:
    async with pinging(lambda _: httpx2.Response(200)) as (heartbeat, asked):
        await trio.sleep(30)
        assert [path for _, path in asked] == ["/secret-uuid/start"]
        heartbeat.polled(0)
        await trio.sleep(PING_SECONDS * 2 + 5)
        assert [path for _, path in asked[1:]] == ["/secret-uuid"] * len(asked[1:])
        assert 2 <= len(asked[1:]) <= 3
        await trio.sleep(POLLED_WITHIN)
        count = len(asked)
        await trio.sleep(1000)  # Telegram is away
        assert len(asked) == count
        heartbeat.polled(3)
        await trio.sleep(PING_SECONDS)
        assert len(asked) > count
        assert heartbeat.updates == 3


@pytest.mark.parametrize("trouble", ["refuses", "breaks"])
async def test_a_ping_that_fails_is_one_line_and_tried_again(
    autojump_clock: MockClock, logbook: Logbook, capsys: pytest.CaptureFixture[str], trouble: str
) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if trouble == "breaks":
            raise httpx2.ConnectError("no way to https://hc-ping.example/secret-uuid")
        return httpx2.Response(500)

    async with pinging(answer) as (heartbeat, asked):
        for _ in range(10):
            heartbeat.polled(0)
            await trio.sleep(PING_SECONDS)
        assert len(asked) >= 10
    assert logbook.count("heartbeat.ping_failed") == 1
    assert "secret-uuid" not in capsys.readouterr().out


async def test_health_follows_the_polls(autojump_clock: MockClock) -> None:
    heartbeat = Heartbeat()
    assert heartbeat.healthy  # it has just begun
    await trio.sleep(POLLED_WITHIN + 1)
    assert not heartbeat.healthy
    heartbeat.polled(0)
    assert heartbeat.healthy
    await trio.sleep(POLLED_WITHIN + 1)
    assert not heartbeat.healthy
