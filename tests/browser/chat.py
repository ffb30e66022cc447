"""Driving the sandbox's chat page: the sandbox as a process, Chromium, and one person's chat as a reader sees it.

Time is real here; whoever waits, waits for what the page shows.
"""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
KADR = str(Path(sys.executable).with_name("kadr"))
AIGERIM, BORIS, KATE, ADMIN = 101, 102, 103, 900
PATIENCE = 30_000
"""Milliseconds the page may take to show what is waited for: the machine may be busy."""
START_SECONDS = 60.0
STOP_SECONDS = 20.0
FAULTS_OF_OURS = ("actor.failed", "actor.stuck", "actor.ended", "update.failed", "outbox.refused", "Traceback")

CHROMIUM = ("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update")


@contextmanager
def running_sandbox(log: Path, *, speed: float) -> Generator[str]:
    """`kadr sandbox` on a free port; its address. It must end by itself when told to, and must not have failed."""
    command = [KADR, "sandbox", "--port", "0", "--no-browser", "--speed", f"{speed:g}"]
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT) as process,
    ):
        try:
            yield _address(process) or pytest.fail(log.read_text("utf-8"))
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


def _address(process: subprocess.Popen[str]) -> str:
    """What the sandbox prints when it is ready, or nothing when it ends, or takes too long and is ended."""
    assert process.stdout is not None
    impatience = threading.Timer(START_SECONDS, process.kill)
    impatience.start()
    try:
        return next((line.split()[-1] for line in process.stdout if "http://127.0.0.1:" in line), "")
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
            viewport={"width": width, "height": height}, device_scale_factor=scale, color_scheme="light"
        )
        self.page: Page = self.context.new_page()
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

    def say(self, text: str) -> None:
        """Write it and press Enter."""
        self.page.get_by_test_id("composer").fill(text)
        self.page.get_by_test_id("composer").press("Enter")

    def answer(self, text: str | re.Pattern[str]) -> Locator:
        """The bot's messages with these words in them, once there is one."""
        found = self.page.locator('[data-testid=message][data-out="false"]').filter(has_text=text)
        expect(found).not_to_have_count(0, timeout=PATIENCE)
        return found

    def button(self, label: str) -> Locator:
        """The last button whose words have this in them."""
        return self.page.get_by_test_id("inline-button").filter(has_text=label).last

    def choice(self, value: str) -> Locator:
        """The button of the last open settings that stands for exactly this value, chosen or not."""
        return self.page.get_by_test_id("inline-button").filter(has_text=re.compile(rf"^(• )?{re.escape(value)}$")).last

    def choose(self, value: str) -> None:
        """Press a value in the open settings and wait until it is the chosen one."""
        self.choice(value).click()
        expect(self.choice(value)).to_have_text(f"• {value}", timeout=PATIENCE)

    def films(self) -> Locator:
        return self.page.get_by_test_id("video")

    def close(self) -> None:
        self.context.close()
