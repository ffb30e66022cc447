"""Bounded mailboxes. Putting never blocks, so no two actors can wait for each other.

A full mailbox does not lose anything: what it held is replaced by one `Rescan`, and the actor reads the store, where
the truth is. Every mailbox starts with a `Rescan`, because an actor that starts must look at everything anyway.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import trio

from protocol.messages import (
    ActorFailed,
    AdminMet,
    AnswerDue,
    BackupWanted,
    BroadcastMoved,
    FiguresWanted,
    JobClaimed,
    JobLeft,
    JobQueued,
    JobStopped,
    Message,
    PictureWanted,
    PostDue,
    QueueMoved,
    ReceiptWanted,
    Rescan,
    StarsDue,
    StripeDue,
    StripeTold,
    ToBackups,
    ToBroadcaster,
    ToConversation,
    ToDispatcher,
    ToFigures,
    ToMenu,
    ToOutbox,
    ToPictures,
    ToPollers,
    ToProgress,
    ToReceipts,
    ToStars,
    ToStripe,
    ToVitalSigns,
    UpdatesArrived,
)

M = TypeVar("M", bound=Message)

CAPACITY = 1024


class Mailbox(Generic[M]):
    """What one actor is told. The supervisor's side owns it; an actor that restarts finds it again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.reads = 0  # so that a watcher sees whether anybody comes to read
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
        self.reads += 1
        return self._waiting.pop(0)

    @property
    def empty(self) -> bool:
        return not self._waiting

    async def get_all(self) -> list[M | Rescan]:
        """Everything that waits, waiting for at least one."""
        first = await self.get()
        rest, self._waiting = self._waiting, []
        return [first, *rest]


class Switchboard:
    """All mailboxes, and which message goes to which."""

    def __init__(self) -> None:
        self.onlooker: Callable[[Message], None] | None = None  # sees everything; it must neither wait nor fail
        self.conversation: Mailbox[ToConversation] = Mailbox("conversation")
        self.outbox: Mailbox[ToOutbox] = Mailbox("outbox")
        self.dispatcher: Mailbox[ToDispatcher] = Mailbox("dispatcher")
        self.pollers: Mailbox[ToPollers] = Mailbox("pollers")
        self.pictures: Mailbox[ToPictures] = Mailbox("pictures")
        self.progress: Mailbox[ToProgress] = Mailbox("progress")
        self.menu: Mailbox[ToMenu] = Mailbox("menu")
        self.receipts: Mailbox[ToReceipts] = Mailbox("receipts")
        self.stars: Mailbox[ToStars] = Mailbox("stars")
        self.stripe: Mailbox[ToStripe] = Mailbox("stripe")
        self.broadcaster: Mailbox[ToBroadcaster] = Mailbox("broadcaster")
        self.figures: Mailbox[ToFigures] = Mailbox("figures")
        self.vital_signs: Mailbox[ToVitalSigns] = Mailbox("vital_signs")
        self.backups: Mailbox[ToBackups] = Mailbox("backups")
        self._route: dict[type[Message], Mailbox[Any]] = {
            UpdatesArrived: self.conversation,
            AdminMet: self.menu,
            PictureWanted: self.pictures,
            ReceiptWanted: self.receipts,
            PostDue: self.outbox,
            AnswerDue: self.outbox,
            JobQueued: self.dispatcher,
            JobLeft: self.dispatcher,
            JobClaimed: self.pollers,
            JobStopped: self.pollers,
            QueueMoved: self.progress,
            StarsDue: self.stars,
            StripeDue: self.stripe,
            StripeTold: self.stripe,
            BroadcastMoved: self.broadcaster,
            FiguresWanted: self.figures,
            ActorFailed: self.vital_signs,
            BackupWanted: self.backups,
        }

    def deliver(self, message: Message) -> None:
        """Put the message where it belongs."""
        self._route[type(message)].put(message)
        if self.onlooker is not None:
            self.onlooker(message)
