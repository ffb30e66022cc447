"""Faults a stand-in can be told to show: a short list, taken from the front by the requests that match.

A fault is spent when it has struck `times` times. Nothing here is random: chance belongs to whoever plans the faults.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong. Each kind is something a real service was seen to do."""

    RATE_LIMIT = "rate_limit"  # 429; `seconds` is the retry_after
    SERVER_ERROR = "server_error"  # 500 before anything was done
    SLOW = "slow"  # the answer comes `seconds` later than it should
    LOSE_REQUEST = "lose_request"  # the connection breaks before the service acted
    LOSE_ANSWER = "lose_answer"  # the service acted, then the connection breaks
    MALFORMED = "malformed"  # acted, but the body of the answer is not what it should be
    CONFLICT = "conflict"  # 409: another getUpdates
    REFUSE = "refuse"  # video: refused by moderation
    FAIL_HALFWAY = "fail_halfway"  # video: the job fails at about half of its progress
    FORGET = "forget"  # video: the backend restarts and no longer knows its jobs; stripe: the object is gone
    DRIP = "drip"  # stripe: the body comes in small pieces, over `seconds`
    LOCKED = "locked"  # stripe: 429 because something else works on the object
    KEPT_ERROR = "kept_error"  # stripe: 500, and the same again for the same idempotency key


@dataclass(slots=True)
class Fault:
    """One planned fault.

    `operation` is a Bot API method (`sendMessage`), or for videos `create`, `retrieve`, `content`, `list`, `delete`;
    `*` matches every operation of the service. `seconds` is a delay or a retry_after.
    """

    service: str
    operation: str
    kind: FaultKind
    times: int = 1
    seconds: float = 0.0


@dataclass(slots=True)
class Faults:
    """The plan, and what has struck so far (for the panel and for tests)."""

    planned: list[Fault] = field(default_factory=list[Fault])
    struck: list[tuple[str, str, FaultKind]] = field(default_factory=list[tuple[str, str, FaultKind]])

    def plan(self, fault: Fault) -> None:
        self.planned.append(fault)

    def clear(self) -> None:
        self.planned.clear()

    def take(self, service: str, operation: str, *kinds: FaultKind) -> Fault | None:
        """The first planned fault that matches (of `kinds`, when given), spending one of its times."""
        for fault in self.planned:
            matches = fault.service == service and fault.operation in ("*", operation)
            if matches and (not kinds or fault.kind in kinds):
                fault.times -= 1
                if fault.times <= 0:
                    self.planned.remove(fault)
                self.struck.append((service, operation, fault.kind))
                return fault
        return None
