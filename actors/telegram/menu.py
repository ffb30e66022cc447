"""Tells Telegram the bot's commands, for everybody and for each admin, in each language."""

import random
from typing import Any

import structlog
import trio

from actors.mailbox import Mailbox
from actors.shop.context import Shop
from actors.supervisor import Backoff, Stop
from protocol.catalogue import LANGUAGES, Language
from protocol.messages import AdminMet, Rescan, ToMenu
from protocol.telegram.client import TelegramClient, TelegramError, TelegramRefused
from protocol.texts import plain

EVERYBODY = ("new", "videos", "balance", "buy", "promo", "invite", "cancel", "lang", "help", "terms", "paysupport")
ADMINS = (
    *("users", "user", "topup", "jobs", "job", "stats", "broadcast", "ban", "unban", "maintenance"),
    *("price", "package", "refund", "payments", "backup", "log"),
)
BACKOFF = Backoff(first=5.0, longest=300.0)

log = structlog.get_logger(__name__)


class Menu:
    """Sets the menus at each start, and an admin's when they first write: before that they have no chat to set it for.

    What Telegram refuses is logged and left as it was.
    """

    def __init__(self, telegram: TelegramClient, shop: Shop, mailbox: Mailbox[ToMenu], *, rng: random.Random) -> None:
        self._telegram = telegram
        self._shop = shop
        self._mailbox = mailbox
        self._rng = rng

    async def run(self, stop: Stop) -> None:
        self._mailbox.rescan()
        while not stop.asked:
            with stop.until():
                for message in await self._mailbox.get_all():
                    match message:
                        case Rescan():
                            await self._set_all(EVERYBODY)
                            for admin in self._shop.admins:
                                await self._set_admin(admin)
                        case AdminMet(admin):
                            await self._set_admin(admin)

    async def _set_admin(self, admin: int) -> None:
        await self._set_all(EVERYBODY + ADMINS, scope={"type": "chat", "chat_id": admin})

    async def _set_all(self, names: tuple[str, ...], **scope: object) -> None:
        """The default list has no language: Telegram shows it to whoever has set none of ours."""
        await self._set({"commands": _commands(self._shop.default_language, names), **scope})
        for language in LANGUAGES:
            await self._set({"commands": _commands(language, names), "language_code": language, **scope})

    async def _set(self, request: dict[str, Any]) -> None:
        failures = 0
        while True:
            try:
                await self._telegram.call("setMyCommands", request)
            except TelegramError as error:
                retry_after = 0.0
                if isinstance(error, TelegramRefused):
                    if error.code != 429 and error.code < 500:
                        log.info("menu.refused", error=str(error))
                        return
                    retry_after = error.retry_after
                failures += 1
                await trio.sleep(max(retry_after, BACKOFF.delay(failures - 1, self._rng)))
            else:
                return


def _commands(language: Language, names: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"command": name, "description": plain(language, f"menu-{name}")} for name in names]
