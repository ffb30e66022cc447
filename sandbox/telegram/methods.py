"""The Bot API methods this stand-in speaks: their parameters, and the small ones themselves.

A method or parameter missing here is refused by name in a strict stand-in, also where the Bot API has it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.telegram import editing, sending
from sandbox.telegram.commands import check_commands, check_language, scope_key
from sandbox.telegram.content import Desk
from sandbox.telegram.errors import Refused, bad_request
from sandbox.telegram.params import Kind, Params
from sandbox.telegram.payments import PAYMENT_METHODS
from sandbox.telegram.shapes import is_array
from sandbox.telegram.state import QUERY_ANSWER_SECONDS
from sandbox.telegram.updates import UPDATE_KINDS

CALLBACK_TEXT_LIMIT = 200
_QUERY_GONE = "query is too old and response timeout expired or query ID is invalid"


_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


@dataclass(frozen=True, slots=True)
class Method:
    """`call` is None for getUpdates, which waits and is served apart."""

    name: str
    call: Callable[[Desk, Params], Any] | None
    params: dict[str, Kind]
    required: frozenset[str]


def get_me(desk: Desk, params: Params) -> dict[str, Any]:
    manners = {
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return desk.world.bot | manners


def delete_webhook(desk: Desk, params: Params) -> bool:
    if params.boolean("drop_pending_updates"):
        desk.world.updates.clear()
    return True


def get_webhook_info(desk: Desk, params: Params) -> dict[str, Any]:
    updates = desk.world.updates
    info: dict[str, Any] = {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": len(updates.pending()),
    }
    return info | ({"allowed_updates": sorted(updates.allowed)} if updates.allowed_was_set else {})


def answer_callback_query(desk: Desk, params: Params) -> bool:
    """A second answer is refused: the first one has spent the query."""
    query = desk.world.queries.get(params.string("callback_query_id") or "")
    old = query is None or desk.world.now() - query.asked > QUERY_ANSWER_SECONDS
    if query is None or old or query.answer is not None:
        raise bad_request(_QUERY_GONE)
    text = params.string("text")
    if text and len(text) > CALLBACK_TEXT_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    answer: dict[str, Any] = {"show_alert": params.boolean("show_alert")}
    answer |= {name: value for name in ("text", "url") if (value := params.string(name))}
    desk.world.answer(query, answer)
    return True


def get_file(desk: Desk, params: Params) -> dict[str, Any]:
    return desk.world.files.link(params.string("file_id") or "")


def get_chat(desk: Desk, params: Params) -> dict[str, Any]:
    person = desk.world.people.get(params.integer("chat_id"))
    if person is None or not person.started:
        raise bad_request("chat not found")
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
        False,
    )
    return person.chat() | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


def set_my_commands(desk: Desk, params: Params) -> bool:
    commands = check_commands(params.json("commands"))
    desk.world.commands.put(_scope(desk, params), check_language(params.string("language_code")), commands)
    _tell_commands(desk)
    return True


def get_my_commands(desk: Desk, params: Params) -> list[dict[str, str]]:
    return desk.world.commands.get(_scope(desk, params), check_language(params.string("language_code")))


def delete_my_commands(desk: Desk, params: Params) -> bool:
    desk.world.commands.delete(_scope(desk, params), check_language(params.string("language_code")))
    _tell_commands(desk)
    return True


def _scope(desk: Desk, params: Params) -> str:
    scope = params.json("scope")
    key = scope_key(scope)
    if key.startswith("chat"):
        desk.world.reachable(scope.get("chat_id"))
    return key


def _tell_commands(desk: Desk) -> None:
    for person_id in list(desk.world.people):
        desk.world.notify(person_id, "commands", {"commands": desk.world.commands_of(person_id)})


def check_allowed_updates(kinds: object) -> list[str]:
    """Raises `Refused` (400), also for kinds Telegram would ignore: a wrong word is a mistake in the bot."""
    if not is_array(kinds):
        raise bad_request("can't parse allowed_updates: expected an Array of String")
    for word in kinds:
        if word not in UPDATE_KINDS:
            raise bad_request(f"unknown kind of update {word!r} in allowed_updates")
    return kinds


def _method(name: str, call: Callable[[Desk, Params], Any] | None, params: dict[str, Kind], *required: str) -> Method:
    return Method(name, call, params, frozenset(required))


_I, _S, _B, _J, _F = Kind.INTEGER, Kind.STRING, Kind.BOOLEAN, Kind.JSON, Kind.FILE
_CHAT_ALBUM = {name: kind for name, kind in sending.TO_CHAT.items() if name != "reply_markup"}
_SCOPED = {"scope": _J, "language_code": _S}
_ABOVE = {"show_caption_above_media": _B}
_PICTURED = _ABOVE | {"has_spoiler": _B}
_TEXT = {"text": _S, "parse_mode": _S, "entities": _J, "link_preview_options": _J}

_ALL = (
    _method("getMe", get_me, {}),
    _method("getUpdates", None, {"offset": _I, "limit": _I, "timeout": _I, "allowed_updates": _J}),
    _method("deleteWebhook", delete_webhook, {"drop_pending_updates": _B}),
    _method("getWebhookInfo", get_webhook_info, {}),
    _method("sendMessage", sending.send_message, sending.TO_CHAT | _TEXT, "chat_id", "text"),
    _method(
        "sendPhoto",
        sending.send_photo,
        sending.TO_CHAT | {"photo": _F} | sending.CAPTION | _PICTURED,
        "chat_id",
        "photo",
    ),
    _method(
        "sendVideo",
        sending.send_video,
        sending.TO_CHAT
        | {"video": _F, "duration": _I, "width": _I, "height": _I, "thumbnail": _F, "supports_streaming": _B}
        | sending.CAPTION
        | _PICTURED,
        "chat_id",
        "video",
    ),
    _method(
        "sendDocument",
        sending.send_document,
        sending.TO_CHAT | {"document": _F, "thumbnail": _F, "disable_content_type_detection": _B} | sending.CAPTION,
        "chat_id",
        "document",
    ),
    _method(
        "copyMessage",
        sending.copy_message,
        sending.TO_CHAT | {"from_chat_id": Kind.CHAT, "message_id": _I} | sending.CAPTION | _ABOVE,
        "chat_id",
        "from_chat_id",
        "message_id",
    ),
    _method("sendMediaGroup", sending.send_media_group, _CHAT_ALBUM | {"media": _J}, "chat_id", "media"),
    _method("sendChatAction", sending.send_chat_action, {"chat_id": Kind.CHAT, "action": _S}, "chat_id", "action"),
    _method("editMessageText", editing.edit_message_text, editing.TARGET | _TEXT),
    _method("editMessageCaption", editing.edit_message_caption, editing.TARGET | sending.CAPTION | _ABOVE),
    _method("editMessageMedia", editing.edit_message_media, editing.TARGET | {"media": _J}, "media"),
    _method("editMessageReplyMarkup", editing.edit_message_reply_markup, editing.TARGET),
    _method(
        "deleteMessage",
        editing.delete_message,
        {"chat_id": Kind.CHAT, "message_id": _I},
        "chat_id",
        "message_id",
    ),
    _method(
        "answerCallbackQuery",
        answer_callback_query,
        {"callback_query_id": _S, "text": _S, "show_alert": _B, "url": _S, "cache_time": _I},
        "callback_query_id",
    ),
    *(_method(name, call, params, *required) for name, call, params, required in PAYMENT_METHODS),
    _method("getFile", get_file, {"file_id": _S}, "file_id"),
    _method("getChat", get_chat, {"chat_id": Kind.CHAT}, "chat_id"),
    _method("setMyCommands", set_my_commands, {"commands": _J} | _SCOPED, "commands"),
    _method("getMyCommands", get_my_commands, _SCOPED),
    _method("deleteMyCommands", delete_my_commands, _SCOPED),
)
METHODS = {method.name.lower(): method for method in _ALL}


def find_method(name: str) -> Method:
    """Method names are case-insensitive. Raises `Refused` (404)."""
    method = METHODS.get(name.lower())
    if method is None:
        raise Refused(404, "Not Found: method not found")
    return method
