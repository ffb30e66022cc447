"""Small phrases: excerpts, rounded times, bars, and how far a job is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.shop import progress
from actors.shop.progress import ESTIMATE_CEILING, LATE, Progress
from actors.shop.words import BAR_CELLS, EXCERPT, bar, duration, excerpt, money, tokens
from protocol.catalogue import LANGUAGES

from .a_job import NOW, a_job


@pytest.mark.parametrize(
    ("prompt", "limit", "words"),
    [
        ("a cat", 160, "a cat"),
        ("  a\n\tcat  ", 160, "a cat"),
        ("a cat on the roof", 17, "a cat on the roof"),
        ("a cat on the roof", 16, "a cat on the…"),
        ("a cat, on the roof", 8, "a cat…"),
        ("a extraordinarilylongword", 10, "a extraord…"),
        ("абвгдежз", 4, "абвг…"),
        ("-" * 20, 10, "----------…"),
        ("", 10, ""),
    ],
)
def test_an_excerpt_ends_between_words(prompt: str, limit: int, words: str) -> None:
    assert excerpt(prompt, limit) == words


@given(st.text(), st.integers(1, EXCERPT))
def test_an_excerpt_is_a_beginning(prompt: str, limit: int) -> None:
    whole, cut = " ".join(prompt.split()), excerpt(prompt, limit)
    assert len(cut) <= limit + 1
    assert whole.startswith((cut.removesuffix("…"), cut))
    assert bool(cut.removesuffix("…")) >= bool(whole.removesuffix("…"))
    if len(whole) <= limit:
        assert cut == whole


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "5 s"), (1, "5 s"), (7, "5 s"), (8, "10 s"), (44, "45 s"), (57, "55 s"), (58, "1 min"), (60, "1 min"),
        (64, "1 min"), (66, "1 min 10 s"), (119, "2 min"), (154, "2 min 30 s"), (294, "4 min 50 s"), (296, "5 min"),
        (300, "5 min"), (329, "5 min"), (331, "6 min"), (3600, "60 min"),
    ],
)  # fmt: skip
def test_a_time_is_rounded_to_what_a_person_says(seconds: float, words: str) -> None:
    assert duration("en", seconds) == words


@given(st.sampled_from(LANGUAGES), st.floats(0, 86400))
def test_a_time_is_told_in_every_language(language: str, seconds: float) -> None:
    numbers = [int(word) for word in duration(language, seconds).split() if word.isdecimal()]
    in_seconds = seconds < 57.5
    minutes, rest = numbers if len(numbers) == 2 else (0, *numbers) if in_seconds else (*numbers, 0)
    assert rest < 60
    assert abs(60 * minutes + rest - seconds) <= (5 if seconds < 300 else 30)


def test_a_bar_fills_from_the_left() -> None:
    cells = [bar(percent) for percent in range(101)]
    full, empty = bar(100)[0], bar(0)[0]
    assert full != empty
    assert all(len(cell) == BAR_CELLS for cell in cells)
    assert cells == [full * (percent // 10) + empty * (10 - percent // 10) for percent in range(101)]


def test_tokens_are_words() -> None:
    assert [tokens("en", 1), tokens("ru", 22), tokens("kk", 5)] == ["1 token", "22 токена", "5 токен"]


# Progress.


def test_the_backend_s_own_number_is_believed() -> None:
    assert progress.of(a_job(progress=40), NOW + 20) == Progress(40, False, 30.0)
    assert progress.of(a_job(progress=5), NOW + 20) == Progress(5, False, 80.0)


def test_without_a_number_the_expected_time_tells() -> None:
    for told in (None, 0, 100):  # the ends are what servers say that know nothing in between
        assert progress.of(a_job(progress=told), NOW + 20) == Progress(20, True, 80.0)


def test_an_estimate_is_never_done() -> None:
    assert progress.of(a_job(), NOW + 99.5) == Progress(ESTIMATE_CEILING, True, 0.5)
    assert progress.of(a_job(), NOW + 100) == Progress(ESTIMATE_CEILING, True, 5.0)
    assert progress.of(a_job(), NOW + 100 * LATE) == Progress(ESTIMATE_CEILING, True, 5.0)
    assert progress.of(a_job(), NOW + 100 * LATE + 1) == Progress(ESTIMATE_CEILING, True, None)


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (249_000, "KZT", "2\u202f490 ₸"),
        (1_999_000_00, "KZT", "1\u202f999\u202f000 ₸"),
        (150, "KZT", "1,50 ₸"),
        (0, "KZT", "0 ₸"),
        (250, "XTR", "250 ⭐"),
        (2000, "XTR", "2\u202f000 ⭐"),
        (1999, "USD", "19,99 USD"),
    ],
)
def test_money(amount: int, currency: str, words: str) -> None:
    assert money(amount, currency) == words


def test_what_was_shown_is_not_taken_back() -> None:
    assert progress.of(a_job(progress=40, shown_percent=60), NOW + 20) == Progress(60, True, 30.0)
    assert progress.of(a_job(shown_percent=60), NOW + 20).percent == 60


def test_an_end_that_was_told_does_not_move_away() -> None:
    assert progress.of(a_job(progress=20), NOW + 60) == Progress(20, False, None)  # 240 s more, and 40 were told
    assert progress.of(a_job(progress=50), NOW + 55) == Progress(50, False, 45.0)  # 55 s more, and 45 were told
    assert progress.of(a_job(progress=97), NOW + 120) == Progress(97, False, 5.0)  # late, and nearly there


def test_a_job_that_was_not_accepted_yet_counts_from_its_submission() -> None:
    assert progress.of(a_job(accepted_at=None, submitted_at=NOW - 10), NOW).percent == 10
    assert progress.of(a_job(accepted_at=None), NOW).percent == 0
    assert progress.of(a_job(), NOW - 1000) == Progress(0, True, 100.0)


looks = st.lists(st.tuples(st.floats(0, 60), st.none() | st.integers(0, 100)), max_size=30)


@given(looks, st.floats(1, 1000))
def test_never_backwards_and_honest_about_guesses(seen: list[tuple[float, int | None]], expected: float) -> None:
    """As the actor does: the percent that was shown is kept, and the next one starts from it."""
    job, now, last, end = a_job(expected_seconds=expected), NOW, 0, NOW + expected
    for later, told in seen:
        now += later
        job = replace(job, progress=told)
        state = progress.of(job, now)
        assert last <= state.percent <= 100
        assert state.left is None or state.left > 0
        assert state.percent <= ESTIMATE_CEILING or state.percent <= max(t or 0 for _, t in seen)
        if not state.estimated:
            assert state.percent == told
        if state.left is not None:
            assert state.left <= max(5.0, end - now) + 0.001
            end = min(end, now + state.left)
            job = replace(job, expected_seconds=min(job.expected_seconds, end - NOW))
        last = state.percent
        job = replace(job, shown_percent=last)
