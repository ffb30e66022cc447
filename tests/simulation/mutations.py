"""Bugs planted on purpose, to see whether the simulation finds them. Switched on by a test, never in shipped code.

Each is what a hurried change might really do. They replace functions of the bot for as long as the `with` lasts.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import pytest
import trio
from sqlalchemy import select, update
from sqlalchemy.pool import PoolProxiedConnection

from actors import conversation
from actors.films.pollers import Pollers
from actors.shop import work
from actors.shop.broadcast import is_news, settled
from actors.shop.money import till
from actors.shop.rails import stripe_steps
from actors.telegram.outbox import Outbox
from protocol.order import OrderState
from protocol.telegram.client import TelegramClient
from protocol.videos.client import OutcomeUnknown, VideoClient
from storage import ledger, orders, posts, stars
from storage.posts import Post
from storage.store import Store, Tx
from storage.tables import holds
from storage.tables import posts as posts_table


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


def credit_what_reconciling_finds(patch: pytest.MonkeyPatch) -> None:
    """A payment that was credited when the service told of it is credited again when a round finds it in a list."""
    paid = till.paid

    def credit(shop: Any, tx: Tx, order: Any, **seen: Any) -> bool:
        known = orders.get(tx, order.id)
        if known.stands is OrderState.PAID and known.external_id == seen["external_id"]:
            ledger.transfer(
                tx,
                key=f"again:{known.code}:{tx.now}",
                source=ledger.rail_account(str(known.way)),
                target=ledger.account_of(known.user_id),
                amount=known.tokens,
                kind=orders.PURCHASE,
                memo=known.code,
            )
        return paid(shop, tx, order, **seen)

    record = stars.record

    def recorded(tx: Tx, payment: Any) -> bool:
        record(tx, payment)
        return True

    patch.setattr(till, "paid", credit)
    patch.setattr(stars, "record", recorded)
    patch.setattr(stripe_steps, "CREDITED", frozenset())


def forget_pollers_at_a_restart(patch: pytest.MonkeyPatch) -> None:
    """A job that was at the backend when the process ended is looked at by nobody afterwards."""

    async def nothing(_self: Pollers, *_: object) -> None:
        await trio.lowlevel.checkpoint()

    patch.setattr(Pollers, "_start_all", nothing)


def an_old_edit_wins(patch: pytest.MonkeyPatch) -> None:
    """What Telegram was just shown is taken for the newest, though the post was changed on the way."""

    def shown(tx: Tx, post: Post, message_id: int) -> None:
        newest = {"shown_revision": posts_table.c.revision, "state": "shown", "message_id": message_id, "attempts": 0}
        tx.conn.execute(update(posts_table).where(posts_table.c.id == post.id).values(newest))

    patch.setattr(posts, "shown", shown)


def confirm_one_too_many(patch: pytest.MonkeyPatch) -> None:
    """The offset of a poll is one too high, so Telegram forgets an update nobody has seen."""
    get_updates = TelegramClient.get_updates

    async def hasty(self: TelegramClient, *, offset: int | None, **asked: Any) -> list[Any]:
        return await get_updates(self, offset=None if offset is None else offset + 1, **asked)

    patch.setattr(TelegramClient, "get_updates", hasty)


def keep_what_a_failure_should_release(patch: pytest.MonkeyPatch) -> None:
    """A film that failed says that it is paid back, and its hold stays."""

    def kept(tx: Tx, job_id: int) -> int:
        return int(tx.conn.execute(select(holds.c.amount).where(holds.c.job_id == job_id)).scalar_one())

    patch.setattr(ledger, "release", kept)


def tick_off_before_sending(patch: pytest.MonkeyPatch) -> None:
    """Whoever is about to hear a broadcast is ticked off before Telegram has taken it."""
    show = Outbox._show

    async def ticked(self: Outbox, post: Post, stop: Any) -> bool:
        if is_news(post):
            await self._store.insist(settled, self._shop, post, "sent")
        return await show(self, post, stop)

    patch.setattr(Outbox, "_show", ticked)


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
        credit_what_reconciling_finds,
        forget_pollers_at_a_restart,
        an_old_edit_wins,
        confirm_one_too_many,
        keep_what_a_failure_should_release,
        tick_off_before_sending,
    )
}


@contextmanager
def planted(name: str) -> Generator[None]:
    """The bug of this name is in the bot."""
    with pytest.MonkeyPatch.context() as patch:
        MUTATIONS[name](patch)
        yield
