"""What every function of the shop needs to know and that no transaction changes."""

from dataclasses import dataclass
from pathlib import Path

from protocol.catalogue import Catalogue, Language
from protocol.texts import choose_language
from storage import users
from storage.store import Tx
from storage.users import User


@dataclass(frozen=True, slots=True)
class Shop:
    """The catalogue, the admins, the language for people whose own is not spoken, and where pictures lie."""

    catalogue: Catalogue
    admins: tuple[int, ...]
    default_language: Language
    pictures: Path = Path("pictures")

    def language(self, person: User) -> Language:
        """The language to speak with this person: chosen with /lang, else the one of their Telegram."""
        return person.language or choose_language(person.telegram_language, self.default_language)

    def language_of(self, tx: Tx, user_id: int) -> Language:
        """The same by id; the default for somebody the bot has not met."""
        person = users.get(tx, user_id)
        return self.language(person) if person else self.default_language

    def is_admin(self, user_id: int) -> bool:
        return user_id in self.admins
