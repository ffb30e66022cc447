"""Texts in three languages: complete, with right plurals, and HTML that Telegram takes."""

from collections.abc import Iterable

import pytest

from actors.telegram.menu import ADMINS, EVERYBODY
from protocol.catalogue import LANGUAGES
from protocol.job import Failure
from protocol.texts import Html, MissingText, choose_language, plain, say
from sandbox.telegram.html import parse_html

from .fluent_files import Use, all_words, prefixes, texts, uses

NASTY = "<b>&lt;\"'>"
KEYS = sorted(texts("en"))
languages = pytest.mark.parametrize("language", LANGUAGES)


def test_the_three_languages_have_the_same_texts_with_the_same_arguments() -> None:
    for language in LANGUAGES:
        assert texts(language).keys() == texts("en").keys()
        for key, text in texts(language).items():
            assert text.arguments == texts("en")[key].arguments, (language, key)


def ids(found: Iterable[Use]) -> list[str]:
    return [f"{use.key} in {use.where}" for use in found]


@pytest.mark.parametrize("use", uses(), ids=ids(uses()))
def test_what_the_code_says_is_there_and_gets_its_arguments(use: Use) -> None:
    for language in LANGUAGES:
        text = texts(language)[use.key]
        if use.given is not None:
            assert text.arguments <= use.given
        if use.plain:
            assert not text.markup, "a button and an answer show their text as it is"


def test_enough_of_the_code_was_understood() -> None:
    """Else the test above would pass by seeing nothing."""
    assert len(uses()) > 60
    assert sum(use.given is not None for use in uses()) > 45


def test_every_text_is_used() -> None:
    chosen = {key for key in KEYS if key.startswith(tuple(prefixes()))}
    inside = {other for text in texts("en").values() for other in text.others}
    assert set(KEYS) - all_words() - chosen - inside == set()


def test_every_failure_and_every_menu_entry_has_its_words_and_no_other() -> None:
    failures = {f"failure-{failure}" for failure in Failure}
    menu = {f"menu-{name}" for name in EVERYBODY + ADMINS}
    assert {key for key in KEYS if key.startswith(("failure-", "menu-"))} == failures | menu


@languages
@pytest.mark.parametrize("key", KEYS)
def test_every_text_is_html_that_telegram_takes(key: str, language: str) -> None:
    text = texts(language)[key]
    for number in (0, 1, 4, 1234):
        arguments = {name: number if name in text.numbers else NASTY for name in text.arguments}
        shown, _ = parse_html(say(language, key, **arguments))
        assert 0 < len(shown) <= 4096
        assert shown == shown.strip()
        assert shown.count(NASTY) >= len(text.arguments - text.numbers) - (key in SELDOM_SHOWN)
        assert "{" not in shown
        if number == 1234 and text.numbers:
            assert "1234" in shown


SELDOM_SHOWN = {"admin-contact"}
"""An argument that goes into a link is not seen in the text."""


@languages
def test_every_menu_line_is_one_telegram_takes(language: str) -> None:
    for name in EVERYBODY + ADMINS:
        assert 1 <= len(plain(language, f"menu-{name}")) <= 256


@languages
def test_answers_to_buttons_fit(language: str) -> None:
    """200 characters (Bot API, answerCallbackQuery)."""
    for use in uses():
        if use.plain:
            text = texts(language)[use.key]
            arguments = {name: 12 if name in text.numbers else "100 500 tokens" for name in text.arguments}
            assert len(plain(language, use.key, **arguments)) <= 200, use.key


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", {
            0: "0 токенов", 1: "1 токен", 2: "2 токена", 3: "3 токена", 4: "4 токена", 5: "5 токенов",
            11: "11 токенов", 12: "12 токенов", 14: "14 токенов", 21: "21 токен", 22: "22 токена", 25: "25 токенов",
            100: "100 токенов", 101: "101 токен", 111: "111 токенов", 112: "112 токенов", 122: "122 токена",
            1001: "1001 токен", 12345: "12345 токенов",
        }),
        ("kk", {0: "0 токен", 1: "1 токен", 2: "2 токен", 5: "5 токен", 21: "21 токен", 12345: "12345 токен"}),
        ("en", {0: "0 tokens", 1: "1 token", 2: "2 tokens", 11: "11 tokens", 21: "21 tokens", 12345: "12345 tokens"}),
    ],
)  # fmt: skip
def test_tokens_are_counted_as_the_language_counts(language: str, words: dict[int, str]) -> None:
    assert {n: plain(language, "tokens", n=n) for n in words} == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", {0: "сегодня", 1: "1 день назад", 3: "3 дня назад", 5: "5 дней назад", 11: "11 дней назад",
            21: "21 день назад", 1234: "1234 дня назад"}),
        ("en", {0: "today", 1: "1 day ago", 2: "2 days ago", 21: "21 days ago"}),
    ],
)  # fmt: skip
def test_days_are_counted_as_the_language_counts(language: str, words: dict[int, str]) -> None:
    assert {n: plain(language, "users-seen", days=n) for n in words} == words


def test_what_people_write_is_escaped_once() -> None:
    assert say("en", "job-done", number=5, prompt="a <b> & c").endswith("<i>a &lt;b&gt; &amp; c</i>")
    assert say("en", "job-done", number=5, prompt=Html("a <b>b</b>")).endswith("<i>a <b>b</b></i>")
    inner = say("en", "videos-line", sign="✅", number=1, seconds=4, prompt="R&D")
    assert "R&amp;D" in say("en", "job-done", number=5, prompt=inner)
    assert isinstance(inner, Html)


def test_plain_text_is_not_escaped() -> None:
    assert "R&D" in plain("en", "answer-short", missing="R&D")


def test_numbers_are_not_grouped() -> None:
    """A person reads № 1234 and writes it back."""
    for language in LANGUAGES:
        assert "1234567" in say(language, "job-done", number=1234567, prompt="x")


def test_a_fault_of_ours_is_a_clear_error() -> None:
    with pytest.raises(MissingText, match=r"^there is no text 'nonsense' in en$"):
        say("en", "nonsense")
    with pytest.raises(MissingText, match=r"^the text 'tokens' in kk"):
        plain("kk", "tokens")


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("ru", "ru"), ("kk", "kk"), ("en", "en"), ("en-GB", "en"), ("KK-Cyrl-KZ", "kk"), ("de", "ru"), ("", "ru"),
        (None, "ru"), ("kkk", "ru"), ("-", "ru"),
    ],
)  # fmt: skip
def test_the_language_follows_telegram_s(code: str | None, language: str) -> None:
    assert choose_language(code, "ru") == language
