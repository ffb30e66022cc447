"""What a video server's answer means. Servers differ in words, in shapes and in honesty; the differences end here.

Each rule names a server it was seen at. Sources: the openai SDK's types/video.py, LiteLLM 1.106, vLLM-Omni 0.30,
SGLang Diffusion 0.5, OpenRouter's video guide, new-api.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from protocol.job import Failure


class Phase(StrEnum):
    """Where a job stands at its server."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


PHASES = {
    "queued": Phase.WAITING,
    "pending": Phase.WAITING,  # OpenRouter
    "in_progress": Phase.WORKING,
    "processing": Phase.WORKING,  # LiteLLM with Veo
    "unknown": Phase.WORKING,  # new-api, while its upstream has not said
    "completed": Phase.DONE,
    "failed": Phase.FAILED,
    "cancelled": Phase.FAILED,  # OpenRouter; LiteLLM with DashScope
    "canceled": Phase.FAILED,
    "expired": Phase.FAILED,  # OpenRouter
    "deleted": Phase.FAILED,  # SGLang
}

_MODERATION_WORDS = (
    "moderation",  # moderation_blocked at creation or at the end
    "content_policy",
    "content policy",
    "content_filter",
    "content filter",
    "safety",
    "raimediafiltered",  # Veo through LiteLLM
    "inappropriate",
)
_PICTURE_WORDS = ("input_reference", "image", "photo", "human face", "picture")
_UNAVAILABLE_WORDS = (
    "insufficient_quota",
    "billing",
    "insufficient funds",
    "credit",
    "no connected db",  # LiteLLM's answer to a wrong key
    "exceeded your current quota",
)
_FORGOTTEN_WORDS = ("task_not_exist", "not found", "does not exist")  # new-api says it with HTTP 400
_UNREACHED_WORDS = ("cannot connect to host", "connection refused", "connect call failed")  # LiteLLM, with HTTP 500
_LOST_WORDS = (
    "payload is not completed",
    "server disconnected",
    "connection reset",
    "can not write request body",  # LiteLLM 1.109
    "expecting value: line 1",
)
_URL = re.compile(r"https?://[^\s\"'<>]+")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the server did not make the film: our word for it, and the server's text for the log."""

    failure: Failure
    detail: str


@dataclass(frozen=True, slots=True)
class Video:
    """One answer about a job. `known_status` is False for a word nobody has seen: the caller logs it and polls on."""

    id: str
    phase: Phase
    status: str
    known_status: bool
    progress: int | None
    prompt: str | None
    model: str | None
    seconds: int | None
    size: str | None
    created_at: float | None
    reason: Reason | None
    made_from: str | None = None  # the film it is a remix of, by its id there


def read_video(body: object) -> Video | None:
    """The job an answer describes, or None when it describes none."""
    if not isinstance(body, Mapping):
        return None
    fields = cast("Mapping[str, Any]", body)
    id, status = fields.get("id") or fields.get("task_id"), fields.get("status")  # task_id: new-api
    if not isinstance(id, str) or not id or not isinstance(status, str):
        return None
    word = status.lower()
    phase = PHASES.get(word, Phase.WORKING)
    reason = None
    if phase is Phase.FAILED:
        said = error_text(fields.get("error"))
        reason = Reason(failure_of(said, default=Failure.BACKEND), said or word)
    return Video(
        id=id,
        phase=phase,
        status=word,
        known_status=word in PHASES,
        progress=_percent(fields.get("progress")),
        prompt=_text(fields.get("prompt")),
        model=_text(fields.get("model")),
        seconds=_seconds(fields.get("seconds")),
        size=_text(fields.get("size")),
        created_at=_number(fields.get("created_at")),
        reason=reason,
        made_from=_text(fields.get("remixed_from_video_id")),
    )


def read_failed(body: object) -> Video | None:
    """The failed job an HTTP error tells of: its body is the job (vLLM-Omni), or its text quotes it (LiteLLM).

    None when the error is only an error.
    """
    video = read_video(body)
    if video is not None:
        return video
    quoted = (read_video(value) for value in _quoted(error_text(body)))
    return next((video for video in quoted if video is not None and video.phase is Phase.FAILED), None)


def _quoted(said: str) -> Iterator[object]:
    """The JSON objects that stand in a text."""
    decoder, start = json.JSONDecoder(), said.find("{")
    while start >= 0:
        try:
            value, end = decoder.raw_decode(said, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            yield value
        start = said.find("{", end)


def error_text(error: object) -> str:
    """The words of an error: text, `{code, message}`, `{error: …}`, `{detail: …}`, or a list of such.

    FastAPI's list also repeats what was sent; a buyer's words must not be taken for the server's, so that is left out.
    """
    if isinstance(error, str):
        return error
    if isinstance(error, list):
        return "; ".join(filter(None, map(error_text, cast("list[object]", error))))
    if isinstance(error, Mapping):
        fields = cast("Mapping[str, Any]", error)
        for nested in ("error", "detail"):
            if fields.get(nested):
                return error_text(fields[nested])
        words = [str(fields[name]) for name in ("code", "message", "msg") if fields.get(name)]
        return ": ".join(words)
    return json.dumps(error) if error else ""


def says_unreached(said: str) -> bool:
    """Whether a gateway says that it found nobody behind it: nothing was ordered."""
    return any(word in said.lower() for word in _UNREACHED_WORDS)


def says_lost(said: str) -> bool:
    """Whether a gateway says that it lost the answer of the server behind it: something may have been ordered."""
    return any(word in said.lower() for word in _LOST_WORDS)


def says_forgotten(said: str) -> bool:
    """Whether an error means that the server does not know the job."""
    return any(word in said.lower() for word in _FORGOTTEN_WORDS)


def url_in(said: str) -> str | None:
    """The first web address in a text: where a film lies instead (SGLang with cloud storage)."""
    found = _URL.search(said)
    return found[0].rstrip(".,;)") if found else None


def read_models(body: object) -> list[str] | None:
    """The names of `GET /models`: OpenAI's list, or SGLang's one `model_path`. None when it is neither."""
    if not isinstance(body, Mapping):
        return None
    fields = cast("Mapping[str, Any]", body)
    if isinstance(fields.get("model_path"), str):
        return [fields["model_path"]]
    if not isinstance(fields.get("data"), list):
        return None
    items = cast("list[Mapping[str, Any]]", [item for item in fields["data"] if isinstance(item, Mapping)])
    return [item["id"] for item in items if isinstance(item.get("id"), str)]


def read_moderation(body: object) -> list[str] | None:
    """What moderation has against a text (`POST /moderations`): its categories. None when the answer is none."""
    results = cast("Mapping[str, Any]", body).get("results") if isinstance(body, Mapping) else None
    if not isinstance(results, list):
        return None
    found = [
        cast("Mapping[str, Any]", result) for result in cast("list[object]", results) if isinstance(result, Mapping)
    ]
    if not found or not all(isinstance(result.get("flagged"), bool) for result in found):
        return None
    against: list[str] = []
    for result in found:
        if result["flagged"]:
            categories = result.get("categories")
            named = cast("Mapping[str, object]", categories if isinstance(categories, Mapping) else {})
            against += [name for name, hit in named.items() if hit is True] or ["flagged"]
    return against


def failure_of(said: str, *, default: Failure) -> Failure:
    """Our word for a refusal or failure, from the server's text."""
    lowered = said.lower()
    if any(word in lowered for word in _MODERATION_WORDS):
        return Failure.MODERATION_PICTURE if any(word in lowered for word in _PICTURE_WORDS) else Failure.MODERATION
    if any(word in lowered for word in _UNAVAILABLE_WORDS):
        return Failure.UNAVAILABLE
    return default


def _percent(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(max(0.0, min(100.0, number)))


def _number(value: object) -> float | None:
    """Python's JSON knows numbers no float can hold or count with: NaN, Infinity, a thousand digits."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15:
        return None
    return None if math.isnan(value) else float(value)


def _seconds(value: object) -> int | None:
    """The wire's own type is text (`"8"`); SGLang answers a number."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and len(text) < 6 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
