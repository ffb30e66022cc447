"""Every request the bot can send, held against the Bot API's own description."""

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trio
from pydantic import ValidationError
from trio.testing import MockClock

from actors.mailbox import Switchboard
from actors.shop.context import Shop
from actors.supervisor import Stop
from actors.telegram.intake import POLL_SECONDS, Heartbeat, Intake
from actors.telegram.menu import Menu
from actors.telegram.requests import Request, Sent, as_request, message_of
from protocol import catalogue
from protocol.messages import AdminMet
from protocol.posts import AnyContent, Button, Card, Document, Film, Invoice, Photo
from protocol.telegram import body as body_of
from protocol.telegram.body import as_form
from protocol.telegram.client import TelegramClient
from protocol.telegram.types import ALLOWED_UPDATES
from sandbox.telegram.files import Upload
from storage.posts import Post
from storage.store import Store
from tests.bot_api import SPECIFICATION, mistakes
from tests.town import KATE, Town

KEYBOARD = (
    (Button(text="▶️ go", data="d:1:go"), Button(text="қ", data="d:1:set")),
    (Button(text="x", data="buy"),),
    (Button(text="💳 pay", url="https://pay.example/1?a=b"), Button(text="📋 2 491", copies="2491")),
)
CARD, PHOTO = Card(html="<b>hello</b>"), Photo(caption="<b>hello</b>", path="/pictures/1.jpg")
FILM = Film(caption="a <i>film</i>", path="/films/1.mp4", width=720, height=1280, seconds=8)
DOCUMENT = Document(caption="a <i>list</i>", path="/lists/1.csv", file_name='my "list".csv', mime_type="text/csv")
CONTENTS: list[AnyContent] = [
    content.model_copy(update={"keyboard": keyboard})
    for content in (
        CARD,
        PHOTO,
        FILM,
        FILM.model_copy(update={"thumbnail": "/films/1.jpg"}),
        FILM.model_copy(update={"file_id": "BAAC"}),
        Photo(caption="<b>hello</b>", file_id="AgAC"),
        DOCUMENT,
        Document(caption="<b>hello</b>", file_id="BQAC"),
    )
    for keyboard in ((), KEYBOARD)
]


INVOICE = Invoice(
    title="100 tokens",
    description="Tokens for films",
    payload="K7F3QX",
    label="100 tokens",
    amount=250,
    start_parameter="p_K7F3QX",
)


def a_post(content: AnyContent, message_id: int | None = None) -> Post:
    return Post(1, 7, "job:1", content, 3, message_id, 0)


@pytest.mark.parametrize("message_id", [None, 50], ids=["send", "edit"])
@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: f"{content.kind}-{len(content.keyboard)}")
def test_every_shape_of_a_post(content: AnyContent, message_id: int | None) -> None:
    request = as_request(a_post(content, message_id))
    assert mistakes(request.method, request.parameters, request.uploads) == []
    assert request.parameters["chat_id"] == 7
    assert request.parameters.get("message_id") == message_id
    assert request.parameters["parse_mode"] == "HTML"


@pytest.mark.parametrize("message_id", [None, 50], ids=["send", "edit"])
def test_an_invoice_in_stars(message_id: int | None) -> None:
    """No provider, one price; once shown, only its buttons could change."""
    request = as_request(a_post(INVOICE, message_id))
    assert mistakes(request.method, request.parameters, request.uploads) == []
    assert request.method == ("editMessageReplyMarkup" if message_id else "sendInvoice")
    if not message_id:
        assert request.parameters["provider_token"] == ""
        assert request.parameters["prices"] == [{"label": "100 tokens", "amount": 250}]


def test_a_document_may_be_the_text_itself() -> None:
    request = as_request(a_post(Document(text="a;ә", file_name="a.csv", mime_type="text/csv")))
    assert mistakes(request.method, request.parameters, request.uploads) == []
    body = as_form(request.parameters, request.uploads)
    sent = b"".join(body.chunks())
    assert len(sent) == body.length
    assert "a;ә".encode() in sent


def test_a_card_is_sent_and_then_edited() -> None:
    card = CARD.model_copy(update={"keyboard": KEYBOARD})
    send, edit = as_request(a_post(card)), as_request(a_post(card, 50))
    assert (send.method, edit.method) == ("sendMessage", "editMessageText")
    buttons = send.parameters["reply_markup"]["inline_keyboard"]
    assert [[button["text"] for button in row] for row in buttons] == [["▶️ go", "қ"], ["x"], ["💳 pay", "📋 2 491"]]
    assert buttons[2] == [
        {"text": "💳 pay", "url": "https://pay.example/1?a=b"},
        {"text": "📋 2 491", "copy_text": {"text": "2491"}},
    ]
    assert send.parameters["link_preview_options"] == edit.parameters["link_preview_options"] == {"is_disabled": True}
    assert "reply_markup" not in as_request(a_post(CARD, 50)).parameters, "an edit without it takes the buttons off"


def test_a_film_is_uploaded_with_its_measures() -> None:
    film = FILM.model_copy(update={"thumbnail": "/films/1.jpg", "keyboard": KEYBOARD})
    request = as_request(a_post(film))
    assert request.method == "sendVideo"
    asked = {"width": 720, "height": 1280, "duration": 8, "supports_streaming": True, "caption": "a <i>film</i>"}
    assert {name: request.parameters[name] for name in asked} == asked
    assert {name: str(upload.path) for name, upload in request.uploads.items()} == {
        "video": "/films/1.mp4",
        "thumbnail": "/films/1.jpg",
    }
    assert json.loads(request.parameters["reply_markup"])["inline_keyboard"][0][1]["text"] == "қ"


def test_a_film_telegram_has_is_not_uploaded_again() -> None:
    request = as_request(a_post(FILM.model_copy(update={"file_id": "BAAC"})))
    assert (request.parameters["video"], dict(request.uploads)) == ("BAAC", {})


def test_a_document_is_uploaded_or_known_and_its_caption_is_edited() -> None:
    request = as_request(a_post(DOCUMENT))
    upload = request.uploads["document"]
    assert (request.method, str(upload.path), upload.mime_type) == ("sendDocument", "/lists/1.csv", "text/csv")
    known = as_request(a_post(Document(file_id="BQAC", keyboard=KEYBOARD)))
    assert (known.parameters["document"], dict(known.uploads)) == ("BQAC", {})
    edit = as_request(a_post(DOCUMENT, 50))
    assert (edit.method, edit.parameters["caption"]) == ("editMessageCaption", "a <i>list</i>")


def test_a_photo_telegram_has_is_not_uploaded_again() -> None:
    request = as_request(a_post(Photo(caption="x", file_id="AgAC")))
    assert (request.parameters["photo"], dict(request.uploads)) == ("AgAC", {})


def test_a_file_s_name_cannot_break_out_of_its_header(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"x")
    body = as_form({}, {"document": body_of.Upload(file, 'a"; x="\r\n.csv', "text/csv")})
    head = b"".join(body.chunks()).split(b"\r\n")[1]
    assert head == b'Content-Disposition: form-data; name="document"; filename="a%22; x=%22%0D%0A.csv"'


@pytest.mark.parametrize("wrong", [{}, {"data": "a", "url": "https://x.kz"}, {"url": "https://x.kz", "copies": "1"}])
def test_a_button_does_one_thing(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="either data, a url or something to copy"):
        Button(text="x", **wrong)


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        ({"message_id": 5}, Sent(5, "")),
        ({"message_id": 5, "video": {"file_id": "BAAC"}}, Sent(5, "BAAC")),
        ({"message_id": 5, "document": {"file_id": "BQAC"}}, Sent(5, "BQAC")),
        ({"message_id": 5, "animation": {"file_id": "CgAC"}}, Sent(5, "CgAC")),
        ({"message_id": 5, "video": {"file_id": 7}}, Sent(5, "")),
        ({"message_id": 5, "video": "x"}, Sent(5, "")),
        ({"message_id": "5"}, None),
        ({}, None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_what_an_answer_tells(answer: object, sent: Sent | None) -> None:
    assert message_of(answer) == sent


# What the actors say besides posts.


@dataclass
class Recorder(httpx2.AsyncBaseTransport):
    """A Telegram that takes everything and answers from a list, and then with `true` for ever."""

    answers: list[httpx2.Response] = field(default_factory=list[httpx2.Response])
    asked: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(await request.aread())
        self.asked.append((request.url.path.rpartition("/")[2], body))
        await trio.lowlevel.checkpoint()
        if self.answers:
            return self.answers.pop(0)
        if self.asked[-1][0] == "getUpdates":
            await trio.sleep(body["timeout"])
            return httpx2.Response(200, json={"ok": True, "result": []})
        return httpx2.Response(200, json={"ok": True, "result": True})

    def client(self) -> TelegramClient:
        http = httpx2.AsyncClient(transport=self)
        return TelegramClient(http, base_url="http://telegram.test", bot_token="1:secret")


def refusal(code: int, description: str) -> httpx2.Response:
    return httpx2.Response(code, json={"ok": False, "error_code": code, "description": description})


def all_right(asked: Iterable[tuple[str, Any]]) -> bool:
    found = [mistake for method, parameters in asked for mistake in mistakes(method, parameters)]
    assert found == []
    return True


async def test_the_menus(autojump_clock: MockClock) -> None:
    telegram = Recorder([refusal(429, "Too Many Requests"), refusal(500, "x")])
    shop = Shop(catalogue.read(), (1, 2), "ru")
    stop, mailbox = Stop(), Switchboard().menu
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Menu(telegram.client(), shop, mailbox, rng=random.Random(1)).run, stop)
        await trio.sleep(60)
        mailbox.put(AdminMet(2))
        await trio.sleep(60)
        stop.ask()
    assert all_right(telegram.asked)
    assert {method for method, _ in telegram.asked} == {"setMyCommands"}
    asked = [parameters for _, parameters in telegram.asked[2:]]
    assert [parameters.get("language_code") for parameters in asked] == [None, "ru", "kk", "en"] * 4
    everybody, first, second = None, *({"type": "chat", "chat_id": number} for number in (1, 2))
    told = [everybody] * 4 + [first] * 4 + [second] * 8  # to the second admin once more, when they first write
    assert [parameters.get("scope") for parameters in asked] == told
    assert len(asked[-1]["commands"]) > len(asked[0]["commands"])


async def test_the_poll_and_the_webhook_that_stands_in_its_way(town: Town, autojump_clock: MockClock) -> None:
    conflict = refusal(409, "Conflict: can't use getUpdates method while webhook is active")
    telegram = Recorder([conflict])
    store = Store(town.engine, clock=town, run_sync=town.power.run_sync, deliver=lambda _: None)
    stop = Stop()
    shop = Shop(catalogue.read(), (1,), "ru")
    intake = Intake(telegram.client(), store, shop, rng=random.Random(1), heartbeat=Heartbeat())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(intake.run, stop)
        await trio.sleep(POLL_SECONDS * 3)
        stop.ask()
    assert all_right(telegram.asked)
    assert [method for method, _ in telegram.asked[:3]] == ["getUpdates", "deleteWebhook", "getUpdates"]
    assert telegram.asked[1][1] == {"drop_pending_updates": False}
    assert telegram.asked[0][1] == {"timeout": POLL_SECONDS, "limit": 100, "allowed_updates": list(ALLOWED_UPDATES)}


async def test_a_day_of_the_whole_bot(town: Town, autojump_clock: MockClock) -> None:
    """Whatever the bot said to the stand-in was Bot API."""
    async with town.bot():
        town.telegram.say(KATE, "/start")
        await town.order(KATE, "an eagle over Almaty")
        await town.until(lambda: town.films(KATE))
        town.telegram.say(KATE, "/lang")
        await town.until(lambda: town.button(KATE, "Қаз"))
        town.telegram.press_label(KATE, "Қаз")
        await trio.sleep(30)
    methods = {call.method for call in town.telegram.log}
    assert methods >= {
        "getUpdates",
        "setMyCommands",
        "sendMessage",
        "editMessageText",
        "sendVideo",
        "answerCallbackQuery",
    }
    for call in town.telegram.log:
        files = {name for name, value in call.params.items() if isinstance(value, Upload)}
        rest = {name: value for name, value in call.params.items() if name not in files}
        assert mistakes(call.method, rest, files) == []


# The check itself.


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (Request("sendTelepathy", {}), "there is no method"),
        (Request("sendMessage", {"chat_id": 7}), "needs text"),
        (Request("sendMessage", {"chat_id": 7, "text": "x", "txet": "y"}), "has no parameter txet"),
        (Request("sendMessage", {"chat_id": [7], "text": "x"}), "chat_id"),
        (Request("sendMessage", {"chat_id": 7, "text": "x", "link_preview_options": {"is_disabled": "perhaps"}}),
            "is_disabled"),
        (Request("setMyCommands", {"commands": [{"command": "new"}]}), "description"),
    ],
)  # fmt: skip
def test_the_check_can_fail(request_: Request, says: str) -> None:
    assert says in " ".join(mistakes(request_.method, request_.parameters))


BEYOND_TYPES: list[tuple[str, dict[str, Any]]] = [
    ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}),
    ("getUpdates", {"limit": 101}),
    ("setMyCommands", {"commands": [{"command": "new", "description": ""}]}),
    ("sendMessage", {"chat_id": 7, "text": "x", "parse_mode": "BBCode"}),
    ("sendMessage", {"chat_id": 7, "text": "x", "reply_markup": {"inline_keyboard": [{}]}}),
]


@pytest.mark.parametrize(("method", "parameters"), BEYOND_TYPES)
def test_the_page_knows_more_than_aiogram(method: str, parameters: dict[str, Any]) -> None:
    assert bool(mistakes(method, parameters)) is SPECIFICATION.exists()


def test_uploads_are_read_from_the_disk_only_when_they_are_sent(tmp_path: Path) -> None:
    film = FILM.model_copy(update={"path": str(tmp_path / "none.mp4")})
    assert as_request(a_post(film)).uploads["video"].path == tmp_path / "none.mp4"
