"""Why a message was shown twice, if there is a reason why the bot could not know better."""

import math
from dataclasses import dataclass

from storage.store import LONGEST_PAUSE
from tests.simulation.wire import Exchange

COMMIT_SECONDS = 1.0
"""Within this of an answer it is on record, unless nothing can be written."""


LOOKED_FOR_SECONDS = 180.0
"""Within this of a lost answer the message was looked for, in whatever weather: a few back-offs and floods."""


@dataclass(slots=True)
class Span:
    """A time in which nothing can be written: the disk is full, or the whole machine stands still."""

    start: float
    end: float = math.inf


@dataclass(frozen=True, slots=True)
class LifeEnd:
    """How and when a life ended."""

    ending: str
    moment: float


def off_record_until(moment: float, unwritable: list[Span]) -> float:
    """Until when what was heard at `moment` may be off the record: the store tries again every five seconds."""
    until = moment + COMMIT_SECONDS
    for span in unwritable:
        if moment < span.end and span.start <= until:
            until = max(until, span.end + LONGEST_PAUSE + COMMIT_SECONDS)
    return until


def excuse(exchange: Exchange, life: LifeEnd, unwritable: list[Span]) -> str | None:
    """Why the message that this request made is on no record; None when there is no excuse."""
    if not exchange.heard:
        if exchange.outcome == "cut off" or life.moment <= exchange.ended:
            return f"life {life.ending} in the middle of the request"
        if exchange.operation == "sendInvoice":
            return "an invoice is not looked for"
        if life.moment <= off_record_until(exchange.ended + LOOKED_FOR_SECONDS, unwritable):
            return f"life {life.ending} before it was looked for"
        return None
    until = off_record_until(exchange.ended, unwritable)
    if life.moment <= until and (life.ending != "stopped" or until > exchange.ended + COMMIT_SECONDS):
        return f"life {life.ending} before the answer was on record"
    return None
