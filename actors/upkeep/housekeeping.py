"""What is done every ten minutes: old updates, films and leavings of a crash go; retiring models are told of."""

import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
import trio

from actors.shop import retirement, work
from actors.shop.context import Shop
from actors.supervisor import Stop
from protocol.job import JobState
from storage import inbox, jobs, pictures, posts
from storage.pictures import Picture
from storage.store import Store, Tx

EVERY_SECONDS = 600.0
KEEP_FILM_SECONDS = 86400.0
"""A delivered film stays on our disk for a day, while there is room, for whoever wants it as a file."""

MOST_FILM_BYTES = 300_000_000
"""What delivered films may take: less than a third of the smallest disk that hosts sell."""

MOST_FILMS = 1000
SHARE_OF_FREE = 5
"""And never more than one part in so many of what would be free without them."""

KEEP_PICTURE_SECONDS = 3 * 86400.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """The files that are still needed: those of these names, and whatever begins with the number of a job at work.

    `spare` are the files of films that have ended, the newest film first: wanted perhaps, and kept while there is room.
    """

    names: set[str]
    at_work: set[int]
    spare: tuple[tuple[str, ...], ...] = ()

    def __contains__(self, name: str) -> bool:
        number = _NUMBER.match(name)
        return name in self.names or (number is not None and int(number[1]) in self.at_work)


_NUMBER = re.compile(r"\.?(\d{1,18})[.-]")  # `17.mp4`, `17-01.mp4`, and `.17.mp4.part` while it is written


def keep(tx: Tx) -> Kept:
    """Which files are still needed, and which may be wanted."""
    names = {path.name for job in jobs.in_states(tx, {JobState.READY}) for path in work.paths_of(job)}
    names |= {Path(content.path).name for content in posts.due_documents(tx) if content.path}
    ended = jobs.films_ended_since(tx, tx.now - KEEP_FILM_SECONDS, most=MOST_FILMS)
    spare = tuple(tuple(path.name for path in work.paths_of(job)) for job in ended)
    return Kept(names, {job.id for job in jobs.in_states(tx, {JobState.PROCESSING})}, spare)


def to_remove(kept: Kept, sizes: Mapping[str, int], free: int) -> list[str]:
    """Of the files there are (`sizes` in bytes, by name), those that go: what nobody needs, and the oldest films.

    `free` is what the disk has left, in bytes. What is needed always stays, and takes no room from the others.
    """
    taken = sum(sizes.get(name, 0) for names in kept.spare for name in names)
    room = min(MOST_FILM_BYTES, (free + taken) // SHARE_OF_FREE)
    stay: set[str] = set()
    for names in kept.spare:
        room -= sum(sizes.get(name, 0) for name in names)
        if room < 0:
            break
        stay.update(names)
    return [name for name in sizes if name not in kept and name not in stay]


def _sizes(folder: Path) -> dict[str, int]:
    """What lies there, in bytes."""
    sizes: dict[str, int] = {}
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # renamed meanwhile, as a download that is complete
            sizes[path.name] = path.stat().st_size
    return sizes


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
                free = shutil.disk_usage(self._films).free
                old = [self._films / name for name in to_remove(kept, _sizes(self._films), free)]
                for picture in await self._store.insist(forget_pictures):
                    old += [self._shop.pictures / picture.file_name, self._shop.pictures / picture.preview_name]
                for path in old:
                    path.unlink(missing_ok=True)
                if old:
                    log.info("housekeeping.files_removed", count=len(old))
                await trio.sleep(EVERY_SECONDS)
