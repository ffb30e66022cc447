"""Makes the README's pictures anew from the sandbox: `.venv/bin/python -m docs.pictures.make`, about a minute.

They show the real bot and its real texts, so they need making again when those change. The hour on them is today's.
"""

import re
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.chat import ADMIN, AIGERIM, BORIS, KATE, PATIENCE, Chat, running_chromium, running_sandbox

HERE = Path(__file__).parent
SPEED = 6.0
HALF_DONE = re.compile(r"(▰){4,8}▱")


def desk(browser: Browser, url: str) -> None:
    """Kate has a film and waits for the next one."""
    chat = Chat(browser, url, BORIS, height=920)
    chat.page.get_by_test_id("start").click()
    chat.answer("Борис")
    chat.be(ADMIN)
    chat.say("/start")
    chat.be(KATE)
    chat.page.get_by_test_id("start").click()
    chat.answer("40 tokens")
    chat.be(ADMIN)
    chat.say("/topup @kate 200")
    chat.answer("Kate (103)")
    chat.be(KATE)
    chat.say("A golden eagle glides over the snowy peaks above Almaty at dawn, slow camera")
    chat.button("⚙️").click()
    chat.choose("1280x720")
    chat.button("▶️").click()
    expect(chat.films()).to_have_count(1, timeout=2 * PATIENCE)
    chat.say("Apple blossom falls on a quiet street in Almaty, close-up")
    chat.answer("Apple blossom")
    chat.button("⚙️").click()
    chat.choose("20 s")
    chat.button("▶️").click()
    chat.answer(HALF_DONE)
    save(chat, "desk.png")


def phone(browser: Browser, url: str) -> None:
    """Aigerim has a film and looks at what the next one would cost, in Kazakh."""
    chat = Chat(browser, url, AIGERIM, width=390, height=844, scale=2)
    chat.page.get_by_test_id("start").click()
    chat.answer("Айгерім")
    chat.say("Таң атқанда Алматы маңында бүркіт қалықтайды")
    chat.button("⚙️").click()
    chat.choose("1280x720")
    chat.button("▶️").click()
    expect(chat.films()).to_have_count(1, timeout=2 * PATIENCE)
    chat.say("Көктемгі Көктөбе, аспалы жол баяу көтеріліп барады")
    chat.answer("Көктөбе")
    save(chat, "phone.png")


def save(chat: Chat, name: str) -> None:
    """Take the picture when nothing moves any more, and leave it few enough colours to be light."""
    expect(chat.page.get_by_test_id("toast")).to_have_count(0, timeout=PATIENCE)
    expect(chat.page.locator(".busy")).to_have_count(0, timeout=PATIENCE)
    chat.page.mouse.move(0, 0)
    chat.page.screenshot(path=HERE / name, animations="disabled", caret="hide")
    chat.close()
    with Image.open(HERE / name) as picture:
        full = picture.convert("RGB")
    # Pillow's other ways to choose a palette leave no colour for the emoji, or no white. Dithering hides the steps.
    palette = full.quantize(256, method=Image.Quantize.FASTOCTREE)
    full.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(HERE / name, optimize=True)


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory() as folder,
        running_sandbox(Path(folder) / "log.txt", speed=SPEED) as url,
        running_chromium() as browser,
    ):
        desk(browser, url)
        phone(browser, url)
