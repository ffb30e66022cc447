"""What is done every ten minutes: old updates, films and leavings of a crash go; retiring models are told of."""

from pathlib import Path

import structlog
import trio

from actors.shop import retirement, work
from actors.shop.context import Shop
from actors.supervisor import Stop
from protocol.job import FINAL, JobState
from storage import inbox, jobs, pictures
from storage.pictures import Picture
from storage.store import Store, Tx

EVERY_SECONDS = 600.0
KEEP_FILM_SECONDS = 3600.0
"""A delivered film stays on our disk for an hour, in case somebody must look into it."""

KEEP_PICTURE_SECONDS = 3 * 86400.0

log = structlog.get_logger(__name__)


def keep(tx: Tx) -> set[str]:
    """Names of files that are still needed."""
    recent = [
        job
        for job in jobs.with_film_since(tx, tx.now - KEEP_FILM_SECONDS)
        if job.stands is JobState.READY or job.stands in FINAL
    ]
    return (
        {path.name for job in recent for path in work.paths_of(job)}
        | {f"{job.id}.mp4.part" for job in jobs.in_states(tx, {JobState.PROCESSING})}
        | {f"{job.id}.{ending}" for job in jobs.in_states(tx, {JobState.PROCESSING}) for ending in ("mp4", "jpg")}
    )


def forget_pictures(tx: Tx) -> list[Picture]:
    """Pictures nobody has used for a while; Telegram still has them, should they be wanted again."""
    return pictures.forget(tx, tx.now - KEEP_PICTURE_SECONDS)


class Housekeeping:
    """The task that tidies up."""

    def __init__(self, store: Store, shop: Shop, films: Path) -> None:
        self._store = store
        self._shop = shop
        self._films = films

    async def run(self, stop: Stop) -> None:
        while not stop.asked:
            with stop.until():
                await self._store.insist(retirement.warn, self._shop)
                await self._store.insist(inbox.forget_old)
                kept = await self._store.insist(keep)
                old = [path for path in self._films.iterdir() if path.name not in kept]
                for picture in await self._store.insist(forget_pictures):
                    old += [self._shop.pictures / picture.file_name, self._shop.pictures / picture.preview_name]
                for path in old:
                    path.unlink(missing_ok=True)
                if old:
                    log.info("housekeeping.files_removed", count=len(old))
                await trio.sleep(EVERY_SECONDS)
