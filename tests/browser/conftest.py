"""One sandbox and one Chromium for the tests of a file. What the browser complains of fails a test."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chat import Chat, running_chromium, running_sandbox

OpenChat = Callable[..., Chat]
SPEED = 20.0
"""A film of four seconds takes about two."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs a Chromium, see .ci/chromium")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of a running sandbox."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox") / "log.txt", speed=SPEED) as url:
        yield url


@pytest.fixture(scope="module")
def chromium() -> Generator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def open_chat(sandbox: str, chromium: Browser, tmp_path: Path) -> Generator[OpenChat]:
    """Opens windows; each leaves a picture of how it looked in the end in the test's temporary folder."""
    opened: list[Chat] = []

    def open_one(person: int, *, width: int = 1280, height: int = 860) -> Chat:
        chat = Chat(chromium, sandbox, person, width=width, height=height)
        opened.append(chat)
        return chat

    yield open_one
    for number, chat in enumerate(opened):
        chat.page.screenshot(path=tmp_path / f"window-{number}.png")
        chat.close()
    assert [chat.complaints for chat in opened] == [[]] * len(opened)
