"""What the bot puts into a message: media, captions, keyboards, replies.

Every function raises `Refused` (400) where Telegram would refuse.
"""

from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.files import StoredFile, Upload, is_mp4
from sandbox.telegram.keyboards import check_markup
from sandbox.telegram.params import Params
from sandbox.telegram.shapes import is_object
from sandbox.telegram.state import Message, TelegramWorld, photo_content
from sandbox.telegram.text import message_caption

MEDIA = ("photo", "video", "document")


@dataclass(frozen=True, slots=True)
class Desk:
    """The world and how strictly the stand-in behaves in it."""

    world: TelegramWorld
    strict: bool = True
    limits: bool = True


def markup_of(desk: Desk, params: Params, *, invoice: bool = False) -> Message:
    if "reply_markup" not in params:
        return {}
    keyboard = check_markup(params.json("reply_markup"), strict=desk.strict, invoice=invoice)
    return {} if keyboard is None else {"reply_markup": keyboard}


def caption_of(desk: Desk, options: dict[str, Any]) -> Message:
    """`options` are a method's parameters or the fields of an InputMedia."""
    source, mode, entities = (options.get(name) for name in ("caption", "parse_mode", "caption_entities"))
    caption = message_caption(source, mode, entities, desk.world.find_user)
    if caption and options.get("show_caption_above_media"):
        caption["show_caption_above_media"] = True
    return caption


def reply_of(desk: Desk, params: Params, chat_id: int) -> Message:
    reply = params.json("reply_parameters")
    if not is_object(reply):
        return {}
    message = desk.world.messages[chat_id].get(reply.get("message_id", 0))
    if message is None:
        if reply.get("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    return {"reply_to_message": {name: message[name] for name in message if name != "reply_to_message"}}


def media_of(desk: Desk, params: Params, kind: str, options: dict[str, Any], source: object) -> Message:
    """The media fields of a message. `options` as in `caption_of`; `source` is the file's parameter value."""
    file = params.file(source)
    if isinstance(file, str):
        stored = _known_file(desk, kind, file)
        sizes = desk.world.files.photo(file) if kind == "photo" else []
    elif kind == "photo":
        sizes = desk.world.files.add_photo(file.data)
        stored = sizes[-1]
    else:
        sizes = []
        stored = _store(desk, params, kind, options, file)
    content: Message = photo_content(sizes) if sizes else {stored.kind: stored.to_json()}
    if options.get("has_spoiler") and kind != "document":
        content["has_media_spoiler"] = True
    return content


def _known_file(desk: Desk, kind: str, file_id: str) -> StoredFile:
    if file_id.lower().startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")  # the stand-in never leaves this machine
    stored = desk.world.files.get(file_id)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if stored.kind != kind:
        raise bad_request(f"can't use file of type {stored.kind.capitalize()} as {kind.capitalize()}")
    return stored


def _store(desk: Desk, params: Params, kind: str, options: dict[str, Any], file: Upload) -> StoredFile:
    if not file.data:
        raise bad_request("file must be non-empty")
    thumbnail = None
    if options.get("thumbnail"):
        source = params.file(options["thumbnail"])
        if isinstance(source, str):
            raise bad_request("thumbnails can't be reused and can be only uploaded as a new file")
        thumbnail = desk.world.files.add_thumbnail(source.data, strict=desk.strict)
    video = kind == "video" and is_mp4(file.data)  # anything but MPEG4 arrives as a document
    mime_type = "video/mp4" if video else file.content_type or "application/octet-stream"
    return desk.world.files.add(
        "video" if video else "document",
        file.data,
        mime_type=mime_type,
        file_name=file.file_name,
        width=options.get("width", 0) if video else 0,
        height=options.get("height", 0) if video else 0,
        duration=options.get("duration", 0) if video else 0,
        supports_streaming=bool(options.get("supports_streaming")),
        thumbnail=thumbnail,
    )


def input_media(media: object) -> dict[str, Any]:
    """An InputMedia this stand-in can show."""
    if not is_object(media):
        raise bad_request("can't parse InputMedia: expected an Object")
    if media.get("type") not in MEDIA:
        raise bad_request("can't parse InputMedia: type must be photo, video or document")
    return media
