"""What the stand-in answers when it does not do what it was asked, in the Bot API's own words."""

from typing import Any


class PersonCannot(Exception):
    """A person tried what Telegram's own apps would not let them do."""


class Refused(Exception):
    """An answer with `ok: false`. The HTTP status is the `error_code`, as at Telegram."""

    def __init__(self, code: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            answer["parameters"] = {"retry_after": self.retry_after}
        return answer


def bad_request(reason: str) -> Refused:
    return Refused(400, f"Bad Request: {reason}")


def blocked() -> Refused:
    return Refused(403, "Forbidden: bot was blocked by the user")


def too_many_requests(seconds: int) -> Refused:
    """`seconds` is the retry_after."""
    return Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
