"""An admin at work in the sandbox: a gift that is undone, a film that is paid back, a pause, a broadcast."""

import re
from collections.abc import Generator

import pytest
from playwright.sync_api import expect

from tests.browser.chat import ADMIN, OpenChat, Sandbox

pytestmark = pytest.mark.browser
NUMBER = re.compile(r"Film № (\d+)")


@pytest.fixture
def no_pause_stays(sandbox: Sandbox) -> Generator[None]:
    yield
    sandbox.post("send", {"person": ADMIN, "text": "/maintenance off"})


@pytest.mark.usefixtures("no_pause_stays")
def test_a_day_of_an_admin(sandbox: Sandbox, open_chat: OpenChat) -> None:
    dana = sandbox.newcomer("Dana")
    chat = open_chat(dana)
    chat.start("You have 40 tokens")
    chat.say("A golden eagle over the peaks above Almaty")
    chat.button("▶️").click()
    chat.answer("Balance: 20 tokens")
    ordered = NUMBER.search(chat.answer("is ready").inner_text())
    assert ordered is not None
    film = ordered[1]

    chat.be(ADMIN)
    chat.say("/users")
    chat.answer("Люди")
    chat.button("Dana").click()
    chat.answer("👤 Dana")
    chat.button("+100").click()
    chat.answer(f"Dana ({dana}): +100 токенов. Баланс: 120 токенов.")
    chat.button("Вернуть назад").click()
    chat.answer(f"Возвращено назад. Dana ({dana})")
    chat.say(f"/job {film}")
    chat.answer(f"Фильм № {film}: доставлен")
    chat.button("Вернуть токены").click()
    chat.button("Да, вернуть токены").click()
    chat.answer("Покупателю возвращено: 20 токенов")
    chat.say("/maintenance on Вернёмся в 15:00")
    chat.answer("Перерыв начался")

    chat.be(dana)
    chat.answer(f"Paid back for film № {film}: 20 tokens")
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


def test_a_broadcast_is_an_answer_to_a_message(sandbox: Sandbox, open_chat: OpenChat) -> None:
    """As in Telegram: a right click, which a long press is too, on the message that everybody shall see."""
    reader = sandbox.newcomer("Reader")
    sandbox.post("send", {"person": reader, "text": "/start"})
    chat = open_chat(ADMIN)
    chat.say("/start")
    chat.say("A new model is here")
    chat.answer("A new model is here")
    said = chat.messages("A new model is here").first
    expect(said).to_have_attribute("data-out", "true")
    said.locator(".bubble").click(button="right")
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_test_id("message-menu")).to_have_count(0)
    said.locator(".bubble").click(button="right")
    chat.page.get_by_test_id("reply").click()
    expect(chat.page.get_by_test_id("reply-bar")).to_contain_text("A new model is here")
    chat.say("/broadcast")
    expect(chat.page.get_by_test_id("reply-bar")).to_be_hidden()
    expect(chat.messages("/broadcast").get_by_test_id("quote")).to_contain_text("A new model is here")
    chat.answer("Рассылка № ")
    chat.button("✅ Отправить").click()
    chat.answer("закончена")

    chat.be(reader)
    chat.answer("A new model is here")
    assert chat.page.get_by_test_id("quote").count() == 0, "a copy does not say whose it was"
