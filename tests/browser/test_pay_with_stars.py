"""Paying with Stars on the page, as in Telegram: an invoice, its button, a receipt; and a refund by the admin."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.chat import ADMIN, OpenChat, Sandbox

pytestmark = pytest.mark.browser


def test_a_buyer_pays_and_the_admin_pays_back(sandbox: Sandbox, open_chat: OpenChat) -> None:
    person = sandbox.newcomer("Stella")
    chat = open_chat(person)
    chat.start("You have 40 tokens")
    chat.say("/buy")
    chat.button("💰 100 tokens").click()
    chat.button("⭐ Telegram Stars").click()
    pay = chat.page.get_by_test_id("inline-button").filter(has_text="⭐ Pay 250")
    expect(pay).to_be_visible()
    pay.click()
    chat.answer("+100 tokens")
    receipt = chat.page.get_by_test_id("inline-button").filter(has_text="Paid")
    expect(receipt).to_be_visible()
    expect(chat.messages("You paid ⭐ 250")).to_be_visible()
    paid = chat.answer(re.compile("Order .* is paid"))
    code = re.search(r"Order ([A-Z0-9]{6}) is paid", paid.inner_text())
    assert code is not None

    chat.page.reload()
    expect(receipt).to_be_visible()
    receipt.click()
    chat.told("paid already")

    chat.be(ADMIN)
    chat.say(f"/refund {code[1]}")
    chat.answer("Возвращено 250 ⭐: Stella")
    chat.be(person)
    chat.answer("went back to you: 250 ⭐")
    expect(chat.messages("⭐ 250 came back to you")).to_be_visible()


def test_a_cancelled_invoice_cannot_be_paid(sandbox: Sandbox, open_chat: OpenChat) -> None:
    chat = open_chat(sandbox.newcomer("Nora"))
    chat.say("/buy")
    chat.button("💰 300 tokens").click()
    chat.button("⭐ Telegram Stars").click()
    pay = chat.page.get_by_test_id("inline-button").filter(has_text="⭐ Pay 700")
    expect(pay).to_be_visible()
    chat.button("✖️").click()
    chat.answer("is cancelled")
    pay.click()
    expect(chat.page.get_by_test_id("alert")).to_contain_text("not valid any more")
