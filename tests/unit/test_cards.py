"""Cards: in every state and language, whatever a person wrote, they are messages that Telegram takes."""

from collections.abc import Generator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.shop import cards
from protocol import catalogue
from protocol.catalogue import LANGUAGES, Model
from protocol.job import Failure, FilmKind, JobState
from protocol.posts import Card, Film
from sandbox.telegram.html import parse_html, utf16_length
from storage.drafts import Draft

from .a_job import NOW, a_draft, a_job

SHOP = catalogue.read()
FILM = Film(caption="", path="/films/1.mp4", width=720, height=1280, seconds=4)
prompts = st.text(min_size=1, max_size=4096) | st.sampled_from(
    ["<b>" * 60, "&" * 300, "😀" * 400, "-" * 300, "\u202e" * 9]
)
languages = st.sampled_from(LANGUAGES)


def checked(card: Card | Film) -> tuple[str, list[str]]:
    """What is read, and the buttons. Fails where Telegram would refuse."""
    shown, _ = parse_html(card.html if isinstance(card, Card) else card.caption)
    assert 0 < utf16_length(shown) <= (4096 if isinstance(card, Card) else 1024)
    buttons = [button for row in card.keyboard for button in row]
    for button in buttons:
        assert button.text.strip()
        assert 1 <= len(button.data.encode()) <= 64
    return shown, [button.text for button in buttons]


def drafts_of(model: Model) -> Generator[Draft]:
    for size in model.sizes:
        for opened in (True, False):
            yield a_draft(id=10**9, model=model.id, seconds=model.seconds[-1], size=size, settings_open=opened)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("model", SHOP.models, ids=lambda model: model.id)
def test_a_draft_shows_what_it_costs(model: Model, language: str) -> None:
    for draft in drafts_of(model):
        price = model.price(size=draft.size, seconds=draft.seconds)
        rich = cards.draft_card(language, draft, model, SHOP.models, price=price, available=price + 7, wait=100)
        shown, buttons = checked(rich)
        for word in ("a cat", str(price), "7 ", draft.size):
            assert word in shown
        assert any(text.startswith("▶️") and str(price) in text for text in buttons)
        assert not any(text.startswith("💰") for text in buttons)
        assert (f"• {draft.size}" in buttons) is draft.settings_open
        poor = cards.draft_card(language, draft, model, SHOP.models, price=price, available=price - 9, wait=100)
        shown, buttons = checked(poor)
        assert "9 " in shown
        assert any(text.startswith("💰") for text in buttons)


@settings(max_examples=60, deadline=None)
@given(
    languages,
    prompts,
    st.sampled_from(JobState),
    st.integers(0, 100),
    st.none() | st.integers(0, 100),
    st.floats(0, 9e5),
)
def test_a_job_in_every_state(
    language: str, prompt: str, state: JobState, shown: int, progress: int | None, later: float
) -> None:
    job = a_job(prompt=prompt, state=state, shown_percent=shown, progress=progress, id=2**53)
    text, buttons = checked(cards.job_card(language, job, place=1, waiting=2, now=NOW + later))
    assert str(job.id) in text
    assert bool(buttons) is (state is JobState.QUEUED)


@settings(max_examples=60, deadline=None)
@given(languages, prompts, st.sampled_from(Failure), st.integers(0, 10**6))
def test_an_end_names_the_tokens(language: str, prompt: str, failure: Failure, tokens: int) -> None:
    job = replace(a_job(prompt=prompt), price=31)
    for card in (
        cards.cancelled_card(language, job, refund=31, available=tokens),
        cards.failed_card(language, job, failure, refund=31, available=tokens),
    ):
        text, buttons = checked(card)
        assert "31" in text
        assert str(tokens) in text
        assert buttons
    [film] = cards.film_posts(language, job, FILM, available=tokens)
    text, _ = checked(film)
    assert text.index("31") < text.rindex(str(tokens))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("kinds", "signs"), [((), ""), (("remix",), "✏️"), (("extend",), "➕"), (("remix", "extend"), "✏️➕")]
)
def test_a_film_offers_what_can_be_made_from_it(language: str, kinds: tuple[FilmKind, ...], signs: str) -> None:
    [film] = cards.film_posts(language, a_job(), FILM, available=1, kinds=kinds)
    _, buttons = checked(film)
    assert [sign for sign in ("🔁", "🎲", "✏️", "➕") if any(text.startswith(sign) for text in buttons)] == [
        "🔁",
        "🎲",
        *(sign for sign in ("✏️", "➕") if sign in signs),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_film_that_moderation_refused_is_not_offered_again_as_it_was(language: str) -> None:
    signs = {
        failure: [text[0] for text in checked(cards.failed_card(language, a_job(), failure, refund=1, available=1))[1]]
        for failure in Failure
    }
    not_again = {failure for failure, sign in signs.items() if "🔁" not in sign}
    assert not_again == {failure for failure in Failure if failure.startswith("moderation")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_choice_of_languages_marks_the_present_one(language: str) -> None:
    _, buttons = checked(cards.language_card(language))
    assert [text for text in buttons if text.startswith("• ")] == [f"• {cards.LANGUAGE_NAMES[language]}"]
    assert len(buttons) == len(LANGUAGES)
