"""Bugs planted on purpose, to see whether the simulation finds them. Switched on by a test, never in shipped code.

Each is what a hurried change might really do. They replace functions of the bot for as long as the `with` lasts.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.pool import PoolProxiedConnection

from actors import conversation
from actors.shop import work
from protocol.telegram.client import TelegramClient
from protocol.videos.client import OutcomeUnknown, VideoClient
from storage import ledger
from storage.store import Store, Tx
from storage.tables import holds


def acknowledge_before_commit(patch: pytest.MonkeyPatch) -> None:
    """Telegram is told that a batch was received before the batch is in the inbox."""
    get_updates = TelegramClient.get_updates

    async def eager(self: TelegramClient, **asked: Any) -> list[Any]:
        batch = await get_updates(self, **asked)
        if batch:
            await self.call("getUpdates", {"offset": batch[-1]["update_id"] + 1, "timeout": 0})
        return batch

    patch.setattr(TelegramClient, "get_updates", eager)


def capture_before_delivery(patch: pytest.MonkeyPatch) -> None:
    """A film is paid when it lies on our disk."""
    capture, ready = ledger.capture, work.ready

    def paid_already(_tx: Tx, _job_id: int) -> int:
        return 0

    def paid_when_ready(shop: Any, tx: Tx, job: Any, film: Any) -> Any:
        job = ready(shop, tx, job, film)
        capture(tx, job.id)
        return job

    patch.setattr(work, "ready", paid_when_ready)
    patch.setattr(ledger, "capture", paid_already)


def retry_a_create(patch: pytest.MonkeyPatch) -> None:
    """A create whose answer was lost is sent once more."""
    create = VideoClient.create

    async def stubborn(self: VideoClient, order: Any) -> Any:
        try:
            return await create(self, order)
        except OutcomeUnknown:
            return await create(self, order)

    patch.setattr(VideoClient, "create", stubborn)


def drop_the_savepoint(patch: pytest.MonkeyPatch) -> None:
    """What fails in the middle keeps its first half."""

    @contextmanager
    def no_savepoint(self: Tx) -> Generator[None]:
        yield

    patch.setattr(Tx, "savepoint", no_savepoint)


def release_twice(patch: pytest.MonkeyPatch) -> None:
    """A hold that was released can be released again, and is."""
    release = ledger.release

    def again(tx: Tx, job_id: int) -> int:
        amount = release(tx, job_id)
        tx.conn.execute(update(holds).where(holds.c.job_id == job_id).values(state="open"))
        release(tx, job_id)
        return amount

    patch.setattr(ledger, "release", again)


def give_up_on_a_full_disk(patch: pytest.MonkeyPatch) -> None:
    """What Telegram has accepted is forgotten when it cannot be written down at once."""
    patch.setattr(Store, "insist", Store.write)


def blame_the_update(patch: pytest.MonkeyPatch) -> None:
    """An update that met a full disk is taken for one that cannot be handled."""

    def not_the_weather(_error: Exception) -> bool:
        return False

    patch.setattr(conversation, "is_weather", not_the_weather)


def leave_the_transaction_open(patch: pytest.MonkeyPatch) -> None:
    """A commit that was refused is not rolled back, and comes true with the next one."""

    def nothing(_self: object) -> None:
        return None

    # The pool of the simulation's engine undoes nothing either: it has one connection and never gets it back.
    patch.setattr(PoolProxiedConnection, "rollback", nothing, raising=False)


MUTATIONS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    mutation.__name__: mutation
    for mutation in (
        acknowledge_before_commit,
        capture_before_delivery,
        retry_a_create,
        drop_the_savepoint,
        release_twice,
        give_up_on_a_full_disk,
        blame_the_update,
        leave_the_transaction_open,
    )
}


@contextmanager
def planted(name: str) -> Generator[None]:
    """The bug of this name is in the bot."""
    with pytest.MonkeyPatch.context() as patch:
        MUTATIONS[name](patch)
        yield
