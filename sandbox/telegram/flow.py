"""Flow control: how fast the bot may speak before it is told to wait.

Telegram's bots FAQ publishes rates ("avoid sending more than one message per second" in a chat, "about 30
messages per second" overall) and no thresholds. The rates here are the published ones, the bursts a guess.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.telegram.errors import too_many_requests

SEND_RATE = 1.0  # messages a second in one chat: the FAQ's number
SEND_BURST = 5.0  # "we may allow short bursts that go over this limit"
EDIT_RATE = 2.0  # edits a second in one chat: not published; bars edited every second are seen to work
EDIT_BURST = 10.0
BOT_RATE = 30.0  # messages a second to everybody: the FAQ's number
BOT_BURST = 30.0
MIN_RETRY_SECONDS = 3  # Telegram's own server waits out shorter floods before it answers 429


@dataclass(slots=True)
class _Bucket:
    rate: float
    burst: float
    tokens: float
    at: float
    closed_until: float = 0.0

    def wait(self, cost: float, now: float) -> float:
        """Seconds until `cost` may be spent; 0 when it may be spent now."""
        if now < self.closed_until:
            return self.closed_until - now
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.tokens >= cost else (cost - self.tokens) / self.rate


class FlowControl:
    """A token bucket per chat and one for the bot. The refused stay refused until their retry_after."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._buckets: dict[tuple[str, int], _Bucket] = {}

    def send(self, chat_id: int, messages: int = 1) -> None:
        """Raises `Refused` (429) when the chat or the whole bot is over its rate."""
        bot = self._bucket("bot", 0, BOT_RATE, BOT_BURST)
        chat = self._bucket("send", chat_id, SEND_RATE, max(SEND_BURST, float(messages)))
        self._spend([chat, bot], float(messages))

    def edit(self, chat_id: int) -> None:
        self._spend([self._bucket("edit", chat_id, EDIT_RATE, EDIT_BURST)], 1.0)

    def _bucket(self, kind: str, key: int, rate: float, burst: float) -> _Bucket:
        bucket = self._buckets.get((kind, key))
        if bucket is None:
            bucket = self._buckets[kind, key] = _Bucket(rate, burst, burst, self._now())
        bucket.burst = max(bucket.burst, burst)
        return bucket

    def _spend(self, buckets: list[_Bucket], cost: float) -> None:
        now = self._now()
        for bucket in buckets:
            wait = bucket.wait(cost, now)
            if wait > 0:
                seconds = max(math.ceil(wait), 1 if now < bucket.closed_until else MIN_RETRY_SECONDS)
                bucket.closed_until = max(bucket.closed_until, now + seconds)
                raise too_many_requests(seconds)
        for bucket in buckets:
            bucket.tokens -= cost
