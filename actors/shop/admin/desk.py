"""Where an admin stands while something is done: in the chat, or at the command line of the machine.

Every deed is a function of a desk: the chat and `kadr admin` call the same ones and show what they return.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from actors.shop.context import Shop
from actors.shop.said import Said
from actors.shop.words import tokens
from protocol.catalogue import Language
from protocol.texts import Html, say
from storage import users
from storage.store import Tx
from storage.users import User

LOCAL = timedelta(hours=5)
"""Times are shown as clocks in Kazakhstan show them, UTC+5 in the whole country since 2024."""


class No(Exception):
    """It cannot be done. What it holds is the sentence for the admin."""

    def __init__(self, sentence: Html) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Desk:
    """Who does something, and in which language they read of it; `admin` is None at the command line."""

    shop: Shop
    tx: Tx
    admin: int | None
    language: Language

    @classmethod
    def of(cls, said: Said) -> Self:
        """The desk of an admin who wrote or pressed something."""
        return cls(said.shop, said.tx, said.person.id, said.language)

    def tokens(self, amount: int) -> str:
        return tokens(self.language, amount)

    def person(self, who: str) -> User:
        """The person with that id or user name. Raises `No`."""
        found = users.find(self.tx, who)
        if found is None:
            raise No(say(self.language, "topup-unknown", who=who[:100]))
        return found

    def ago(self, moment: float) -> str:
        """`5 min ago`, `3 days ago`."""
        minutes = max(0, int((self.tx.now - moment) // 60))
        if minutes < 60:
            return say(self.language, "ago-minutes", n=minutes)
        if minutes < 48 * 60:
            return say(self.language, "ago-hours", n=minutes // 60)
        return say(self.language, "users-seen", days=minutes // 1440)


def clock_time(moment: float) -> str:
    """`23.11 14:05:10`, of epoch seconds."""
    return (datetime.fromtimestamp(moment, UTC) + LOCAL).strftime("%d.%m %H:%M:%S")


def local_date(moment: float) -> str:
    """`23.11.2026`, of epoch seconds."""
    return (datetime.fromtimestamp(moment, UTC) + LOCAL).strftime("%d.%m.%Y")


def midnight(moment: float) -> float:
    """When the day of this moment began in Kazakhstan, in epoch seconds."""
    local = datetime.fromtimestamp(moment, UTC) + LOCAL
    return (local.replace(hour=0, minute=0, second=0, microsecond=0) - LOCAL).timestamp()


def name_of(person: User) -> str:
    """The name with the user name, where there is one."""
    return f"{person.first_name} @{person.username}" if person.username else person.first_name


def signed(language: Language, amount: int) -> str:
    """`+5 tokens` or `−5 tokens`."""
    return f"{'+' if amount > 0 else '−'}{tokens(language, abs(amount))}"
