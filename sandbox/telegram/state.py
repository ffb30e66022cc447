"""The world behind the stand-in: people, private chats, messages, queries, files, and what people do.

Plain data that outlives any `trio.run`, so a bot can be killed and started again against the same world.
Nothing is ever forgotten: a world that runs for weeks grows. A message, once made, is never changed in place;
an edit replaces it, so what `history` gave earlier stays as it was.
"""

import random as random_module
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sandbox.telegram.commands import CommandBook
from sandbox.telegram.errors import PersonCannot as PersonCannot
from sandbox.telegram.errors import bad_request, blocked
from sandbox.telegram.files import FileStore, StoredFile
from sandbox.telegram.flow import FlowControl
from sandbox.telegram.html import utf16_length
from sandbox.telegram.stars import Stars
from sandbox.telegram.text import CAPTION_LIMIT, TEXT_LIMIT, detect_entities
from sandbox.telegram.updates import MESSAGE_SECONDS, QUERY_SECONDS, UpdateQueue
from sandbox.telegram.waiting import Wakeup

ACTION_SECONDS = 5.0  # "the status is set for 5 seconds or less"
QUERY_ANSWER_SECONDS = 150.0  # the true window is not published; after this it is not even delivered

Message = dict[str, Any]
Listener = Callable[[int, str, dict[str, Any]], None]
T = TypeVar("T")


@dataclass(slots=True)
class Person:
    """`started` says whether the bot may write first: only to people who have written to it."""

    id: int
    first_name: str
    username: str | None = None
    language_code: str | None = None
    blocked: bool = False
    started: bool = False

    def user(self) -> dict[str, Any]:
        body: dict[str, Any] = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        body |= {"username": self.username} if self.username else {}
        return body | ({"language_code": self.language_code} if self.language_code else {})

    def chat(self) -> dict[str, Any]:
        body: dict[str, Any] = {"id": self.id, "first_name": self.first_name, "type": "private"}
        return body | ({"username": self.username} if self.username else {})


@dataclass(slots=True)
class Query:
    """A pressed button. `answer` is what answerCallbackQuery said, without the id."""

    id: str
    person_id: int
    message_id: int
    data: str
    asked: float
    answer: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One Bot API request. `outcome` is `ok`, the error's `code description`, or `fault: kind`."""

    time: float
    method: str
    params: dict[str, Any]
    outcome: str
    result: Any = None


class TelegramWorld:
    """`now` gives epoch seconds. `token` is the one the bot must use; its number is the bot's user id."""

    def __init__(
        self,
        *,
        now: Callable[[], float],
        random: random_module.Random,
        token: str = "7000000001:sandbox",  # noqa: S107 - opens nothing but this stand-in
        bot_first_name: str = "Kadr",
        bot_username: str = "kadr_sandbox_bot",
    ) -> None:
        self.now = now
        self.random = random
        self.token = token
        bot_id = int(token.partition(":")[0])
        self.bot: dict[str, Any] = {
            "id": bot_id,
            "is_bot": True,
            "first_name": bot_first_name,
            "username": bot_username,
        }
        self.people: dict[int, Person] = {}
        self.messages: dict[int, dict[int, Message]] = {}
        self.queries: dict[str, Query] = {}
        self.actions: dict[int, tuple[str, float]] = {}
        self.files = FileStore(now, random)
        self.updates = UpdateQueue(now, random)
        self.commands = CommandBook()
        self.flow = FlowControl(now)
        self.log: list[Call] = []
        self.listeners: list[Listener] = []
        self._watchers: list[Wakeup] = []
        self._last_message_id = 0
        self.stars = Stars(self)

    # What people do.

    def person(
        self,
        person_id: int,
        *,
        first_name: str = "Person",
        username: str | None = None,
        language_code: str | None = None,
        started: bool = False,
    ) -> Person:
        """A new person, or the one who has this id already (then with these names)."""
        person = self.people.setdefault(person_id, Person(person_id, first_name))
        person.first_name, person.username, person.language_code = first_name, username, language_code
        person.started = person.started or started
        self.messages.setdefault(person_id, {})
        self.notify(person_id, "person", {})
        return person

    def say(
        self, person_id: int, text: str, *, formatting: list[dict[str, Any]] | None = None, reply_to: int = 0
    ) -> Message:
        """`formatting` is what the person made bold and so on; `reply_to` the message they answer to.

        Raises `PersonCannot` when the text is empty or too long, that message is gone, or the bot is blocked.
        """
        text = text.strip()
        if not 1 <= utf16_length(text) <= TEXT_LIMIT:
            raise PersonCannot(f"a message has 1 to {TEXT_LIMIT} characters")
        entities: list[dict[str, Any]] = [*detect_entities(text), *(formatting or [])]
        entities.sort(key=lambda entity: int(entity["offset"]))
        content: Message = {"text": text} | ({"entities": entities} if entities else {})
        return self._from_person(person_id, content | self._answering(person_id, reply_to))

    def send_photo(self, person_id: int, data: bytes, caption: str | None = None, *, reply_to: int = 0) -> Message:
        """Raises `PersonCannot`, and `Refused` when `data` is not a photo."""
        self._able(person_id)
        sizes = self.files.add_photo(data)
        return self._from_person(
            person_id, photo_content(sizes) | _caption(caption) | self._answering(person_id, reply_to)
        )

    def send_document(
        self,
        person_id: int,
        data: bytes,
        file_name: str = "file",
        mime_type: str = "application/octet-stream",
        caption: str | None = None,
        *,
        reply_to: int = 0,
    ) -> Message:
        self._able(person_id)
        stored = self.files.add("document", data, mime_type=mime_type, file_name=file_name)
        content: Message = {"document": stored.to_json()} | _caption(caption)
        return self._from_person(person_id, content | self._answering(person_id, reply_to))

    def press(self, person_id: int, message_id: int, data: str, *, forged: bool = False) -> str:
        """Press a button; gives the callback query's id.

        Raises `LookupError` unless the message as it stands has the button. A `forged` press needs neither.
        """
        message = self.messages[person_id].get(message_id)
        if not forged and not any(button.get("callback_data") == data for button in buttons(message)):
            raise LookupError(f"message {message_id} has no button with the data {data!r}")
        query = Query(str(self.random.getrandbits(62)), person_id, message_id, data, self.now())
        self.queries[query.id] = query
        person = self.people[person_id]
        gone: Message = {"message_id": message_id, "chat": person.chat(), "date": 0}
        payload = {
            "id": query.id,
            "from": person.user(),
            "message": message if message is not None else gone,
            "chat_instance": str(person_id * 1_000_003 + self.bot["id"]),
            "data": data,
        }
        self.updates.push("callback_query", payload, lifetime=QUERY_SECONDS)
        self._changed()
        return query.id

    def press_label(self, person_id: int, prefix: str) -> str:
        """Press the newest button in the chat whose text starts with `prefix`; gives the query's id.

        Raises `LookupError` with the labels that exist.
        """
        labels: list[str] = []
        for message in reversed(self.messages[person_id].values()):
            for button in buttons(message):
                if "callback_data" in button:
                    if button["text"].startswith(prefix):
                        return self.press(person_id, message["message_id"], button["callback_data"])
                    labels.append(button["text"])
        raise LookupError(f"no button starts with {prefix!r}; there are {labels}")

    def block(self, person_id: int) -> None:
        self._set_blocked(person_id, blocked_now=True)

    def unblock(self, person_id: int) -> None:
        self._set_blocked(person_id, blocked_now=False)

    def history(self, chat_id: int) -> list[Message]:
        """The messages that exist in the chat, oldest first, as they stand."""
        return list(self.messages.get(chat_id, {}).values())

    def commands_of(self, person_id: int) -> list[dict[str, str]]:
        """The command menu this person sees."""
        return self.commands.seen_by(person_id, self.people[person_id].language_code)

    async def until(self, condition: Callable[[], T]) -> T:
        """Wait until `condition()` gives something true; it is asked again at every change in the world."""
        while not (found := condition()):
            watcher = Wakeup()
            self._watchers.append(watcher)
            try:
                await watcher.wait()
            finally:
                if watcher in self._watchers:
                    self._watchers.remove(watcher)
        return found

    def _able(self, person_id: int) -> Person:
        person = self.people[person_id]
        if person.blocked:
            raise PersonCannot(f"{person.first_name} has blocked the bot")
        return person

    def _answering(self, person_id: int, reply_to: int) -> Message:
        """The message that is answered to, without the one it answers to in its turn (Bot API, Message)."""
        if not reply_to:
            return {}
        answered = self.messages[person_id].get(reply_to)
        if answered is None:
            raise PersonCannot("the message to reply to is gone")
        return {"reply_to_message": {name: answered[name] for name in answered if name != "reply_to_message"}}

    def _from_person(self, person_id: int, content: Message) -> Message:
        person = self._able(person_id)
        person.started = True
        message = self._new_message(person, person.user(), content)
        self.updates.push("message", message, lifetime=MESSAGE_SECONDS)
        return message

    def _set_blocked(self, person_id: int, *, blocked_now: bool) -> None:
        person = self.people[person_id]
        if person.blocked == blocked_now:
            return
        person.blocked = blocked_now
        before, after = ("member", "kicked") if blocked_now else ("kicked", "member")
        payload: dict[str, Any] = {"chat": person.chat(), "from": person.user(), "date": int(self.now())}
        payload["old_chat_member"] = self._membership(before)
        payload["new_chat_member"] = self._membership(after)
        self.updates.push("my_chat_member", payload, lifetime=MESSAGE_SECONDS)
        self.notify(person_id, "person", {})

    def _membership(self, status: str) -> dict[str, Any]:
        member: dict[str, Any] = {"user": self.bot, "status": status}
        return member | ({"until_date": 0} if status == "kicked" else {})

    # What the bot does: called by the methods.

    def reachable(self, chat_id: object) -> Person:
        """Whom the bot may write to. Raises `Refused`: 400 for a stranger, 403 for who blocked the bot."""
        person = self.people.get(chat_id) if isinstance(chat_id, int) else None
        if person is None or not person.started:
            raise bad_request("chat not found")
        if person.blocked:
            raise blocked()
        return person

    def find_user(self, user_id: int) -> dict[str, Any] | None:
        person = self.people.get(user_id)
        return person.user() if person is not None and person.started else None

    def post(self, person: Person, content: Message) -> Message:
        """A new message of the bot."""
        self.actions.pop(person.id, None)
        return self._new_message(person, self.bot, content)

    def service_message(self, person: Person, content: Message) -> Message:
        """What Telegram itself writes into the chat; it bears the person's name."""
        return self._new_message(person, person.user(), content)

    def replace(self, chat_id: int, message: Message) -> Message:
        """An edited message of the bot."""
        message = message | {"edit_date": int(self.now())}
        self.messages[chat_id][message["message_id"]] = message
        self.notify(chat_id, "edit", message)
        return message

    def remove(self, chat_id: int, message_id: int) -> None:
        del self.messages[chat_id][message_id]
        self.notify(chat_id, "delete", {"message_id": message_id})

    def act(self, chat_id: int, action: str) -> None:
        until = self.now() + ACTION_SECONDS
        self.actions[chat_id] = (action, until)
        self.notify(chat_id, "action", {"action": action, "until": until})

    def answer(self, query: Query, answer: dict[str, Any]) -> None:
        query.answer = answer
        self.notify(query.person_id, "answer", {"query_id": query.id} | answer)

    def listen(self, listener: Listener) -> None:
        """Call `listener(chat_id, event, body)` at everything that happens in any chat, until `unlisten`."""
        self.listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        self.listeners.remove(listener)
        self._changed()

    def notify(self, chat_id: int, event: str, body: dict[str, Any]) -> None:
        """Tell the chat page, and whoever waits in `until`."""
        for listener in list(self.listeners):
            listener(chat_id, event, body)
        self._changed()

    def record(self, method: str, params: dict[str, Any], outcome: str, result: Any = None) -> None:
        self.log.append(Call(self.now(), method, params, outcome, result))
        self._changed()

    def _new_message(self, person: Person, sender: dict[str, Any], content: Message) -> Message:
        self._last_message_id += 1
        message: Message = {
            "message_id": self._last_message_id,
            "from": sender,
            "chat": person.chat(),
            "date": int(self.now()),
        } | content
        self.messages[person.id][self._last_message_id] = message
        self.notify(person.id, "message", message)
        return message

    def _changed(self) -> None:
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            watcher.wake()


def buttons(message: Message | None) -> list[dict[str, Any]]:
    """The inline buttons of a message, row by row."""
    if message is None or "reply_markup" not in message:
        return []
    return [button for row in message["reply_markup"]["inline_keyboard"] for button in row]


def photo_content(sizes: list[StoredFile]) -> Message:
    return {"photo": [size.photo_size() for size in sizes]}


def _caption(text: str | None) -> Message:
    text = (text or "").strip()
    if utf16_length(text) > CAPTION_LIMIT:
        raise PersonCannot(f"a caption has at most {CAPTION_LIMIT} characters")
    entities = detect_entities(text)
    return ({"caption": text} if text else {}) | ({"caption_entities": entities} if entities else {})
