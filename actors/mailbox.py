"""Bounded mailboxes. Putting never blocks, so no two actors can wait for each other.

A full mailbox does not lose anything: what it held is replaced by one `Rescan`, and the actor reads the store, where
the truth is. Every mailbox starts with a `Rescan`, because an actor that starts must look at everything anyway.
"""

from typing import Any, Generic, TypeVar

import trio

from protocol.messages import (
    AnswerDue,
    JobClaimed,
    JobLeft,
    JobQueued,
    Message,
    PictureWanted,
    PostDue,
    QueueMoved,
    Rescan,
    ToConversation,
    ToDispatcher,
    ToOutbox,
    ToPictures,
    ToPollers,
    ToProgress,
    UpdatesArrived,
)

M = TypeVar("M", bound=Message)

CAPACITY = 1024


class Mailbox(Generic[M]):
    """What one actor is told. The supervisor's side owns it; an actor that restarts finds it again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._waiting: list[M | Rescan] = [Rescan()]
        self._changed = trio.lowlevel.ParkingLot()

    def put(self, message: M) -> None:
        """Tell the actor. Never blocks and never loses: see the module."""
        if len(self._waiting) >= CAPACITY:
            self.rescan()
            return
        if not self._waiting or self._waiting[-1] != message:
            self._waiting.append(message)
        self._changed.unpark()

    def rescan(self) -> None:
        """Make the actor read everything from the store."""
        self._waiting = [Rescan()]
        self._changed.unpark()

    async def get(self) -> M | Rescan:
        """The next message, waiting for one."""
        while not self._waiting:
            await self._changed.park()
        await trio.lowlevel.checkpoint()
        return self._waiting.pop(0)

    async def get_all(self) -> list[M | Rescan]:
        """Everything that waits, waiting for at least one."""
        first = await self.get()
        rest, self._waiting = self._waiting, []
        return [first, *rest]


class Switchboard:
    """All mailboxes, and which message goes to which."""

    def __init__(self) -> None:
        self.conversation: Mailbox[ToConversation] = Mailbox("conversation")
        self.outbox: Mailbox[ToOutbox] = Mailbox("outbox")
        self.dispatcher: Mailbox[ToDispatcher] = Mailbox("dispatcher")
        self.pollers: Mailbox[ToPollers] = Mailbox("pollers")
        self.pictures: Mailbox[ToPictures] = Mailbox("pictures")
        self.progress: Mailbox[ToProgress] = Mailbox("progress")
        self._route: dict[type[Message], Mailbox[Any]] = {
            UpdatesArrived: self.conversation,
            PictureWanted: self.pictures,
            PostDue: self.outbox,
            AnswerDue: self.outbox,
            JobQueued: self.dispatcher,
            JobLeft: self.dispatcher,
            JobClaimed: self.pollers,
            QueueMoved: self.progress,
        }

    def deliver(self, message: Message) -> None:
        """Put the message where it belongs."""
        self._route[type(message)].put(message)
