"""Tells Telegram the bot's commands, for everybody and for each admin, in each language."""

import random
from typing import Any

import structlog
import trio

from actors.shop.context import Shop
from actors.supervisor import Backoff, Stop
from protocol.catalogue import LANGUAGES, Language
from protocol.telegram.client import TelegramClient, TelegramError, TelegramRefused
from protocol.texts import plain

EVERYBODY = ("new", "videos", "balance", "buy", "cancel", "lang", "help", "terms", "paysupport")
ADMINS = ("users", "topup")
BACKOFF = Backoff(first=5.0, longest=300.0)

log = structlog.get_logger(__name__)


class Menu:
    """Sets the menus once for each start; what Telegram refuses is logged and left as it was."""

    def __init__(self, telegram: TelegramClient, shop: Shop, *, rng: random.Random) -> None:
        self._telegram = telegram
        self._shop = shop
        self._rng = rng

    async def run(self, stop: Stop) -> None:
        with stop.until():
            for request in self._requests():
                await self._set(request)

    def _requests(self) -> list[dict[str, Any]]:
        """The default list has no language: Telegram shows it to whoever has set none of ours."""
        requests: list[dict[str, Any]] = [{"commands": _commands(self._shop.default_language, EVERYBODY)}]
        for language in LANGUAGES:
            requests.append({"commands": _commands(language, EVERYBODY), "language_code": language})
        for admin in self._shop.admins:
            scope = {"type": "chat", "chat_id": admin}
            commands = _commands(self._shop.default_language, EVERYBODY + ADMINS)
            requests.append({"commands": commands, "scope": scope})
        return requests

    async def _set(self, request: dict[str, Any]) -> None:
        failures = 0
        while True:
            try:
                await self._telegram.call("setMyCommands", request)
            except TelegramError as error:
                retry_after = 0.0
                if isinstance(error, TelegramRefused):
                    if error.code != 429 and error.code < 500:
                        # An admin who never wrote to the bot has no chat to set a menu for.
                        log.info("menu.refused", error=str(error))
                        return
                    retry_after = error.retry_after
                failures += 1
                await trio.sleep(max(retry_after, BACKOFF.delay(failures - 1, self._rng)))
            else:
                return


def _commands(language: Language, names: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"command": name, "description": plain(language, f"menu-{name}")} for name in names]
