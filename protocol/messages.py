"""What actors say to each other. The truth is in the store; a message says where to look, and may come twice.

Each actor has one mailbox and one union of messages, so that a forgotten `match` arm is a type error.
"""

from dataclasses import dataclass


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
class QueueMoved:
    """A job's state changed, and with it perhaps the places of others: the job posts may need another look."""

    job_id: int


@dataclass(frozen=True, slots=True)
class PictureWanted:
    """Somebody sent a picture that is to be fetched."""

    picture_id: int


ToPictures = PictureWanted | Rescan
ToConversation = UpdatesArrived | Rescan
ToOutbox = PostDue | AnswerDue | Rescan
ToDispatcher = JobQueued | JobLeft | Rescan
ToPollers = JobClaimed | Rescan
ToProgress = QueueMoved | Rescan
Message = PictureWanted | UpdatesArrived | PostDue | AnswerDue | JobQueued | JobLeft | JobClaimed | QueueMoved | Rescan
