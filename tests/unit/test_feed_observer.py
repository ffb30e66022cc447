"""The observer: it looks only while somebody watches, and whoever comes sees the shop as it stands."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import trio
from trio.testing import MockClock

from actors.bot import open_store
from actors.heartbeat import Heartbeat
from actors.mailbox import Switchboard
from actors.operator.observer import LINGER_SECONDS, MOST_HEARD, Observer
from actors.operator.ring import Ring
from actors.shop.context import Shop
from actors.supervisor import Seen
from protocol import catalogue, posts
from protocol.job import JobEvent
from protocol.messages import QueueMoved
from storage import jobs
from storage import posts as stored
from storage.store import Store

from .rows import NOW, Rows

T = TypeVar("T")


class TestClock:
    __test__ = False

    def now(self) -> float:
        return NOW + trio.current_time()


@dataclass
class Watched:
    rows: Rows
    store: Store
    ring: Ring
    observer: Observer
    reads: list[int]


@asynccontextmanager
async def watched(rows: Rows) -> AsyncGenerator[Watched]:
    mail = Switchboard()
    reads: list[int] = []

    async def inline(fn: Callable[..., T], /, *args: Any) -> T:
        await trio.lowlevel.checkpoint()
        reads.append(1)
        return fn(*args)

    clock = TestClock()
    async with open_store(rows.engine, clock, inline, mail) as store:
        ring = Ring(clock.now())
        shop = Shop(catalogue.read(), (1,), "ru")
        actors = [Seen("outbox", "running", 0)]
        observer = Observer(store, shop, ring, Heartbeat(), actors=lambda: actors, now=clock.now)
        mail.onlooker = observer.hear
        async with trio.open_nursery() as nursery:
            nursery.start_soon(observer.run)
            yield Watched(rows, store, ring, observer, reads)
            nursery.cancel_scope.cancel()


async def test_who_comes_sees_the_shop_as_it_stands(rows: Rows, autojump_clock: MockClock) -> None:
    person = rows.person(1, username="kate", tokens=100)
    job = rows.job(person, prompt="a cat in the rain")
    async with watched(rows) as at, at.observer.audience():
        board = at.ring.board
        [view] = board.open_jobs
        assert (view.id, view.who, view.place, view.prompt) == (job.id, "@kate", 1, "a cat in the rain")
        assert board.actors["outbox"].state == "running"
        assert board.totals.queued == 1

        await at.store.write(jobs.move, job, JobEvent.CLAIM)
        await at.store.write(jobs.move, job, JobEvent.ACCEPT, accepted_at=NOW + trio.current_time())
        await trio.sleep(1)
        assert [view.state for view in board.open_jobs] == ["processing"]
        first = board.open_jobs[0].percent
        await trio.sleep(30)  # nobody says anything, and the bar moves all the same
        assert board.open_jobs[0].percent > first + 15

        await at.store.write(jobs.move, job, JobEvent.FAIL, failure="backend")
        await trio.sleep(4)
        assert [(view.state, view.failure) for view in board.ended_jobs] == [("failed", "backend")]
        assert board.totals.failed_today == 1


async def test_posts_are_seen_until_they_are_shown(rows: Rows, autojump_clock: MockClock) -> None:
    rows.person(1)
    async with watched(rows) as at, at.observer.audience():
        await at.store.write(stored.show, 1, "draft:1", posts.Card(html="hello"))
        await trio.sleep(1)
        [post] = at.ring.board.posts.values()
        assert (post.slot, post.state) == ("draft:1", "due")
        due = await at.store.read(stored.next_due, 1)
        assert due is not None
        await at.store.write(stored.shown, due, 77)
        await trio.sleep(6)
        assert at.ring.board.posts[post.id].state == "shown"
        assert at.ring.board.totals.posts_due == 0


async def test_nobody_watches_and_nothing_is_read(rows: Rows, autojump_clock: MockClock) -> None:
    person = rows.person(1, tokens=100)
    job = rows.job(person)
    async with watched(rows) as at:
        await trio.sleep(100)
        assert len(at.reads) <= 1  # the store's own
        async with at.observer.audience():
            seen = at.ring.last
        await trio.sleep(LINGER_SECONDS - 1)
        assert at.ring.holds(seen)  # it still looks, for one that comes back
        await trio.sleep(2)
        before = len(at.reads)
        await at.store.write(jobs.move, job, JobEvent.CLAIM)
        await trio.sleep(1000)
        assert len(at.reads) == before + 1
        async with at.observer.audience():
            assert not at.ring.holds(seen)  # it missed something, so a snapshot is needed
            assert [view.state for view in at.ring.board.open_jobs] == ["submitting"]


async def test_what_is_heard_is_bounded(rows: Rows, autojump_clock: MockClock) -> None:
    async with watched(rows) as at, at.observer.audience():
        for number in range(10 * MOST_HEARD):
            at.observer.hear(QueueMoved(number))
        await trio.sleep(2)
        assert at.ring.board.jobs == {}
