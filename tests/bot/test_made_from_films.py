"""Films made from other films: 🎲 and ✏️ remix one, ➕ continues it, each with its price on a card of its own."""

from pathlib import Path
from typing import Any

import pytest
from trio.testing import MockClock

from protocol import catalogue
from protocol.catalogue import Catalogue, Extend, Remix
from protocol.job import Failure, JobState
from sandbox.faults import FaultKind
from sandbox.videos import NEWAPI
from tests.bot.doors import after, is_content, losing
from tests.bot.outcomes import alerts, refusals
from tests.town import ADMIN, KATE, Town, labels

REMIX, EXTEND = Remix(price=3), Extend(seconds=(4, 8), price=4)


def shop(*, remix: Remix | None = REMIX, extend: Extend | None = EXTEND) -> Catalogue:
    sold = catalogue.read()
    models = tuple(model.model_copy(update={"remix": remix, "extend": extend}) for model in sold.models)
    return sold.model_copy(update={"models": models, "welcome_tokens": 100})


@pytest.fixture
def town(tmp_path: Path) -> Any:
    made = Town(tmp_path, shop=shop())
    yield made
    made.engine.dispose()


async def first_film(town: Town) -> None:
    await town.order(KATE, "a whale under the ice")
    await town.until(lambda: town.says(KATE, "✅"))


async def press(town: Town, sign: str, *words: str) -> None:
    """Press a button and wait for a card with these words."""
    seen = len(town.texts(KATE))
    town.telegram.press_label(KATE, sign)
    await town.until(lambda: any(all(w in text for w in words) for text in town.texts(KATE)[seen:]))


async def films(town: Town, count: int) -> None:
    await town.until(lambda: len(town.films(KATE)) == count)
    await town.until(lambda: sum("✅" in text for text in town.texts(KATE)) == count)


def balance(town: Town) -> int:
    assert town.audit() == []
    assert town.balance(KATE).available == town.balance(KATE).posted
    return town.balance(KATE).posted


async def test_a_variation_is_a_remix_in_the_same_words(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await first_film(town)
        await press(town, "🎲", "A new version of film № 1", "a whale under the ice", "12 tokens", "68 tokens")
        assert not town.button(KATE, "⚙️") or labels(town.telegram.history(KATE)[-1])[0].startswith("▶️")
        town.telegram.press_label(KATE, "▶️")
        await films(town, 2)
    first, second = town.videos.created
    assert (second.remixed_from, second.wish.prompt) == (first.id, "a whale under the ice")
    assert [job.kind for job in town.jobs()] == ["new", "remix"]
    assert balance(town) == 100 - 20 - 12


async def test_change_with_words(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await first_film(town)
        await press(town, "✏️", "what this film should become")
        seen = len(town.texts(KATE))
        town.telegram.say(KATE, "make it a dolphin")
        await town.until(lambda: any("make it a dolphin" in text for text in town.texts(KATE)[seen:]))
        assert town.says(KATE, "A new version of film № 1", "make it a dolphin", "12 tokens")
        town.telegram.press_label(KATE, "▶️")
        await films(town, 2)
    assert town.videos.created[1].wish.prompt == "make it a dolphin"
    assert town.videos.created[1].remixed_from == town.videos.created[0].id
    assert balance(town) == 100 - 20 - 12


async def test_a_film_is_continued_and_then_continued_again(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await first_film(town)
        await press(town, "➕", "Film № 1 continued: 4 s more", "8 s", "16 tokens")
        town.telegram.press_label(KATE, "⚙️")
        await town.until(lambda: town.button(KATE, "• 4 s"))
        assert not town.button(KATE, "1280x720")
        town.telegram.press_label(KATE, "8 s")
        await town.until(lambda: town.says(KATE, "Film № 1 continued: 8 s more", "12 s", "32 tokens"))
        town.telegram.press_label(KATE, "▶️")
        await films(town, 2)
        assert [film["video"]["duration"] for film in town.films(KATE)] == [4, 12]
        await press(town, "➕", "Film № 2 continued: 4 s more", "16 s", "16 tokens")
        town.telegram.press_label(KATE, "▶️")
        await films(town, 3)
    assert [film["video"]["duration"] for film in town.films(KATE)] == [4, 12, 16]
    assert [job.seconds for job in town.jobs()] == [4, 8, 4]
    assert balance(town) == 100 - 20 - 32 - 16


async def test_a_film_that_is_long_enough_is_not_continued(tmp_path: Path, autojump_clock: MockClock) -> None:
    town = Town(tmp_path, shop=shop(extend=Extend(seconds=(4,), longest=8)))
    async with town.bot():
        await first_film(town)
        await press(town, "➕", "continued")
        town.telegram.press_label(KATE, "▶️")
        await films(town, 2)
        assert [any(label.startswith("➕") for label in labels(film)) for film in town.films(KATE)] == [True, False]
    town.engine.dispose()


async def test_where_nothing_of_this_is_sold(tmp_path: Path, autojump_clock: MockClock) -> None:
    town = Town(tmp_path, shop=shop(remix=None, extend=None))
    async with town.bot():
        await first_film(town)
        [film] = town.films(KATE)
        assert [label[0] for label in labels(film)] == ["🔁", "🎲", "📄", "🎬"]
        seen = len(town.texts(KATE))
        for data in ("j:1:mx", "j:1:xt"):  # forged
            town.telegram.press(KATE, film["message_id"], data, forged=True)
        await town.until(lambda: all(query.answer is not None for query in town.telegram.queries.values()))
        assert len(town.texts(KATE)) == seen
        await press(town, "🎲", "a whale under the ice", "20 tokens")
    town.engine.dispose()


async def test_what_the_backend_keeps_no_longer(town: Town, autojump_clock: MockClock) -> None:
    """After its hour a film can only be made anew: 🎲 offers just that, ✏️ and ➕ say why not."""
    async with town.bot():
        await first_film(town)
        await press(town, "➕", "Film № 1 continued")
        await town.until(lambda: town.now() > (town.jobs()[0].ready_at or 0) + 3601, within=4000)
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: "no longer has this film" in said_at_the_top(town))
        for sign in ("✏️", "➕"):
            seen = len(town.texts(KATE))
            town.telegram.press_label(KATE, sign)
            await town.until(lambda: all(query.answer is not None for query in town.telegram.queries.values()))
            assert "no longer has this film" in said_at_the_top(town)
            assert len(town.texts(KATE)) == seen
        await press(town, "🎲", "a whale under the ice", "20 tokens")
        town.telegram.press_label(KATE, "▶️")
        await films(town, 2)
    assert [job.kind for job in town.jobs()] == ["new", "new"]
    assert balance(town) == 60


def said_at_the_top(town: Town) -> str:
    """What the last answered press was answered."""
    answers = [query.answer for query in town.telegram.queries.values() if query.answer is not None]
    return str(answers[-1].get("text", "")) if answers else ""


async def test_a_film_the_backend_lost_before_its_hour_is_paid_back(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await first_film(town)
        await press(town, "➕", "continued")
        town.videos.forget()
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: refusals(town, KATE))
        assert town.says(KATE, "no longer has the film that this one was to be made from", "16 tokens", "80 tokens")
        # The backend works: others go on buying.
        await town.order(KATE, "a dolphin")
        await films(town, 2)
    failed = town.jobs()[1]
    assert (failed.stands, failed.failure) == (JobState.FAILED, Failure.SOURCE_GONE)
    assert alerts(town, ADMIN) == []
    assert balance(town) == 60


async def test_a_backend_that_cannot_although_the_catalogue_says_so(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await first_film(town)
        town.videos.manners = NEWAPI
        await press(town, "➕", "continued")
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: refusals(town, KATE))
        assert balance(town) == 80
        await press(town, "🎲", "A new version")
        town.telegram.press_label(KATE, "▶️")
        await films(town, 2)


async def test_a_lost_remix_is_found_and_made_once(town: Town, autojump_clock: MockClock) -> None:
    """Its words are those of the first film: only what it is made from tells them apart."""
    async with town.bot():
        await first_film(town)
        town.fault("videos", "create", FaultKind.LOSE_ANSWER)
        await press(town, "🎲", "A new version")
        town.telegram.press_label(KATE, "▶️")
        await films(town, 2)
    assert len(town.videos.created) == 2
    assert [job.backend_id for job in town.jobs()] == [created.id for created in town.videos.created]
    assert balance(town) == 68


async def test_a_lost_extension_is_found(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await first_film(town)
        town.fault("videos", "create", FaultKind.LOSE_ANSWER)
        await press(town, "➕", "continued")
        town.telegram.press_label(KATE, "▶️")
        await films(town, 2)
    assert len(town.videos.created) == 2


async def test_a_kill_while_a_remix_is_fetched(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await first_film(town)
        await press(town, "🎲", "A new version")
        town.doors["videos"] = after(is_content, town.kill)
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: not town.power.on)
    async with town.bot():
        await films(town, 2)
    assert len(town.videos.created) == 2
    assert balance(town) == 68


async def test_a_remix_that_never_arrived_is_refunded_and_offered_again(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await first_film(town)
        town.doors["videos"] = losing(lambda request: request.url.path.endswith("/remix"))
        await press(town, "🎲", "A new version")
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: refusals(town, KATE))
        assert balance(town) == 80
        await press(town, "🔁", "A new version of film № 1", "12 tokens")
        town.telegram.press_label(KATE, "▶️")
        await films(town, 2)
    assert [created.remixed_from for created in town.videos.created] == [None, town.videos.created[0].id]


async def test_a_refused_change_keeps_its_source(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await first_film(town)
        await press(town, "✏️", "what this film should become")
        town.telegram.say(KATE, "make it forbidden")
        await town.until(lambda: town.says(KATE, "A new version of film № 1", "make it forbidden"))
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: refusals(town, KATE))
        await press(town, "✏️", "what this film should become")
        town.telegram.say(KATE, "make it a dolphin")
        await town.until(lambda: town.says(KATE, "A new version of film № 1", "make it a dolphin"))
        town.telegram.press_label(KATE, "▶️")
        await films(town, 2)
    assert balance(town) == 68
