"""The whole bot on PostgreSQL, where that is another world: connections break, answers get lost, texts are refused.

Any other test of this folder runs there as well: `pytest --database postgresql tests/bot/test_buy.py`.
"""

from typing import Any

import psycopg
import pytest
import trio
from trio.testing import MockClock

from protocol.job import JobState
from tests.bot.chats import press, reply, text_of
from tests.postgres import Postgres
from tests.town import ADMIN, AIGERIM, BORIS, KATE, Town

WELCOME, PRICE, BOUGHT = 40, 20, 100


@pytest.fixture
def database() -> str:
    return "postgresql"


class Line:
    """What lies between the bot and the server: it may break at a commit, before or after that took effect."""

    def __init__(self, town: Town) -> None:
        self.commits = 0
        self.breaks_at: set[int] = set()
        self.after = True
        self._commit = town.engine.dialect.do_commit
        town.engine.dialect.do_commit = self._do_commit  # type: ignore[method-assign]

    def _do_commit(self, connection: Any) -> None:
        self.commits += 1
        if self.commits not in self.breaks_at:
            return self._commit(connection)
        if self.after:
            self._commit(connection)
        connection.driver_connection.close()
        raise psycopg.OperationalError("the line is broken")


async def orders_and_buys(town: Town) -> None:
    await town.order(KATE, "an eagle over Almaty")
    await town.until(lambda: town.films(KATE))
    await town.until(lambda: town.says(KATE, "✅"))
    await reply(town, KATE, "/buy")
    await press(town, KATE, "💰 100")
    await town.until(lambda: town.button(KATE, "⭐"))
    await press(town, KATE, "⭐")
    await town.until(lambda: any("invoice" in message for message in town.telegram.history(KATE)))
    town.telegram.stars.pay_newest(KATE)
    await town.until(lambda: town.says(KATE, "is paid"))


def has_one_film_and_paid_once(town: Town) -> None:
    assert [job.stands for job in town.jobs()] == [JobState.DELIVERED]
    assert len(town.films(KATE)) == 1
    assert len(town.videos.created) == 1
    assert town.balance(KATE).posted == WELCOME - PRICE + BOUGHT
    assert sum("+100" in text for text in town.texts(KATE)) == 1
    assert town.audit() == []


async def test_a_film_and_a_purchase(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await orders_and_buys(town)
    has_one_film_and_paid_once(town)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_line_that_breaks_at_every_third_commit(town: Town, autojump_clock: MockClock, after: bool) -> None:
    """Whether the commit took effect or not, everybody hears the truth of it, and nothing is done twice."""
    line = Line(town)
    line.after = after
    line.breaks_at = set(range(20, 10_000, 3))
    async with town.bot():
        await orders_and_buys(town)
    assert line.commits > 60
    has_one_film_and_paid_once(town)


@pytest.mark.parametrize("commit", [25, 40, 60])
async def test_killed_while_nobody_knows_what_became_of_a_commit(
    town: Town, autojump_clock: MockClock, commit: int
) -> None:
    line = Line(town)
    line.breaks_at = {commit}

    def killed_too(connection: Any) -> None:
        try:
            line._do_commit(connection)  # pyright: ignore[reportPrivateUsage]
        except psycopg.OperationalError:
            town.kill()
            raise

    town.engine.dialect.do_commit = killed_too  # type: ignore[method-assign]
    async with town.bot():
        await town.order(KATE, "an eagle over Almaty")
        await town.until(lambda: not town.power.on)
    async with town.bot():
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    assert len(town.videos.created) == 1
    assert town.balance(KATE).posted == WELCOME - PRICE
    assert town.audit() == []


async def test_a_server_that_is_away_for_two_minutes(town: Town, autojump_clock: MockClock, postgres: Postgres) -> None:
    """Nothing is answered while it is away, and everything afterwards; the film that was being made is delivered."""
    town.answers_within = None
    async with town.bot():
        await town.order(KATE, "an eagle over Almaty")
        await town.until(lambda: town.says(KATE, "%"))
        postgres.stop()
        town.looks.dispose()
        try:
            town.telegram.say(BORIS, "/balance")
            await trio.sleep(120)
            assert town.texts(BORIS) == []
        finally:
            postgres.start()
        await town.until(lambda: town.says(BORIS, str(WELCOME)))
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    assert len(town.videos.created) == 1
    assert town.balance(KATE).posted == WELCOME - PRICE
    assert town.audit() == []


async def test_letters_that_no_keyboard_has(town: Town, autojump_clock: MockClock) -> None:
    town.telegram.person(200, first_name="A\0b" * 100, username=None, language_code="zh-Hans-x-" + "long" * 20)
    async with town.bot():
        await town.order(200, "an \0eagle")
        await town.until(lambda: town.films(200))
        assert "промокода нет" in text_of(await reply(town, 200, "/promo \0" + "A" * 3000))
        assert "Nobody" in text_of(await reply(town, ADMIN, "/users \0zz"))
        assert text_of(await reply(town, ADMIN, "/user " + "9" * 30))
    assert "an eagle" in text_of(town.films(200)[0])
    assert town.audit() == []


async def test_people_are_found_in_every_alphabet(town: Town, autojump_clock: MockClock) -> None:
    """The server's own small letters may be Latin only."""
    async with town.bot():
        for person in (AIGERIM, BORIS, KATE):
            await reply(town, person, "/start")
        for asked, found in (("АЙГЕРІМ", "Айгерім"), ("орис", "Борис"), ("KATE", "Kate"), ("100%", "Nobody")):
            listed = text_of(await reply(town, ADMIN, f"/users {asked}"))
            assert found in listed
            assert listed.count("tokens") <= 1


async def test_what_is_done_once_is_done_once(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/promo new WELCOME 50")
        await reply(town, KATE, "/promo WELCOME")
        assert "already" in text_of(await reply(town, KATE, "/promo WELCOME"))
        await reply(town, BORIS, "/start")
        await reply(town, ADMIN, "/ban @boris")
        assert "already" in text_of(await reply(town, ADMIN, "/ban @boris"))
    assert town.balance(KATE).posted == WELCOME + 50
