"""Telegram's HTML: text with tags in, plain text and entities with UTF-16 offsets out.

As strict as the real parser (`parse_html` in tdlib's MessageEntity.cpp) and worded like it. Left out: how
Telegram merges equal entities that touch, and its rules about which kinds may be inside of which.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.telegram.errors import Refused, bad_request

_PLAIN_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler", "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip
_TAGS = frozenset(_PLAIN_TAGS) | {"a", "tg-emoji", "tg-time"}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_CHARACTER = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+));?")
_USER_LINK = re.compile(r"tg://user\?id=(\d+)", re.IGNORECASE)

Entity = dict[str, Any]


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, which is how the Bot API counts offsets."""
    return len(text) + sum(character > "\uffff" for character in text)


def in_order(entity: Entity) -> tuple[int, int]:
    """The order of entities in a message: by offset, the longer first."""
    return entity["offset"], -entity["length"]


@dataclass(slots=True)
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int
    start: int


@dataclass(slots=True)
class _Parser:
    source: str
    at: int = 0
    text: list[str] = field(default_factory=list[str])
    length: int = 0
    open: list[_Open] = field(default_factory=list[_Open])
    entities: list[Entity] = field(default_factory=list[Entity])

    def parse(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            if self.source[self.at] != "<":
                self._put(self._character())
            elif self.source.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise _wrong(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return "".join(self.text), sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))

    def _character(self) -> str:
        """The character here; the four names the Bot API knows and numbers are decoded, `&nbsp;` is not."""
        if self.source[self.at] == "&" and (found := _CHARACTER.match(self.source, self.at)):
            decoded = _decode(found)
            if decoded is not None:
                self.at = found.end()
                return decoded
        self.at += 1
        return self.source[self.at - 1]

    def _put(self, character: str) -> None:
        self.text.append(character)
        self.length += utf16_length(character)

    def _peek(self) -> str:
        return self.source[self.at] if self.at < len(self.source) else ""

    def _skip(self, stop: str) -> str:
        """Everything up to a space or a character of `stop`."""
        begin = self.at
        while (here := self._peek()) and not here.isspace() and here not in stop:
            self.at += 1
        return self.source[begin : self.at]

    def _spaces(self) -> None:
        while self._peek().isspace():
            self.at += 1

    def _where(self, position: int) -> str:
        return f"at byte offset {len(self.source[:position].encode())}"

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        tag = self._skip(">").lower()
        if not self._peek():
            raise _wrong(f"Unclosed start tag {self._where(begin)}")
        if tag not in _TAGS:
            raise _wrong(f'Unsupported start tag "{tag}" {self._where(begin)}')
        attributes: dict[str, str] = {}
        while True:
            self._spaces()
            if self._peek() == ">":
                break
            name, value = self._attribute(tag, begin)
            attributes[name] = value
        self.at += 1
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _wrong(f'Tag "span" must have class "tg-spoiler" {self._where(begin)}')
        if tag == "tg-emoji" and not attributes.get("emoji-id", "").isdigit():
            raise _wrong("Invalid custom emoji identifier specified")
        if tag == "tg-time" and not attributes.get("unix", "").isdigit():
            raise _wrong("Invalid Unix time specified")
        self.open.append(_Open(tag, attributes, self.length, len(self.text)))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        unclosed = f'Unclosed start tag "{tag}" {self._where(begin)}'
        name = self._skip("=>")
        if not name:
            if not self._peek():
                raise _wrong(unclosed)
            raise _wrong(f'Empty attribute name in the tag "{tag}" {self._where(begin)}')
        self._spaces()
        if self._peek() != "=":
            return name, ""
        self.at += 1
        self._spaces()
        quote = self._peek()
        if not quote:
            raise _wrong(unclosed)
        value_at = self.at
        if quote not in "'\"":
            value = self._skip(">").lower()
            if re.fullmatch(r"[a-z0-9.-]*", value) is None:
                raise _wrong(f"Unexpected end of name token {self._where(value_at)}")
            return name, value
        self.at += 1
        value = ""
        while self._peek() and self._peek() != quote:
            value += self._character()
        if not self._peek():
            raise _wrong(unclosed)
        self.at += 1
        return name, value

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise _wrong(f"Unexpected end tag {self._where(begin)}")
        self.at += 2
        tag = self._skip(">").lower()
        self._spaces()
        if self._peek() != ">":
            raise _wrong(f"Unclosed end tag {self._where(begin)}")
        self.at += 1
        opened = self.open.pop()
        if tag not in ("", opened.tag):
            found = f'expected "</{opened.tag}>", found "</{tag}>"'
            raise _wrong(f"Unmatched end tag {self._where(begin)}, {found}")
        if self.length > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        kind = _PLAIN_TAGS.get(opened.tag, opened.tag)
        entity: Entity = {"type": kind, "offset": opened.offset, "length": self.length - opened.offset}
        match opened.tag:
            case "a":
                url = opened.attributes.get("href") or "".join(self.text[opened.start :])
                if user := _USER_LINK.fullmatch(url):
                    entity |= {"type": "text_mention", "user": {"id": int(user[1])}}
                elif checked := checked_url(url):
                    entity |= {"type": "text_link", "url": checked}
                else:
                    return  # Telegram drops a link to nowhere and keeps its text
            case "tg-emoji":
                entity |= {"type": "custom_emoji", "custom_emoji_id": opened.attributes["emoji-id"]}
            case "tg-time":
                entity |= {"type": "date_time", "unix_time": int(opened.attributes["unix"])}
                if style := opened.attributes.get("format"):
                    entity["date_time_format"] = style
            case "blockquote" if "expandable" in opened.attributes:
                entity["type"] = "expandable_blockquote"
            case "code":
                language = opened.attributes.get("class", "").removeprefix("language-")
                if language and self.open and self.open[-1].tag == "pre":
                    entity["language"] = language
            case "pre":
                self._merge_code(entity)
            case _:
                pass  # the rest carry nothing but their type
        self.entities.append(entity)

    def _merge_code(self, pre: Entity) -> None:
        """`<pre><code class="language-x">` of the same extent is one entity with a language."""
        last = self.entities[-1] if self.entities else None
        if last and last["type"] == "code" and last["offset"] == pre["offset"] and last["length"] == pre["length"]:
            self.entities.pop()
            if "language" in last:
                pre["language"] = last["language"]


def _decode(found: re.Match[str]) -> str | None:
    hexadecimal, decimal, name = found.groups()
    if name is not None:
        return _NAMED.get(name)
    code = int(hexadecimal, 16) if hexadecimal is not None else int(decimal)
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code < 0xE000 else None


def _wrong(reason: str) -> Refused:
    return bad_request(f"can't parse entities: {reason}")


def checked_url(url: str) -> str | None:
    """The URL as Telegram stores it, or None where it is not one it would open."""
    url = url.strip()
    if re.match(r"(?i)(https?|tg|ton)://[^\s/]", url) or re.match(r"(?i)mailto:\S", url):
        found = re.fullmatch(r"(?i)(https?://[^/?#\s]+)", url)
        return f"{url}/" if found else url
    return f"http://{url}/" if re.fullmatch(r"[\w-]+(\.[\w-]+)+", url) else None


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Text and entities of `source`. Raises `Refused` (400, can't parse entities)."""
    return _Parser(source).parse()
