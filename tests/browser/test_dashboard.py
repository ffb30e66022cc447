"""The operator's dashboard, beside the sandbox's chat: what happens in the chat moves on the page."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.chat import PATIENCE, OpenChat, Sandbox

pytestmark = pytest.mark.browser
WATCH_BARS = """
window.bars = [];
new MutationObserver(() => {
  for (const el of document.querySelectorAll("[data-testid=job] .bar span")) window.bars.push(el.textContent);
}).observe(document, { childList: true, subtree: true, characterData: true });
"""
"""A bar is gone when its film is done: a busy machine may look too late."""
BAR = re.compile(r"^≈?\d+%$")


class Dashboard:
    """The page, and what the browser complained of."""

    def __init__(
        self, browser: Browser, url: str, *, width: int = 1280, between: Callable[[WebSocketRoute], None] | None = None
    ) -> None:
        self.complaints: list[str] = []
        self.context = browser.new_context(viewport={"width": width, "height": 860}, color_scheme="light")
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.add_init_script(WATCH_BARS)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else 0)
        if between is not None:
            self.page.route_web_socket(re.compile("/feed"), between)
        self.page.goto(url)

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []


def test_a_film_moves_on_the_page(sandbox: Sandbox, open_chat: OpenChat, chromium: Browser) -> None:
    dashboard = Dashboard(chromium, sandbox.dashboard)
    page = dashboard.page
    expect(page.get_by_test_id("live")).to_have_text("live")
    expect(page.get_by_test_id("actors")).to_contain_text("outbox")
    tile = page.locator(".tile", has_text="films today").locator("b")
    before = int(tile.inner_text())
    chat = open_chat(sandbox.newcomer("Olga"))
    chat.start()
    chat.say("<b>A golden</b> eagle over the peaks")
    chat.button("▶️").click()
    job = page.get_by_test_id("job").filter(has_text="<b>A golden</b> eagle over the peaks")  # as words, not as HTML
    expect(job).to_have_count(1)
    expect(job).to_contain_text("delivered")
    assert [bar for bar in page.evaluate("window.bars") if BAR.match(bar)]
    expect(tile).to_have_text(str(before + 1))
    expect(page.get_by_test_id("log")).to_contain_text("film.shown")
    dashboard.close()


def test_it_comes_back_where_it_left_off(sandbox: Sandbox, chromium: Browser) -> None:
    """The first connection ends as that of a reader that is too slow."""
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

    dashboard = Dashboard(chromium, sandbox.dashboard, between=between)
    page = dashboard.page
    expect(page.get_by_test_id("actors")).to_contain_text("outbox")
    left = PATIENCE
    while len(asked) < 2 and left > 0:
        page.wait_for_timeout(50)  # lets Playwright hear of the second connection
        left -= 50
    expect(page.get_by_test_id("live")).to_have_text("live")
    first, second = asked
    assert "after=" not in first
    assert re.search(r"after=\d{13,}", second)
    dashboard.close()


def test_nothing_is_wider_than_the_window(sandbox: Sandbox, chromium: Browser) -> None:
    dashboard = Dashboard(chromium, sandbox.dashboard)
    page = dashboard.page
    expect(page.get_by_test_id("live")).to_have_text("live")
    expect(page.get_by_test_id("actors")).to_contain_text("outbox")
    for width in (360, 800, 1400):
        page.set_viewport_size({"width": width, "height": 860})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert (int(re.findall(r"\d+", ground)[0]) < 128) == (scheme == "dark")
    dashboard.close()
