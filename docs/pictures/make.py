"""Makes the README's pictures anew from the sandbox: `.venv/bin/python -m docs.pictures.make`, about a minute.

They show the real bot and its real texts, so they need making again when those change. The hour on them is today's.
"""

import io
import re
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import trio
from PIL import Image
from playwright.sync_api import Browser, expect
from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME

from actors.commandline.watch import Link
from actors.commandline.watch_screen import Screen
from actors.operator.board import Board
from protocol import feed
from tests.browser.chat import ADMIN, AIGERIM, BORIS, KATE, PATIENCE, Chat, Sandbox, running_chromium, running_sandbox
from tests.feed_reader import open_feed

HERE = Path(__file__).parent
SPEED = 6.0
EMMA = 0
"""Somebody new, who has chosen nothing yet: Kate likes long films, which take long to draw."""
ORDERS = (
    (EMMA, "Steppe horses run through the morning fog"),
    (BORIS, "Беркут над Алматы, медленная камера"),
    (AIGERIM, "Көктемгі бақ, алма ағаштары гүлдеп тұр"),
    (ADMIN, "Снег на перевале, караван идёт к закату"),
    (EMMA, "A steam train crosses the golden steppe"),
    (BORIS, "Туман в ущелье, вид с высоты"),
    (AIGERIM, "Шымбұлақта қар жауып тұр"),
    (EMMA, "City lights of Almaty seen from Kok-Tobe at night"),
    (ADMIN, "Юрта под звёздным небом"),
)
FIRST_ORDERS = 4
"""How many are ordered before one is done: the places of the backend."""
GLIDE = 3000
"""Milliseconds until the bars have come to where they belong."""
COLUMNS, TERMINAL = 104, 1100
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


def operator(browser: Browser, sandbox: Sandbox) -> None:
    """A busy moment of the shop, as its operator sees it in a browser and in a terminal."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light").new_page()
    page.goto(sandbox.dashboard)
    emma = sandbox.newcomer("Emma")
    orders = [(person or emma, prompt) for person, prompt in ORDERS]
    chat = Chat(browser, sandbox.url, ADMIN)
    purchase(chat, BORIS)
    chat.be(emma)
    chat.start()
    chat.be(ADMIN)
    for person in {person for person, _ in orders}:
        chat.say(f"/topup {person} 500")
        chat.answer(f"({person}): +500")
    for number, (person, prompt) in enumerate(orders):
        if number == FIRST_ORDERS:
            expect(page.locator(".job.delivered")).not_to_have_count(0, timeout=2 * PATIENCE)
        chat.be(person)
        chat.say(prompt)
        chat.answer(prompt)
        chat.button("▶️").click()
    expect(page.get_by_test_id("job").filter(has_text="in the queue")).not_to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_test_id("job").filter(has_text="%")).not_to_have_count(0, timeout=PATIENCE)
    page.wait_for_timeout(GLIDE)
    page.screenshot(path=HERE / "dashboard.png", caret="hide")
    with ThreadPoolExecutor() as pool:  # Playwright has this thread's event loop
        drawn = pool.submit(trio.run, terminal, sandbox.dashboard).result()
    paper = browser.new_page(viewport={"width": TERMINAL, "height": 900})  # the dashboard allows no styles but its own
    paper.set_content(f'<body style="margin:0;width:{TERMINAL}px">{drawn}</body>')
    paper.locator("svg").screenshot(path=HERE / "watch.png", omit_background=True)
    chat.close()
    lighten("watch.png", dither=Image.Dither.NONE)


def purchase(chat: Chat, person: int) -> None:
    """Tokens for Stars."""
    chat.be(person)
    chat.say("/buy")
    chat.button("💰 300").click()
    chat.button("⭐ Telegram").click()
    chat.button("⭐ Pay").click()
    chat.answer("+300")


async def terminal(dashboard: str) -> str:
    """What `kadr watch` draws now, as SVG."""
    board, address = Board(), dashboard.removeprefix("http://")
    async with open_feed(f"ws://{address}/feed") as reader:
        board.apply(feed.load(await reader.get_message()))
    console = Console(record=True, width=COLUMNS, force_terminal=True, color_system="truecolor", file=io.StringIO())
    console.print(Screen(board, Link(address, None, connected=True), now=time.time()))
    drawn = console.export_svg(title="kadr watch", theme=SVG_EXPORT_THEME)
    return re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)  # it would be fetched from elsewhere


def save(chat: Chat, name: str) -> None:
    """Take the picture when nothing moves any more."""
    expect(chat.page.get_by_test_id("toast")).to_have_count(0, timeout=PATIENCE)
    expect(chat.page.locator(".busy")).to_have_count(0, timeout=PATIENCE)
    chat.page.mouse.move(0, 0)
    chat.page.screenshot(path=HERE / name, animations="disabled", caret="hide")
    chat.close()
    lighten(name)


def lighten(name: str, *, dither: Image.Dither = Image.Dither.FLOYDSTEINBERG) -> None:
    """Leave a picture few enough colours to be light."""
    with Image.open(HERE / name) as picture:
        full = picture.convert("RGB")
    # Pillow's other ways to choose a palette leave no colour for the emoji, or no white. Dithering hides the steps.
    palette = full.quantize(256, method=Image.Quantize.FASTOCTREE)
    full.quantize(palette=palette, dither=dither).save(HERE / name, optimize=True)


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory() as folder,
        running_sandbox(Path(folder) / "log.txt", speed=SPEED) as sandbox,
        running_chromium() as browser,
    ):
        desk(browser, sandbox.url)
        phone(browser, sandbox.url)
        operator(browser, sandbox)
