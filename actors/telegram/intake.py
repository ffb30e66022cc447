"""Long polling that loses nothing: a batch is committed to the inbox, and only the next poll acknowledges it."""

import random

import structlog
import trio

from actors.heartbeat import Heartbeat
from actors.shop.context import Shop
from actors.shop.money.checkout import take_in
from actors.supervisor import Backoff, Fatal, Stop
from actors.telegram.traces import Traces
from protocol.telegram.client import TelegramClient, TelegramError, TelegramRefused
from protocol.telegram.types import ALLOWED_UPDATES
from storage.store import Store

POLL_SECONDS = 50
"""The longest Telegram allows (LONG_POLL_MAX_TIMEOUT of the official server)."""
BACKOFF = Backoff(first=0.5, longest=10.0)
"""Whoever writes after an outage is heard within seconds of its end."""

log = structlog.get_logger(__name__)


class Intake:
    """The only task that asks Telegram for updates."""

    def __init__(
        self,
        telegram: TelegramClient,
        store: Store,
        shop: Shop,
        *,
        rng: random.Random,
        heartbeat: Heartbeat,
        traces: Traces | None = None,
    ) -> None:
        self._telegram = telegram
        self._store = store
        self._shop = shop
        self._rng = rng
        self._heartbeat = heartbeat
        self._traces = traces or Traces(telegram)
        # Nothing is said about an offset at first: Telegram then repeats what was never acknowledged.
        self._offset: int | None = None

    async def run(self, stop: Stop) -> None:
        """Poll until asked to stop. Raises `Fatal` when Telegram refuses the token."""
        failures = 0
        while not stop.asked:
            with stop.until():
                try:
                    batch = await self._telegram.get_updates(
                        offset=self._offset, seconds=POLL_SECONDS, allowed=ALLOWED_UPDATES
                    )
                except TelegramError as error:
                    failures += 1
                    self._heartbeat.polls.beat()
                    await self._weather(error, failures)
                    continue
                if failures:
                    log.info("intake.polls_again", failures=failures)
                failures = 0
                self._heartbeat.polls.beat()
                self._heartbeat.polled(len(batch))
                for update in batch:
                    self._traces.heard(update)
                if batch:
                    with self._heartbeat.polls.at_rest():  # however long the disk stays full
                        await self._store.insist(take_in, self._shop, batch)
                    self._offset = batch[-1]["update_id"] + 1

    async def _weather(self, error: TelegramError, failures: int) -> None:
        delay = BACKOFF.delay(failures - 1, self._rng)
        if isinstance(error, TelegramRefused):
            if error.code in (401, 404):
                raise Fatal("TELEGRAM_BOT_TOKEN is refused by Telegram: it answers that there is no such bot.")
            if error.code == 409 and "webhook" in error.description.lower():
                await self._remove_webhook()
            elif error.code == 409:
                self._heartbeat.conflicted()
            delay = max(delay, error.retry_after)
        log.warning("intake.poll_failed", error=str(error), failures=failures, retry_in=round(delay, 1))
        with self._heartbeat.polls.at_rest():
            await trio.sleep(delay)

    async def _remove_webhook(self) -> None:
        """Polling and a webhook exclude each other; what waits at Telegram is kept."""
        try:
            await self._telegram.call("deleteWebhook", {"drop_pending_updates": False})
            log.warning("intake.webhook_removed")
        except TelegramError as error:
            log.warning("intake.webhook_not_removed", error=str(error))
