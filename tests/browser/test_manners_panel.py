"""The panel of the page changes which server the video stand-in plays, and the bot goes on selling from it."""

from collections.abc import Generator

import pytest
from playwright.sync_api import expect

from tests.browser.chat import OpenChat, Sandbox

pytestmark = pytest.mark.browser


@pytest.fixture
def openai_comes_back(sandbox: Sandbox) -> Generator[None]:
    yield
    sandbox.post("manners", {"dialect": "openai"})


@pytest.mark.usefixtures("openai_comes_back")
def test_the_video_server_becomes_another_one_while_the_bot_runs(sandbox: Sandbox, open_chat: OpenChat) -> None:
    person = sandbox.newcomer("Mia")
    chat = open_chat(person)
    chat.start("You have 40 tokens")
    chat.page.get_by_test_id("faults").click()
    server = chat.page.get_by_test_id("manners")
    expect(server).to_have_value("openai")
    server.select_option("openrouter")
    chat.told("The video server is now OpenRouter.")
    expect(server).to_have_value("openrouter")
    chat.page.get_by_test_id("faults-close").click()
    chat.say("A whale under the ice")
    chat.answer("Price: 20 tokens")
    chat.button("▶️").click()
    expect(chat.films()).to_have_count(1)
    other = open_chat(person)
    other.page.get_by_test_id("faults").click()
    expect(other.page.get_by_test_id("manners")).to_have_value("openrouter")
