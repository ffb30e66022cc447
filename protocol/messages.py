"""What actors say to each other. The truth is in the store; a message says where to look, and may come twice.

Each actor has one mailbox and one union of messages, so that a forgotten `match` arm is a type error.
"""

from dataclasses import dataclass

from protocol.stripe.answers import Event


@dataclass(frozen=True, slots=True)
class Rescan:
    """Messages may have been missed (a start, a full mailbox): read everything from the store."""


@dataclass(frozen=True, slots=True)
class UpdatesArrived:
    """New rows are in the inbox."""


@dataclass(frozen=True, slots=True)
class PostDue:
    """A post of this chat differs from what Telegram shows."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class AnswerDue:
    """A callback query waits for its answer."""


@dataclass(frozen=True, slots=True)
class JobQueued:
    """A job stands in the queue."""

    job_id: int


@dataclass(frozen=True, slots=True)
class JobLeft:
    """A job gave up its place in the queue or at the backend."""

    job_id: int


@dataclass(frozen=True, slots=True)
class JobClaimed:
    """The dispatcher claimed the job: it needs a poller, which may submit it."""

    job_id: int


@dataclass(frozen=True, slots=True)
class JobStopped:
    """An admin ended the job: its poller has nothing to wait for."""

    job_id: int


@dataclass(frozen=True, slots=True)
class QueueMoved:
    """A job's state changed, and with it perhaps the places of others: the job posts may need another look."""

    job_id: int


@dataclass(frozen=True, slots=True)
class AdminMet:
    """An admin has written to the bot for the first time: now there is a chat to set a menu for."""

    user_id: int


@dataclass(frozen=True, slots=True)
class PictureWanted:
    """Somebody sent a picture that is to be fetched."""

    picture_id: int


@dataclass(frozen=True, slots=True)
class BroadcastMoved:
    """A broadcast may begin, or was stopped."""

    broadcast_id: int


@dataclass(frozen=True, slots=True)
class FiguresWanted:
    """An admin waits for the picture of the figures; lost with the process, for the text has been said already."""

    admin_id: int
    update_id: int


@dataclass(frozen=True, slots=True)
class ActorFailed:
    """An actor failed and is started again."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class StarsDue:
    """Telegram's list of payments in Stars is to be read, or a refund is wanted there."""


ToStars = StarsDue | Rescan


@dataclass(frozen=True, slots=True)
class StripeDue:
    """An order or a refund wants something of Stripe."""


@dataclass(frozen=True, slots=True)
class StripeTold:
    """A webhook brought an event whose signature was right."""

    event: Event


ToStripe = StripeDue | StripeTold | Rescan


@dataclass(frozen=True, slots=True)
class ReceiptWanted:
    """Somebody sent a receipt that is to be fetched and read."""

    receipt_id: int


@dataclass(frozen=True, slots=True)
class BackupWanted:
    """An admin asked for a backup."""


ToBackups = BackupWanted | Rescan
ToPictures = PictureWanted | Rescan
ToReceipts = ReceiptWanted | Rescan
ToMenu = AdminMet | Rescan
ToConversation = UpdatesArrived | Rescan
ToOutbox = PostDue | AnswerDue | Rescan
ToDispatcher = JobQueued | JobLeft | Rescan
ToPollers = JobClaimed | JobStopped | Rescan
ToProgress = QueueMoved | Rescan
ToBroadcaster = BroadcastMoved | Rescan
ToFigures = FiguresWanted | Rescan
ToVitalSigns = ActorFailed | Rescan
Message = (
    AdminMet
    | BackupWanted
    | BroadcastMoved
    | StarsDue
    | StripeDue
    | StripeTold
    | FiguresWanted
    | ActorFailed
    | PictureWanted
    | ReceiptWanted
    | UpdatesArrived
    | PostDue
    | AnswerDue
    | JobQueued
    | JobLeft
    | JobClaimed
    | JobStopped
    | QueueMoved
    | Rescan
)
