"""What a text becomes on its way into a message: parsed, trimmed, measured, its commands and links found.

Detection is simpler than Telegram's: commands, @names and http links only, no bare domains or hashtags.
"""

import re
from collections.abc import Callable
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.html import Entity, in_order, parse_html, utf16_length
from sandbox.telegram.shapes import is_array, is_object

TEXT_LIMIT = 4096  # UTF-16 units, markup not counted; the Bot API says "characters", this is stricter
CAPTION_LIMIT = 1024

_DETECTED = re.compile(
    r"(?P<url>https?://[^\s<>\"']+[^\s<>\"'.,!?;:)])"
    r"|(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/]))"
    r"|(?P<mention>(?<!\w)@[A-Za-z][A-Za-z0-9_]{3,31}\b)"
)
_PREVIEW = ("is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text", "url")
_OPAQUE = {"code", "pre", "text_link", "text_mention", "custom_emoji"}  # nothing is detected inside of these

FindUser = Callable[[int], dict[str, Any] | None]


def detect_entities(text: str, known: list[Entity] | None = None) -> list[Entity]:
    """Entities Telegram finds by itself, together with the `known` ones, in order of offset."""
    entities = list(known or [])
    opaque = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] in _OPAQUE]
    for found in _DETECTED.finditer(text):
        offset = utf16_length(text[: found.start()])
        length = utf16_length(found[0])
        if not any(begin < offset + length and offset < end for begin, end in opaque):
            entities.append({"type": str(found.lastgroup), "offset": offset, "length": length})
    return sorted(entities, key=in_order)


def format_text(source: str, parse_mode: str | None, entities: object, find_user: FindUser) -> tuple[str, list[Entity]]:
    """Text and entities as a message carries them. Raises `Refused` (400)."""
    if "\x00" in source:
        raise bad_request("strings must be encoded in UTF-8")
    text, found = source, _given(entities)
    if parse_mode:
        if parse_mode.lower() != "html":
            raise bad_request("unsupported parse_mode")  # Markdown exists at Telegram; this stand-in speaks HTML
        text, found = parse_html(source)
    text, found = _trim(text, found)
    return text, detect_entities(text, _with_users(found, find_user))


def _given(entities: object) -> list[Entity]:
    """Entities the bot spelled out instead of marking up its text. Raises `Refused` (400)."""
    if not is_array(entities):
        if entities is None:
            return []
        raise bad_request("can't parse entities: expected an Array")
    for entity in entities:
        if not is_object(entity) or not {"type", "offset", "length"} <= set(entity):
            raise bad_request("can't parse MessageEntity: type, offset and length are required")
    return list(entities)


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Telegram strips a text at both ends; entities keep only what is left of them."""
    stripped = text.strip()
    lead = utf16_length(text[: len(text) - len(text.lstrip())])
    end = utf16_length(stripped)
    kept: list[Entity] = []
    for entity in entities:
        first = max(entity["offset"] - lead, 0)
        last = min(entity["offset"] + entity["length"] - lead, end)
        if last > first:
            kept.append(entity | {"offset": first, "length": last - first})
    return stripped, kept


def _with_users(entities: list[Entity], find_user: FindUser) -> list[Entity]:
    """A mention by id of somebody unknown to the bot is dropped, as Telegram does."""
    kept: list[Entity] = []
    for entity in entities:
        if entity["type"] != "text_mention":
            kept.append(entity)
        elif user := find_user(entity["user"]["id"]):
            kept.append(entity | {"user": user})
    return kept


def check_preview(options: object, *, strict: bool) -> None:
    """LinkPreviewOptions. Raises `Refused` (400)."""
    if options is None:
        return
    if not is_object(options):
        raise bad_request("object expected as link preview options")
    for name, value in options.items():
        if name not in _PREVIEW and strict:
            raise bad_request(f"can't parse link preview options: unknown field {name!r}")
        kind, kind_name = (str, "String") if name == "url" else (bool, "Boolean")
        if name in _PREVIEW and not isinstance(value, kind):
            raise bad_request(f'can\'t parse link preview options: Field "{name}" must be of type {kind_name}')


def message_text(source: str | None, parse_mode: str | None, entities: object, find_user: FindUser) -> dict[str, Any]:
    """The `text` and `entities` of a message. Raises `Refused` (400)."""
    if not source:
        raise bad_request("message text is empty")
    text, found = format_text(source, parse_mode, entities, find_user)
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return {"text": text, "entities": found} if found else {"text": text}


def message_caption(
    source: str | None, parse_mode: str | None, entities: object, find_user: FindUser
) -> dict[str, Any]:
    """The `caption` and `caption_entities` of a message; nothing for an empty one. Raises `Refused` (400)."""
    if not source:
        return {}
    text, found = format_text(source, parse_mode, entities, find_user)
    if utf16_length(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": found} if found else {"caption": text}
