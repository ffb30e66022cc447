"""One pressed button, and how it is answered."""

from dataclasses import dataclass

from actors.shop.said import Said
from protocol.posts import Card
from protocol.texts import plain
from storage import posts


@dataclass(frozen=True, slots=True)
class Pressed:
    """One press: what was said by it, the query to answer, and the message the button is on."""

    said: Said
    query_id: str
    message_id: int
    received_at: float

    def answer(self, key: str = "", *, alert: bool = False, **arguments: object) -> None:
        """The answer at the top of the chat, or a silent one."""
        text = plain(self.said.language, key, **arguments) if key else ""
        posts.answer(self.said.tx, self.query_id, text, alert=alert, received_at=self.received_at)

    def change(self, card: Card) -> None:
        """The message the button is on shows this instead."""
        posts.show_message(self.said.tx, self.said.person.id, self.message_id, card)
