"""The operator's dashboard, beside the sandbox's chat: what happens in the chat moves on the page."""

import re
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.chat import ADMIN, PATIENCE, Chat, running_sandbox

pytestmark = pytest.mark.browser
SPEED = 10.0
BAR = re.compile(r"^≈?\d+%$")


def address_of(log: Path) -> str:
    """Where the sandbox's dashboard is; the log says so when it listens."""
    for _ in range(200):
        plain = re.sub(r"\x1b\[[0-9;]*m", "", log.read_text("utf-8"))
        if (found := re.search(r"operator\.listening.*?address=(\S+)", plain)) is not None:
            return found[1]
        time.sleep(0.05)
    raise AssertionError("the operator's port never opened")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[str, str]]:
    """The addresses of the chat page and of the dashboard."""
    log = tmp_path_factory.mktemp("sandbox") / "log.txt"
    with running_sandbox(log, speed=SPEED) as url:
        yield url, f"http://{address_of(log)}"


class Dashboard:
    """The page, and what the browser complained of."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        *,
        width: int = 1280,
        scheme: str = "light",
        between: Callable[[WebSocketRoute], None] | None = None,
    ) -> None:
        self.complaints: list[str] = []
        self.context = browser.new_context(viewport={"width": width, "height": 860}, color_scheme=scheme)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else 0)
        if between is not None:
            self.page.route_web_socket(re.compile("/feed"), between)
        self.page.goto(url)


def test_a_film_moves_on_the_page(town: tuple[str, str], chromium: Browser) -> None:
    url, desk = town
    dashboard = Dashboard(chromium, desk)
    page = dashboard.page
    expect(page.get_by_test_id("live")).to_have_text("live", timeout=PATIENCE)
    expect(page.get_by_test_id("actors")).to_contain_text("outbox")
    chat = Chat(chromium, url, ADMIN)
    chat.page.get_by_test_id("start").click()
    chat.answer("40")
    chat.say("<b>A golden</b> eagle over the peaks")
    chat.button("▶️").click()
    job = page.get_by_test_id("job")
    expect(job).to_have_count(1, timeout=PATIENCE)
    expect(job).to_contain_text("<b>A golden</b> eagle over the peaks")  # as words, not as HTML
    expect(job.locator(".bar span")).to_have_text(BAR, timeout=PATIENCE)
    expect(job).to_contain_text("delivered", timeout=2 * PATIENCE)
    expect(page.locator(".tile", has_text="films today").locator("b")).to_have_text("1", timeout=PATIENCE)
    expect(page.get_by_test_id("log")).to_contain_text("film.shown")
    assert dashboard.complaints == []
    chat.close()
    dashboard.context.close()


def test_it_comes_back_where_it_left_off(town: tuple[str, str], chromium: Browser) -> None:
    """The first connection ends as that of a reader that is too slow."""
    _, desk = town
    asked: list[str] = []

    def between(page_side: WebSocketRoute) -> None:
        asked.append(page_side.url)
        first = len(asked) == 1
        server_side = page_side.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            page_side.send(message)
            if first:
                page_side.close(code=4008, reason="too slow")
                server_side.close()

        server_side.on_message(pass_on)

    dashboard = Dashboard(chromium, desk, between=between)
    page = dashboard.page
    expect(page.get_by_test_id("actors")).to_contain_text("outbox", timeout=PATIENCE)
    deadline = time.monotonic() + PATIENCE / 1000
    while len(asked) < 2 and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    expect(page.get_by_test_id("live")).to_have_text("live", timeout=PATIENCE)
    first, second = asked
    assert "after=" not in first
    assert re.search(r"after=\d{13,}", second)
    assert dashboard.complaints == []
    dashboard.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800, 1400])
def test_nothing_is_wider_than_the_window(town: tuple[str, str], chromium: Browser, width: int, scheme: str) -> None:
    _, desk = town
    dashboard = Dashboard(chromium, desk, width=width, scheme=scheme)
    page = dashboard.page
    expect(page.get_by_test_id("live")).to_have_text("live", timeout=PATIENCE)
    expect(page.get_by_test_id("actors")).to_contain_text("outbox")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (int(re.findall(r"\d+", ground)[0]) < 128) == (scheme == "dark")
    assert dashboard.complaints == []
    dashboard.context.close()
