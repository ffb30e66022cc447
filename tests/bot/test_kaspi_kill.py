"""`kill -9` at every step of a Kaspi purchase: one credit, and a sentence.

A process is killed at its n-th touch of the outside (a commit, or a request to Telegram, before and after it acts),
for growing n until the step ends first. `KADR_KILL_STRIDE=1` tries every touch, which takes minutes.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from trio.testing import MockClock

from protocol.order import OrderState
from tests.bot.chats import labels, press
from tests.bot.kaspi_desk_side import (
    admins_begin,
    approve,
    buy,
    cards,
    claim,
    open_kaspi,
    order_of,
    receipt,
)
from tests.conftest import Logbook
from tests.town import ADMIN, KATE, Town

WELCOME = 40
STRIDE = int(os.environ.get("KADR_KILL_STRIDE", "13"))
MOST = 200
MINIMUM = 24 // STRIDE
"""Deaths a step must have had, lest the test see nothing."""
STEP_SECONDS = 2.0
"""What a step causes is over by then; afterwards the bot only waits for updates."""


@pytest.fixture(autouse=True)
def _the_dead_do_not_stop_in_order(logbook: Logbook) -> None:
    logbook.expected.add("actor.stuck")


def kill_at(town: Town, touch: int) -> None:
    """Let the process die at its `touch`-th contact with the outside from now on."""
    power, left = town.power, [touch]
    check = power.check

    def counted() -> None:
        left[0] -= 1
        if left[0] <= 0:
            town.kill()
        check()

    power.check = counted  # type: ignore[method-assign]


Step = Callable[[Town], Awaitable[object]]


async def walk(folder: Path, before: Step, step: Callable[[Town], None], after: Step) -> int:
    """Kill at each touch of a step in a town of its own; how many deaths there were."""
    deaths = 0
    for touch in range(1, MOST, STRIDE):
        town = Town(_new(folder, touch), seed=touch)
        open_kaspi(town)
        async with town.bot():
            await admins_begin(town)
            await before(town)
            kill_at(town, touch)
            step(town)
            dead = await _dies_within(town, STEP_SECONDS)
        if dead:
            deaths += 1
            async with town.bot():
                await after(town)
        town.engine.dispose()
        if not dead:
            break
    return deaths


def _new(folder: Path, touch: int) -> Path:
    made = folder / str(touch)
    made.mkdir()
    return made


async def _dies_within(town: Town, seconds: float) -> bool:
    try:
        await town.until(lambda: not town.power.on, within=seconds)
    except AssertionError:
        return False
    return True


async def paid_once(town: Town) -> None:
    await town.until(lambda: order_of(town).stands is OrderState.PAID)
    await town.until(lambda: town.says(KATE, "✅ +100 tokens"))
    assert town.balance(KATE).available == WELCOME + 100
    assert town.audit() == []


async def test_while_the_receipt_comes(tmp_path: Path, autojump_clock: MockClock) -> None:
    async def before(town: Town) -> None:
        await buy(town)

    def send(town: Town) -> None:
        town.telegram.send_document(KATE, receipt(order_of(town)), "receipt.pdf", "application/pdf")

    async def after(town: Town) -> None:
        await town.until(lambda: cards(town, order_of(town)))
        await town.until(lambda: any(label.startswith("✅") for label in labels(cards(town, order_of(town))[-1])))
        assert town.says(KATE, "The receipt for order")
        assert len(cards(town, order_of(town))) <= 2, "a send whose answer was lost may be repeated once"
        await approve(town)
        await paid_once(town)

    assert await walk(tmp_path, before, send, after) >= MINIMUM


async def test_while_an_admin_approves(tmp_path: Path, autojump_clock: MockClock) -> None:
    async def before(town: Town) -> None:
        await claim(town, await buy(town))
        await press(town, ADMIN, "✅")
        await town.until(lambda: town.button(ADMIN, "✅ Yes"))

    def decide(town: Town) -> None:
        town.telegram.press_label(ADMIN, "✅ Yes")

    assert await walk(tmp_path, before, decide, paid_once) >= MINIMUM


async def test_while_an_admin_refuses(tmp_path: Path, autojump_clock: MockClock) -> None:
    async def before(town: Town) -> None:
        await claim(town, await buy(town))
        await press(town, ADMIN, "❌ Refuse")
        await town.until(lambda: town.button(ADMIN, "❌ No money"))

    def decide(town: Town) -> None:
        town.telegram.press_label(ADMIN, "❌ No money")

    async def after(town: Town) -> None:
        await town.until(lambda: town.says(KATE, "could not be confirmed"))
        assert town.balance(KATE).available == WELCOME
        await claim(town, order_of(town), receipt(order_of(town), number="QR777777"))
        await approve(town)
        await paid_once(town)

    assert await walk(tmp_path, before, decide, after) >= MINIMUM


async def test_while_an_approval_is_undone(tmp_path: Path, autojump_clock: MockClock) -> None:
    async def before(town: Town) -> None:
        await claim(town, await buy(town))
        await approve(town)
        await town.until(lambda: town.button(ADMIN, "↩️ Undo"))
        await press(town, ADMIN, "↩️ Undo")
        await town.until(lambda: town.button(ADMIN, "↩️ Yes"))

    def undo(town: Town) -> None:
        town.telegram.press_label(ADMIN, "↩️ Yes")

    async def after(town: Town) -> None:
        await town.until(lambda: order_of(town).stands is OrderState.REFUSED)
        await town.until(lambda: town.says(KATE, "did not come") or town.balance(KATE).available == WELCOME)
        assert town.balance(KATE).available == WELCOME
        assert town.audit() == []

    assert await walk(tmp_path, before, undo, after) >= MINIMUM
