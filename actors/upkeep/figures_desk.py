"""Sends the picture of `/stats` after its words. A picture that cannot be drawn is left out; the words are there."""

from pathlib import Path

import structlog

from actors.mailbox import Mailbox
from actors.shop import stats
from actors.shop.context import Shop
from actors.supervisor import Stop
from actors.upkeep.figures import Draw, NotDrawn
from protocol.messages import FiguresWanted, ToFigures
from protocol.posts import Photo
from protocol.texts import say
from storage import posts
from storage.store import Store, Tx

KEPT = 10
"""Pictures that stay on the disk: the newest may still be on its way."""

log = structlog.get_logger(__name__)


class FiguresDesk:
    """The task that has pictures drawn, one at a time."""

    def __init__(self, store: Store, shop: Shop, mailbox: Mailbox[ToFigures], draw: Draw, folder: Path) -> None:
        self._store = store
        self._shop = shop
        self._mailbox = mailbox
        self._draw = draw
        self._folder = folder

    async def run(self, stop: Stop) -> None:
        while not stop.asked:
            with stop.until():
                for message in await self._mailbox.get_all():
                    if isinstance(message, FiguresWanted):
                        await self._serve(message)

    async def _serve(self, wanted: FiguresWanted) -> None:
        target = self._folder / f"{wanted.update_id}.png"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            await self._draw(await self._store.insist(_data, self._shop, wanted.admin_id), target)
        except (NotDrawn, OSError) as error:
            log.warning("figures.not_drawn", error=str(error))
            return
        await self._store.insist(_show, self._shop, wanted, target)
        for old in sorted(self._folder.glob("*.png"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)


def _data(tx: Tx, shop: Shop, admin_id: int) -> str:
    return stats.picture_of(tx, shop, shop.language_of(tx, admin_id))


def _show(tx: Tx, shop: Shop, wanted: FiguresWanted, target: Path) -> None:
    caption = say(shop.language_of(tx, wanted.admin_id), "stats-caption")
    posts.show(tx, wanted.admin_id, f"figures:{wanted.update_id}", Photo(caption=caption, path=str(target)))
