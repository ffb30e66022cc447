"""Ten thousand people hear one message, though the bot is killed while it goes out; and nobody is hurried."""

from collections import Counter
from collections.abc import Sequence

import httpx2
import trio
from sqlalchemy import insert
from trio.testing import MockClock

from actors.telegram.broadcaster import ALL_REQUESTS, FRESH
from sandbox.faults import FaultKind
from storage.store import Tx
from storage.tables import users
from tests.bot.chats import press, reply
from tests.bot.outcomes import delivered
from tests.conftest import Logbook
from tests.town import ADMIN, KATE, Doorman, Forward, Town

CROWD = range(1_000_000, 1_010_000)
TEXT = "Nauryz: all films for half"
KILLS = 3


def gather(town: Town, crowd: Sequence[int] = CROWD) -> None:
    """Everybody has talked to the bot before."""

    def meet(tx: Tx) -> None:
        seen = {"created_at": tx.now, "seen_at": tx.now, "telegram_language": "en"}
        tx.conn.execute(insert(users), [{"id": id, "first_name": f"P{id}", **seen} for id in crowd])

    town.read(meet)
    for id in crowd:
        town.telegram.person(id, first_name=f"P{id}", language_code="en", started=True)


def heard(town: Town) -> Counter[int]:
    """How often each chat was told."""
    return Counter(
        call.params["chat_id"]
        for call in town.telegram.log
        if call.outcome == "ok" and call.method == "sendMessage" and call.params["text"] == TEXT
    )


def busiest_second(town: Town) -> int:
    """The most messages that Telegram took within any one second."""
    times = sorted(call.time for call in town.telegram.log if call.method.startswith("send"))
    first, most = 0, 0
    for last, time in enumerate(times):
        while times[first] <= time - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


async def test_ten_thousand_people(town: Town, autojump_clock: MockClock) -> None:
    gather(town)
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await reply(town, ADMIN, f"/broadcast {TEXT}")
        await town.until(lambda: town.button(ADMIN, "✅"))
        await press(town, ADMIN, "✅")
        await town.until(lambda: town.says(ADMIN, "10001 people", "really"))
        await press(town, ADMIN, "✅")
        await town.until(lambda: town.says(ADMIN, "is going out"))
        town.doors["telegram"] = killed_after(town, 2500)
        await trio.sleep(300)
    for _ in range(KILLS - 1):
        assert not town.power.on
        async with town.bot():
            town.doors["telegram"] = killed_after(town, 2500)
            await trio.sleep(300)
    town.doors.clear()
    async with town.bot():
        told = town.telegram.say(KATE, "/start")  # buyers are served meanwhile
        await town.until(lambda: town.telegram.history(KATE)[-1]["message_id"] > told["message_id"], within=3)
        await town.until(lambda: town.says(ADMIN, "Sent: 10001 of 10001"), within=600)
    times = heard(town)
    times[ADMIN] -= 1  # the preview
    assert set(times) == {ADMIN, *CROWD}
    assert sum(times.values()) - len(times) <= KILLS  # one that Telegram took and did not answer, for each kill
    assert max(times.values()) <= 2
    assert busiest_second(town) <= ALL_REQUESTS
    assert not any(call.outcome.startswith("429") for call in town.telegram.log)


def killed_after(town: Town, messages: int) -> Doorman:
    """The bot is killed between Telegram's acceptance of so many messages and its answer."""
    taken = 0

    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        nonlocal taken
        response = await forward(request)
        if request.url.path.endswith("/sendMessage"):
            taken += 1
            if taken >= messages:
                town.kill()
        return response

    return door


async def test_a_stop_and_a_flood(town: Town, autojump_clock: MockClock, logbook: Logbook) -> None:
    """Telegram makes the bot wait; nobody hurries after that, and a stop leaves the rest in peace."""
    gather(town, CROWD[:400])
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await reply(town, ADMIN, f"/broadcast {TEXT}")
        await town.until(lambda: town.button(ADMIN, "✅"))
        await press(town, ADMIN, "✅")
        await trio.sleep(5)
        before = len(heard(town))
        town.fault("telegram", "sendMessage", FaultKind.RATE_LIMIT, times=2, seconds=30)
        await trio.sleep(25)
        assert len(heard(town)) <= before + FRESH
        await trio.sleep(25)
        assert before + FRESH < len(heard(town)) < before + FRESH + 25 * 20  # slower than it began
        assert "broadcast.flood" in logbook
        await town.until(lambda: town.button(ADMIN, "✖️"))
        await press(town, ADMIN, "✖️")
        told = len(heard(town))
        await trio.sleep(100)
        assert len(heard(town)) <= told + FRESH
        assert town.says(ADMIN, "was stopped", f"Sent: {len(heard(town))} of 401")
    async with town.bot():
        await trio.sleep(30)
    assert len(heard(town)) <= told + FRESH
    assert max(heard(town).values()) <= 2  # the admin saw the preview


async def test_films_come_meanwhile(town: Town, autojump_clock: MockClock) -> None:
    """A chat that waits for Telegram holds up neither the others nor the report."""
    gather(town, CROWD[:300])
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await town.order(KATE, "an eagle")
        await reply(town, ADMIN, f"/broadcast {TEXT}")
        await town.until(lambda: town.button(ADMIN, "✅"))
        await press(town, ADMIN, "✅")
        await delivered(town)
        await town.until(lambda: town.says(ADMIN, "Sent: 302 of 302"))
    assert town.texts(KATE).count(TEXT) == 1
    assert busiest_second(town) <= ALL_REQUESTS
