"""The client of the Bot API: each answer, each missing answer, uploads, and a token that never shows."""

import json
import random
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trio
from trio.testing import MockClock

from protocol.telegram.body import Upload
from protocol.telegram.client import (
    METHOD_SECONDS,
    POLL_GRACE_SECONDS,
    UPLOAD_SECONDS,
    TelegramClient,
    TelegramError,
    TelegramRefused,
    TelegramUnreachable,
)
from sandbox.faults import Fault, FaultKind, Faults
from sandbox.telegram import TelegramWorld, create_app
from sandbox.wire import InProcess

TOKEN = "123456:AAAA-secret_token"
ANN = 7


def client_of(answer: Callable[[httpx2.Request], httpx2.Response]) -> TelegramClient:
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    return TelegramClient(http, base_url="http://telegram.test/", bot_token=TOKEN)


def answering(status: int, body: Any) -> TelegramClient:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client_of(lambda request: httpx2.Response(status, content=content))


def breaking(error: Exception) -> TelegramClient:
    def no_answer(_request: httpx2.Request) -> httpx2.Response:
        raise error

    return client_of(no_answer)


@contextmanager
def discreet(kind: type[TelegramError]) -> Generator[Any]:
    """The error that must come; nothing that is printed of it holds the token."""
    with pytest.raises(kind) as caught:
        yield caught
    error = caught.value
    printed = "".join(traceback.format_exception(error))
    for shown in (str(error), repr(error), repr(vars(error)), printed):
        assert TOKEN not in shown


class Desk:
    """A client before the stand-in."""

    def __init__(self) -> None:
        self.world = TelegramWorld(now=lambda: 1.8e9 + trio.current_time(), random=random.Random(1))
        self.world.person(ANN, first_name="Ann", username="ann", language_code="en", started=True)
        self.faults = Faults()
        http = httpx2.AsyncClient(transport=InProcess(create_app(self.world, self.faults)))
        self.client = TelegramClient(http, base_url="http://telegram.test", bot_token=self.world.token)

    def fault(self, method: str, kind: FaultKind, seconds: float = 0.0) -> None:
        self.faults.plan(Fault("telegram", method, kind, seconds=seconds))


async def test_a_method_gives_its_result() -> None:
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, json={"ok": True, "result": {"message_id": 5}, "new_field": 1})

    assert await client_of(answer).call("sendMessage", {"chat_id": 7, "text": "сәлем"}) == {"message_id": 5}
    [request] = asked
    assert str(request.url) == f"http://telegram.test/bot{TOKEN}/sendMessage"
    assert json.loads(request.content) == {"chat_id": 7, "text": "сәлем"}


@pytest.mark.parametrize(
    ("code", "description", "parameters", "retry_after", "migrate_to"),
    [
        (400, "Bad Request: chat not found", None, 0, 0),
        (403, "Forbidden: bot was blocked by the user", None, 0, 0),
        (401, "Unauthorized", None, 0, 0),
        (409, "Conflict: terminated by other getUpdates request", None, 0, 0),
        (429, "Too Many Requests: retry after 14", {"retry_after": 14}, 14, 0),
        (400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -100500}, 0, -100500),
        (500, "Internal Server Error", {}, 0, 0),
    ],
)
async def test_a_refusal_says_what_telegram_said(
    code: int, description: str, parameters: dict[str, int] | None, retry_after: float, migrate_to: int
) -> None:
    body = {"ok": False, "error_code": code, "description": description}
    with discreet(TelegramRefused) as caught:
        await answering(code, body | ({"parameters": parameters} if parameters is not None else {})).call("x")
    error = caught.value
    assert (error.code, error.description, error.retry_after, error.migrate_to) == (
        code, description, retry_after, migrate_to
    )  # fmt: skip
    assert str(error) == f"x: {code} {description}"


async def test_a_refusal_without_words_has_the_status() -> None:
    with discreet(TelegramRefused) as caught:
        await answering(404, {"ok": False}).call("x")
    assert caught.value.code == 404


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>502</html>", b"{", b"null", b"[]", b'"ok"', b"{}", b'{"ok":"perhaps"}', b"\xff\xfe", b"[" * 9999,
        b'{"ok":false,"parameters":5}'],
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 502])
async def test_a_body_that_is_not_the_bot_api_s(status: int, body: bytes) -> None:
    with discreet(TelegramUnreachable) as caught:
        await answering(status, body).call("sendMessage")
    assert caught.value.sent
    assert str(caught.value) == f"sendMessage: HTTP {status} with a body that is not the Bot API's"


REQUEST = httpx2.Request("POST", f"http://telegram.test/bot{TOKEN}/x")


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (httpx2.ConnectError(f"no route to /bot{TOKEN}/", request=REQUEST), False),
        (httpx2.ConnectTimeout(TOKEN, request=REQUEST), False),
        (httpx2.PoolTimeout(TOKEN, request=REQUEST), False),
        (httpx2.ReadError(TOKEN, request=REQUEST), True),
        (httpx2.ReadTimeout(TOKEN, request=REQUEST), True),
        (httpx2.WriteError(TOKEN, request=REQUEST), True),
        (httpx2.RemoteProtocolError(TOKEN, request=REQUEST), True),
        (httpx2.DecodingError(TOKEN, request=REQUEST), True),
        (httpx2.TooManyRedirects(TOKEN, request=REQUEST), True),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_no_answer(error: Exception, sent: bool) -> None:
    with discreet(TelegramUnreachable) as caught:
        await breaking(error).call("sendMessage")
    assert caught.value.sent is sent
    assert str(caught.value) == f"sendMessage: {type(error).__name__}"


def test_the_client_does_not_show_its_token() -> None:
    assert TOKEN not in repr(answering(200, {}))


async def test_nothing_takes_for_ever(autojump_clock: MockClock, tmp_path: Path) -> None:
    desk = Desk()
    film = tmp_path / "film.mp4"
    film.write_bytes(b"\x00\x00\x00\x18ftypmp42")
    uploads = {"video": Upload(film, "film.mp4", "video/mp4")}
    for method, call, limit in (
        ("sendMessage", lambda: desk.client.call("sendMessage", {"chat_id": ANN, "text": "x"}), METHOD_SECONDS),
        ("sendVideo", lambda: desk.client.call("sendVideo", {"chat_id": ANN}, uploads=uploads), UPLOAD_SECONDS),
        ("sendMessage", lambda: desk.client.call("sendMessage", {"chat_id": ANN, "text": "x"}, deadline=2), 2),
        ("getUpdates", lambda: desk.client.get_updates(offset=None, seconds=50, allowed=()), 50 + POLL_GRACE_SECONDS),
    ):
        began = trio.current_time()
        desk.fault(method, FaultKind.SLOW, seconds=1e6)
        with discreet(TelegramUnreachable) as caught:
            await call()
        assert caught.value.sent
        assert trio.current_time() - began == limit


@pytest.mark.parametrize(
    ("kind", "sent", "acted"),
    [
        (FaultKind.LOSE_REQUEST, False, False),
        (FaultKind.LOSE_ANSWER, True, True),
        (FaultKind.MALFORMED, True, True),
    ],
)
async def test_the_faults_of_the_stand_in(kind: FaultKind, sent: bool, acted: bool, autojump_clock: MockClock) -> None:
    desk = Desk()
    desk.fault("sendMessage", kind)
    with discreet(TelegramUnreachable) as caught:
        await desk.client.call("sendMessage", {"chat_id": ANN, "text": "x"})
    assert caught.value.sent is sent
    assert bool(desk.world.history(ANN)) is acted


async def test_an_upload_is_a_form(autojump_clock: MockClock, tmp_path: Path) -> None:
    desk = Desk()
    film = tmp_path / "any name.mp4"
    film.write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 3000)
    message = await desk.client.call(
        "sendVideo",
        {"chat_id": ANN, "caption": 'сәлем "<b>x</b>"\r\n--', "supports_streaming": True, "width": 720, "duration": 4},
        uploads={"video": Upload(film, "film.mp4", "video/mp4")},
    )
    stored = desk.world.files.get(message["video"]["file_id"])
    assert stored is not None
    assert stored.data == film.read_bytes()
    assert stored.supports_streaming
    assert (message["video"]["width"], message["video"]["duration"]) == (720, 4)
    assert message["video"]["file_name"] == "film.mp4"
    assert message["caption"].replace("\r", "") == 'сәлем "<b>x</b>"\n--'


async def test_a_file_that_is_gone_is_the_caller_s(tmp_path: Path) -> None:
    uploads = {"video": Upload(tmp_path / "none.mp4", "film.mp4", "video/mp4")}
    with pytest.raises(FileNotFoundError):
        await answering(200, {"ok": True}).call("sendVideo", {"chat_id": ANN}, uploads=uploads)


async def test_updates_come_as_they_are() -> None:
    asked: list[Any] = []
    batch = [{"update_id": 5, "message": {"text": "x", "unknown": 1}}, {"update_id": 6}]

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(json.loads(request.content))
        return httpx2.Response(200, json={"ok": True, "result": batch})

    client = client_of(answer)
    assert await client.get_updates(offset=None, seconds=50, allowed=("message",)) == batch
    await client.get_updates(offset=7, seconds=50, allowed=("message",))
    shared = {"timeout": 50, "limit": 100, "allowed_updates": ["message"]}
    assert asked == [shared, shared | {"offset": 7}]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (rb"half a sign: \ud83d", "half a sign: ?"),
        (rb"a whole one: \ud83d\ude00", "a whole one: 😀"),
        (b"no text: \xff", "no text: \ufffd"),
        (rb"\\ud83d and \udc00", "\\ud83d and ?"),
    ],
)
async def test_a_broken_letter_keeps_no_update_from_being_read(text: bytes, read: str) -> None:
    body = b'{"ok": true, "result": [{"update_id": 5, "message": {"text": "%s"}}, {"update_id": 6}]}' % text
    updates = await answering(200, body).get_updates(offset=None, seconds=50, allowed=("message",))
    assert updates == [{"update_id": 5, "message": {"text": read}}, {"update_id": 6}]


@pytest.mark.parametrize("result", [None, True, {}, "x", [None], [{"update_id": "5"}], [{"update_id": 5}, {}]])
async def test_what_is_no_list_of_updates(result: object) -> None:
    with discreet(TelegramUnreachable) as caught:
        await answering(200, {"ok": True, "result": result}).get_updates(offset=None, seconds=1, allowed=())
    assert str(caught.value) == "getUpdates: the answer is not a list of updates"
