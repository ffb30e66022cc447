"""Promo codes and referral links: given once, through the ledger, and never to oneself."""

import pytest
from trio.testing import MockClock

from protocol.order import OrderState
from storage import promotions
from tests.bot.chats import labels, newest, press, reply, text_of
from tests.bot.kaspi_desk_side import admins_begin, approve, buy, claim, open_kaspi, order_of
from tests.town import ADMIN, BORIS, KATE, START, Town

WELCOME, REWARD = 40, 30
LINK = "https://t.me/"


async def made(town: Town, words: str = "WELCOME 50") -> str:
    """What the admin reads after `/promo new …`."""
    return text_of(await reply(town, ADMIN, f"/promo new {words}"))


async def test_an_admin_reads_how_codes_are_made(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        assert "/promo new CODE" in text_of(await reply(town, ADMIN, "/promo"))
        assert "/promo CODE" in text_of(await reply(town, KATE, "/promo"))


async def test_a_code_is_used_once_by_each_person(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        assert "WELCOME: 50 tokens, used: 0 of ∞, until: ∞" in await made(town)
        assert "+50 tokens" in text_of(await reply(town, KATE, "/promo welcome"))
        assert "used the promo code WELCOME already" in text_of(await reply(town, KATE, "/promo WELCOME"))
        assert "50" in text_of(await reply(town, BORIS, "/promo WELCOME"))
        assert "used: 2 of ∞" in text_of(await reply(town, ADMIN, "/promo list"))
        assert "promo code" in text_of(await reply(town, KATE, "/balance"))
    assert town.balance(KATE).available == town.balance(BORIS).available == WELCOME + 50
    assert town.audit() == []


async def test_a_link_with_a_code(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        assert f"{LINK}{town.telegram.bot['username']}?start=promo_SUMMER-26" in await made(town, "summer-26 7")
        answer = text_of(await reply(town, KATE, "/start promo_SUMMER-26"))
        assert "+7 tokens" in answer
    assert town.balance(KATE).available == WELCOME + 7


async def test_a_code_has_a_limit(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await made(town, "FEW 50 1")
        await reply(town, KATE, "/promo FEW")
        assert "разобрали" in text_of(await reply(town, BORIS, "/promo FEW"))
    assert town.balance(BORIS).available == WELCOME


@pytest.mark.parametrize("until", ["1d", "2027-01-15"])
async def test_a_code_ends(town: Town, autojump_clock: MockClock, until: str) -> None:
    """Whole days end at midnight of Astana."""
    async with town.bot():
        assert "until: " in await made(town, f"SOON 50 - {until}")
        code = town.read(promotions.find, "SOON")
        assert code is not None
        assert code.expires_at == pytest.approx(START + (86_400 if until == "1d" else 11 * 3600), abs=5)
        assert "+50" in text_of(await reply(town, KATE, "/promo SOON"))
        await reply(town, ADMIN, "/promo stop soon")
        assert "прошёл" in text_of(await reply(town, BORIS, "/promo SOON"))
    assert town.balance(BORIS).available == WELCOME


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("AB 5", "3 to 32 characters"),
        ("КОД 5", "3 to 32 characters"),
        ("list 5", "3 to 32 characters"),
        ("GIFT 0", "A whole number"),
        ("GIFT 999999", "A whole number"),
        ("GIFT", "/promo new CODE"),
        ("GIFT five", "/promo new CODE"),
        ("GIFT 5 - yesterday", "Write the time"),
        ("GIFT 5 - 2020-01-01", "Write the time"),
        ("GIFT 5 - 0d", "Write the time"),
        ("GIFT 5 - 2027-02-30", "Write the time"),
        ("GIFT 5 10 30d more", "/promo new CODE"),
    ],
)
async def test_wrong_words_make_no_code(town: Town, autojump_clock: MockClock, words: str, says: str) -> None:
    async with town.bot():
        assert says in await made(town, words)
    assert town.read(promotions.newest, 9) == []


async def test_a_code_is_made_once(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await made(town, "GIFT 5")
        assert "already" in await made(town, "GIFT 500")
        assert "There is no such" in text_of(await reply(town, ADMIN, "/promo stop NOTHING"))
    assert [code.tokens for code in town.read(promotions.newest, 9)] == [5]


@pytest.mark.parametrize("words", ["new GIFT 5", "list", "stop GIFT", "", "x", "' or 1=1 --", "A" * 60])
async def test_to_others_an_admin_s_words_are_a_wrong_code(town: Town, autojump_clock: MockClock, words: str) -> None:
    async with town.bot():
        await made(town, "GIFT 5")
        answer = text_of(await reply(town, KATE, f"/promo {words}".strip()))
        assert answer == "Send the promo code like this: /promo CODE." if not words else "no such" in answer
    code = town.read(promotions.find, "GIFT")
    assert code is not None
    assert (code.uses, code.expires_at) == (0, None)
    assert town.balance(KATE).available == WELCOME


async def test_a_friend_s_first_purchase_earns_a_reward_once(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        told = text_of(await reply(town, BORIS, "/invite"))
        link = f"{LINK}{town.telegram.bot['username']}?start=r_{BORIS}"
        assert link in told
        buttons = newest(town, BORIS)["reply_markup"]["inline_keyboard"]
        assert buttons == [[{"text": "📋 Скопировать ссылку", "copy_text": {"text": link}}]]
        assert "40 tokens" in text_of(await reply(town, KATE, f"/start r_{BORIS}"))
        assert town.balance(BORIS).available == WELCOME, "nothing before money came"
        for number in ("QR111111111", "QR222222222"):
            order = await buy(town)
            await claim(town, order)
            assert number
            await approve(town)
            await town.until(lambda: order_of(town).stands is OrderState.PAID)
        await town.until(lambda: town.says(BORIS, "Kate", "+30"))
        assert sum("+30" in text for text in town.texts(BORIS)) == 1
        told = text_of(await reply(town, BORIS, "/invite"))
        assert "Пришло друзей: 1, из них купили: 1, заработано: 30 токенов" in told
    assert town.balance(BORIS).available == WELCOME + REWARD
    assert town.audit() == []


async def test_a_purchase_that_came_to_nothing_takes_the_reward_back(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        await reply(town, BORIS, "/start")
        await reply(town, KATE, f"/start r_{BORIS}")
        await claim(town, await buy(town))
        await approve(town)
        await town.until(lambda: town.balance(BORIS).available == WELCOME + REWARD)
        await town.until(lambda: town.button(ADMIN, "↩️ Undo"))
        await press(town, ADMIN, "↩️ Undo")
        await town.until(lambda: town.button(ADMIN, "↩️ Yes"))
        await press(town, ADMIN, "↩️ Yes")
        await town.until(lambda: town.balance(BORIS).available == WELCOME)
        await town.until(lambda: town.says(BORIS, "награда списана"))
        await town.until(lambda: any(label.startswith("✅") for label in labels(newest(town, ADMIN))))
        await approve(town)
        await town.until(lambda: order_of(town).stands is OrderState.PAID)
    assert town.balance(BORIS).available == WELCOME, "a reward is given once"
    assert town.audit() == []


@pytest.mark.parametrize("parameter", [f"r_{KATE}", "r_", "r_x", "r_999999", "r_-1", "r_" + "9" * 30, f"r_{BORIS}x"])
async def test_links_that_are_nobody_s(town: Town, autojump_clock: MockClock, parameter: str) -> None:
    async with town.bot():
        await reply(town, BORIS, "/start")
        assert "40 tokens" in text_of(await reply(town, KATE, f"/start {parameter}")), "greeted as anybody"
    assert town.read(promotions.referral_of, KATE) is None


async def test_whoever_was_here_before_is_nobody_s_friend(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, BORIS, "/start")
        await reply(town, KATE, "/help")
        await reply(town, KATE, f"/start r_{BORIS}")
    assert town.read(promotions.referral_of, KATE) is None


async def test_without_a_reward_there_are_no_invitations(town: Town, autojump_clock: MockClock) -> None:
    none = town.catalogue.promotions.model_copy(update={"referral_tokens": 0})
    town.catalogue = town.catalogue.model_copy(update={"promotions": none})
    async with town.bot():
        assert "earn nothing" in text_of(await reply(town, KATE, "/invite"))
