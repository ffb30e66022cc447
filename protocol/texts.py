"""Texts a person reads, from the files in `locales/<language>/`, with the plurals of each language (Project Fluent).

Every text argument is escaped for Telegram's HTML, so a handler cannot forget it; `Html` marks what is HTML already.
"""

import html
from collections.abc import Mapping
from functools import cache
from importlib import resources

from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import fluent_number

from protocol.catalogue import LANGUAGES, Language

LONGEST_ARGUMENT = 1000
"""Characters. A longer text is cut: Fluent raises above 2500 (`fluent.runtime.resolver.MAX_PART_LENGTH`)."""


class Html(str):
    """Text that is Telegram HTML already and must not be escaped again."""

    __slots__ = ()


class MissingText(Exception):
    """A locale file lacks a text, or a text asks for an argument that was not given: a fault of ours."""


@cache
def _bundle(language: Language) -> FluentBundle:
    bundle = FluentBundle([language], use_isolating=False)
    for file in sorted(resources.files("protocol").joinpath("locales", language).iterdir(), key=lambda file: file.name):
        bundle.add_resource(FluentResource(file.read_text("utf-8")))
    return bundle


def read_all() -> None:
    """Read the texts of every language now, a quarter of a second of work: else the first words of each wait for it."""
    for language in LANGUAGES:
        _bundle(language)


def say(language: Language, key: str, /, **arguments: object) -> Html:
    """The text `key` in `language`, as Telegram HTML. Raises `MissingText`."""
    return Html(_format(language, key, {name: _escaped(value) for name, value in arguments.items()}))


def plain(language: Language, key: str, /, **arguments: object) -> str:
    """The text `key` as plain text, for buttons and for answers to pressed buttons. Raises `MissingText`."""
    return _format(language, key, arguments)


def choose_language(telegram_code: str | None, default: Language) -> Language:
    """The language to speak with a person whose Telegram is set to `telegram_code` (IETF tag, e.g. `en-GB`)."""
    primary = (telegram_code or "").partition("-")[0].lower()
    return primary if primary in LANGUAGES else default


def _escaped(value: object) -> object:
    if isinstance(value, Html) or not isinstance(value, str):
        return value
    escaped = html.escape(value, quote=False)
    while len(escaped) > LONGEST_ARGUMENT:
        value = value[: len(value) * 4 // 5] + "…"
        escaped = html.escape(value, quote=False)
    return escaped


def _ungrouped(value: object) -> object:
    """Whole numbers are written as a person would type them: film № 1234, never № 1,234."""
    return fluent_number(value, useGrouping=False) if isinstance(value, int) else value


def _format(language: Language, key: str, arguments: Mapping[str, object]) -> str:
    return _with(language, key, arguments) if arguments else _alone(language, key)


@cache
def _alone(language: Language, key: str) -> str:
    """A text without arguments is always the same: the menu alone has dozens."""
    return _with(language, key, {})


def _with(language: Language, key: str, arguments: Mapping[str, object]) -> str:
    bundle = _bundle(language)
    if not bundle.has_message(key):
        raise MissingText(f"there is no text {key!r} in {language}")
    pattern = bundle.get_message(key).value
    if pattern is None:
        raise MissingText(f"the text {key!r} in {language} has no value")
    text, errors = bundle.format_pattern(pattern, {name: _ungrouped(value) for name, value in arguments.items()})
    if errors:
        raise MissingText(f"the text {key!r} in {language}: {errors[0]}")
    return str(text)
