"""The panel of the page changes which server the video stand-in plays, and the bot goes on selling from it."""

import pytest
from playwright.sync_api import expect

from tests.browser.chat import KATE, PATIENCE
from tests.browser.conftest import OpenChat

pytestmark = pytest.mark.browser


def test_the_video_server_becomes_another_one_while_the_bot_runs(open_chat: OpenChat) -> None:
    chat = open_chat(KATE)
    chat.page.get_by_test_id("start").click()
    chat.answer("You have 40 tokens")
    chat.page.get_by_test_id("faults").click()
    server = chat.page.get_by_test_id("manners")
    expect(server).to_have_value("openai")
    server.select_option("openrouter")
    expect(chat.page.get_by_text("The video server is now OpenRouter.")).to_be_visible()
    expect(server).to_have_value("openrouter")
    chat.page.get_by_test_id("faults-close").click()
    chat.say("A whale under the ice")
    chat.answer("Price: 20 tokens")
    chat.button("▶️").click()
    expect(chat.films()).to_have_count(1, timeout=PATIENCE)
    other = open_chat(KATE)
    other.page.get_by_test_id("faults").click()
    expect(other.page.get_by_test_id("manners")).to_have_value("openrouter")
