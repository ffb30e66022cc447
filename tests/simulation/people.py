"""People of different tempers. Each is a generator that acts on what the chat shows and yields seconds to wait.

Generators rather than tasks, because people outlive the process of the bot: they press buttons also while it is down.
"""

import random
from collections.abc import Callable, Container, Generator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from protocol.catalogue import LANGUAGES
from sandbox.telegram import TelegramWorld
from sandbox.telegram.state import PersonCannot, buttons
from tests.town import ADMIN

ADMINS = (ADMIN, 2)
"""The most a shop of the simulation has."""

Wait = Generator[float, None, None]

POPULAR = "a cat in a spaceship"
"""A prompt that several people have at once: the backend cannot tell such jobs apart."""
JUNK = (
    "/nonsense",
    "/topup 5 5",
    "/start extra words",
    "🦅" * 40,
    "<b>bold & broken</i>",
    "x" * 3500,
    "/videos",
    "/help",
    "/buy",
    "\u202e\u0645\u0631\u062d\u0628\u0627",
)
FORGED = ("d:1:go", "d:99999:go", "j:1:no", "j:1:film", "u:0:", "l:xx", "", "d:1:m:none", "j::re", "nonsense:::")


class Someone:
    """One person at the stand-in's keyboard; `rng` is theirs alone."""

    def __init__(self, telegram: TelegramWorld, person_id: int, rng: random.Random, *, pause: float) -> None:
        self.telegram = telegram
        self._pause = pause
        self.id = person_id
        self.rng = rng
        self.others: list[int] = []
        self._prompts = 0

    # What a person can see and do.

    def say(self, text: str) -> None:
        if not self.telegram.people[self.id].blocked:
            self.telegram.say(self.id, text)

    def keyboard(self) -> list[tuple[int, dict[str, Any]]]:
        """Every button in the chat, the newest message first."""
        found: list[tuple[int, dict[str, Any]]] = []
        for message in reversed(self.telegram.history(self.id)):
            found += [(message["message_id"], button) for button in buttons(message) if "callback_data" in button]
        return found

    def button(self, sign: str) -> tuple[int, str] | None:
        """The newest button that starts with this sign."""
        return next(
            ((id, button["callback_data"]) for id, button in self.keyboard() if button["text"].startswith(sign)), None
        )

    def packages(self) -> list[tuple[int, str]]:
        """The packages on offer, the newest first."""
        return [(id, b["callback_data"]) for id, b in self.keyboard() if b["callback_data"].startswith("pk:")]

    def press(self, target: tuple[int, str] | None) -> None:
        """Press what was seen a moment ago; it may be gone by now, as on a real screen."""
        if target is not None and not self.telegram.people[self.id].blocked:
            self.telegram.press(self.id, *target, forged=True)

    def films(self) -> int:
        return sum("video" in message for message in self.telegram.history(self.id))

    def _more_films_than(self, before: int) -> bool:
        return self.films() > before

    def until(self, condition: Callable[[], object], limit: float) -> Wait:
        """Look at the chat now and then."""
        waited, pause = 0.0, 1.0
        while not condition() and waited < limit:
            yield pause
            waited += pause
            pause = min(30.0, pause * 1.5)

    def prompt(self) -> str:
        self._prompts += 1
        if self.rng.random() < 0.25:
            return POPULAR
        return f"film {self._prompts} of {self.id} & friends"

    def order(self, presses: int = 1) -> Wait:
        """Write a prompt and press ▶️ on its card."""
        before = self.button("▶️")
        self.say(self.prompt())
        yield from self.until(lambda: self.button("▶️") not in (None, before), 60)
        if self.rng.random() < 0.3:
            yield from self.fiddle()
        seen = self.button("▶️")
        for _ in range(presses):
            self.press(seen)
            if self.rng.random() < 0.5:
                yield self.rng.uniform(0.05, 1.5)

    def fiddle(self) -> Wait:
        """Open the settings and choose something."""
        self.press(self.button("⚙️"))
        yield self.rng.uniform(2, 5)
        choices = [(id, b["callback_data"]) for id, b in self.keyboard() if b["callback_data"].count(":") == 3]
        if choices:
            self.press(self.rng.choice(choices[:12]))
            yield self.rng.uniform(1, 4)

    def pause(self) -> float:
        return self.rng.expovariate(1 / self._pause)

    # The tempers.

    def patient(self) -> Wait:
        """Orders, waits for the film, asks what is left, comes back later."""
        self.say("/start")
        yield 5
        while True:
            films = self.films()
            yield from self.order()
            yield from self.until(partial(self._more_films_than, films), 1200)
            self.say(self.rng.choice(("/balance", "/videos", "thanks")))
            yield 5
            if self.rng.random() < 0.5:
                self.press(self.button(self.rng.choice(("🎬", "📄"))))
            yield self.pause()

    def double_presser(self) -> Wait:
        """Presses everything several times."""
        while True:
            yield from self.order(presses=self.rng.randint(2, 8))
            yield self.rng.uniform(1, 60)
            for _ in range(self.rng.randint(0, 3)):
                self.press(self.button("🔁"))
                yield self.rng.uniform(0.1, 2)
            yield self.pause()

    def canceler(self) -> Wait:
        """Changes his mind."""
        while True:
            for _ in range(self.rng.randint(1, 3)):
                yield from self.order()
                yield self.rng.choice((0.1, 1, 3, 20))
                self.press(self.button("✖️"))
            if self.rng.random() < 0.5:
                self.say("/cancel")
            yield self.pause()

    def blocker(self) -> Wait:
        """Orders, blocks the bot in the middle, and comes back."""
        while True:
            yield from self.order()
            yield self.rng.uniform(0, 60)
            self.telegram.block(self.id)
            yield self.rng.uniform(5, 900)
            self.telegram.unblock(self.id)
            self.say("/balance")
            yield self.pause()

    def junk_sender(self) -> Wait:
        """Sends what no bot expects."""
        while True:
            for _ in range(self.rng.randint(1, 6)):
                roll = self.rng.random()
                if roll < 0.5:
                    self.say(self.rng.choice(JUNK))
                elif roll < 0.8 and self.telegram.history(self.id):  # who never wrote to the bot has no buttons
                    self.press((self.rng.randint(1, 60), self.rng.choice(FORGED)))
                else:
                    self._send_document()
                yield self.rng.choice((0.0, 0.3, 3.0))
            yield self.pause()

    def polyglot(self) -> Wait:
        """Cannot decide on a language."""
        while True:
            self.say("/lang")
            yield 3
            language = self.rng.choice(LANGUAGES)
            self.press(
                next(
                    ((id, b["callback_data"]) for id, b in self.keyboard() if b["callback_data"] == f"l:{language}"),
                    None,
                )
            )
            yield self.rng.uniform(0, 5)
            if self.rng.random() < 0.5:
                yield from self.order()
            yield self.pause()

    def one_film(self) -> Wait:
        """Wants a single film: for the walk through every point of its way."""
        yield from self.order()

    def one_greeting(self) -> Wait:
        """Comes, and hears what there is to hear."""
        self.say("/start")
        yield 1.0

    def one_cancelled(self) -> Wait:
        """Orders a film and takes it back while it waits in line."""
        yield from self.order()
        yield 4
        self.press(self.button("✖️"))

    def _send_document(self) -> None:
        try:
            self.telegram.send_document(self.id, b"%PDF-1.4 nothing", "bill.pdf", "application/pdf", "my bill")
        except PersonCannot:
            return  # they have blocked the bot


def settle(someone: Someone, temper: str, others: Mapping[str, Callable[[], Wait]] = MappingProxyType({})) -> Wait:
    """The life of a person of this temper, which may be one of `others`."""
    lives: dict[str, Callable[[], Wait]] = {
        "patient": someone.patient,
        "double_presser": someone.double_presser,
        "canceler": someone.canceler,
        "blocker": someone.blocker,
        "junk_sender": someone.junk_sender,
        "polyglot": someone.polyglot,
        "one_film": someone.one_film,
        "one_cancelled": someone.one_cancelled,
        "one_greeting": someone.one_greeting,
        **others,
    }
    return lives[temper]()


def person_id(number: int, temper: str, taken: Container[int]) -> int:
    """An id: admins (also those of the walk) get those of the shop's admins as long as there are any."""
    free = [admin for admin in ADMINS if admin not in taken]
    return free[0] if temper in ("admin", "one_approving", "one_writing") and free else 100 + number
