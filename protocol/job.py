"""The life of a job, as one table. No other file decides which transition is legal.

Rule 1. A job is created `queued` together with the hold on its price; one transaction makes both.
Rule 2. `submitting` is committed when the job is claimed, and the moment of sending right before its create leaves. A
        create has no idempotency key, so a job that was sent and is found `submitting` after a crash, or whose answer
        was lost, is `unknown`: it may be looked for, never sent again.
Rule 3. Only what proves that the backend did not take the job leads back from `submitting` to `queued`: its answer, or
        that the create was not sent.
Rule 4. `ready` means the film is on our disk. Only Telegram's message id makes it `delivered`, and captures the hold.
Rule 5. `failed` and `cancelled` release the hold. Every job ends in exactly one of the three, once.
"""

from enum import StrEnum
from types import MappingProxyType
from typing import Literal

FilmKind = Literal["new", "remix", "extend"]
"""A film of its own, or one made from the film of another job: the same anew with other words, or continued."""


class JobState(StrEnum):
    """Where a job stands. The words are stored, so they never change."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    UNKNOWN = "unknown"
    PROCESSING = "processing"
    READY = "ready"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobEvent(StrEnum):
    """What can happen to a job."""

    CLAIM = "claim"  # the dispatcher gives it a place at the backend
    POSTPONE = "postpone"  # the backend surely did not take it: back in line
    LOSE = "lose"  # the outcome of the create is unknown
    ACCEPT = "accept"  # the backend named its id
    FETCH = "fetch"  # the film is on our disk
    DELIVER = "deliver"  # Telegram named its message id
    FAIL = "fail"
    CANCEL = "cancel"


S, E = JobState, JobEvent
TRANSITIONS = MappingProxyType(
    {
        (S.QUEUED, E.CLAIM): S.SUBMITTING,
        (S.QUEUED, E.CANCEL): S.CANCELLED,
        (S.QUEUED, E.FAIL): S.FAILED,
        (S.SUBMITTING, E.POSTPONE): S.QUEUED,
        (S.SUBMITTING, E.ACCEPT): S.PROCESSING,
        (S.SUBMITTING, E.LOSE): S.UNKNOWN,
        (S.SUBMITTING, E.FAIL): S.FAILED,
        (S.UNKNOWN, E.ACCEPT): S.PROCESSING,
        (S.UNKNOWN, E.FAIL): S.FAILED,
        (S.PROCESSING, E.FETCH): S.READY,
        (S.PROCESSING, E.FAIL): S.FAILED,
        (S.READY, E.DELIVER): S.DELIVERED,
        (S.READY, E.FAIL): S.FAILED,
    }
)

FINAL = frozenset({S.DELIVERED, S.FAILED, S.CANCELLED})
AT_BACKEND = frozenset({S.SUBMITTING, S.UNKNOWN, S.PROCESSING})
"""States in which a job takes one of the backend's places and has a poller."""


class Failure(StrEnum):
    """Why a job failed, in the words of the locale files (`failure-…`)."""

    MODERATION = "moderation"  # the backend's moderation refused the words, or the film they made
    MODERATION_PICTURE = "moderation_picture"  # it refused the picture
    PICTURE = "picture"  # the picture could not be sent to the backend
    REFUSED = "refused"  # the backend refused the request for another reason
    BACKEND = "backend"  # the backend tried and failed
    UNAVAILABLE = "unavailable"  # the backend could not be used: down, no funds, wrong key
    FORGOTTEN = "forgotten"  # the backend no longer knows the job
    SOURCE_GONE = "source_gone"  # it no longer has the film that this one was to be made from
    UNKNOWN = "unknown"  # whether the backend took the job could not be found out
    TIMEOUT = "timeout"  # longer than the model's hard deadline
    BROKEN_FILM = "broken_film"  # completed, but no playable film came
    UNDELIVERABLE = "undeliverable"  # Telegram would not take the film
    STOPPED = "stopped"  # an admin stopped waiting for it


class IllegalTransition(Exception):
    """The event is not allowed in the job's state: a stale button, or a fault of ours."""

    def __init__(self, state: JobState, event: JobEvent) -> None:
        super().__init__(f"a job that is {state} cannot {event}")
        self.state = state
        self.event = event


def after(state: JobState, event: JobEvent) -> JobState:
    """The state that follows. Raises `IllegalTransition`."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(state, event) from None
