"""The methods that put something new into a chat."""

from sandbox.telegram.content import (
    Desk,
    caption_of,
    input_media,
    markup_of,
    media_of,
    reply_of,
)
from sandbox.telegram.errors import bad_request
from sandbox.telegram.params import Kind, Params
from sandbox.telegram.shapes import is_array
from sandbox.telegram.state import Message, Person
from sandbox.telegram.text import check_preview, message_text

ALBUM = range(2, 11)
ACTIONS = (
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
)  # fmt: skip
TO_CHAT = {
    "chat_id": Kind.CHAT,
    "disable_notification": Kind.BOOLEAN,
    "protect_content": Kind.BOOLEAN,
    "reply_parameters": Kind.JSON,
    "reply_markup": Kind.JSON,
}
COPIED = ("text", "entities", "photo", "video", "document", "caption", "caption_entities", "has_media_spoiler")
CAPTION = {"caption": Kind.STRING, "parse_mode": Kind.STRING, "caption_entities": Kind.JSON}


def send_message(desk: Desk, params: Params) -> Message:
    person = desk.world.reachable(params.chat())
    check_preview(params.json("link_preview_options"), strict=desk.strict)
    text = params.string("text")
    mode, entities = params.string("parse_mode"), params.json("entities")
    content = message_text(text, mode, entities, desk.world.find_user)
    return _post(desk, params, person, content)


def send_photo(desk: Desk, params: Params) -> Message:
    return _send_media(desk, params, "photo")


def send_video(desk: Desk, params: Params) -> Message:
    return _send_media(desk, params, "video")


def send_document(desk: Desk, params: Params) -> Message:
    return _send_media(desk, params, "document")


def _send_media(desk: Desk, params: Params, kind: str) -> Message:
    person = desk.world.reachable(params.chat())
    caption = caption_of(desk, params.values)
    media = media_of(desk, params, kind, params.values, params.values[kind])
    return _post(desk, params, person, media | caption)


def send_media_group(desk: Desk, params: Params) -> list[Message]:
    person = desk.world.reachable(params.chat())
    group = params.json("media")
    items = [input_media(item) for item in group] if is_array(group) else []
    if len(items) not in ALBUM:
        raise bad_request("wrong number of media: an album has 2 to 10")
    if len({item["type"] == "document" for item in items}) > 1:
        raise bad_request("documents can't be mixed with other media types")
    contents = [
        media_of(desk, params, item["type"], item, item.get("media")) | caption_of(desk, item) for item in items
    ]
    common = {"media_group_id": str(desk.world.random.getrandbits(62))} | reply_of(desk, params, person.id)
    if desk.limits:
        desk.world.flow.send(person.id, len(contents))
    return [desk.world.post(person, content | common) for content in contents]


def _post(desk: Desk, params: Params, person: Person, content: Message) -> Message:
    content = content | reply_of(desk, params, person.id) | markup_of(desk, params)
    if desk.limits:
        desk.world.flow.send(person.id)
    if params.boolean("protect_content"):
        content["has_protected_content"] = True
    return desk.world.post(person, content)


def copy_message(desk: Desk, params: Params) -> dict[str, int]:
    """What a message says, without saying whose it was; its buttons are not copied."""
    person = desk.world.reachable(params.chat())
    source = desk.world.messages.get(params.integer("from_chat_id"), {}).get(params.integer("message_id"))
    if source is None:
        raise bad_request("message to copy not found")
    content = {name: source[name] for name in COPIED if name in source}
    if not content:
        raise bad_request("message can't be copied")
    if "caption" in params:
        content = {name: value for name, value in content.items() if not name.startswith("caption")}
        content |= caption_of(desk, params.values)
    return {"message_id": _post(desk, params, person, content)["message_id"]}


def send_chat_action(desk: Desk, params: Params) -> bool:
    person = desk.world.reachable(params.chat())
    action = params.string("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    desk.world.act(person.id, action)
    return True
