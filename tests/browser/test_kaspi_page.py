"""Kaspi played through on the sandbox's page, with buyer and admin side by side."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.chat import ADMIN, KATE, PATIENCE
from tests.browser.conftest import OpenChat

pytestmark = pytest.mark.browser


def test_a_receipt_becomes_tokens(open_chat: OpenChat) -> None:
    """The sum is copied, a made-up receipt is sent from the menu, and the admin confirms in two steps."""
    kate, admin = open_chat(KATE), open_chat(ADMIN)
    kate.say("/buy")
    kate.button("💰 300").click()
    kate.button("🏦").click()
    told = kate.answer("Transfer exactly").last.inner_text()
    found = re.search(r"exactly ([\d\u202f]+) ₸", told)
    assert found is not None
    expect(kate.button("📋 +7701")).to_be_visible()
    kate.button(f"📋 {found[1]}").click()
    expect(kate.page.get_by_test_id("toast").or_(kate.page.get_by_test_id("alert"))).to_be_visible()
    kate.page.keyboard.press("Escape")
    kate.page.get_by_test_id("chat-menu").click()
    kate.page.get_by_test_id("receipt").click()
    expect(kate.page.get_by_test_id("document")).to_have_count(1, timeout=PATIENCE)
    kate.answer("The receipt for order")

    card = admin.answer("Kaspi, заказ").last
    expect(card).to_contain_text(found[1])
    expect(card).to_contain_text("Данияр С.")
    expect(card).not_to_contain_text("другая сумма")
    expect(card.get_by_test_id("document")).to_have_count(1)
    admin.button("✅ Пришло").click()
    admin.answer("Чек – не доказательство")
    admin.button("✅ Да").click()
    admin.answer("Подтверждено")

    kate.answer("✅ +300 tokens")
