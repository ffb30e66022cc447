"""Kaspi played through on the sandbox's page, with buyer and admin side by side."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.chat import ADMIN, OpenChat, Sandbox

pytestmark = pytest.mark.browser


def test_a_receipt_becomes_tokens(sandbox: Sandbox, open_chat: OpenChat) -> None:
    """The sum is copied, a made-up receipt is sent from the menu, and the admin confirms in two steps."""
    buyer, admin = open_chat(sandbox.newcomer("Kamila")), open_chat(ADMIN)
    buyer.say("/buy")
    buyer.button("💰 300").click()
    buyer.button("🏦").click()
    told = buyer.answer("Transfer exactly").last.inner_text()
    found = re.search(r"exactly ([\d\u202f]+) ₸", told)
    assert found is not None
    expect(buyer.button("📋 +7701")).to_be_visible()
    buyer.button(f"📋 {found[1]}").click()
    buyer.told("Copied")
    buyer.page.get_by_test_id("chat-menu").click()
    buyer.page.get_by_test_id("receipt").click()
    expect(buyer.page.get_by_test_id("document")).to_have_count(1)
    buyer.answer("The receipt for order")

    card = admin.answer("👤 Kamila").filter(has_text="Kaspi, заказ").last
    expect(card).to_contain_text(found[1])
    expect(card).to_contain_text("Данияр С.")
    expect(card).not_to_contain_text("другая сумма")
    expect(card.get_by_test_id("document")).to_have_count(1)
    admin.button("✅ Пришло").click()
    expect(card).to_contain_text("Чек – не доказательство")
    admin.button("✅ Да").click()
    expect(card).to_contain_text("Подтверждено")

    buyer.answer("✅ +300 tokens")
