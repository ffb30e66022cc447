"""Flow control towards Telegram: when the next request to a chat may leave. Deadlines only, so nothing can be missed.

Telegram's own words: about one message a second in a chat with short bursts, twenty a minute in a group (Bots FAQ).
After a 429 nothing goes to that chat before its `retry_after`; when a second chat is told the same meanwhile, the
whole bot waits. Edits cost as much as messages: nobody outside Telegram knows better.
"""

from collections import deque
from dataclasses import dataclass

PRIVATE_SECONDS = 1.0
BURST = 5
GROUP_SECONDS = 60.0 / (20 - BURST + 1)
"""With the burst at its beginning, a minute holds twenty."""
IDLE_CHATS = 10_000
"""Chats remembered before the rested ones are forgotten."""


@dataclass(slots=True)
class _Chat:
    spent: float = 0.0  # requests above the steady rate, at `at`
    at: float = 0.0
    until: float = 0.0


class Flow:
    """Times are those of the caller's clock, in seconds."""

    def __init__(self) -> None:
        self._chats: dict[int, _Chat] = {}
        self.bot_until = 0.0
        self._recent: deque[float] = deque()

    def ready_at(self, chat_id: int, now: float) -> float:
        """The moment the next request to this chat may leave; `now` or earlier when it may leave at once."""
        chat = self._chats.get(chat_id)
        if chat is None:
            return self.bot_until
        pace = _pace(chat_id)
        over = self._spent(chat, pace, now) - (BURST - 1)
        return max(self.bot_until, chat.until, now + over * pace if over > 0 else now)

    def recent(self, now: float) -> int:
        """How many requests left within the last second, to whomever."""
        while self._recent and self._recent[0] <= now - 1.0:
            self._recent.popleft()
        return len(self._recent)

    def sent(self, chat_id: int, now: float) -> None:
        """A request to this chat leaves now."""
        self._recent.append(now)
        self.recent(now)
        if len(self._chats) > IDLE_CHATS:
            self._forget_rested(now)
        chat = self._chats.setdefault(chat_id, _Chat(at=now))
        chat.spent = self._spent(chat, _pace(chat_id), now) + 1
        chat.at = now

    def refused(self, chat_id: int, retry_after: float, now: float) -> None:
        """Telegram answered 429 to a request for this chat."""
        until = now + max(retry_after, 1.0)
        others = any(chat.until > now for id, chat in self._chats.items() if id != chat_id)
        chat = self._chats.setdefault(chat_id, _Chat(at=now))
        chat.until = max(chat.until, until)
        if others:
            self.bot_until = max(self.bot_until, until)

    @staticmethod
    def _spent(chat: _Chat, pace: float, now: float) -> float:
        return max(0.0, chat.spent - (now - chat.at) / pace)

    def _forget_rested(self, now: float) -> None:
        self._chats = {
            id: chat for id, chat in self._chats.items() if chat.until > now or self._spent(chat, _pace(id), now) > 0
        }


def _pace(chat_id: int) -> float:
    return GROUP_SECONDS if chat_id < 0 else PRIVATE_SECONDS
