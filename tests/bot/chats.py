"""What a chat shows, looked at closely: single messages, their buttons, and how a message changed over time."""

import html
import re
from typing import Any

from protocol.texts import say
from tests.town import Town
from tests.town import labels as labels


def newest(town: Town, person: int) -> dict[str, Any]:
    """The last message of the bot."""
    return [message for message in town.telegram.history(person) if message["from"]["is_bot"]][-1]


def text_of(message: dict[str, Any]) -> str:
    return str(message.get("text") or message.get("caption") or "")


def shown(town: Town, person: int, message_id: int) -> dict[str, Any]:
    """A message as it stands now."""
    return town.telegram.messages[person][message_id]


def chosen(message: dict[str, Any]) -> list[str]:
    """The choices marked with `•`, without the mark."""
    return [label.removeprefix("• ") for label in labels(message) if label.startswith("•")]


def button_data(message: dict[str, Any], prefix: str) -> str:
    """What the button that begins so would send, were it pressed."""
    rows = message["reply_markup"]["inline_keyboard"]
    return next(str(b["callback_data"]) for row in rows for b in row if b["text"].startswith(prefix))


def words(key: str, language: str = "en", **arguments: object) -> str:
    """A sentence of the bot as a chat shows it: the text `key`, without its markup."""
    return html.unescape(re.sub("<[^>]+>", "", say(language, key, **arguments))).strip()


async def reply(town: Town, person: int, text: str, *, within: float = 30.0) -> dict[str, Any]:
    """Say something and wait for the bot's next new message; that message."""
    said = town.telegram.say(person, text)

    def answers() -> list[dict[str, Any]]:
        newer = [m for m in town.telegram.history(person) if m["message_id"] > said["message_id"]]
        return [m for m in newer if m["from"]["is_bot"]]

    await town.until(answers, within=within)
    return answers()[0]


async def press(town: Town, person: int, prefix: str) -> str:
    """Press the newest button that begins so and wait for the answer; what it said (often nothing)."""
    query = town.telegram.queries[town.telegram.press_label(person, prefix)]
    await town.until(lambda: query.answer is not None, within=30)
    assert query.answer is not None
    return str(query.answer.get("text", ""))


async def press_data(town: Town, person: int, message_id: int, data: str) -> str:
    """Press a button that need not be there any more; what the answer said."""
    query = town.telegram.queries[town.telegram.press(person, message_id, data, forged=True)]
    await town.until(lambda: query.answer is not None, within=30)
    assert query.answer is not None
    return str(query.answer.get("text", ""))


class Watched:
    """Every version of every message of the bot in one chat, in the order they appeared."""

    def __init__(self, town: Town, person: int) -> None:
        self._person = person
        self.versions: list[tuple[int, str]] = []
        town.telegram.listen(self._heard)

    def _heard(self, chat_id: int, event: str, body: dict[str, Any]) -> None:
        if chat_id == self._person and event in ("message", "edit") and body["from"]["is_bot"]:
            self.versions.append((body["message_id"], text_of(body)))

    def of(self, *words: str) -> list[str]:
        """What was shown, one after another, by the messages that ever held these words."""
        ids = {id for id, text in self.versions if all(word in text for word in words)}
        return [text for id, text in self.versions if id in ids]
