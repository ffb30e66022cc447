"""The admins' side of Kaspi: two at once, stale and forged buttons, other sums, refusals, undoing, a second admin."""

import pytest
import trio
from trio.testing import MockClock

from actors.rails.orders_clock import REMIND_SECONDS
from actors.shop.rails.kaspi import FIRST_REMINDER
from actors.shop.words import by_day
from protocol.order import OrderState
from sandbox.faults import FaultKind
from storage import audit_log, orders, receipts
from tests.bot.chats import labels, newest, press, press_data, text_of
from tests.bot.kaspi_desk_side import (
    SECOND,
    THIRD,
    admins_begin,
    approve,
    buy,
    card,
    cards,
    claim,
    keys,
    open_kaspi,
    order_of,
    receipt,
    refuse,
    soon,
)
from tests.conftest import Logbook
from tests.town import ADMIN, BORIS, KATE, START, Town

WELCOME = 40
LARGE = "💰 1000"
"""A package whose price needs two admins once the catalogue says so."""


def strict_from(town: Town, whole_tenge: int) -> None:
    kaspi = town.catalogue.kaspi.model_copy(update={"second_admin_from": whole_tenge})
    town.catalogue = town.catalogue.model_copy(update={"kaspi": kaspi})


async def test_two_admins_at_once(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town, SECOND)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        await claim(town, order)
        for admin in town.admins:
            await press(town, admin, "✅")
        await town.until(lambda: all(town.button(admin, "✅ Yes") for admin in town.admins))
        queries = [town.telegram.queries[town.telegram.press_label(admin, "✅ Yes")] for admin in town.admins]
        await town.until(lambda: all(query.answer is not None for query in queries))
        said = [str((query.answer or {}).get("text")) for query in queries]
        assert said == [
            "Confirmed: +100 tokens.",
            "The order has changed since. The card is fresh now, please look again.",
        ]
        await town.until(lambda: all("confirmed" in card(town, order, admin) for admin in town.admins))
        assert all("Admin," in card(town, order, admin) for admin in town.admins), "both read who it was"
    assert town.balance(KATE).available == WELCOME + 100
    assert town.audit() == []


async def test_one_approves_while_the_other_refuses(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town, SECOND)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        await claim(town, order)
        await press(town, ADMIN, "✅")
        await press(town, SECOND, "❌ Refuse")
        await town.until(lambda: town.button(ADMIN, "✅ Yes") and town.button(SECOND, "❌ No money"))
        refusal = town.telegram.queries[town.telegram.press_label(SECOND, "❌ No money")]
        approval = town.telegram.queries[town.telegram.press_label(ADMIN, "✅ Yes")]
        await town.until(lambda: approval.answer is not None and refusal.answer is not None)
        await town.until(lambda: "Refused" in card(town, order, ADMIN))
    assert order_of(town).stands is OrderState.REFUSED
    assert town.balance(KATE).available == WELCOME
    assert town.audit() == []


async def test_stale_buttons_do_nothing(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        await claim(town, order)
        message = cards(town, order)[-1]["message_id"]
        version = order_of(town).version
        await refuse(town)
        await town.until(lambda: order_of(town).stands is OrderState.REFUSED)
        for data in ("ok", "yes", "am", "no", "why"):
            answer = await press_data(town, ADMIN, message, f"o:{order.id}:{data}:{version}")
            assert answer.startswith("The order has changed since"), data
        for data in ("yes:", "yes", "yes:x", "undo:-1", f"why:{version}.nonsense", "yes:" + "9" * 40, "nonsense:1"):
            await press_data(town, ADMIN, message, f"o:{order.id}:{data}")
        now = order_of(town).version
        for rest in ("0", "-5", "9" * 9, "x", "1e3"):
            await press_data(town, ADMIN, message, f"o:{order.id}:yes:{now}.{rest}")
    assert order_of(town).stands is OrderState.REFUSED
    assert town.balance(KATE).available == WELCOME
    assert town.audit() == []


async def test_a_forged_admin_button_does_nothing(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        await claim(town, order)
        message = newest(town, KATE)["message_id"]
        version = order_of(town).version
        for person in (KATE, BORIS):
            for action in ("ok", "yes", "am", "undo", f"yes:{version}.2000"):
                answer = await press_data(town, person, message, f"o:{order.id}:{action}:{version}")
                assert answer == await press_data(town, person, message, "nonsense"), "as any unknown button"
    assert order_of(town).stands is OrderState.CLAIMED
    assert town.balance(KATE).available == WELCOME


async def test_another_sum_buys_in_proportion(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        await claim(town, order, receipt(order, amount="1 250 ₸"))
        assert "another sum: 1\u202f250 ₸" in card(town, order)
        await press(town, ADMIN, "✏️ Another")
        await town.until(lambda: town.says(ADMIN, "How many tenge"))
        town.telegram.say(ADMIN, "about a thousand")
        await town.until(lambda: town.says(ADMIN, "This is no sum"))
        town.telegram.say(ADMIN, "1 250 ₸")
        await town.until(lambda: town.says(ADMIN, "1\u202f250 ₸", "Then I credit 50 tokens"))
        assert await press(town, ADMIN, "✅ Yes") == "Confirmed: +50 tokens."
        await town.until(lambda: town.says(KATE, "✅ +50 tokens"))
        await town.until(lambda: "1\u202f250 ₸ confirmed" in card(town, order))
        assert labels(newest(town, ADMIN)) == []
    assert town.balance(KATE).available == WELCOME + 50
    events = [line.event for line in town.read(orders.trail, order.id)]
    assert events == ["create", "offer", "reserve", "claim", "amount", "pay"]
    assert town.audit() == []


async def test_an_admin_writes_the_reason(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        await claim(town, order)
        await press(town, ADMIN, "❌ Refuse")
        await town.until(lambda: town.button(ADMIN, "✏️ Write"))
        await press(town, ADMIN, "✏️ Write")
        await town.until(lambda: town.says(ADMIN, "Why refuse"))
        town.telegram.say(ADMIN, "the sum is <b>too</b> small")
        await town.until(lambda: town.says(KATE, "the sum is <b>too</b> small"))
        await town.until(lambda: "the sum is <b>too</b> small" in card(town, order))
        town.telegram.say(ADMIN, "an eagle")
        await town.until(lambda: town.button(ADMIN, "▶️"), within=60)


async def test_what_was_asked_is_stale_once_another_has_decided(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town, SECOND)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        await claim(town, order)
        await press(town, ADMIN, "✏️ Another")
        await town.until(lambda: town.says(ADMIN, "How many tenge"))
        await approve(town, SECOND)
        await town.until(lambda: "confirmed" in card(town, order))
        town.telegram.say(ADMIN, "2000")
        await town.until(lambda: "newer card" in text_of(newest(town, ADMIN)))
    assert town.balance(KATE).available == WELCOME + 100
    assert town.audit() == []


async def test_doubts_are_told(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        first = await buy(town, BORIS)
        pdf = receipt(first)
        await claim(town, first, pdf, BORIS)
        await approve(town)
        await town.until(lambda: order_of(town, BORIS).stands is OrderState.PAID)
        order = await buy(town)
        await claim(town, order, pdf)
        same = card(town, order)
        assert f"The same receipt has come before: order {first.code} (paid, buyer {BORIS})" in same
        assert "another sum" in same, "the sums of two orders differ"
        odd = receipt(order, number="QR1234567", moment="14.01.2027 09:00", recipient="Марат Т.", amount="10 ₸")
        town.telegram.send_document(KATE, odd, "receipt.pdf", "application/pdf")
        await town.until(lambda: "Марат Т." in card(town, order))
        for words in ("another sum: 10 ₸", "another recipient: Марат Т.", "older than the order: 14.01.2027 09:00"):
            assert words in card(town, order)
        assert "The same receipt" not in card(town, order)
        later = receipt(order, number="QR1234568", moment="15.01.2028 09:00")
        town.telegram.send_document(KATE, later, "receipt.pdf", "application/pdf")
        await town.until(lambda: "time has not come yet" in card(town, order))
        town.telegram.send_document(KATE, b"%PDF-1.7\nnothing", "receipt.pdf", "application/pdf")
        await town.until(lambda: "damaged" in card(town, order))
        assert order_of(town).stands is OrderState.CLAIMED, "doubts refuse nothing by themselves"


async def test_the_sum_of_another_order_of_the_same_buyer(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        first = await buy(town)
        order = await buy(town)
        await claim(town, order, receipt(first))
        assert f"fits another order of the same buyer: {first.code} (waits for payment)" in card(town, order)


async def test_a_number_under_another_file_is_the_same_receipt(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        first = await buy(town, BORIS)
        await claim(town, first, receipt(first), BORIS)
        order = await buy(town)
        await claim(town, order, receipt(order))
        assert f"has come before: order {first.code} (waits for an admin, buyer" in card(town, order)


async def test_a_second_admin_for_a_large_sum(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town, SECOND, THIRD)
    strict_from(town, 19_000)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town, package=LARGE)
        await claim(town, order)
        assert await approve(town) == "Noted. Now another admin must confirm."
        await town.until(lambda: all("one more admin" in card(town, order, admin) for admin in town.admins))
        assert order_of(town).stands is OrderState.CLAIMED
        assert keys(town, order) == ["❌ Refuse"], "the first has no second vote"
        forged = f"o:{order.id}:yes:{order_of(town).version}.{order.amount // 100}"
        answer = await press_data(town, ADMIN, cards(town, order)[-1]["message_id"], forged)
        assert answer == "Noted. Now another admin must confirm."
        await town.until(lambda: any(key.startswith("✅") for key in keys(town, order, THIRD)))
        assert await approve(town, THIRD) == "Confirmed: +1000 tokens."
        await town.until(lambda: town.says(KATE, "✅ +1000 tokens"))
        await town.until(lambda: all("confirmed" in card(town, order, admin) for admin in town.admins))
    assert town.balance(KATE).available == WELCOME + 1000
    assert town.audit() == []


async def test_one_admin_alone_decides_a_large_sum(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    strict_from(town, 19_000)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town, package=LARGE)
        await claim(town, order)
        assert await approve(town) == "Confirmed: +1000 tokens."
    assert town.balance(KATE).available == WELCOME + 1000


async def test_the_second_admin_sees_another_sum(town: Town, autojump_clock: MockClock) -> None:
    """Two must have seen the same money: another sum begins anew."""
    open_kaspi(town, SECOND)
    strict_from(town, 9_000)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town, package=LARGE)
        await claim(town, order)
        await approve(town)
        await town.until(lambda: "one more admin" in card(town, order, SECOND))
        await press(town, SECOND, "✏️ Another")
        await town.until(lambda: town.says(SECOND, "How many tenge"))
        town.telegram.say(SECOND, "10000")
        await town.until(lambda: town.button(SECOND, "✅ Yes, I see 10"))
        assert await press(town, SECOND, "✅ Yes") == "Noted. Now another admin must confirm."
        await town.until(lambda: town.button(ADMIN, "✅ 10\u202f000 ₸ came"))
        assert (await approve(town)).startswith("Confirmed: +")
    bought = 1000 * 10_000_00 // order.amount
    assert town.balance(KATE).available == WELCOME + bought
    assert town.audit() == []


async def test_nobody_decides_about_their_own_money(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town, SECOND)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town, ADMIN)
        await claim(town, order, person=ADMIN)
        assert cards(town, order, ADMIN) == []
        forged = f"o:{order.id}:yes:{order_of(town, ADMIN).version}"
        assert (await press_data(town, ADMIN, 1, forged)).startswith("This is your own order")
        assert order_of(town, ADMIN).stands is OrderState.CLAIMED
        assert await approve(town, SECOND) == "Confirmed: +100 tokens."
    assert town.audit() == []


async def test_an_approval_is_undone(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town, SECOND)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        await claim(town, order)
        await approve(town)
        await town.until(lambda: town.button(SECOND, "↩️ Undo"))
        await press(town, SECOND, "↩️ Undo")
        await town.until(lambda: town.button(SECOND, "↩️ Yes"))
        assert await press(town, SECOND, "↩️ Yes") == "The confirmation is undone, the tokens are taken back."
        await town.until(lambda: town.says(KATE, "100 tokens", "40"))
        assert town.balance(KATE).available == WELCOME
        assert order_of(town).stands is OrderState.REFUSED
        assert town.audit() == []
        await town.until(lambda: all("mistake" in card(town, order, admin) for admin in town.admins))
        assert await approve(town) == "Confirmed: +100 tokens.", "the money was there after all"
    assert town.balance(KATE).available == WELCOME + 100
    assert town.audit() == []
    log = [entry.what for entry in town.read(lambda tx: audit_log.latest(tx, limit=9, subject=f"order:{order.id}"))]
    assert log == ["kaspi-approve", "kaspi-undo", "kaspi-approve"]


async def test_an_undone_approval_whose_tokens_are_spent_is_a_debt(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        await claim(town, order)
        await approve(town)
        await town.until(lambda: town.balance(KATE).available == WELCOME + 100)
        town.telegram.say(ADMIN, f"/topup {KATE} -120 spent")
        await town.until(lambda: town.balance(KATE).available == 20)
        await press(town, ADMIN, "↩️ Undo the")
        await town.until(lambda: town.button(ADMIN, "↩️ Yes"))
        await press(town, ADMIN, "↩️ Yes")
        await town.until(lambda: order_of(town).stands is OrderState.REFUSED)
    assert town.balance(KATE).available == 0
    assert town.audit() == []


async def test_after_a_day_nothing_is_undone(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        await claim(town, order)
        await approve(town)
        await town.until(lambda: town.button(ADMIN, "↩️ Undo"))
    message, version = cards(town, order)[-1]["message_id"], order_of(town).version
    await trio.sleep(86_400)
    async with town.bot():
        answer = await press_data(town, ADMIN, message, f"o:{order.id}:undo:{version}")
        assert answer.startswith("The order has changed since")
    assert town.balance(KATE).available == WELCOME + 100


async def test_admins_are_reminded(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        await claim(town, order)
        version = order_of(town).version
        for count, wait in enumerate((FIRST_REMINDER, REMIND_SECONDS), start=2):
            await trio.sleep(wait - 120)
            assert len(cards(town, order)) == count - 1
            await trio.sleep(240)
            assert len(cards(town, order)) == count
        assert [bool(labels(message)) for message in cards(town, order)] == [False, False, True]
        assert order_of(town).version == version, "a reminder is no change of the order"
        await approve(town)
        await trio.sleep(2 * REMIND_SECONDS)
        assert len(cards(town, order)) == 3


async def test_an_admin_who_could_not_be_reached_sees_the_next_reminder(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        town.telegram.block(ADMIN)
        town.telegram.send_document(KATE, receipt(order), "receipt.pdf", "application/pdf")
        await town.until(lambda: order_of(town).stands is OrderState.CLAIMED)
        await trio.sleep(600)
        town.telegram.unblock(ADMIN)
        assert cards(town, order) == []
        await town.until(lambda: cards(town, order), within=FIRST_REMINDER + 300)
        assert "The buyer has waited for" in card(town, order)
        await approve(town)
        await town.until(lambda: town.says(KATE, "✅ +100 tokens"))


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.LOSE_ANSWER])
async def test_a_receipt_is_fetched_through_bad_weather(town: Town, autojump_clock: MockClock, kind: FaultKind) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        town.fault("telegram", "getFile", kind, times=3)
        await claim(town, order)
        assert "QR17262148385" in card(town, order), "it was read in the end"


@pytest.mark.parametrize(
    ("hours", "wakes"),
    [(0.0, 0.0), (9.9, 9.9), (10.0, 19.0), (11.5, 19.0), (18.99, 19.0), (19.0, 19.0), (34.5, 43.0)],
)
def test_the_night_is_quiet(hours: float, wakes: float) -> None:
    """A town begins at 13:00 of Astana; from 23:00 to 8:00 nobody is woken."""
    assert by_day(START + hours * 3600) == START + wakes * 3600


async def test_a_file_telegram_has_lost_is_decided_without_it(
    town: Town, autojump_clock: MockClock, logbook: Logbook
) -> None:
    logbook.expected.add("outbox.refused")
    open_kaspi(town)
    town.fault("telegram", "getFile", FaultKind.REFUSE, times=1)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        town.read(
            lambda tx: receipts.add(
                tx, order.id, file_id="gone", file_unique_id="gone", kind="document", state="asked", fields="{}"
            )
        )
        await press_data(town, KATE, newest(town, KATE)["message_id"], f"o:{order.id}:rc:1")
        await town.until(lambda: town.says(ADMIN, order.code, "could not be fetched"))
        await approve(town)
        await town.until(lambda: town.says(ADMIN, "confirmed"))
    assert town.balance(KATE).available == WELCOME + 100


async def test_expired_orders_of_every_rail(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        order = await buy(town)
        town.telegram.say(BORIS, "/buy")
        await town.until(lambda: town.button(BORIS, "💰 100"))
        await press(town, BORIS, "💰 100")
        await town.until(lambda: town.button(BORIS, "⭐"))
        for open_order in (order, order_of(town, BORIS)):
            soon(town, open_order)
        await town.until(lambda: order_of(town).stands is OrderState.EXPIRED)
        await town.until(lambda: order_of(town, BORIS).stands is OrderState.EXPIRED)
    assert town.audit() == []


def test_the_packaged_shop_asks_two_admins_from_fifty_thousand(town: Town) -> None:
    assert town.catalogue.kaspi.second_admin_from == 50_000
