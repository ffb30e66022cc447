"""The bot's queue of updates: long polling, confirmation by offset, retention, and one poll at a time.

Left out: the limits of 100,000 updates and 128 MiB per bot, webhooks, and the pacing of 409 answers.
Behaviour follows `Client.cpp` and `TQueue` of tdlib/telegram-bot-api.
"""

import random as random_module
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import Refused
from sandbox.telegram.waiting import Wakeup

MESSAGE_SECONDS = 86_400.0  # an unfetched message is kept for its date plus a day
QUERY_SECONDS = 150.0  # callback, pre-checkout, shipping and inline queries
MAX_POLL_SECONDS = 50
MAX_BATCH = 100
SAME_OFFSET_SECONDS = 3.0  # the same offset again within this time makes the poll at least this long,
SAME_OFFSET_ONE_SECONDS = 0.5  # and within this time hands out a single update
FUTURE_OFFSETS = 10  # an offset further than this beyond the queue's end is ignored
PAST_OFFSETS = 100_000

UPDATE_KINDS = frozenset(
    {"message", "edited_message", "channel_post", "edited_channel_post", "business_connection",
     "business_message", "edited_business_message", "deleted_business_messages", "guest_message",
     "message_reaction", "message_reaction_count", "inline_query", "chosen_inline_result",
     "callback_query", "shipping_query", "pre_checkout_query", "purchased_paid_media", "poll",
     "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost",
     "removed_chat_boost", "managed_bot", "subscription",
     "stopped_message_generation"}
)  # fmt: skip
DEFAULT_KINDS = UPDATE_KINDS - {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass(frozen=True, slots=True)
class Update:
    update_id: int
    kind: str
    payload: dict[str, Any]
    expires: float

    def to_json(self) -> dict[str, Any]:
        return {"update_id": self.update_id, self.kind: self.payload}


@dataclass(slots=True)
class _Poll:
    wakeup: Wakeup
    terminated: bool = False


class UpdateQueue:
    def __init__(self, now: Callable[[], float], random: random_module.Random) -> None:
        self._now = now
        self._updates: deque[Update] = deque()
        self._next_id = random.randrange(100_000_000, 900_000_000)
        self._poll: _Poll | None = None
        self._last_offset: int | None = None
        self._last_start = float("-inf")
        self.allowed: frozenset[str] = DEFAULT_KINDS
        self.allowed_was_set = False

    def push(self, kind: str, payload: dict[str, Any], *, lifetime: float) -> int | None:
        """Queue an update for `lifetime` seconds. None when the bot did not ask for this kind."""
        if kind not in self.allowed:
            return None
        update = Update(self._next_id, kind, payload, self._now() + lifetime)
        self._next_id += 1
        self._updates.append(update)
        if self._poll is not None:
            self._poll.wakeup.wake()
        return update.update_id

    def pending(self) -> list[dict[str, Any]]:
        """What is unconfirmed and not yet too old, oldest first."""
        now = self._now()
        if any(update.expires <= now for update in self._updates):
            self._updates = deque(update for update in self._updates if update.expires > now)
        return [update.to_json() for update in self._updates]

    def clear(self) -> None:
        self._updates.clear()

    def allow(self, kinds: list[str]) -> None:
        """Applies to updates created from now on. An empty list asks for the default kinds."""
        self.allowed = frozenset(kinds) if kinds else DEFAULT_KINDS
        self.allowed_was_set = bool(kinds)

    async def poll(self, offset: int, limit: int, timeout: int) -> list[dict[str, Any]]:  # noqa: ASYNC109 - getUpdates
        """One getUpdates. Raises `Refused` (409) in the poll that a later waiting poll replaced."""
        limit = min(max(limit, 1), MAX_BATCH)
        timeout = min(max(timeout, 0), MAX_POLL_SECONDS)
        start = self._now()
        if offset == self._last_offset:
            since = start - self._last_start
            timeout = max(timeout, int(SAME_OFFSET_SECONDS)) if since < SAME_OFFSET_SECONDS else timeout
            limit = 1 if since < SAME_OFFSET_ONE_SECONDS else limit
        self._last_offset, self._last_start = offset, start
        first = self._confirm(offset)
        if not self.pending() and timeout > 0:
            await self._wait(timeout)
        return [update for update in self.pending() if update["update_id"] >= first][:limit]

    def _confirm(self, offset: int) -> int:
        """Forget what the offset confirms; gives the first id this poll may return."""
        self.pending()
        if offset < 0:
            while len(self._updates) > -offset:
                self._updates.popleft()
            return 0
        head = self._updates[0].update_id if self._updates else self._next_id
        if offset > self._next_id + FUTURE_OFFSETS or offset < head - PAST_OFFSETS:
            return 0
        while self._updates and self._updates[0].update_id < offset:
            self._updates.popleft()
        return offset

    async def _wait(self, seconds: float) -> None:
        if self._poll is not None:
            self._poll.terminated = True
            self._poll.wakeup.wake()
        poll = self._poll = _Poll(Wakeup())
        try:
            await poll.wakeup.wait(seconds)
        finally:
            if self._poll is poll:
                self._poll = None
        if poll.terminated:
            raise conflict()


def conflict() -> Refused:
    return Refused(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
