"""Makes a backup each night, and whenever an admin asks: a copy that is tried out, kept for some days and sent away.

Only the first step, taking the copy, has anything to do with the store; the writer works on meanwhile. What follows
(compressing, restoring into a scratch file, auditing) happens in a worker thread on files of its own, and is paced to
leave half of the machine to the bot. A backup on the same disk helps against a mistake, not against a lost disk.
"""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import structlog
import trio

from actors.mailbox import Mailbox
from actors.requests import Answer, Refused, Request
from actors.settings import BackupSettings
from actors.shop import backup as desk
from actors.shop.backup import Made
from actors.shop.context import Shop
from actors.supervisor import Stop
from actors.upkeep.bucket import Bucket, NotStored, bucket_of
from protocol.messages import ToBackups
from storage import age, archive, backup
from storage.age import Recipients
from storage.backup import Between, Unusable
from storage.store import Clock, RunSync, Store

T = TypeVar("T")

FOLDER = "backups"
COPY, COPY_PATTERN = ".copy-{}.db", ".copy-*"
CALM_SECONDS = 60.0
"""After a start: a process that dies of its nightly backup should do something else before."""
PAUSE_SECONDS = 0.005
"""After each piece of work, of about the same length."""
SEND_AGAIN_SECONDS = (60.0, 600.0)
"""Between attempts to upload to a bucket."""
LEFT_BEHIND_SECONDS = 3600.0
"""A copy of this age belongs to a command that was killed."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """How backups are made. `hour` is UTC; the copy is taken by `copying` and the rest done by `aside`.

    `between` is called between pieces of work in that thread: it rests, and raises when the work should end.
    """

    folder: Path
    hour: int
    keep_days: int
    recipients: Recipients | None
    to_chat: bool
    bucket: Bucket | None
    copying: RunSync
    aside: RunSync
    between: Between


def plan_of(settings: BackupSettings) -> Plan | None:
    """The plan of a running bot; None where the database is none that Kadr copies."""
    if not settings.database_url.startswith("sqlite"):
        return None
    keys = settings.backup_age_recipient
    return Plan(
        folder=settings.data_dir / FOLDER,
        hour=settings.backup_hour,
        keep_days=settings.backup_keep_days,
        recipients=age.recipients(keys) if keys else None,
        to_chat=settings.backups_go_to_chat,
        bucket=bucket_of(settings),
        copying=_in_thread,
        aside=_in_thread_left_alone,
        between=rest,
    )


async def _in_thread(fn: Callable[..., T], /, *args: Any) -> T:
    return await trio.to_thread.run_sync(fn, *args)


async def _in_thread_left_alone(fn: Callable[..., T], /, *args: Any) -> T:
    """A stop does not wait for it: some pieces are long, and all it has are files that the next start tidies away."""
    return await trio.to_thread.run_sync(fn, *args, abandon_on_cancel=True)


def rest() -> None:
    """Between pieces of work in a worker thread: leave the machine to the bot, and end when that is stopped."""
    trio.from_thread.check_cancelled()
    time.sleep(PAUSE_SECONDS)


class Backups:
    """The task that makes backups, one at a time."""

    def __init__(self, store: Store, shop: Shop, mailbox: Mailbox[ToBackups], plan: Plan, *, clock: Clock) -> None:
        self._store = store
        self._shop = shop
        self._mailbox = mailbox
        self._plan = plan
        self._clock = clock

    async def run(self, stop: Stop) -> None:
        """Make backups when they are due, until asked to stop."""
        started = self._clock.now()
        with stop.until():
            self._plan.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for left in self._plan.folder.glob("*.part"):
                left.unlink(missing_ok=True)
            await self._store.insist(desk.begin)
            while True:
                self._tidy_copies()
                due = max(await self._store.insist(desk.due_at, self._plan.hour), started + CALM_SECONDS)
                if not await self._store.insist(desk.wanted):
                    with trio.move_on_after(max(0.0, due - self._clock.now())):
                        await self._mailbox.get()
                        continue  # somebody may want one
                nightly = self._clock.now() >= due
                await self._make(nightly=nightly)

    async def _make(self, *, nightly: bool) -> None:
        try:
            made = await self._made()
        except (Unusable, OSError, sqlite3.Error) as error:
            reason = backup.reason(error)
            log.error("backup.failed", nightly=nightly, error=reason)
            await self._store.insist(desk.failed, self._shop, reason, nightly=nightly)
            return
        log.info("backup.made", name=made.path.name, bytes=made.size, differences=len(made.differences))
        kept = self._forget_old(made.path)
        await self._store.insist(desk.made, self._shop, made, nightly=nightly, kept=kept)
        if self._plan.bucket is not None:
            await self._send_away(self._plan.bucket, made.path)

    async def _made(self) -> Made:
        plan = self._plan
        copied = await self.copy("nightly")
        taken_at = self._clock.now()
        target = plan.folder / archive.name_at(taken_at, encrypted=plan.recipients is not None)
        make = partial(archive.make, copied, target, taken_at, plan.recipients, plan.between)
        _, differences = await plan.aside(make)
        return Made(
            path=target,
            size=target.stat().st_size,
            taken_at=taken_at,
            differences=differences,
            encrypted=plan.recipients is not None,
            to_chat=plan.to_chat,
        )

    async def copy(self, name: str) -> Path:
        """Take a copy of the database into the folder. Raises `Unusable`, `sqlite3.Error` or `OSError`."""
        connection, size = await self._store.read(backup.connection)
        self._plan.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        backup.need_room(self._plan.folder, size)
        target = self._plan.folder / COPY.format(name)
        backup.remove(target)
        await self._plan.copying(backup.copy, connection, target, self._plan.between)
        return target

    async def answer(self, request: Request) -> Answer:
        """`kadr backup` beside a running bot: take the copy; the command does the rest in its own process."""
        try:
            copied = await self.copy(request.id)
        except (Unusable, OSError, sqlite3.Error) as error:
            raise Refused(f"The copy could not be taken: {backup.reason(error)}.") from error
        return {"copy": str(copied.absolute()), "taken_at": self._clock.now()}

    async def _send_away(self, bucket: Bucket, file: Path) -> None:
        for pause in (*SEND_AGAIN_SECONDS, 0.0):
            try:
                await self._plan.aside(bucket.put, file)
            except NotStored as error:
                log.warning("backup.not_sent", name=file.name, bucket=bucket.name, error=str(error))
                if not pause:
                    await self._store.insist(desk.not_sent, self._shop, file.name, str(error))
                await trio.sleep(pause)
            else:
                log.info("backup.sent", name=file.name, bucket=bucket.name)
                await self._store.insist(desk.sent_away, self._shop)
                return

    def _forget_old(self, newest: Path) -> list[str]:
        """Remove backups older than the days they are kept, but never the newest; the names of those that stay."""
        oldest = archive.name_at(self._clock.now() - self._plan.keep_days * desk.DAY, encrypted=False)
        kept: list[str] = []
        for path in sorted(self._plan.folder.glob("kadr-*.tar.gz*")):
            if path.name < oldest and path != newest:
                path.unlink(missing_ok=True)
                log.info("backup.forgotten", name=path.name)
            else:
                kept.append(path.name)
        return kept

    def _tidy_copies(self) -> None:
        """Copies that nobody will come for; the file's own time is the machine's, not our clock's."""
        for path in self._plan.folder.glob(COPY_PATTERN):
            try:
                if time.time() - path.stat().st_mtime > LEFT_BEHIND_SECONDS:
                    path.unlink()
            except FileNotFoundError:
                continue
