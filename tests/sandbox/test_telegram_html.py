"""Telegram's HTML: what it means, and in which words it is refused."""

import html as escaping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.telegram.errors import Refused
from sandbox.telegram.html import parse_html, utf16_length
from sandbox.telegram.text import format_text


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length} | more


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("plain &lt;b&gt; &amp; &quot;", 'plain <b> & "', []),
        ("&#1179;&#x1F600;", "қ😀", []),
        ("&nbsp;&copy &", "&nbsp;&copy &", []),
        ("<b>a</b><strong>b</strong>", "ab", [entity("bold", 0, 1), entity("bold", 1, 1)]),
        ("😀<i>қ</i>", "😀қ", [entity("italic", 2, 1)]),
        ("<b>a<i>b</i></b>", "ab", [entity("bold", 0, 2), entity("italic", 1, 1)]),
        ("<u>a</u><s>b</s>", "ab", [entity("underline", 0, 1), entity("strikethrough", 1, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [entity("spoiler", 0, 1)]),
        ("<tg-spoiler>x</tg-spoiler>", "x", [entity("spoiler", 0, 1)]),
        ('<a href="https://kadr.kz/?a=1&amp;b=2">x</a>', "x", [
            entity("text_link", 0, 1, url="https://kadr.kz/?a=1&b=2")]),
        ("<a href='https://kadr.kz'>x</a>", "x", [entity("text_link", 0, 1, url="https://kadr.kz/")]),
        ('<a href="nowhere">x</a>', "x", []),
        ('<a href="tg://user?id=7">x</a>', "x", [entity("text_mention", 0, 1, user={"id": 7})]),
        ("<code>x</code>", "x", [entity("code", 0, 1)]),
        ('<pre><code class="language-py">x</code></pre>', "x", [entity("pre", 0, 1, language="py")]),
        ("<blockquote>x</blockquote>", "x", [entity("blockquote", 0, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [entity("expandable_blockquote", 0, 1)]),
        ('<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>', "👍", [
            entity("custom_emoji", 0, 2, custom_emoji_id="5368324170671202286")]),
        ('<tg-time unix="1800000000" format="wDT">soon</tg-time>', "soon", [
            entity("date_time", 0, 4, unix_time=1_800_000_000, date_time_format="wDT")]),
        ("<B>x</>", "x", [entity("bold", 0, 1)]),
        ("<b></b>x", "x", []),
    ],
)  # fmt: skip
def test_what_markup_means(source: str, text: str, entities: list[dict[str, Any]]) -> None:
    assert parse_html(source) == (text, entities)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<div>x</div>", 'Unsupported start tag "div" at byte offset 0'),
        ("қ<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<a href="x>y</a>', 'Unclosed start tag "a" at byte offset 0'),
        ("<a ='x'>y</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=x/y>z</a>", "Unexpected end of name token at byte offset 8"),
    ],
)
def test_how_wrong_markup_is_refused(source: str, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_html(source)
    assert caught.value.description == f"Bad Request: can't parse entities: {reason}"


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_escaped_text_comes_back_whole(text: str) -> None:
    assert parse_html(escaping.escape(text, quote=False)) == (text, [])
    assert parse_html(f"<b>{escaping.escape(text)}</b>")[0] == text


@given(st.text(alphabet="<>/ab&;=\"' quot#1қ"))
def test_any_text_is_parsed_or_refused(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except Refused as refused:
        reason = refused.description
    else:
        reason = "Bad Request: can't parse entities: none"
        assert all(0 <= e["offset"] < e["offset"] + e["length"] <= utf16_length(text) for e in entities)
    assert reason.startswith("Bad Request: can't parse entities: ")


def test_a_text_is_trimmed_and_its_entities_with_it() -> None:
    text, entities = format_text(" \n<b> 😀 x </b>\n", "HTML", None, lambda _: None)
    assert (text, entities) == ("😀 x", [entity("bold", 0, 4)])


def test_commands_links_and_names_are_found_but_not_in_code() -> None:
    text, entities = format_text(
        "/start @kadr_bot https://kadr.kz. 1/2 <code>/new</code>", "html", None, lambda _: None
    )
    assert text.endswith("/new")
    assert [(e["type"], e["offset"], e["length"]) for e in entities] == [
        ("bot_command", 0, 6),
        ("mention", 7, 9),
        ("url", 17, 15),
        ("code", 38, 4),
    ]


def test_a_mention_by_id_needs_somebody_known() -> None:
    source = '<a href="tg://user?id=7">x</a>'
    assert format_text(source, "HTML", None, lambda _: None) == ("x", [])
    ann = {"id": 7, "is_bot": False, "first_name": "Ann"}
    assert format_text(source, "HTML", None, lambda _: ann)[1] == [entity("text_mention", 0, 1, user=ann)]
