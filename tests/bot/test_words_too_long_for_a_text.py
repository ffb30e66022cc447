"""Words from outside may be of any length and full of signs; no sentence of ours breaks over them."""

from trio.testing import MockClock

from protocol.job import Failure
from tests.bot.chats import reply, text_of
from tests.bot.doors import answering, is_create
from tests.bot.outcomes import alerts, refunded
from tests.town import ADMIN, KATE, Town


async def test_a_backend_that_answers_with_a_wall_of_signs(town: Town, autojump_clock: MockClock) -> None:
    town.doors["videos"] = answering(is_create, 401, {"error": {"message": "<&>" * 5000}})
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await town.order(KATE, "an eagle")
        await refunded(town, Failure.UNAVAILABLE, creates=0)
        await town.until(lambda: alerts(town, ADMIN))
    assert "<&><&>" in alerts(town, ADMIN)[0]


async def test_a_name_as_long_as_a_message(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        answer = text_of(await reply(town, ADMIN, "/topup @" + "k" * 4000 + " 5"))
    assert answer.startswith("I have not met @kkk")


async def test_a_prompt_of_signs_that_grow_in_html(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        card = await town.draft(KATE, "&" * 3000)
        assert "&&&&" in text_of(card)
        await town.until(lambda: town.button(KATE, "▶️"))
