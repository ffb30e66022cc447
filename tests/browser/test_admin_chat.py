"""An admin at work in the sandbox: from the list to a person, a gift that is undone, a film that is paid back."""

import pytest
from playwright.sync_api import expect

from tests.browser.chat import ADMIN, KATE
from tests.browser.conftest import OpenChat

pytestmark = pytest.mark.browser


def test_a_day_of_an_admin(open_chat: OpenChat) -> None:
    chat = open_chat(KATE)
    chat.page.get_by_test_id("start").click()
    chat.answer("You have 40 tokens")
    chat.say("A golden eagle over the peaks above Almaty")
    chat.button("▶️").click()
    chat.answer("Balance: 20 tokens")

    chat.be(ADMIN)
    chat.say("/users")
    chat.answer("Люди")
    chat.button("Kate").click()
    chat.answer("👤 Kate @kate")
    chat.button("+100").click()
    chat.answer("Kate (103): +100 токенов. Баланс: 120 токенов.")
    chat.button("Вернуть назад").click()
    chat.answer("Возвращено назад. Kate (103)")
    chat.say("/job 1")
    chat.answer("Заказ № 1: доставлен")
    chat.button("Вернуть токены").click()
    chat.button("Да, вернуть токены").click()
    chat.answer("Покупателю возвращено: 20 токенов")
    chat.say("/maintenance on Вернёмся в 15:00")
    chat.answer("Перерыв начался")

    chat.be(KATE)
    chat.answer("Paid back for film 1: 20 tokens")
    chat.say("Another eagle")
    chat.answer("Balance after: 20 tokens")
    chat.button("▶️").click()
    expect(chat.page.get_by_test_id("alert")).to_contain_text("Вернёмся в 15:00")
    chat.page.keyboard.press("Escape")
    chat.answer("🔧 Вернёмся в 15:00")

    chat.be(ADMIN)
    chat.say("/maintenance off")
    chat.say("/log")
    expect(chat.answer("Что делали администраторы")).to_contain_text("job-refund")
