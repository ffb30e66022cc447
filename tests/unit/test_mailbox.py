"""Mailboxes: bounded, never blocking whoever puts, and losing nothing."""

from dataclasses import fields
from typing import Any, get_args

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from actors.mailbox import CAPACITY, Mailbox, Switchboard
from protocol.messages import Message, PostDue, Rescan


async def emptied() -> Mailbox[PostDue]:
    """A mailbox whose actor has just looked at everything."""
    mailbox: Mailbox[PostDue] = Mailbox("test")
    assert await mailbox.get_all() == [Rescan()]
    return mailbox


async def test_an_actor_that_starts_looks_at_everything_first() -> None:
    mailbox: Mailbox[PostDue] = Mailbox("test")
    mailbox.put(PostDue(1))
    assert await mailbox.get_all() == [Rescan(), PostDue(1)]


async def test_messages_come_in_the_order_they_were_put() -> None:
    mailbox = await emptied()
    for chat in (3, 1, 2):
        mailbox.put(PostDue(chat))
    assert await mailbox.get() == PostDue(3)
    assert await mailbox.get_all() == [PostDue(1), PostDue(2)]


async def test_the_same_message_twice_in_a_row_is_one() -> None:
    mailbox = await emptied()
    for chat in (1, 1, 2, 1, 1):
        mailbox.put(PostDue(chat))
    assert await mailbox.get_all() == [PostDue(1), PostDue(2), PostDue(1)]
    mailbox.put(PostDue(1))
    assert await mailbox.get_all() == [PostDue(1)]


async def test_a_full_mailbox_says_look_at_everything() -> None:
    mailbox = await emptied()
    for chat in range(CAPACITY):
        mailbox.put(PostDue(chat))
    mailbox.put(PostDue(-1))
    mailbox.put(PostDue(-2))
    assert await mailbox.get_all() == [Rescan(), PostDue(-2)]


@given(st.lists(st.integers(0, 3) | st.just("get"), max_size=3000))
def test_whatever_is_put_is_heard_of(steps: list[int | str]) -> None:
    """Each message is got, or a `Rescan` is got after it was put."""

    async def main() -> None:
        mailbox: Mailbox[PostDue] = Mailbox("test")
        unheard: set[int] = set()
        for step in [*steps, "get"]:
            if isinstance(step, int):
                mailbox.put(PostDue(step))
                unheard.add(step)
            elif unheard:
                for message in await mailbox.get_all():
                    unheard = set() if isinstance(message, Rescan) else unheard - {message.chat_id}
                assert not unheard

    trio.run(main)


async def test_getting_waits(autojump_clock: MockClock) -> None:
    mailbox = await emptied()
    got: list[PostDue | Rescan] = []

    async def actor() -> None:
        got.extend(await mailbox.get_all())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(actor)
        await wait_all_tasks_blocked()
        assert got == []
        mailbox.put(PostDue(7))
    assert got == [PostDue(7)]


async def test_a_rescan_wakes_whoever_waits(autojump_clock: MockClock) -> None:
    mailbox = await emptied()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(mailbox.get_all)
        await wait_all_tasks_blocked()
        mailbox.rescan()


async def test_a_cancelled_actor_takes_nothing_with_it() -> None:
    """Cancelled before, while or after it is woken: the message is there for its successor."""
    mailbox = await emptied()
    with trio.CancelScope() as scope:
        scope.cancel()
        mailbox.put(PostDue(1))
        await mailbox.get()
    assert await mailbox.get_all() == [PostDue(1)]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(mailbox.get_all)
        await wait_all_tasks_blocked()
        mailbox.put(PostDue(2))
        nursery.cancel_scope.cancel()
    assert await mailbox.get_all() == [PostDue(2)]


@pytest.mark.parametrize(
    "kind", [kind for kind in get_args(Message) if kind is not Rescan], ids=lambda kind: kind.__name__
)
async def test_every_message_has_a_mailbox(kind: type[Message]) -> None:
    message = kind(*(7 for _ in fields(kind)))
    switchboard = Switchboard()
    switchboard.deliver(message)
    mailboxes: list[Mailbox[Any]] = [each for each in vars(switchboard).values() if isinstance(each, Mailbox)]
    heard = [await mailbox.get_all() for mailbox in mailboxes]
    assert sorted(heard, key=len) == [[Rescan()]] * (len(mailboxes) - 1) + [[Rescan(), message]]
