"""One sandbox and one Chromium for all tests here; each meets its own people. What the browser complains of fails it.

Only the admin is the same for all: what is looked for in the admin's chat names the person or the film it is about.
Both end with the last test here, not with the session: Playwright keeps an event loop in the thread, which Trio minds.
"""

from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chat import Chat, OpenChat, Sandbox, running_chromium, running_sandbox

SPEED = 20.0
"""A film of four seconds takes about two."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs a Chromium, see .ci/chromium")


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox") / "log.txt", speed=SPEED) as running:
        yield running


@pytest.fixture(scope="package")
def chromium() -> Generator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def open_chat(sandbox: Sandbox, chromium: Browser, tmp_path: Path) -> Generator[OpenChat]:
    """Opens windows; each leaves a picture of how it looked in the end in the test's temporary folder."""
    opened: list[Chat] = []

    def open_one(person: int, *, width: int = 1280, height: int = 860) -> Chat:
        chat = Chat(chromium, sandbox.url, person, width=width, height=height)
        opened.append(chat)
        return chat

    yield open_one
    for number, chat in enumerate(opened):
        chat.page.screenshot(path=tmp_path / f"window-{number}.png")
        chat.close()
    assert [chat.complaints for chat in opened] == [[]] * len(opened)
