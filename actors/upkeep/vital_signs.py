"""Watches the shop for what a person must mend: disk, memory, a line that stands still, a second bot, failing actors.

What is measured comes from outside, as a function; without one only the shop itself is watched. Memory is this
process alone: what runs beside it for a moment (drawing figures, cutting a film) is not counted.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import structlog
import trio

from actors.heartbeat import Heartbeat
from actors.mailbox import Mailbox
from actors.shop import work
from actors.shop.alerts import alert, resolve
from actors.shop.backup import backup_age
from actors.shop.context import Shop
from actors.shop.words import duration
from actors.supervisor import Stop
from protocol.catalogue import Language
from protocol.job import JobState
from protocol.messages import ActorFailed, ToVitalSigns
from storage import jobs
from storage.store import Store, Tx

LOOK_SECONDS = 60.0
HIGH, LOW = 0.80, 0.75
"""Shares of disk and memory: above the first an alert is raised, below the second it is over."""
CONFLICT_SECONDS = 120.0
"""Two bots for so long are no change of releases: Render stops the old one within a minute."""
LONG_WAIT = 900.0
"""Seconds that a film may wait whatever was expected of it."""
BACKUP_LATE = 36 * 3600.0
"""Seconds: a night was left out, and half a day has passed to try again."""
MB = 1_000_000
USUAL_LIMIT = 512 * 1024 * 1024
"""Of the smallest Render instance, where the kernel does not tell a limit."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the machine has and what of it is used, in bytes. `disk_free` is what we may still write."""

    disk: int
    disk_free: int
    memory_limit: int
    memory: int

    @property
    def disk_share(self) -> float:
        return 1 - self.disk_free / self.disk if self.disk else 0.0

    @property
    def memory_share(self) -> float:
        return self.memory / self.memory_limit


Measure = Callable[[], Vitals]


def measure_machine(folder: Path, cgroup: Path = Path("/sys/fs/cgroup"), process: Path = Path("/proc/self")) -> Vitals:
    """The file system of `folder`, and this process within the memory its control group may use."""
    disk = os.statvfs(folder)
    return Vitals(
        # As `df` counts: what is reserved for root is neither used nor free.
        disk=(disk.f_blocks - disk.f_bfree + disk.f_bavail) * disk.f_frsize,
        disk_free=disk.f_bavail * disk.f_frsize,
        memory_limit=_limit(cgroup),
        memory=_resident(process),
    )


def _limit(cgroup: Path) -> int:
    """Version 2 says `max`, version 1 a huge number, where nothing is limited (Linux, cgroup-v2.rst)."""
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            said = (cgroup / name).read_text().strip()
        except OSError:
            continue
        if said.isdecimal() and int(said) < 1 << 60:
            return int(said)
    return USUAL_LIMIT


def _resident(process: Path) -> int:
    """Resident memory (proc_pid_statm(5), second field, in pages); 0 where the kernel does not tell."""
    try:
        pages = (process / "statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


class VitalSigns:
    """The task that looks once a minute, and hears of actors that failed."""

    def __init__(
        self,
        store: Store,
        shop: Shop,
        mailbox: Mailbox[ToVitalSigns],
        heartbeat: Heartbeat,
        measure: Measure | None,
    ) -> None:
        self._store = store
        self._shop = shop
        self._mailbox = mailbox
        self._heartbeat = heartbeat
        self._measure = measure

    async def run(self, stop: Stop) -> None:
        while not stop.asked:
            vitals = self._measure() if self._measure else None
            await self._store.insist(look, self._shop, vitals, self._heartbeat.conflict_seconds)
            with stop.until(), trio.move_on_after(LOOK_SECONDS):
                while True:
                    for message in await self._mailbox.get_all():
                        if isinstance(message, ActorFailed):
                            await self._store.insist(actor_failed, self._shop, message)


def reason_of(error: BaseException) -> str:
    """What the error says in one line, or the first one of a group."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def actor_failed(tx: Tx, shop: Shop, failed: ActorFailed) -> None:
    """One alert for each actor and hour, however often it fails."""
    alert(shop, tx, f"actor:{failed.name}", "alert-actor", actor=failed.name, reason=failed.reason[:300])


def look(tx: Tx, shop: Shop, vitals: Vitals | None, conflict_seconds: float) -> None:
    """Raise what is wrong now, and end what is over."""
    if vitals is not None:
        _look_at_disk(tx, shop, vitals)
        _look_at_memory(tx, shop, vitals)
    _look_at_line(tx, shop)
    _look_at_backups(tx, shop)
    if conflict_seconds >= CONFLICT_SECONDS:
        alert(shop, tx, "conflict", "alert-conflict", since=_lasting(conflict_seconds))
    elif not conflict_seconds:
        resolve(shop, tx, "conflict", "alert-conflict-over")


def _lasting(seconds: float) -> Callable[[Language], str]:
    return lambda language: duration(language, seconds)


def _look_at_disk(tx: Tx, shop: Shop, vitals: Vitals) -> None:
    if vitals.disk_share > HIGH:
        # Steps of five, and of a hundred megabytes: an alert is not edited at every look.
        percent = 5 * int(20 * vitals.disk_share)
        alert(shop, tx, "disk", "alert-disk", percent=percent, free=_round(vitals.disk_free))
    elif vitals.disk_share < LOW:
        resolve(shop, tx, "disk", "alert-disk-over")


def _look_at_memory(tx: Tx, shop: Shop, vitals: Vitals) -> None:
    if vitals.memory_share > HIGH:
        limit = round(vitals.memory_limit / MB)
        percent = 5 * int(20 * vitals.memory_share)
        alert(shop, tx, "memory", "alert-memory", percent=percent, used=limit * percent // 100, limit=limit)
    elif vitals.memory_share < LOW:
        resolve(shop, tx, "memory", "alert-memory-over")


def _look_at_backups(tx: Tx, shop: Shop) -> None:
    """Whether a nightly copy has been left out."""
    age = backup_age(tx)
    if age is not None and age > BACKUP_LATE:
        alert(shop, tx, "backup-late", "alert-backup-late", hours=int(age // 3600))
    elif age is not None:
        resolve(shop, tx, "backup-late", "alert-backup-late-over")


def _round(size: int) -> int:
    return size // (100 * MB) * 100 if size >= 100 * MB else size // MB


def _look_at_line(tx: Tx, shop: Shop) -> None:
    """Whether the film that waits longest waits longer than a film ordered now would be expected to."""
    oldest = jobs.in_states(tx, {JobState.QUEUED}, limit=1)
    model = shop.catalogue.model(oldest[0].model) if oldest else None
    if model is None:
        resolve(shop, tx, "queue", "alert-queue-over")
        return
    [job] = oldest
    waited = tx.now - job.created_at
    allowed = max(LONG_WAIT, 2 * work.expected_wait(shop, tx, model, job.seconds, job.size))
    if waited > allowed:
        # Told as it was when it was first seen to be late: the number would change with every look.
        alert(shop, tx, "queue", "alert-queue", job=job.id, waited=_lasting(allowed))
    elif waited < LONG_WAIT:
        resolve(shop, tx, "queue", "alert-queue-over")
