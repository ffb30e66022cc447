"""The methods that change or remove what the bot has said."""

from typing import Any

from sandbox.telegram.content import MEDIA, Desk, caption_of, input_media, markup_of, media_of
from sandbox.telegram.errors import bad_request
from sandbox.telegram.params import Kind, Params
from sandbox.telegram.state import Message
from sandbox.telegram.text import check_preview, message_text

DELETE_SECONDS = 48 * 3600  # "a message can only be deleted if it was sent less than 48 hours ago"
TARGET = {"chat_id": Kind.CHAT, "message_id": Kind.INTEGER, "reply_markup": Kind.JSON}

_TEXT = ("text", "entities")
_CAPTION = ("caption", "caption_entities", "show_caption_above_media")
_EVERY_MEDIA = (*MEDIA, "has_media_spoiler", *_CAPTION)


def edit_message_text(desk: Desk, params: Params) -> Message:
    message = _target(desk, params)
    check_preview(params.json("link_preview_options"), strict=desk.strict)
    source, mode = params.string("text"), params.string("parse_mode")
    content = message_text(source, mode, params.json("entities"), desk.world.find_user)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _replace(desk, params, message, _TEXT, content)


def edit_message_caption(desk: Desk, params: Params) -> Message:
    message = _target(desk, params)
    content = caption_of(desk, params.values)
    if not any(name in message for name in MEDIA):
        raise bad_request("there is no caption in the message to edit")
    return _replace(desk, params, message, _CAPTION, content)


def edit_message_media(desk: Desk, params: Params) -> Message:
    message = _target(desk, params)
    if "text" not in message and not any(name in message for name in MEDIA):
        raise bad_request("there is no media in the message to edit")
    item = input_media(params.json("media"))
    content = media_of(desk, params, item["type"], item, item.get("media")) | caption_of(desk, item)
    return _replace(desk, params, message, (*_TEXT, *_EVERY_MEDIA), content)


def edit_message_reply_markup(desk: Desk, params: Params) -> Message:
    return _replace(desk, params, _target(desk, params), (), {})


def _target(desk: Desk, params: Params) -> Message:
    person = desk.world.reachable(params.chat())
    if "message_id" not in params:
        raise bad_request("message identifier is not specified")
    message = desk.world.messages[person.id].get(params.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != desk.world.bot["id"]:
        raise bad_request("message can't be edited")
    return message


def _replace(
    desk: Desk, params: Params, message: Message, removed: tuple[str, ...], content: dict[str, Any]
) -> Message:
    """`content` instead of the fields `removed`. A keyboard that is not given again disappears."""
    gone = {*removed, "reply_markup", "edit_date"}
    kept = {name: value for name, value in message.items() if name not in gone}
    edited = kept | content | markup_of(desk, params)
    if edited == {name: value for name, value in message.items() if name != "edit_date"}:
        raise bad_request(
            "message is not modified: specified new message content and reply markup "
            "are exactly the same as a current content and reply markup of the message"
        )
    chat_id: int = message["chat"]["id"]
    if desk.limits:
        desk.world.flow.edit(chat_id)
    return desk.world.replace(chat_id, edited)


def delete_message(desk: Desk, params: Params) -> bool:
    person = desk.world.reachable(params.chat())
    message = desk.world.messages[person.id].get(params.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if desk.world.now() - message["date"] > DELETE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    desk.world.remove(person.id, message["message_id"])
    return True
