"""Fetches the pictures people send, looks whether a film can begin from them, and shows their cards."""

import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
import trio

from actors.mailbox import Mailbox
from actors.media.problems import ImageRefused
from actors.shop import drafts
from actors.shop.context import Shop
from actors.supervisor import Backoff, Stop
from actors.telegram.wanted import fetch_when_due, is_final, pause
from protocol.messages import ToPictures
from protocol.posts import Card
from protocol.telegram.client import TelegramClient, TelegramError
from protocol.texts import say
from storage import drafts as draft_rows
from storage import pictures, posts, users
from storage.pictures import Picture
from storage.store import Store, Tx

ATTEMPTS = 6
BACKOFF = Backoff(first=1.0, longest=60.0)
AT_ONCE = 2
"""Pictures held in memory at the same time, 20 MB each at most."""

CHUNK_BYTES = 512 * 1024
ROOM_SECONDS = 60.0
"""How long a full disk is waited for."""

log = structlog.get_logger(__name__)

Look = Callable[[bytes], Awaitable[bytes]]
"""Looks at a picture: its bytes -> a small JPEG of it. Raises `ImageRefused`."""


class Pictures:
    """The task that fetches pictures."""

    def __init__(
        self,
        telegram: TelegramClient,
        store: Store,
        shop: Shop,
        mailbox: Mailbox[ToPictures],
        *,
        look: Look,
        rng: random.Random,
    ) -> None:
        self._telegram = telegram
        self._store = store
        self._shop = shop
        self._mailbox = mailbox
        self._look = look
        self._rng = rng
        self._at_once = trio.CapacityLimiter(AT_ONCE)

    async def run(self, stop: Stop) -> None:
        """Fetch until asked to stop; a picture that was not fetched is still wanted after a restart."""
        await fetch_when_due(self._store, self._mailbox, pictures.wanted, self._fetch, stop)

    async def _fetch(self, picture: Picture) -> None:
        async with self._at_once:
            try:
                data = await self._telegram.download(picture.file_id)
                small = await self._look(data)
            except ImageRefused as refused:
                log.info("picture.refused", picture_id=picture.id, problem=str(refused.reason))
                await self._store.insist(_refuse, self._shop, picture, str(refused.reason))
            except TelegramError as error:
                await self._trouble(picture, error)
            else:
                try:
                    self._shop.pictures.mkdir(parents=True, exist_ok=True)
                    await _keep(self._shop.pictures / picture.file_name, data)
                    await _keep(self._shop.pictures / picture.preview_name, small)
                except OSError as error:
                    log.error("picture.not_kept", picture_id=picture.id, error=error.strerror, retry_in=ROOM_SECONDS)
                    await self._store.insist(pictures.put_off, picture.id, ROOM_SECONDS)
                else:
                    await self._store.insist(_ready, self._shop, picture)

    async def _trouble(self, picture: Picture, error: TelegramError) -> None:
        log.warning("picture.not_fetched", picture_id=picture.id, error=str(error))
        if is_final(error) or picture.attempts >= ATTEMPTS:
            too_big = "too big" in str(error)
            await self._store.insist(_refuse, self._shop, picture, "too_large_file" if too_big else "lost")
            return
        delay = pause(error, picture.attempts, BACKOFF, self._rng)
        await self._store.insist(pictures.tried, picture.id, delay)


async def _keep(path: Path, data: bytes) -> None:
    """Write it from the loop, a little at a time: 20 MB at once would keep everybody else waiting."""
    partial = path.with_name(path.name + ".part")
    try:
        with partial.open("wb") as file:
            for start in range(0, len(data), CHUNK_BYTES):
                file.write(data[start : start + CHUNK_BYTES])
                await trio.lowlevel.checkpoint()
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def _ready(tx: Tx, shop: Shop, picture: Picture) -> None:
    """The picture is here: the cards that waited for it are shown."""
    pictures.ready(tx, picture.id)
    person = users.get(tx, picture.user_id)
    if person is not None:
        for draft in draft_rows.waiting_for(tx, picture.id):
            drafts.show(shop, tx, person, draft)


def _refuse(tx: Tx, shop: Shop, picture: Picture, problem: str) -> None:
    """The picture cannot be used: one kind sentence, and its cards are not shown."""
    pictures.refused(tx, picture.id, problem)
    person = users.get(tx, picture.user_id)
    if person is None:
        return
    for draft in draft_rows.waiting_for(tx, picture.id):
        draft_rows.change(tx, draft.id, state="closed")
    if person.asked == f"picture:{picture.id}":
        users.change(tx, person.id, asked=None)
    html = say(shop.language(person), f"picture-{problem}")
    posts.show(tx, person.id, f"picture:{picture.id}", Card(html=html))
