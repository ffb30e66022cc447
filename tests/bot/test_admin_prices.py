"""/price, /package and /log: what is sold changes while the bot runs, outlives it, and is written down."""

import pytest
from trio.testing import MockClock

from tests.bot.chats import press, reply, text_of, words
from tests.town import ADMIN, KATE, Town

CHANGE = "/price sora-2 720x1280 7"


async def test_a_new_price_is_what_the_next_card_says_and_the_next_film_costs(
    town: Town, autojump_clock: MockClock
) -> None:
    async with town.bot():
        assert text_of(await reply(town, ADMIN, CHANGE)) == "sora-2 720x1280: 7 tokens per second."
        assert "Price: 28 tokens" in text_of(await town.draft(KATE, "an eagle"))
        await press(town, KATE, "▶️")
        await town.until(lambda: town.says(KATE, "✅"))
    assert town.jobs()[0].price == 28
    assert town.balance(KATE).posted == 12
    assert town.audit() == []


async def test_nobody_pays_a_price_they_have_not_seen(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.draft(KATE, "an eagle")
        await reply(town, ADMIN, CHANGE)
        assert await press(town, KATE, "▶️") == words("answer-price", price="28 tokens")
        assert town.jobs() == []
        await town.until(lambda: town.says(KATE, "Price: 28 tokens"))
        await press(town, KATE, "▶️")
        await town.until(lambda: len(town.jobs()) == 1)
    assert town.jobs()[0].price == 28


async def test_a_price_outlives_a_kill_and_can_be_reset(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, CHANGE)
        town.kill()
    async with town.bot():
        assert "Price: 28 tokens" in text_of(await town.draft(KATE, "an eagle"))
        assert "sora-2 720x1280 7 (5)" in text_of(await reply(town, ADMIN, "/price"))
        await reply(town, ADMIN, "/price sora-2 720x1280 reset")
        assert "sora-2 720x1280 5\n" in text_of(await reply(town, ADMIN, "/price"))
        assert "Price: 20 tokens" in text_of(await town.draft(KATE, "another"))


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("/price sora-2", "To change one"),
        ("/price sora-3 720x1280 7", "There is no model sora-3. There are: sora-2, sora-2-pro."),
        ("/price sora-2 1x1 7", "It has no size 1x1. There are: 720x1280"),
        ("/price sora-2 720x1280 0", "a whole number from 1 to 10000"),
        ("/price sora-2 720x1280 -7", "a whole number"),
        ("/price sora-2 720x1280 10001", "a whole number"),
        ("/price sora-2 720x1280 " + "9" * 40, "a whole number"),
        ("/price sora-2 720x1280 ٧", "a whole number"),
        ("/price <b> <i> 7", "There is no model <b>"),
        ("/package nothing 1 1 1", "There is no package nothing"),
        ("/package nothing reset", "There is no package nothing"),
        ("/package one", "To change a package"),
    ],
)
async def test_what_cannot_be_changes_nothing(town: Town, autojump_clock: MockClock, command: str, answer: str) -> None:
    async with town.bot():
        assert answer in text_of(await reply(town, ADMIN, command))
        assert text_of(await reply(town, ADMIN, "/log")) == words("log-empty")
        assert "Price: 20 tokens" in text_of(await town.draft(KATE, "an eagle"))


async def test_packages(town: Town, autojump_clock: MockClock) -> None:
    package = town.catalogue.packages[0]
    async with town.bot():
        listed = text_of(await reply(town, ADMIN, "/package"))
        assert f"{package.id}: {package.tokens} tokens · 2\u202f490 ₸ · {package.stars} ⭐" in listed
        done = text_of(await reply(town, ADMIN, f"/package {package.id} 120 1990 111"))
        assert done == f"Package {package.id}: 120 tokens · 1\u202f990 ₸ · 111 ⭐"
        town.kill()
    async with town.bot():
        await reply(town, KATE, "/buy")
        await town.until(lambda: town.button(KATE, "💰 120 tokens"))
        await reply(town, ADMIN, f"/package {package.id} reset")
        await reply(town, KATE, "/buy")
        await town.until(lambda: town.button(KATE, f"💰 {package.tokens} tokens"))


async def test_a_package_has_limits(town: Town, autojump_clock: MockClock) -> None:
    id = town.catalogue.packages[0].id
    async with town.bot():
        said = text_of(await reply(town, ADMIN, f"/package {id} 100 100 999999"))
        assert said == "Too much (stars): 100000 at most."
        assert text_of(await reply(town, ADMIN, "/log")) == words("log-empty")


async def test_everything_is_written_down(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        for command in (
            "/topup @kate 10 a <gift>",
            CHANGE,
            "/maintenance on Soon",
            "/maintenance off",
            "/ban @kate spam",
            "/unban @kate",
        ):
            await reply(town, ADMIN, command)
        log = text_of(await reply(town, ADMIN, "/log"))
        last = text_of(await reply(town, ADMIN, "/log 1"))
        assert text_of(await reply(town, ADMIN, "/log nonsense")) == log
    lines = [line.split(" · ", 1)[1] for line in log.splitlines()[1:]]
    assert lines == [
        "1 · unban user:103 · banned → open",
        "1 · ban user:103 · open → banned · spam",
        "1 · maintenance shop · on Soon → off",
        "1 · maintenance shop · off → on Soon",
        "1 · price price:sora-2:720x1280 · 5 → 7",
        "1 · topup user:103 · 40 → 50 · topup:1 +10: a <gift>",
    ]
    assert [line.split(" · ", 1)[1] for line in last.splitlines()[1:]] == lines[:1]


async def test_a_long_log_fits_one_message(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        for number in range(60):
            town.telegram.say(ADMIN, f"/topup @kate 1 {'&' * 200} {number}")
        await town.until(lambda: town.balance(KATE).posted == 100)
        town.telegram.say(ADMIN, "/log 100")
        await town.until(lambda: town.says(ADMIN, "What admins did", f"+1: {'&' * 20}"))
