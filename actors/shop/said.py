"""What a person said, as every command and every button sees it: who, where, in which words, and how to answer."""

from dataclasses import dataclass

from actors.shop.context import Shop
from actors.shop.words import tokens
from protocol.catalogue import Language
from protocol.posts import Card, Keyboard
from protocol.telegram.types import Message
from protocol.texts import Html
from storage import ledger, posts
from storage.store import Tx
from storage.users import User


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said: who, in which update, and the words after the command."""

    shop: Shop
    tx: Tx
    person: User
    new: bool
    update_id: int
    words: str
    message: Message | None = None

    @property
    def language(self) -> Language:
        return self.shop.language(self.person)

    def reply(self, html: Html, keyboard: Keyboard = ()) -> None:
        """Answer this update in its chat, once."""
        posts.show(self.tx, self.person.id, f"say:{self.update_id}", Card(html=html, keyboard=keyboard))

    def available(self) -> str:
        return tokens(self.language, ledger.balance(self.tx, self.person.id).available)
