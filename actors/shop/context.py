"""What every function of the shop needs to know and that no transaction changes."""

from dataclasses import dataclass, field
from pathlib import Path

from actors.shop.shelf import Shelf
from protocol.catalogue import Catalogue, Language
from protocol.order import Rail
from protocol.texts import choose_language
from storage import users
from storage.store import Tx
from storage.users import User


@dataclass(frozen=True, slots=True)
class KaspiAccount:
    """Where Kaspi money goes: a payment link, a phone number, the name its owner has in receipts. Empty: not told."""

    pay_url: str = ""
    phone: str = ""
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class Shop:
    """The catalogue, the admins, the language for people whose own is not spoken, and where pictures lie."""

    written: Catalogue
    """As its file says; what is on sale now is `catalogue`."""
    admins: tuple[int, ...]
    default_language: Language
    pictures: Path = Path("pictures")
    rails: tuple[Rail, ...] = (Rail.STARS,)
    """The ways to pay that are set up, in the order they are offered."""
    kaspi: KaspiAccount | None = None
    shelf: Shelf = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shelf", Shelf(self.written, self.written))

    @property
    def catalogue(self) -> Catalogue:
        """What is on sale now, with what admins have changed while the bot ran."""
        return self.shelf.catalogue

    def language(self, person: User) -> Language:
        """The language to speak with this person: chosen with /lang, else the one of their Telegram."""
        return person.language or choose_language(person.telegram_language, self.default_language)

    def language_of(self, tx: Tx, user_id: int) -> Language:
        """The same by id; the default for somebody the bot has not met."""
        person = users.get(tx, user_id)
        return self.language(person) if person else self.default_language

    def is_admin(self, user_id: int) -> bool:
        return user_id in self.admins
