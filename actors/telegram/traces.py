"""Looks for the message that Telegram may have made of a send whose answer was lost, before anything is sent again.

A send has no key to ask by. But Telegram numbers messages upwards, those of a bot's private chats with one counter, and
a message that is there can be edited: whichever of the next numbers lets its buttons be taken off is the one.
Its weakness: it looks at a few numbers only, and knows none that were given before this process began.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from actors.telegram.requests import Sent, markup_of, message_of
from protocol.posts import Film, Invoice
from protocol.telegram.client import TelegramClient, TelegramError, TelegramRefused, TelegramUnreachable
from storage.posts import Post

NEAR, FAR = 8, 48
"""Numbers that are tried: some beyond the newest known, more where others were given meanwhile, but not too many."""
MANY = 20
"""So many at once are an outage, in which hardly anything arrived: then only films are looked for."""
TROUBLES = 6
"""After so many questions that were not answered as they should be the post is sent again."""
PROBE = {"reply_markup": {"inline_keyboard": [[{"text": "🎬", "callback_data": "films"}]]}}
NOT_THERE = (400, 404)
REMEMBERED = 10_000
"""Chats, and numbers, of which something is known."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Lost:
    """A send without an answer: what it was to show, and the newest number known before it."""

    post: Post
    before: int
    numbers: list[int] | None = None
    """Still to be tried; None until the first look."""
    troubles: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A post as it was sent then, and the message that shows it."""

    post: Post
    sent: Sent


class Traces:
    """What is known of message numbers, and which sends may have left one."""

    def __init__(self, telegram: TelegramClient) -> None:
        self._telegram = telegram
        self._lost: dict[int, _Lost] = {}
        self._newest = 0
        self._newest_in: dict[int, int] = {}
        self._whose: dict[int, int] = {}
        self._shared = True
        """Whether private chats share a counter. A server of one's own may count in each: then a number comes twice."""

    def newest(self, chat_id: int) -> int:
        """The number after which the next message of this chat will have its own; 0 when none is known."""
        return self._newest if self._shared and chat_id > 0 else self._newest_in.get(chat_id, 0)

    def saw(self, chat_id: int, number: int) -> None:
        """A message of this chat has this number. Groups count for themselves."""
        _remember(self._newest_in, chat_id, max(number, self._newest_in.get(chat_id, 0)))
        if chat_id > 0:
            self._newest = max(self._newest, number)
            self._shared = self._shared and self._whose.get(number, chat_id) == chat_id
            _remember(self._whose, number, chat_id)

    def heard(self, update: Mapping[str, Any]) -> None:
        """A person's message has a number as well."""
        message: object = update.get("message")
        match message:
            case {"message_id": int(number), "chat": {"id": int(chat_id)}}:
                self.saw(chat_id, number)
            case _:
                return

    def lost(self, post: Post, before: int) -> None:
        """Of this send no answer came; `before` it, this was the newest number."""
        log.warning("outbox.answer_lost", chat_id=post.chat_id, slot=post.slot)
        # An invoice's button is Telegram's own, and two of them are paid once.
        if before and not isinstance(post.content, Invoice):
            self._lost.setdefault(post.id, _Lost(post, before))

    def is_lost(self, post: Post) -> bool:
        """Whether this post may stand in its chat already, and there is something left to try."""
        lost = self._lost.get(post.id)
        if lost is None:
            return False
        same = (lost.post.chat_id, lost.post.slot) == (post.chat_id, post.slot)  # ids of rows are given again
        outage = len(self._lost) > MANY and not isinstance(post.content, Film)
        if not same or outage or lost.numbers == [] or lost.troubles >= TROUBLES:
            self.settle(post)
            return False
        return True

    def settle(self, post: Post) -> None:
        """Nothing is in doubt about this post any more."""
        self._lost.pop(post.id, None)

    async def look(self, post: Post) -> Found | None:
        """Try one number. Raises `TelegramError`; the next call tries the same one again."""
        lost = self._lost[post.id]
        if lost.numbers is None:
            given = max(self.newest(post.chat_id) - lost.before, 0)
            numbers = range(lost.before + 1, lost.before + 1 + min(given + NEAR, FAR))
            lost.numbers = [number for number in numbers if number not in self._whose]  # those are on record
        if not lost.numbers:
            return None
        try:
            sent = await self._probe(lost.post, lost.numbers[0])
        except TelegramError as error:
            unsent = isinstance(error, TelegramUnreachable) and not error.sent
            lost.troubles += not unsent
            raise
        if sent is None:
            del lost.numbers[0]
            return None
        self.settle(post)
        log.info("outbox.found", chat_id=post.chat_id, slot=post.slot, message_id=sent.message_id)
        return Found(lost.post, sent)

    async def _probe(self, post: Post, number: int) -> Sent | None:
        """The message, if it is this chat's and ours; its buttons are as they were."""
        buttons = markup_of(post.content.keyboard)
        # A change that is one brings back the message, and with it the film's file id.
        other = PROBE if isinstance(post.content, Film) and not buttons else {}
        there = {"chat_id": post.chat_id, "message_id": number}
        try:
            sent = message_of(await self._telegram.call("editMessageReplyMarkup", there | other)) or Sent(number, "")
        except TelegramRefused as error:
            if error.code not in NOT_THERE:
                raise
            if "message is not modified" not in error.description.lower():
                return None
            sent = Sent(number, "")
        if buttons or other:
            await self._give_buttons_back(there | buttons)
        return sent

    async def _give_buttons_back(self, parameters: Mapping[str, Any]) -> None:
        try:
            await self._telegram.call("editMessageReplyMarkup", parameters)
        except TelegramRefused as error:
            if error.code not in NOT_THERE:
                raise  # else they are there, or the message is gone: its next edit will tell


def _remember(known: dict[int, int], key: int, value: int) -> None:
    known[key] = value
    if len(known) > REMEMBERED:
        del known[next(iter(known))]
