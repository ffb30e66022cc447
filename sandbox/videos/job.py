"""A video job as a value, and the refusal a request can meet.

What a job shows is a pure function of the job and the time of asking: nothing runs while it "works".
"""

from dataclasses import dataclass
from enum import StrEnum

RESULT_LIFE = 3600.0  # seconds; OpenAI's guide: download URLs are valid for at most one hour


class Status(StrEnum):
    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class State:
    """A job at one instant. Times are epoch seconds, `progress` is 0 to 100."""

    status: Status
    progress: int
    completed_at: float | None = None
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job fails half-way, as its `error` object says it."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Wish:
    """An accepted request: `seconds` is a whole number, `size` is "WIDTHxHEIGHT", `image` the first frame."""

    prompt: str
    model: str
    seconds: int
    size: str
    image: bytes | None = None

    @property
    def width(self) -> int:
        return int(self.size.partition("x")[0])

    @property
    def height(self) -> int:
        return int(self.size.partition("x")[2])


@dataclass(frozen=True, slots=True)
class Job:
    """One accepted wish and its fate, decided when it was accepted. Times are epoch seconds."""

    id: str
    wish: Wish
    created_at: float
    starts_at: float
    ends_at: float
    failure: Failure | None = None
    remixed_from: str | None = None

    def state(self, now: float) -> State:
        if now < self.starts_at:
            return State(Status.QUEUED, 0)
        reach = 50 if self.failure else 100
        if now < self.ends_at:
            share = (now - self.starts_at) / (self.ends_at - self.starts_at)
            return State(Status.IN_PROGRESS, min(int(reach * share), 99))
        if self.failure:
            return State(Status.FAILED, reach)
        return State(Status.COMPLETED, reach, self.ends_at, self.ends_at + RESULT_LIFE)


class Refusal(Exception):
    """A request is answered with an error. The fields are those of OpenAI's error object."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code
        self.headers = headers or {}
