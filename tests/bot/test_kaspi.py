"""A purchase by Kaspi: from the package to the tokens, by PDF and by photo, and what the buyer meets on the way."""

import pytest
from trio.testing import MockClock

from protocol.order import OrderState
from tests.bot.chats import labels, newest, press, text_of
from tests.bot.kaspi_desk_side import (
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
    screenshot,
    soon,
    tenge,
)
from tests.town import ADMIN, AIGERIM, BORIS, KATE, Town

WELCOME = 40


async def test_a_purchase_by_pdf(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        assert 2490_00 < order.amount <= 2589_00
        assert order.amount % 100 == 0
        waiting = newest(town, KATE)
        assert tenge(order.amount) in text_of(waiting)
        assert order.code in text_of(waiting)
        assert "+77011234567" in text_of(waiting)
        buttons = [button for row in waiting["reply_markup"]["inline_keyboard"] for button in row]
        assert [button.get("copy_text") for button in buttons if "copy_text" in button] == [
            {"text": "https://pay.kaspi.kz/pay/abcd1234"},
            {"text": "+77011234567"},
            {"text": str(order.amount // 100)},
        ]
        assert buttons[0]["url"] == "https://pay.kaspi.kz/pay/abcd1234"
        await claim(town, order)
        assert order_of(town).stands is OrderState.CLAIMED
        assert town.says(KATE, "The receipt for order", order.code)
        shown = card(town, order)
        assert tenge(order.amount) in shown
        assert "QR17262148385" in shown
        assert "Данияр С." in shown
        assert "@kate" in shown
        assert "first purchase" in shown, "a new buyer is a warning"
        assert shown.count("⚠️") == 1
        assert "document" in cards(town, order)[-1]
        assert town.balance(KATE).available == WELCOME
        assert await approve(town) == "Confirmed: +100 tokens."
        await town.until(lambda: town.says(KATE, "✅ +100 tokens", "140"))
        await town.until(lambda: "confirmed" in card(town, order))
        assert keys(town, order) == ["↩️ Undo the confirmation"]
    assert town.balance(KATE).available == WELCOME + 100
    assert order_of(town).stands is OrderState.PAID
    assert town.audit() == []


async def test_a_purchase_by_photo(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        town.telegram.send_photo(KATE, screenshot())
        await town.until(lambda: cards(town, order))
        assert "photo" in cards(town, order)[-1]
        assert "Look at the sum" in card(town, order)
        await approve(town)
        await town.until(lambda: town.says(KATE, "✅ +100 tokens"))
    assert town.balance(KATE).available == WELCOME + 100
    assert town.audit() == []


async def test_a_film_that_lacked_tokens_waits_below(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        await town.draft(KATE, "an eagle over Almaty")
        await press(town, KATE, "⚙️")
        await town.until(lambda: town.button(KATE, "20 s"))
        await press(town, KATE, "20 s")
        await town.until(lambda: town.button(KATE, "💰"))
        await press(town, KATE, "💰")
        await town.until(lambda: town.button(KATE, "💰 100"))
        await press(town, KATE, "💰 100")
        await town.until(lambda: town.button(KATE, "🏦"))
        await press(town, KATE, "🏦")
        await town.until(lambda: town.button(KATE, "🔄"))
        order = order_of(town)
        await claim(town, order)
        await approve(town)
        await town.until(lambda: town.says(KATE, "Your film waits below") or town.says(KATE, "film"))
        await town.until(lambda: any(label.startswith("▶️") for label in labels(newest(town, KATE))))
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: town.films(KATE))
    assert town.audit() == []


async def test_sums_of_open_orders_differ(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        orders = [await buy(town, person) for person in (KATE, BORIS, AIGERIM)]
        assert len({order.amount for order in orders}) == 3
        again = await buy(town, KATE)
        assert again.id != orders[0].id
        assert again.amount not in {order.amount for order in orders}


async def test_a_picture_with_words_is_asked_about(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        town.telegram.send_photo(KATE, screenshot(), "an eagle over Almaty")
        await town.until(lambda: town.button(KATE, "🎬 It is a frame"))
        assert order_of(town).stands is OrderState.WAITING
        await press(town, KATE, "🎬 It is a frame")
        await town.until(lambda: town.says(KATE, "an eagle over Almaty"))
        assert order_of(town).stands is OrderState.WAITING
        town.telegram.send_photo(KATE, screenshot(91), "here")
        await town.until(lambda: town.button(KATE, "✅ It is the receipt"))
        await press(town, KATE, "✅ It is the receipt")
        await town.until(lambda: cards(town, order))
        assert order_of(town).stands is OrderState.CLAIMED
        await town.until(lambda: town.says(KATE, "it is the receipt for order"))
    assert town.audit() == []


@pytest.mark.parametrize("words", ["чек", "Kaspi receipt", "оплатила"])
async def test_words_of_a_payment_make_a_picture_a_receipt(town: Town, autojump_clock: MockClock, words: str) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        town.telegram.send_photo(KATE, screenshot(), words)
        await town.until(lambda: cards(town, order))


async def test_i_have_paid_asks_for_the_receipt(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        await press(town, KATE, "🔄")
        await town.until(lambda: town.says(KATE, "Send the receipt for", order.code))
        town.telegram.send_document(KATE, b"PK\x03\x04", "film.zip", "application/zip")
        await town.until(lambda: town.says(KATE, "does not look like a receipt"))
        await claim(town, order)
        answer = await press(town, KATE, "🔄")
        assert answer.startswith("An admin has the receipt. I cannot tell yet")


async def test_whoever_writes_of_a_film_instead_is_not_asked_any_more(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        order = await buy(town)
        soon(town, order)
        await town.until(lambda: order_of(town).stands is OrderState.EXPIRED)
        await press(town, KATE, "🔄")
        await town.until(lambda: town.says(KATE, "Send the receipt for", order.code))
        await town.draft(KATE, "an eagle over Almaty")
        town.telegram.send_photo(KATE, screenshot())
        await town.until(lambda: town.says(KATE, "A fine first frame"))
    assert order_of(town).stands is OrderState.EXPIRED


async def test_a_huge_pdf_is_not_fetched(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        order = await buy(town)
        town.telegram.send_document(KATE, b"%PDF-1.7" + bytes(6_000_000), "receipt.pdf", "application/pdf")
        await town.until(lambda: town.says(KATE, "too large", order.code))
    assert order_of(town).stands is OrderState.WAITING


async def test_without_an_order_files_are_what_they_were(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        town.telegram.send_document(KATE, screenshot(), "receipt.pdf", "application/pdf")
        await town.until(lambda: town.texts(KATE))
        assert not town.says(KATE, "receipt")
        town.telegram.send_photo(KATE, screenshot())
        await town.until(lambda: town.says(KATE, "film"))


async def test_an_order_expires_and_a_late_receipt_still_counts(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        assert order.expires_at == pytest.approx(order.created_at + 86_400, abs=10)
        soon(town, order)
        await town.until(lambda: order_of(town).stands is OrderState.EXPIRED)
        await town.until(lambda: town.says(KATE, "expired", order.code))
        await claim(town, order, receipt(order))
        await approve(town)
        await town.until(lambda: town.says(KATE, "✅ +100 tokens"))
    assert town.audit() == []


async def test_a_refusal_says_why_and_another_receipt_is_taken(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        await claim(town, order)
        assert await refuse(town) == "Refused, the buyer will read the reason."
        await town.until(lambda: town.says(KATE, "could not be confirmed", "we do not see such a transfer"))
        assert order_of(town).stands is OrderState.REFUSED
        await town.until(lambda: "Refused: we do not see" in card(town, order))
        await claim(town, order, receipt(order, number="QR555555555"))
        assert order_of(town).stands is OrderState.CLAIMED
        first, second = cards(town, order)
        assert "newer card" in text_of(first)
        assert labels(first) == []
        assert "QR555555555" in text_of(second)
        await approve(town)
        await town.until(lambda: town.says(KATE, "✅ +100 tokens"))
    assert town.balance(KATE).available == WELCOME + 100
    assert town.audit() == []


async def test_the_same_receipt_again_after_a_refusal_is_a_new_card(town: Town, autojump_clock: MockClock) -> None:
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        pdf = receipt(order)
        await claim(town, order, pdf)
        await refuse(town)
        await town.until(lambda: order_of(town).stands is OrderState.REFUSED)
        await claim(town, order, pdf)
        assert "Refused" not in card(town, order)
        assert any(key.startswith("✅") for key in keys(town, order))


async def test_the_waiting_time_is_learned_from_decisions(town: Town, autojump_clock: MockClock) -> None:
    import trio

    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        for person in (KATE, BORIS, AIGERIM):
            order = await buy(town, person)
            await claim(town, order, receipt(order, number=f"QR12345{person}"), person)
            await trio.sleep(720)
            await approve(town)
            await town.until(lambda person=person: order_of(town, person).stands is OrderState.PAID)
        order = await buy(town, KATE)
        await claim(town, order, receipt(order, number="QR999999999"))
        assert town.says(KATE, "This usually takes ≈ 12 min")


async def test_the_buyer_cancels_while_an_admin_looks(town: Town, autojump_clock: MockClock) -> None:
    """The card a buyer sees then has no ✖️, but an older press may still come."""
    open_kaspi(town)
    async with town.bot():
        await admins_begin(town)
        order = await buy(town)
        waiting = newest(town, KATE)
        await claim(town, order)
        town.telegram.press(KATE, waiting["message_id"], f"o:{order.id}:no", forged=True)
        await town.until(lambda: "cancelled" in card(town, order))
        assert keys(town, order)[0].startswith("✅"), "money that came is credited all the same"
        await approve(town)
        await town.until(lambda: town.says(KATE, "✅ +100 tokens"))
    assert town.audit() == []


async def test_nothing_is_offered_that_is_not_set_up(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        town.telegram.say(KATE, "/buy")
        await town.until(lambda: town.button(KATE, "💰 100"))
        await press(town, KATE, "💰 100")
        await town.until(lambda: town.button(KATE, "⭐"))
        assert not any(label.startswith("🏦") for label in labels(newest(town, KATE)))
        assert town.texts(ADMIN) == []
