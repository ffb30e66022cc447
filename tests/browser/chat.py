"""Driving the sandbox's chat page: the sandbox as a process, Chromium, and one person's chat as a reader sees it.

Time is real here; whoever waits, waits for what the page shows.
"""

import json
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
KADR = str(Path(sys.executable).with_name("kadr"))
AIGERIM, BORIS, KATE, ADMIN = 101, 102, 103, 900
PATIENCE = 60_000
"""Milliseconds the page may take to show what is waited for: the machine may be busy."""
START_SECONDS = 60.0
STOP_SECONDS = 20.0
FAULTS_OF_OURS = ("actor.failed", "actor.stuck", "actor.ended", "update.failed", "outbox.refused", "Traceback")

CHROMIUM = ("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update")
KEEP_TOASTS = """
window.toasts = [];
new MutationObserver(() => {
  const text = document.querySelector("[data-testid=toast]")?.textContent;
  if (text && text !== window.toasts.at(-1)) window.toasts.push(text);
}).observe(document, { childList: true, subtree: true });
"""
"""A toast goes away by itself: a busy machine may look too late."""

expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Where a running sandbox is: its chat page, and the operator's dashboard."""

    url: str
    dashboard: str

    def newcomer(self, name: str, language: str = "en") -> int:
        """Somebody whom the bot has not met; their id."""
        return int(self.post("people", {"first_name": name, "language_code": language})["id"])

    def post(self, what: str, body: dict[str, Any]) -> Any:
        """Ask the API behind the page."""
        headers = {"content-type": "application/json"}
        asked = urllib.request.Request(f"{self.url}/sandbox/api/{what}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(asked, timeout=PATIENCE / 1000) as answer:
            return json.load(answer)


@contextmanager
def running_sandbox(log: Path, *, speed: float) -> Generator[Sandbox]:
    """`kadr sandbox` on a free port. It must end by itself when told to, and must not have failed."""
    command = [KADR, "sandbox", "--port", "0", "--no-browser", "--speed", f"{speed:g}"]
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT) as process,
    ):
        try:
            yield _found(process) or pytest.fail(log.read_text("utf-8"))
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                code = process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    said = log.read_text("utf-8")
    assert code == 0, said
    assert not [fault for fault in FAULTS_OF_OURS if fault in said], said


def _found(process: subprocess.Popen[str]) -> Sandbox | None:
    """What the sandbox prints when it is ready, or nothing when it ends, or takes too long and is ended."""
    assert process.stdout is not None
    impatience = threading.Timer(START_SECONDS, process.kill)
    impatience.start()
    try:
        addresses: Iterator[str] = (line.split()[-1] for line in process.stdout if "http://127.0.0.1:" in line)
        url, dashboard = next(addresses, ""), next(addresses, "")
        return Sandbox(url, dashboard) if dashboard else None
    finally:
        impatience.cancel()


@contextmanager
def running_chromium() -> Generator[Browser]:
    """The Chromium of this machine, with no window."""
    found = subprocess.run([ROOT / ".ci/chromium", "find"], capture_output=True, text=True, check=False)
    assert found.returncode == 0, "There is no Chromium on the PATH: `.ci/chromium install` gets one."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found.stdout.strip(), args=list(CHROMIUM))
        try:
            yield browser
        finally:
            browser.close()


class Chat:
    """The page in a window of its own, looking at one person's chat at a time."""

    def __init__(
        self, browser: Browser, url: str, person: int, *, width: int = 1280, height: int = 860, scale: float = 1.0
    ) -> None:
        self.complaints: list[str] = []
        """What the browser complained of: errors in scripts, and whatever the console calls an error."""
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            color_scheme="light",
            permissions=["clipboard-write"],
        )
        self.page: Page = self.context.new_page()
        self.page.add_init_script(KEEP_TOASTS)
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.goto(f"{url}/#{person}")
        expect(self.page.get_by_test_id("status")).to_have_text("bot")

    def _hear(self, message: ConsoleMessage) -> None:
        # A press may cross the edit that takes its button away: the sandbox refuses it, and the page says so.
        if message.type == "error" and not message.location["url"].endswith("/press"):
            self.complaints.append(message.text)

    def be(self, person: int) -> None:
        """Go on as somebody else."""
        self.page.get_by_test_id(f"person-{person}").click()

    def start(self, greeting: str = "40 tokens") -> None:
        """The first press of somebody new."""
        self.page.get_by_test_id("start").click()
        self.answer(greeting)

    def say(self, text: str) -> None:
        """Write it and press Enter."""
        self.page.get_by_test_id("composer").fill(text)
        self.page.get_by_test_id("composer").press("Enter")

    def messages(self, text: str | re.Pattern[str]) -> Locator:
        """Messages with these words in them, whoever wrote them; there may be none."""
        return self.page.get_by_test_id("message").filter(has_text=text)

    def answer(self, text: str | re.Pattern[str]) -> Locator:
        """The bot's messages with these words in them, once there is one."""
        found = self.page.locator('[data-testid=message][data-out="false"]').filter(has_text=text)
        expect(found).not_to_have_count(0)
        return found

    def told(self, text: str) -> None:
        """Wait until a toast said this, even if it is gone by now."""
        self.page.wait_for_function("text => window.toasts.some(toast => toast.includes(text))", arg=text)

    def button(self, label: str) -> Locator:
        """The last button whose words have this in them."""
        return self.page.get_by_test_id("inline-button").filter(has_text=label).last

    def choice(self, value: str) -> Locator:
        """The button of the last open settings that stands for exactly this value, chosen or not."""
        return self.page.get_by_test_id("inline-button").filter(has_text=re.compile(rf"^(• )?{re.escape(value)}$")).last

    def choose(self, value: str) -> None:
        """Press a value in the open settings and wait until it is the chosen one."""
        self.choice(value).click()
        expect(self.choice(value)).to_have_text(f"• {value}")

    def films(self) -> Locator:
        return self.page.get_by_test_id("video")

    def close(self) -> None:
        self.context.close()


OpenChat = Callable[..., Chat]
"""The fixture `open_chat`: a window on one person's chat, closed when the test ends."""
