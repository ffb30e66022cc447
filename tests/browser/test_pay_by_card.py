"""Paying by card as the sandbox's visitor does: the hosted page, a declined card, the way back, and a refund."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.chat import PATIENCE, OpenChat, Sandbox

pytestmark = pytest.mark.browser


def test_a_card_pays_and_a_quarter_comes_back(sandbox: Sandbox, open_chat: OpenChat) -> None:
    person = sandbox.newcomer("Clara")
    chat = open_chat(person)
    chat.say("/start")
    chat.answer("You have 40 tokens")
    chat.say("/buy")
    chat.button("💰 100 tokens").click()
    chat.button("💳").click()
    chat.answer("payment page of Stripe")
    with chat.context.expect_page() as opened:
        chat.button("💳 Pay").click()
    page = opened.value
    page.set_default_timeout(PATIENCE)
    expect(page.get_by_role("heading")).to_have_text(re.compile("2.490.00 KZT"))
    page.get_by_test_id("decline").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("declined"))
    page.get_by_test_id("pay").click()
    expect(page).to_have_url(re.compile(f"/#{person}$"))  # back in the chat
    page.close()
    chat.answer("+100 tokens")
    chat.answer(re.compile("I am checking the payment|is paid"))
    chat.page.get_by_test_id("faults").first.click()
    sessions = chat.page.get_by_test_id("stripe-sessions")
    expect(sessions).to_contain_text("paid")
    chat.page.get_by_test_id("stripe-refund-part").click()
    expect(sessions).to_contain_text("refunded 25 %")
    chat.answer("went back to you")  # the webhook told the bot at once
