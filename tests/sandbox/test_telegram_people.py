"""The chat page's side: people, the stream of events, files with ranges, and the panel of faults."""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import trio
from starlette.applications import Starlette
from starlette.routing import Mount
from telegram_bot import ANN, MP4, Bot, in_process, make_world, picture, served
from trio.testing import MockClock

from sandbox.faults import Faults
from sandbox.telegram import TelegramWorld, people_routes

DEADLINE = 20.0  # seconds of real time


@dataclass
class Page:
    world: TelegramWorld
    faults: Faults
    http: httpx2.AsyncClient
    bot: Bot

    @asynccontextmanager
    async def events(self, person: int) -> AsyncGenerator["Events"]:
        """Read from a bare socket: an HTTP/1.0 request is answered without chunks."""
        port = self.http.base_url.port
        assert port is not None
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            request = f"GET /sandbox/api/events?person={person} HTTP/1.0\r\nHost: kadr\r\n\r\n"
            await stream.send_all(request.encode())
            events = Events(stream)
            head = await events.until_blank()
            assert "200" in head[0]
            assert "content-type: text/event-stream; charset=utf-8" in head
            yield events


@dataclass
class Events:
    stream: trio.SocketStream
    heard: bytes = b""

    async def next(self) -> tuple[str, Any]:
        name, data = await self.until_blank()
        return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))

    async def until_blank(self) -> list[str]:
        while (found := re.search(rb"\r?\n\r?\n", self.heard)) is None:
            more = await self.stream.receive_some()
            assert more, "the stream ended"
            self.heard += more
        block, self.heard = self.heard[: found.start()], self.heard[found.end() :]
        return block.decode().splitlines()


@pytest.fixture
async def page() -> AsyncGenerator[Page]:
    world, faults = make_world(MockClock()), Faults()
    app = Starlette(routes=[Mount("/sandbox", routes=people_routes(world, faults))])
    with trio.fail_after(DEADLINE):
        async with served(app) as base_url, httpx2.AsyncClient(base_url=base_url, timeout=DEADLINE) as http:
            yield Page(world, faults, http, in_process(world, faults))


async def test_people_can_be_listed_and_added(page: Page) -> None:
    listed = (await page.http.get("/sandbox/api/people")).json()
    assert listed == [{"id": ANN, "first_name": "Ann", "username": "ann", "language_code": "kk", "blocked": False}]
    wanted = {"first_name": "Boris", "language_code": "ru"}
    boris = (await page.http.post("/sandbox/api/people", json=wanted)).json()
    assert boris == wanted | {"id": boris["id"], "username": None, "blocked": False}
    assert boris["id"] in page.world.people
    assert (await page.http.post("/sandbox/api/people", json={"first_name": " "})).status_code == 400


async def test_everything_in_the_chat_is_streamed(page: Page) -> None:
    earlier = page.world.say(ANN, "/start")
    async with page.events(ANN) as events:
        name, snapshot = await events.next()
        assert name == "snapshot"
        assert snapshot["messages"] == [earlier | {"out": True}]
        assert snapshot["bot"] == {"first_name": "Kadr", "username": "kadr_sandbox_bot"}
        command = {"command": "new", "description": "a film"}
        await page.bot.call("setMyCommands", commands=[command])
        assert await events.next() == ("commands", [command])
        await page.bot.call("sendChatAction", chat_id=ANN, action="typing")
        assert (await events.next())[0] == "action"
        markup = {"inline_keyboard": [[{"text": "go", "callback_data": "go"}]]}
        sent = await page.bot.call("sendMessage", chat_id=ANN, text="Сәлем", reply_markup=markup)
        assert await events.next() == ("message", sent)
        pressed = {"person": ANN, "message_id": sent["message_id"], "data": "go"}
        query_id = (await page.http.post("/sandbox/api/press", json=pressed)).json()["query_id"]
        await page.bot.call("answerCallbackQuery", callback_query_id=query_id, text="on it")
        answer = {"query_id": query_id, "text": "on it", "show_alert": False}
        assert await events.next() == ("answer", answer)
        edited = await page.bot.call("editMessageText", chat_id=ANN, message_id=sent["message_id"], text="done")
        assert await events.next() == ("edit", edited)
        await page.bot.call("deleteMessage", chat_id=ANN, message_id=sent["message_id"])
        assert await events.next() == ("delete", {"message_id": sent["message_id"]})
        said = (await page.http.post("/sandbox/api/send", json={"person": ANN, "text": "hi"})).json()
        assert said["out"] is True
        assert await events.next() == ("message", said)
        stale = await page.http.post("/sandbox/api/press", json=pressed)
        assert stale.status_code == 409


async def test_a_page_that_goes_away_is_forgotten(page: Page) -> None:
    async with page.events(ANN) as events:
        await events.next()
        assert len(page.world.listeners) == 1
    page.world.say(ANN, "nobody is looking")
    await page.world.until(lambda: not page.world.listeners)


async def test_uploads_reach_the_bot(page: Page) -> None:
    form = {"person": str(ANN), "kind": "photo", "caption": "a cat"}
    photo = await page.http.post("/sandbox/api/upload", data=form, files={"file": ("a.jpg", picture())})
    assert photo.json()["out"] is True
    form = {"person": str(ANN), "kind": "document"}
    receipt = {"file": ("receipt.pdf", b"%PDF", "application/pdf")}
    await page.http.post("/sandbox/api/upload", data=form, files=receipt)
    first, second = (update["message"] for update in await page.bot.call("getUpdates"))
    assert (first["caption"], first["photo"][-1]["width"]) == ("a cat", 64)
    assert second["document"]["file_name"] == "receipt.pdf"
    form = {"person": str(ANN), "kind": "photo"}
    no_photo = await page.http.post("/sandbox/api/upload", data=form, files={"file": ("a.jpg", b"text")})
    assert no_photo.status_code == 409


async def test_an_answer_names_what_it_answers(page: Page) -> None:
    asked = page.world.say(ANN, "look at this")
    number = asked["message_id"]
    await page.http.post("/sandbox/api/send", json={"person": ANN, "text": "/broadcast", "reply_to": number})
    form = {"person": str(ANN), "kind": "photo", "reply_to": str(number)}
    await page.http.post("/sandbox/api/upload", data=form, files={"file": ("a.jpg", picture())})
    _, *answers = (update["message"] for update in await page.bot.call("getUpdates"))
    assert [answer["reply_to_message"]["text"] for answer in answers] == ["look at this"] * 2
    gone = await page.http.post("/sandbox/api/send", json={"person": ANN, "text": "x", "reply_to": number + 99})
    assert (gone.status_code, gone.text) == (409, "the message to reply to is gone")
    odd = await page.http.post("/sandbox/api/send", json={"person": ANN, "text": "x", "reply_to": "it"})
    assert odd.status_code == 400


@pytest.mark.parametrize(
    ("wanted", "status", "body", "content_range"),
    [
        (None, 200, MP4, None),
        ("bytes=0-3", 206, MP4[:4], f"bytes 0-3/{len(MP4)}"),
        ("bytes=4-", 206, MP4[4:], f"bytes 4-{len(MP4) - 1}/{len(MP4)}"),
        ("bytes=-4", 206, MP4[-4:], f"bytes {len(MP4) - 4}-{len(MP4) - 1}/{len(MP4)}"),
        ("bytes=10-9999", 206, MP4[10:], f"bytes 10-{len(MP4) - 1}/{len(MP4)}"),
        ("bytes=9999-", 416, b"", f"bytes */{len(MP4)}"),
        ("bytes=0-1,4-5", 200, MP4, None),
        ("seconds=1-2", 200, MP4, None),
    ],
)
async def test_films_are_served_with_ranges(
    wanted: str | None, status: int, body: bytes, content_range: str | None, page: Page
) -> None:
    sent = await page.bot.call("sendVideo", {"video": ("film.mp4", MP4)}, chat_id=str(ANN))
    headers = {"range": wanted} if wanted else {}
    address = f"/sandbox/api/file/{sent['video']['file_id']}"
    response = await page.http.get(address, headers=headers)
    assert (response.status_code, response.content) == (status, body)
    assert response.headers.get("content-range") == content_range
    if status != 416:
        assert response.headers["content-type"] == "video/mp4"


async def test_blocking(page: Page) -> None:
    blocked = await page.http.post("/sandbox/api/block", json={"person": ANN, "blocked": True})
    assert blocked.json()["blocked"] is True
    assert page.world.people[ANN].blocked
    refused = await page.http.post("/sandbox/api/send", json={"person": ANN, "text": "x"})
    assert (refused.status_code, refused.text) == (409, "Ann has blocked the bot")
    await page.http.post("/sandbox/api/block", json={"person": ANN, "blocked": False})
    assert not page.world.people[ANN].blocked
    assert (await page.http.post("/sandbox/api/block", json={"person": 404})).status_code == 404


async def test_the_panel_of_faults(page: Page) -> None:
    fault = {
        "service": "telegram",
        "operation": "sendMessage",
        "kind": "server_error",
        "times": 2,
        "seconds": 0.0,
    }
    assert (await page.http.post("/sandbox/api/faults", json=fault)).json()["planned"] == [fault]
    await page.bot.refused("sendMessage", chat_id=ANN, text="x")
    state = (await page.http.get("/sandbox/api/faults")).json()
    assert state["planned"] == [fault | {"times": 1}]
    assert state["struck"] == [["telegram", "sendMessage", "server_error"]]
    assert "lose_answer" in state["kinds"]
    assert (await page.http.delete("/sandbox/api/faults")).json()["planned"] == []
    wrong = await page.http.post("/sandbox/api/faults", json=fault | {"kind": "meteor"})
    assert wrong.status_code == 400
