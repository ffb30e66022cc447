"""Looks for the message that Telegram may have made of a send whose answer was lost, before anything is sent again.

A send has no key to ask by. But Telegram numbers messages upwards, those of a bot's private chats with one counter, and
a message that is there can be edited: whichever of the next numbers lets its buttons be taken off is the one.
Its weakness: it looks at a few numbers only, and knows of no send that another process made.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from actors.telegram.requests import Sent, markup_of, message_of
from protocol.posts import Film, Invoice
from protocol.telegram.client import TelegramClient, TelegramRefused
from storage.posts import Post

NEAR, FAR = 8, 48
"""Numbers that are tried: some beyond the newest known, more where others were given meanwhile, but not too many."""
MANY = 20
"""So many at once are an outage, in which hardly anything arrived: then only films are looked for."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Lost:
    """A send without an answer: what it was to show, and the newest message known anywhere before it."""

    post: Post
    before: int
    found: Sent | None = None


class Traces:
    """What is known of message numbers, and which sends may have left one."""

    def __init__(self, telegram: TelegramClient) -> None:
        self._telegram = telegram
        self._lost: dict[int, _Lost] = {}
        self.newest = 0
        """The highest number seen in any private chat."""

    def saw(self, chat_id: int, message_id: int) -> None:
        """Telegram has given this number. Groups count for themselves."""
        if chat_id > 0:
            self.newest = max(self.newest, message_id)

    def heard(self, update: Mapping[str, Any]) -> None:
        """A person's message has a number as well."""
        message: object = update.get("message")
        match message:
            case {"message_id": int(message_id), "chat": {"id": int(chat_id)}}:
                self.saw(chat_id, message_id)
            case _:
                return

    def lost(self, post: Post, before: int) -> None:
        """Of this send no answer came; `before` it, this was the newest message."""
        if isinstance(post.content, Invoice):
            return  # its button is Telegram's own; two of them are paid once
        self._lost.setdefault(post.id, _Lost(post, before))
        log.warning("outbox.answer_lost", chat_id=post.chat_id, slot=post.slot)

    def is_lost(self, post: Post) -> bool:
        """Whether this post may stand in its chat already."""
        if post.id not in self._lost:
            return False
        if len(self._lost) > MANY and not isinstance(post.content, Film):
            self.settle(post)
            return False
        return True

    def settle(self, post: Post) -> None:
        """Nothing is in doubt about this post any more."""
        self._lost.pop(post.id, None)

    def forget(self) -> None:
        """Begin anew."""
        self._lost.clear()

    async def find(self, post: Post, newest_in_chat: int) -> tuple[Post, Sent] | None:
        """The post as it was sent then, and the message that shows it; None when there is none.

        `newest_in_chat` is the newest message known of this chat. Raises `TelegramError`; the next call goes on.
        """
        lost = self._lost[post.id]
        if lost.found is None:
            lost.found = await self._look(lost, newest_in_chat)
        if lost.found is None:
            self.settle(post)
            return None
        await self._give_buttons_back(lost.post, lost.found)
        self.settle(post)
        log.info("outbox.found", chat_id=post.chat_id, slot=post.slot, message_id=lost.found.message_id)
        return lost.post, lost.found

    async def _look(self, lost: _Lost, newest_in_chat: int) -> Sent | None:
        for number in _numbers(lost.before, self.newest, newest_in_chat):
            try:
                there = {"chat_id": lost.post.chat_id, "message_id": number}
                return message_of(await self._telegram.call("editMessageReplyMarkup", there)) or Sent(number, "")
            except TelegramRefused as error:
                if error.code != 400:
                    raise
                if "message is not modified" in error.description.lower():
                    return Sent(number, "")
        return None

    async def _give_buttons_back(self, post: Post, found: Sent) -> None:
        buttons = markup_of(post.content.keyboard)
        if not buttons:
            return
        there = {"chat_id": post.chat_id, "message_id": found.message_id}
        try:
            await self._telegram.call("editMessageReplyMarkup", there | buttons)
        except TelegramRefused as error:
            if error.code != 400:
                raise  # else they are there, or the message is gone: its next edit will tell


def _numbers(before: int, newest: int, newest_in_chat: int) -> Iterator[int]:
    """Message numbers to try, the likeliest first: beyond the newest of all chats, and of this one."""
    reach = min(max(newest - before, 0) + NEAR, FAR) if before else 0
    seen: set[int] = set()
    for step in range(1, max(reach, NEAR) + 1):
        for number, last in ((before + step, reach), (newest_in_chat + step, NEAR)):
            if step <= last and number > newest_in_chat and number not in seen:
                seen.add(number)
                yield number
