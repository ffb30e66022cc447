"""What the bot can say, and the words in which it is refused."""

from typing import Any

import pytest
import trio
from telegram_bot import ANN, EPOCH, MP4, Refusal, in_process, make_world, picture
from trio.testing import MockClock

from sandbox.telegram import PersonCannot
from sandbox.telegram.files import UPLOAD_LIMIT

GO = {"inline_keyboard": [[{"text": "▶️ go", "callback_data": "go"}]]}


async def test_a_message_is_kept_as_it_was_accepted(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    sent = await bot.call("SENDMESSAGE", chat_id=str(ANN), text="<b>hi</b>", parse_mode="HTML", reply_markup=GO)
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert sent["reply_markup"] == GO
    assert sent["date"] == EPOCH
    assert sent["chat"] == {"id": ANN, "type": "private", "first_name": "Ann", "username": "ann"}
    assert sent["from"] | {"language_code": None} == world.bot | {"language_code": None}
    assert world.history(ANN) == [sent]
    assert [(call.method, call.outcome) for call in world.log] == [("sendMessage", "ok")]


def big_markup() -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "x", "callback_data": "x"}]] * 101}


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": ANN}, "message text is empty"),
        ({"chat_id": ANN, "text": " \n"}, "text must be non-empty"),
        ({"chat_id": 99, "text": "x"}, "chat not found"),
        ({"chat_id": "@nobody", "text": "x"}, "chat not found"),
        ({"chat_id": ANN, "text": "x" * 4097}, "message is too long"),
        ({"chat_id": ANN, "text": "<p>x", "parse_mode": "HTML"},
            'can\'t parse entities: Unsupported start tag "p" at byte offset 0'),
        ({"chat_id": ANN, "text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"chat_id": ANN, "text": "x", "txet": "y"}, 'unknown parameter "txet"'),
        ({"chat_id": ANN, "text": "x", "link_preview_options": True}, "object expected as link preview options"),
        ({"chat_id": ANN, "text": "x", "link_preview_options": {"off": True}},
            "can't parse link preview options: unknown field 'off'"),
        ({"chat_id": ANN, "text": "x", "link_preview_options": {"is_disabled": "yes"}},
            'can\'t parse link preview options: Field "is_disabled" must be of type Boolean'),
        ({"chat_id": ANN, "text": "x", "entities": None},
            'parameter "entities" is null: leave it out instead'),
        ({"chat_id": ANN, "text": "x", "disable_notification": "perhaps"},
            'parameter "disable_notification" must be a Boolean'),
        ({"chat_id": ANN, "text": "x", "reply_parameters": {"message_id": 9}},
            "message to be replied not found"),
        ({"chat_id": ANN, "text": "x", "reply_markup": "[]"}, "object expected as reply markup"),
        ({"chat_id": ANN, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x"}]]}},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ({"chat_id": ANN, "text": "x", "reply_markup": {"inline_keyboard": [[
            {"text": "x", "callback_data": "қ" * 33}]]}}, "BUTTON_DATA_INVALID"),
        ({"chat_id": ANN, "text": "x", "reply_markup": {"inline_keyboard": [[
            {"text": "x", "url": "no url"}]]}},
            "inline keyboard button URL 'no url' is invalid: Wrong HTTP URL"),
        ({"chat_id": ANN, "text": "x", "reply_markup": {"inline_keyboard": [[
            {"text": "x", "pay": True}]]}}, "BUTTON_TYPE_INVALID"),
        ({"chat_id": ANN, "text": "x", "reply_markup": {"inline_keyboard": [[
            {"text": "x", "copy_text": {"text": ""}}]]}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"chat_id": ANN, "text": "x", "reply_markup": big_markup()}, "reply markup is too long"),
    ],
)  # fmt: skip
async def test_what_send_message_refuses(params: dict[str, Any], reason: str, autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    assert await in_process(world).refused("sendMessage", **params) == f"Bad Request: {reason}"
    assert world.history(ANN) == []
    assert world.log[-1].outcome == f"400 Bad Request: {reason}"


async def test_the_limit_counts_after_entities_parsing(autojump_clock: MockClock) -> None:
    bot = in_process(make_world(autojump_clock))
    marked = "<b>" + "&lt;" * 4096 + "</b>"
    assert len((await bot.call("sendMessage", chat_id=ANN, text=marked, parse_mode="HTML"))["text"]) == 4096


async def test_a_lenient_stand_in_ignores_what_it_does_not_know(autojump_clock: MockClock) -> None:
    bot = in_process(make_world(autojump_clock), strict=False)
    sent = await bot.call("sendMessage", chat_id=ANN, text="x", txet="y", entities=None)
    assert sent["text"] == "x"


async def test_strangers_and_those_who_blocked_cannot_be_reached(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    world.person(8, first_name="Boris")
    assert await bot.refused("sendMessage", chat_id=8, text="x") == "Bad Request: chat not found"
    world.say(8, "/start")
    await bot.call("sendMessage", chat_id=8, text="x")
    world.block(8)
    with pytest.raises(Refusal, match="Forbidden: bot was blocked by the user") as caught:
        await bot.call("sendMessage", chat_id=8, text="x")
    assert caught.value.code == 403
    with pytest.raises(PersonCannot):
        world.say(8, "hello?")
    world.unblock(8)
    await bot.call("sendMessage", chat_id=8, text="x")


async def test_editing(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    sent = await bot.call("sendMessage", chat_id=ANN, text="one", reply_markup=GO)
    where = {"chat_id": ANN, "message_id": sent["message_id"]}
    same = await bot.refused("editMessageText", **where, text="one", reply_markup=GO)
    assert same == (
        "Bad Request: message is not modified: specified new message content and reply markup are exactly "
        "the same as a current content and reply markup of the message"
    )
    await trio.sleep(60)
    edited = await bot.call("editMessageText", **where, text="two")
    assert (edited["text"], edited["edit_date"], "reply_markup" in edited) == ("two", EPOCH + 60, False)
    assert world.history(ANN) == [edited]
    with_keyboard = await bot.call("editMessageReplyMarkup", **where, reply_markup=GO)
    assert (with_keyboard["text"], with_keyboard["reply_markup"]) == ("two", GO)
    theirs = world.say(ANN, "mine")["message_id"]
    assert await bot.refused("editMessageText", chat_id=ANN, message_id=theirs, text="x") == (
        "Bad Request: message can't be edited"
    )
    assert await bot.refused("editMessageText", chat_id=ANN, message_id=99, text="x") == (
        "Bad Request: message to edit not found"
    )
    assert await bot.refused("editMessageText", chat_id=ANN, text="x") == (
        "Bad Request: message identifier is not specified"
    )
    assert await bot.refused("editMessageCaption", **where, caption="x") == (
        "Bad Request: there is no caption in the message to edit"
    )


async def test_deleting(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    sent = await bot.call("sendMessage", chat_id=ANN, text="one")
    where = {"chat_id": ANN, "message_id": sent["message_id"]}
    assert await bot.call("deleteMessage", **where) is True
    assert world.history(ANN) == []
    assert await bot.refused("deleteMessage", **where) == "Bad Request: message to delete not found"
    old = await bot.call("sendMessage", chat_id=ANN, text="old")
    await trio.sleep(48 * 3600 + 1)
    assert await bot.refused("deleteMessage", chat_id=ANN, message_id=old["message_id"]) == (
        "Bad Request: message can't be deleted for everyone"
    )


async def test_a_film_keeps_what_was_said_about_it(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    sent = await bot.call(
        "sendVideo",
        {"video": ("film.mp4", MP4, "video/mp4"), "cover": ("t.jpg", picture(), "image/jpeg")},
        chat_id=str(ANN),
        width="720",
        height="1280",
        duration="8",
        supports_streaming="true",
        caption="<b>A cat</b>",
        parse_mode="HTML",
        thumbnail="attach://cover",
    )
    video = sent["video"]
    assert (video["width"], video["height"], video["duration"]) == (720, 1280, 8)
    assert (video["thumbnail"]["width"], video["thumbnail"]["height"]) == (64, 48)
    assert (video["mime_type"], video["file_size"]) == ("video/mp4", len(MP4))
    assert sent["caption_entities"] == [{"type": "bold", "offset": 0, "length": 5}]
    stored = world.files.get(video["file_id"])
    assert stored is not None
    assert (stored.data, stored.supports_streaming) == (MP4, True)
    again = await bot.call("sendVideo", chat_id=ANN, video=video["file_id"])
    assert again["video"] == video
    link = await bot.call("getFile", file_id=video["file_id"])
    response = await bot.client.get(f"/file/bot{bot.token}/{link['file_path']}")
    assert response.content == MP4
    await trio.sleep(3600)
    assert (await bot.client.get(f"/file/bot{bot.token}/{link['file_path']}")).status_code == 404


async def test_what_media_is_refused(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    film = {"video": ("film.mp4", MP4, "video/mp4")}

    async def refused(files: dict[str, Any] | None = None, method: str = "sendVideo", **params: Any) -> str:
        return (await bot.refused(method, files, chat_id=ANN, **params)).removeprefix("Bad Request: ")

    assert await refused() == "there is no video in the request"
    assert await refused(video="BAACnothing") == "wrong file identifier/HTTP URL specified"
    assert await refused(video="https://kadr.kz/a.mp4") == "failed to get HTTP URL content"
    assert await refused(video="attach://missing") == "file 'attach://missing' is not attached"
    assert await refused(film, caption="x" * 1025) == "message caption is too long"
    assert await refused(film | {"other": ("a", b"a")}) == 'unknown file "other"'
    photo = await bot.call("sendPhoto", {"photo": ("a.png", picture(kind="PNG"))}, chat_id=ANN)
    assert await refused(video=photo["photo"][-1]["file_id"]) == "can't use file of type Photo as Video"
    assert (await refused(film | {"thumbnail": ("t.jpg", picture(400, 300))})).startswith("thumbnail must be")
    assert (await refused(film | {"thumbnail": ("t.png", picture(kind="PNG"))})).startswith("thumbnail must")
    assert await refused({"photo": ("a.jpg", b"text")}, "sendPhoto") == "IMAGE_PROCESS_FAILED"
    assert await refused({"photo": ("a.png", picture(1000, 20))}, "sendPhoto") == "PHOTO_INVALID_DIMENSIONS"
    other = await bot.call("sendVideo", {"video": ("film.avi", b"RIFF    AVI ")}, chat_id=ANN)
    assert other["document"]["file_name"] == "film.avi"


async def test_uploads_and_downloads_have_limits(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    with pytest.raises(Refusal) as caught:
        await bot.call("sendDocument", {"document": ("a.bin", bytes(UPLOAD_LIMIT + 1))}, chat_id=ANN)
    assert (caught.value.code, caught.value.description) == (413, "Request Entity Too Large")
    sent = await bot.call("sendDocument", {"document": ("a.bin", bytes((20 << 20) + 1))}, chat_id=ANN)
    reason = await bot.refused("getFile", file_id=sent["document"]["file_id"])
    assert reason == "Bad Request: file is too big"
    assert await bot.refused("getFile", file_id="x") == "Bad Request: invalid file_id"


async def test_a_photo_comes_in_several_sizes(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    world.send_photo(ANN, picture(1600, 900), caption="a /cat")
    (update,) = await bot.call("getUpdates")
    message = update["message"]
    assert [size["width"] for size in message["photo"]] == [90, 320, 800, 1280]
    assert (message["caption"], message["caption_entities"][0]["type"]) == ("a /cat", "bot_command")
    link = await bot.call("getFile", file_id=message["photo"][-1]["file_id"])
    response = await bot.client.get(f"/file/bot{bot.token}/{link['file_path']}")
    assert response.content[:2] == b"\xff\xd8"
    resent = await bot.call("sendPhoto", chat_id=ANN, photo=message["photo"][0]["file_id"])
    assert resent["photo"] == message["photo"]


async def test_media_can_be_edited_and_sent_as_an_album(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    sent = await bot.call("sendMessage", chat_id=ANN, text="waiting")
    edited = await bot.call(
        "editMessageMedia",
        {"film": ("film.mp4", MP4, "video/mp4")},
        chat_id=ANN,
        message_id=sent["message_id"],
        media='{"type":"video","media":"attach://film","caption":"done","width":10,"height":20,"duration":4}',
    )
    assert (edited["video"]["width"], edited["caption"], "text" in edited) == (10, "done", False)
    film = edited["video"]["file_id"]
    recaptioned = await bot.call("editMessageCaption", chat_id=ANN, message_id=sent["message_id"], caption="it is")
    assert (recaptioned["caption"], recaptioned["video"]) == ("it is", edited["video"])
    album = await bot.call("sendMediaGroup", chat_id=ANN, media=[{"type": "video", "media": film}] * 2)
    assert len({message["media_group_id"] for message in album}) == 1
    assert (await bot.refused("sendMediaGroup", chat_id=ANN, media=[])).startswith("Bad Request: wrong number")


async def test_a_pressed_button_is_a_query_that_can_be_answered_once(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    sent = await bot.call("sendMessage", chat_id=ANN, text="press", reply_markup=GO)
    query_id = world.press_label(ANN, "▶️")
    await bot.call("editMessageText", chat_id=ANN, message_id=sent["message_id"], text="pressed")
    (update,) = await bot.call("getUpdates")
    query = update["callback_query"]
    assert (query["id"], query["data"], query["from"]["id"]) == (query_id, "go", ANN)
    assert query["message"] == sent
    long = await bot.refused("answerCallbackQuery", callback_query_id=query_id, text="x" * 201)
    assert long == "Bad Request: MESSAGE_TOO_LONG"
    await bot.call("answerCallbackQuery", callback_query_id=query_id, text="ok", show_alert=True)
    assert world.queries[query_id].answer == {"text": "ok", "show_alert": True}
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await bot.refused("answerCallbackQuery", callback_query_id=query_id) == too_old
    assert await bot.refused("answerCallbackQuery", callback_query_id="1") == too_old
    with pytest.raises(LookupError):
        world.press(ANN, sent["message_id"], "go")
    with pytest.raises(LookupError, match=r"no button starts with '✖️'; there are \[\]"):
        world.press_label(ANN, "✖️")
    stale = world.press(ANN, sent["message_id"], "go", forged=True)
    await trio.sleep(151)
    assert await bot.refused("answerCallbackQuery", callback_query_id=stale) == too_old


async def test_a_forged_press_on_a_deleted_message_is_inaccessible(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    world.press(ANN, 55, "refund:1", forged=True)
    (update,) = await in_process(world).call("getUpdates")
    assert update["callback_query"]["message"] == {
        "message_id": 55,
        "date": 0,
        "chat": {"id": ANN, "type": "private", "first_name": "Ann", "username": "ann"},
    }


async def test_chat_actions_last_five_seconds(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    await bot.call("sendChatAction", chat_id=ANN, action="upload_video")
    assert world.actions[ANN] == ("upload_video", EPOCH + 5)
    await bot.call("sendMessage", chat_id=ANN, text="done")
    assert ANN not in world.actions
    assert await bot.refused("sendChatAction", chat_id=ANN, action="dance") == (
        "Bad Request: wrong parameter action in request"
    )


async def test_commands_are_resolved_by_scope_and_language(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)

    async def put(command: str, **where: Any) -> None:
        await bot.call("setMyCommands", commands=[{"command": command, "description": "d"}], **where)

    def seen() -> str:
        return world.commands_of(ANN)[0]["command"]

    await put("default")
    assert seen() == "default"
    await put("default_kk", language_code="kk")
    assert seen() == "default_kk"
    await put("private", scope={"type": "all_private_chats"})
    assert seen() == "private"
    await put("mine", scope={"type": "chat", "chat_id": ANN})
    assert seen() == "mine"
    assert (await bot.call("getMyCommands"))[0]["command"] == "default"
    await bot.call("deleteMyCommands", scope={"type": "chat", "chat_id": ANN})
    assert seen() == "private"
    wrong = {"command": "Start", "description": "d"}
    assert await bot.refused("setMyCommands", commands=[wrong]) == "Bad Request: BOT_COMMAND_INVALID"
    empty = {"command": "start", "description": ""}
    assert await bot.refused("setMyCommands", commands=[empty]) == ("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
    scope = {"type": "chat", "chat_id": 99}
    assert await bot.refused("setMyCommands", commands=[], scope=scope) == "Bad Request: chat not found"


async def test_doors(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    with pytest.raises(Refusal) as unknown:
        await bot.call("sendTelepathy", chat_id=ANN)
    assert (unknown.value.code, unknown.value.description) == (404, "Not Found: method not found")
    bot.token = "7000000001:wrong"
    with pytest.raises(Refusal) as wrong:
        await bot.call("getMe")
    assert (wrong.value.code, wrong.value.description) == (401, "Unauthorized")
    bot.token = "nonsense"
    with pytest.raises(Refusal) as malformed:
        await bot.call("getMe")
    assert (malformed.value.code, malformed.value.description) == (404, "Not Found")


async def test_requests_may_be_json_forms_or_a_query_string(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    path = f"/bot{bot.token}/sendMessage"
    await bot.client.get(path, params={"chat_id": ANN, "text": "қ query"})
    await bot.client.post(path, data={"chat_id": str(ANN), "text": "қ form"})
    parts = {"chat_id": (None, str(ANN)), "text": (None, "қ multipart")}
    await bot.client.post(path, files=parts)
    assert [message["text"] for message in world.history(ANN)] == ["қ query", "қ form", "қ multipart"]
    broken = await bot.client.post(path, content=b"{", headers={"content-type": "application/json"})
    assert broken.json()["description"] == "Bad Request: can't parse JSON object"
    assert (await bot.call("getMe"))["username"] == world.bot["username"]
    assert (await bot.call("getChat", chat_id=ANN))["first_name"] == "Ann"


async def test_waiting_for_what_the_bot_does(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)

    async def speak_later() -> None:
        await trio.sleep(30)
        await bot.call("sendMessage", chat_id=ANN, text="here")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(speak_later)
        (message,) = await world.until(lambda: world.history(ANN))
    assert message["text"] == "here"
    assert trio.current_time() == pytest.approx(30)
