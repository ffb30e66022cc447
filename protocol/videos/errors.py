"""What can go wrong with a request to a video backend, and what an HTTP error of one means.

Sources: what LiteLLM 1.106, vLLM-Omni 0.30, SGLang Diffusion 0.5, OpenRouter and new-api answer; see `answers.py`.
"""

import json
from email.utils import parsedate_to_datetime

import httpx2
import openai

from protocol.job import Failure
from protocol.videos.answers import (
    Reason,
    Video,
    error_text,
    failure_of,
    read_failed,
    says_forgotten,
    says_lost,
    says_unreached,
)

LONGEST_RETRY_AFTER = 600.0
"""Seconds of patience a backend may ask for: while it rests, buyers' tokens are held."""
MODERATED = (Failure.MODERATION, Failure.MODERATION_PICTURE)


class BackendError(Exception):
    """Anything that kept a request to the video backend from succeeding."""


class BackendRefused(BackendError):
    """The backend answered, and said no for good. `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"{reason.failure}: {reason.detail}")
        self.reason = reason


class BackendBusy(BackendError):
    """The backend surely did not take the request: too many requests, or (not `reached`) nobody was there to take it.

    `retry_after` in seconds, when the backend named it.
    """

    def __init__(self, detail: str, *, retry_after: float | None = None, reached: bool = True) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.reached = reached


class BackendUnreachable(BackendError):
    """No usable answer came (not `reached`: none at all); for a look this is weather, and it is tried again."""

    def __init__(self, detail: str, *, reached: bool = True) -> None:
        super().__init__(detail)
        self.reached = reached


class OutcomeUnknown(BackendError):
    """The request may have been acted on: its answer was lost or makes no sense. Never send it again."""


class JobForgotten(BackendError):
    """The backend does not know this job (404)."""


def json_in(response: httpx2.Response) -> object:
    return json_of(response.content)


def json_of(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def said_by(error: openai.APIStatusError) -> str:
    body = json_in(error.response)
    return (error_text(body) if body is not None else error.response.text[:300]) or f"HTTP {error.status_code}"


def retry_after_of(response: httpx2.Response) -> float | None:
    """Seconds of patience the answer asks for, whether it names their number or a moment (RFC 9110, 10.2.3)."""
    for name in ("retry-after", "llm_provider-retry-after"):  # the second is LiteLLM's
        value = response.headers.get(name, "")
        if value.replace(".", "", 1).isdecimal():
            return min(float(value), LONGEST_RETRY_AFTER)
        # The moment is one of the server's clock, which says in the same answer what time it is.
        moment, now = _moment(value), _moment(response.headers.get("date", ""))
        if moment is not None and now is not None:
            return min(max(0.0, moment - now), LONGEST_RETRY_AFTER)
    return None


def _moment(date: str) -> float | None:
    """A date of an HTTP header in epoch seconds; None for what is none."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None


def never_sent(error: openai.APIConnectionError) -> bool:
    return isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)


def _without(said: str, prompt: str) -> str:
    """What a server says, less the buyer's own words: some repeat them, also quoted as JSON."""
    for words in (json.dumps(prompt)[1:-1], json.dumps(prompt, ensure_ascii=False)[1:-1], prompt):
        said = said.replace(words, "…") if words else said
    return said


def create_refused(error: openai.APIStatusError, prompt: str) -> BackendError:
    """What an HTTP error means that answers the order of a film in these words."""
    status, said = error.status_code, _without(said_by(error), prompt)
    unavailable = failure_of(said, default=Failure.REFUSED)
    if status == 429 and unavailable is not Failure.UNAVAILABLE:
        return BackendBusy(f"too many requests: {said}", retry_after=retry_after_of(error.response))
    if status == 503:
        return BackendBusy(f"HTTP 503: {said}", retry_after=retry_after_of(error.response))
    if status >= 500 and says_unreached(said):
        return BackendBusy(f"HTTP {status}: {said}", reached=False)
    if status in (408, 502, 504) or (status >= 500 and says_lost(said)):
        # A gateway lost its upstream's answer; the upstream may be at work.
        return OutcomeUnknown(f"HTTP {status}: {said}")
    if status == 404 and "model" in said.lower():
        return BackendRefused(Reason(Failure.REFUSED, f"HTTP 404: {said}"))  # its other models may be there
    if status in (401, 402, 403, 404, 405, 429):
        # A refusal on grounds of content may come as 403; anything else of these is the operator's to mend.
        failure = unavailable if unavailable in MODERATED else Failure.UNAVAILABLE
        return BackendRefused(Reason(failure, f"HTTP {status}: {said}"))
    default = Failure.BACKEND if status >= 500 else Failure.REFUSED
    return BackendRefused(Reason(failure_of(said, default=default), f"HTTP {status}: {said}"))


def made_from_refused(error: openai.APIStatusError, prompt: str) -> BackendError:
    """The same where another film was named: what is not found is that film, not the server's way of working."""
    said = said_by(error)
    if error.status_code in (404, 410) or (error.status_code == 400 and says_forgotten(said)):
        return BackendRefused(Reason(Failure.SOURCE_GONE, f"HTTP {error.status_code}: {said}"))
    if error.status_code == 405:
        return BackendRefused(Reason(Failure.REFUSED, f"HTTP 405: {said}"))
    return create_refused(error, prompt)


def failed_job_or_raise(error: openai.APIStatusError) -> Video:
    """A failed job may come as an HTTP error that tells of it. Else raises what the error means."""
    video = read_failed(json_in(error.response))
    if video is not None:
        return video
    said = said_by(error)
    if error.status_code == 429:
        raise BackendBusy(f"too many requests: {said}", retry_after=retry_after_of(error.response)) from None
    if error.status_code in (404, 410) or (error.status_code == 400 and says_forgotten(said)):
        raise JobForgotten(said) from None
    if error.status_code in (401, 403):
        raise BackendUnreachable(f"HTTP {error.status_code}: {said}") from None
    failure = failure_of(said, default=Failure.BACKEND)
    if failure in MODERATED:
        raise BackendRefused(Reason(failure, said)) from None
    raise BackendUnreachable(f"HTTP {error.status_code}: {said}") from None
