"""The operator's port of a real bot: the feed, `kadr watch`, metrics and health, and readers that must not matter."""

import json
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import trio
from trio_websocket import ConnectionClosed, ConnectionRejected

from actors.operator.board import Board
from protocol import feed
from tests.feed_reader import open_feed
from tests.process.machine import KADR, Bot, Running, StandIns, running, until

TOKEN = "an operator's token"


async def port_of(life: Running) -> str:
    """Where the feed listens."""
    await life.until_logged("operator.listening")
    return next(line["address"] for line in life.lines() if line["event"] == "operator.listening")


async def get(address: str, path: str, **headers: str) -> httpx2.Response:
    async with httpx2.AsyncClient(timeout=10.0) as http:
        return await http.get(f"http://{address}{path}", headers=headers)


@asynccontextmanager
async def reading(address: str, query: str = "", board: Board | None = None) -> AsyncGenerator[Board]:
    """A board that follows the feed."""
    followed = board or Board()

    async def follow() -> None:
        async with open_feed(f"ws://{address}/feed{query}") as reader:
            while True:
                followed.apply(feed.load(await reader.get_message()))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(follow)
        await until(lambda: followed.seq > 0, what="a first event")
        yield followed
        nursery.cancel_scope.cancel()


async def test_a_film_is_seen_from_the_order_to_the_delivery(bot: Bot, stand_ins: StandIns) -> None:
    async with bot.alive() as life:
        address = await port_of(life)
        async with reading(address) as board:
            await until(lambda: {"outbox", "intake", "dispatcher"} <= board.actors.keys(), what="the actors")
            buyer = await stand_ins.buyer("Zhanna")
            await buyer.orders("an owl over the quiet river")
            await until(lambda: board.ended_jobs, what="the film on the board")
            [job] = board.ended_jobs
            assert (job.state, job.who, job.prompt) == ("delivered", "Zhanna", "an owl over the quiet river")
            assert job.percent == 100
            await until(lambda: board.totals.delivered_today == 1, what="the totals")
            assert board.totals.tokens_today == 20
            events = {line.event for line in board.lines}
            assert {"update.handled", "job.queued", "job.moved", "film.shown"} <= events
            moved = [line for line in board.lines if line.event == "job.moved"]
            assert all(line.ids["job_id"] == str(job.id) for line in moved)
            assert bot.environment["TELEGRAM_BOT_TOKEN"] not in str(board.snapshot(0.0))
            seen = board.seq
        async with reading(address, f"?after={seen}", board):
            await until(lambda: board.seq >= seen)
        code, printed, _ = await bot.tells("watch", "--once", OPERATOR_ADDR=address)
        assert code == 0
        assert "an owl over the quiet river" in printed
        assert "delivered" in printed
        assert max(len(line) for line in printed.splitlines()) <= 80
        assert "\x1b[" not in printed

        text = (await get(address, "/metrics")).text
        for line in (
            'kadr_films_total{outcome="delivered"} 1.0',
            "kadr_tokens_captured 20.0",
            'kadr_jobs{state="queued"} 0.0',
            'kadr_actor_up{actor="outbox"} 1.0',
            'service="telegram"',
            'operation="sendVideo"',
            'service="videos"',
        ):
            assert line in text
        assert bot.environment["TELEGRAM_BOT_TOKEN"] not in text
        assert (await get(address, "/health")).json()["status"] == "ok"
        page = await get(address, "/")
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
        for path in ("/page.js", "/draw.js", "/page.css", "/icon.svg"):
            assert (await get(address, path)).status_code == 200


async def test_off_loopback_only_who_has_the_token_sees_anything(bot: Bot) -> None:
    bot.environment |= {"OPERATOR_ADDR": "0.0.0.0:0", "OPERATOR_TOKEN": TOKEN}
    async with bot.alive() as life:
        address = (await port_of(life)).replace("0.0.0.0", "127.0.0.1")
        for path in ("/feed", "/metrics", "/allowed"):
            assert (await get(address, path)).status_code == 401
            assert (await get(address, path, authorization="Bearer wrong")).status_code == 401
        assert (await get(address, "/metrics", authorization=f"Bearer {TOKEN}")).status_code == 200
        assert (await get(address, "/health")).status_code == 200
        with pytest.raises(ConnectionRejected):
            async with open_feed(f"ws://{address}/feed"):
                pass
        async with reading(address, "?token=an%20operator's%20token") as board:
            assert board.actors
        code, _, said = await bot.tells("watch", "--once", OPERATOR_ADDR=address, OPERATOR_TOKEN="wrong")
        assert (code, said.count("\n")) == (2, 1)
        assert said.startswith("OPERATOR_TOKEN: ")
        code, printed, _ = await bot.tells("watch", "--once", OPERATOR_ADDR=address)
        assert code == 0
        assert "● live" in printed
        assert TOKEN not in life.said


async def test_a_port_that_is_taken_stops_no_film(bot: Bot, stand_ins: StandIns) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        bot.environment["OPERATOR_ADDR"] = address
        async with bot.alive() as life:
            await life.until_logged("operator.not_listening")
            buyer = await stand_ins.buyer()
            await buyer.orders("a heron without an audience")
            await buyer.gets_a_film()
            warnings = [line for line in life.lines() if line["level"] == "warning"]
            assert [line["event"] for line in warnings].count("operator.not_listening") == 1
            assert warnings[0]["address"] == address
    posts = bot.books.ask("select content from posts where chat_id = ?", stand_ins.admin)
    assert any(address in post for post in posts)


async def stalled(address: str) -> trio.SocketStream:
    """A reader that shakes hands and never reads again."""
    host, port = address.split(":")
    stream = await trio.open_tcp_stream(host, int(port))
    head = (
        f"GET /feed HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await stream.send_all(head.encode())
    return stream


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_a_stalled_reader_does_not_delay_the_end(bot: Bot, number: signal.Signals) -> None:
    async with bot.alive() as life:
        address = await port_of(life)
        streams = [await stalled(address) for _ in range(3)]
        board = Board()
        reason: list[Any] = []

        async def follow() -> None:
            try:
                async with open_feed(f"ws://{address}/feed") as reader:
                    while True:
                        board.apply(feed.load(await reader.get_message()))
            except ConnectionClosed as closed:
                reason.append(closed.reason)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(follow)
            await until(lambda: board.seq, what="a first event")
            asked = trio.current_time()
            assert await life.stop(number, within=20) == 0
            assert trio.current_time() - asked < 5
            await until(lambda: reason, what="a farewell")
        assert reason[0].code == feed.GOING_AWAY
        for stream in streams:
            await stream.aclose()


async def test_watching_goes_on_after_a_restart(bot: Bot, stand_ins: StandIns) -> None:
    """In a pipe: how things stand, then a line for each thing; a break is waited out, and Ctrl+C ends it well."""
    async with bot.alive() as life:
        address = await port_of(life)
        bot.environment["OPERATOR_ADDR"] = address
        async with running([KADR, "watch"], bot.environment, bot.folder) as watch:
            await until(lambda: "Kadr ● live" in watch.printed, what="the first picture")
            assert await life.stop() == 0
            async with bot.alive() as life:
                assert await port_of(life) == address
                await until(lambda: watch.printed.count("Kadr ● live") == 2, what="a second picture")
                buyer = await stand_ins.buyer("Serik")
                await buyer.orders("a falcon for the watcher")
                await until(lambda: "Serik: delivered" in watch.printed, what="a line of the delivery")
                assert await watch.stop(signal.SIGINT) == 0
        assert watch.said == ""


async def test_watching_nothing(bot: Bot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    for command in (("watch",), ("watch", "--once")):
        code, printed, said = await bot.tells(*command, OPERATOR_ADDR=address)
        assert (code, printed, said.count("\n")) == (1, "", 1)
        assert said.startswith(f"Nothing listens at {address}")
    code, printed, said = await bot.tells("watch", OPERATOR_ADDR="nonsense")
    assert (code, printed) == (2, "")
    assert said.startswith("OPERATOR_ADDR must be ")


async def test_on_render_without_a_disk_it_does_not_start(bot: Bot) -> None:
    bot.environment["DATA_DIR"] = "/dev/shm/kadr-test-of-a-disk-that-is-none"
    code, printed, said = await bot.tells("run", RENDER="true")
    assert (code, printed, said.count("\n")) == (2, "", 1)
    assert said.startswith("DATA_DIR: on Render the database must lie on a mounted disk")
    assert "Traceback" not in said


async def test_every_line_names_its_instance_and_release(bot: Bot) -> None:
    bot.environment |= {"RENDER_INSTANCE_ID": "srv-abc-1", "RENDER_GIT_COMMIT": "54e890a0123456789"}
    async with bot.alive() as life:
        address = await port_of(life)
        lines = life.lines()
        assert {line["instance"] for line in lines} == {"srv-abc-1"}
        assert {line["release"] for line in lines} == {"54e890a0123456789"}
        metrics = (await get(address, "/metrics")).text
        assert 'kadr_info{instance="srv-abc-1",release="54e890a0123456789"} 1.0' in metrics
        async with reading(address) as board:
            assert (board.release, board.instance) == ("54e890a0123456789", "srv-abc-1")


async def test_a_frozen_process_is_no_stopped_loop(bot: Bot) -> None:
    """SIGSTOP for a while, then it goes on as if nothing had been."""
    async with bot.alive() as life:
        address = await port_of(life)
        life.process.send_signal(signal.SIGSTOP)
        await trio.sleep(3)
        life.process.send_signal(signal.SIGCONT)
        answer = await get(address, "/health")
        assert json.loads(answer.text)["status"] == "ok"
        assert not life.logged("watchdog.stale")
