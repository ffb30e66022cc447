"""Asks Telegram once for the bot's own name, which links to the bot are made of, and keeps it."""

import random

import structlog

from actors.shop.money.promotions import BOT_NAME
from actors.supervisor import Backoff, Stop
from protocol.telegram.client import TelegramClient, TelegramError, TelegramRefused
from storage import marks
from storage.store import Store, Tx

BACKOFF = Backoff(first=5.0, longest=300.0)

log = structlog.get_logger(__name__)


class Introduction:
    """The task that asks; without an answer links are left out, and everything else works."""

    def __init__(self, telegram: TelegramClient, store: Store, *, rng: random.Random) -> None:
        self._telegram = telegram
        self._store = store
        self._rng = rng

    async def run(self, stop: Stop) -> None:
        """Ask until there is an answer, or until asked to stop."""
        failures = 0
        with stop.until():
            while True:
                try:
                    me = await self._telegram.call("getMe")
                except TelegramError as error:
                    final = isinstance(error, TelegramRefused) and error.code < 500 and error.code != 429
                    log.warning("introduction.no_name", error=str(error), again=not final)
                    if final:
                        return
                    await stop.sleep(BACKOFF.delay(failures, self._rng))
                    failures += 1
                else:
                    await self._store.insist(_keep, str(me["username"]))
                    return


def _keep(tx: Tx, name: str) -> None:
    if marks.read(tx, BOT_NAME) != name:
        marks.keep(tx, BOT_NAME, name)
