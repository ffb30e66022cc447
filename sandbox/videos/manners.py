"""How a backend words its answers: OpenAI's manners, and those of the servers that speak its protocol since.

Each preset holds what was read in, or seen from, the server it is named after; what else it does is left out.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from random import Random
from typing import Any, NamedTuple, cast
from uuid import UUID

from sandbox.videos.job import Failure, Job, Refusal, State, Status

JSON_BODY = "application/json"
FORM_BODY = "multipart/form-data"

LITELLM_PREFIX = "video_bGl0ZWxsbTpj"  # "litellm:c"

Body = dict[str, Any]


class Errors(Enum):
    """The shape of an error's body."""

    OPENAI = auto()  # {"error": {"message", "type", "param", "code"}}
    LITELLM = auto()  # the same, but code is the HTTP status as text and the upstream's error sits in the message
    VLLM = auto()  # the same, but code is the HTTP status
    DETAIL = auto()  # {"detail": "..."}
    OPENROUTER = auto()  # {"error": {"code", "message"}}
    NEWAPI = auto()  # {"code", "message", "data"}
    TEXT = auto()  # plain text


class Reported(Enum):
    """What `progress` says."""

    EXACT = auto()
    ENDS = auto()  # 0, then 100
    NEVER = auto()  # null


class Missing(NamedTuple):
    """An operation this server does not have, and how it says so."""

    status: int
    message: str
    errors: Errors


def _no_method(status: int = 405, message: str = "Method Not Allowed") -> Missing:
    return Missing(status, message, Errors.DETAIL)  # FastAPI's own answer


def _openai_id(random: Random, model: str) -> str:
    return f"video_{random.getrandbits(192):048x}"


def _litellm_id(random: Random, model: str) -> str:
    return _wrapped(model, _openai_id(random, model))


def _litellm_echo(job_id: str) -> str:
    """The id in a status answer of LiteLLM 1.106: without the model, it leads to no content."""
    if not job_id.startswith(LITELLM_PREFIX):
        return job_id  # made before these manners were put on
    text = base64.b64decode(job_id.removeprefix("video_")).decode()
    return _wrapped("", text.rpartition("video_id:")[2])


def _wrapped(model: str, upstream: str) -> str:
    text = f"litellm:custom_llm_provider:openai;model_id:{model};video_id:{upstream}"
    return "video_" + base64.b64encode(text.encode()).decode()


def _same(job_id: str) -> str:
    return job_id


def _as_object(failure: Failure) -> object:
    return {"code": failure.code, "message": failure.message}


def _as_it_is(body: Body, job: Job, state: State) -> Body:
    return body


def _as_said(fields: Mapping[str, object]) -> dict[str, object]:
    return dict(fields)


@dataclass(frozen=True, slots=True)
class Manners:
    """One server's manners. The defaults are OpenAI's."""

    name: str
    # ids
    new_id: Callable[[Random, str], str] = _openai_id
    echoed_id: Callable[[str], str] = _same  # the id in every answer but the create's
    # requests
    bodies: frozenset[str] = frozenset({JSON_BODY, FORM_BODY})
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])  # its field's name -> OpenAI's
    extra_fields: frozenset[str] = frozenset()  # accepted and ignored
    translate: Callable[[Mapping[str, object]], dict[str, object]] = _as_said  # its own way of asking -> OpenAI's
    passes_unknown_fields: bool = False
    # the video object
    created_status: int = 200
    words: Mapping[Status, str] = field(default_factory=dict[Status, str])  # where it is not OpenAI's word
    progress: Reported = Reported.EXACT
    seconds_are_numbers: bool = False
    nulls: frozenset[str] = frozenset()  # keys that are always null
    describe_failure: Callable[[Failure], object] = _as_object
    finish: Callable[[Body, Job, State], Body] = _as_it_is
    # errors, and what is not there
    errors: Errors = Errors.OPENAI
    retry_after: str = "retry-after"  # the header with the seconds to wait
    failed_job_status: Callable[[Failure], int] | None = None  # a failed job is answered as an HTTP error
    no_list: Missing | None = None
    no_delete: Missing | None = None
    no_remix: Missing | None = None
    no_extend: Missing | None = None
    no_moderation: Missing | None = None
    deletes_in_flight: bool = False
    delete_shows_job: bool = False
    variants: frozenset[str] = frozenset({"video", "thumbnail", "spritesheet"})
    ignores_variant: bool = False
    not_ready_status: int = 404
    failed_content_status: int = 404
    hides_failures: bool = False  # a failed job is shown as completed, and its content is 500 for ever
    redirects_content: bool = False  # 302 to a storage path that asks for no key
    forgets_on_restart: bool = False

    def renamed(self, fields: Mapping[str, object]) -> dict[str, object]:
        return self.translate({self.aliases.get(name, name): value for name, value in fields.items()})

    def video(self, job: Job, now: float, *, just_created: bool = False) -> Body:
        """The video object, as `create` and `retrieve` answer it."""
        state = job.state(now)
        if self.hides_failures and state.status is Status.FAILED:
            state = replace(state, status=Status.COMPLETED)
        body: Body = {
            "id": job.id if just_created else self.echoed_id(job.id),
            "object": "video",
            "created_at": int(job.created_at),
            "status": self.words.get(state.status, str(state.status)),
            "completed_at": _whole(state.completed_at),
            "error": self.describe_failure(job.failure) if job.failure and _over(state) else None,
            "expires_at": _whole(state.expires_at),
            "model": job.wish.model,
            "progress": self._progress(state),
            "prompt": job.wish.prompt,
            "remixed_from_video_id": job.remixed_from,
            "seconds": job.wish.seconds if self.seconds_are_numbers else str(job.wish.seconds),
            "size": job.wish.size,
        }
        body.update(dict.fromkeys(self.nulls))
        return self.finish(body, job, state)

    def _progress(self, state: State) -> int | None:
        match self.progress:
            case Reported.EXACT:
                return state.progress
            case Reported.ENDS:
                return 100 if state.status is Status.COMPLETED else 0
            case Reported.NEVER:
                return None

    def error(self, refusal: Refusal, shape: Errors | None = None) -> Body | str:
        """The body of an error, in `shape` or the server's own; text where the server answers in text."""
        error = {
            "message": refusal.message,
            "type": refusal.type,
            "param": refusal.param,
            "code": refusal.code,
        }
        match shape or self.errors:
            case Errors.OPENAI:
                return {"error": error}
            case Errors.LITELLM:
                upstream = json.dumps({"error": error}, ensure_ascii=False)
                message = f"litellm.BadRequestError: OpenAIException - {upstream}"
                return {"error": {**error, "message": message, "param": None, "code": str(refusal.status)}}
            case Errors.VLLM:
                return {"error": {**error, "type": "Bad Request", "code": refusal.status}}
            case Errors.DETAIL:
                return {"detail": refusal.message}
            case Errors.OPENROUTER:
                return {"error": {"code": refusal.status, "message": refusal.message}}
            case Errors.NEWAPI:
                return {
                    "code": refusal.code or "fail_to_fetch_task",
                    "message": refusal.message,
                    "data": None,
                }
            case Errors.TEXT:
                return refusal.message


def _over(state: State) -> bool:
    return state.status in (Status.FAILED, Status.COMPLETED)


def _whole(time: float | None) -> int | None:
    return None if time is None else int(time)


def _without_prompt(body: Body, job: Job, state: State) -> Body:
    return {
        **{key: value for key, value in body.items() if key != "prompt"},
        "usage": {"duration_seconds": float(job.wish.seconds)},
    }


def _with_url(body: Body, job: Job, state: State) -> Body:
    """SGLang names the server's own file and its URL when the film is there."""
    done = state.status is Status.COMPLETED
    return {**body, "url": None, "file_path": f"outputs/{job.id}.mp4" if done else None, "num_outputs": 1}


def _openrouter_job(body: Body, job: Job, state: State) -> Body:
    kept: Body = {key: body[key] for key in ("id", "status", "model", "error") if body[key] is not None}
    return {**kept, "polling_url": f"/api/v1/videos/{body['id']}"}


def _newapi_job(body: Body, job: Job, state: State) -> Body:
    return {**body, "task_id": body["id"], "metadata": {}}


def _with_reference(fields: Mapping[str, object], name: str, url: object) -> dict[str, object]:
    """The picture of the field `name`, where OpenAI has it."""
    kept = {key: value for key, value in fields.items() if key != name}
    return {**kept, "input_reference": {"image_url": url}} if isinstance(url, str) else kept


def _sglang_asks(fields: Mapping[str, object]) -> dict[str, object]:
    return _with_reference(fields, "reference_url", fields.get("reference_url"))


def _vllm_asks(fields: Mapping[str, object]) -> dict[str, object]:
    """Its `image_reference` is JSON in a field of a form."""
    text = fields.get("image_reference")
    reference: object = json.loads(text) if isinstance(text, str) else None
    url = cast("Body", reference).get("image_url") if isinstance(reference, dict) else None
    return _with_reference(fields, "image_reference", url)


def _openrouter_asks(fields: Mapping[str, object]) -> dict[str, object]:
    """A size is a resolution and a shape there, and a picture one of the frames."""
    asked = dict(fields)
    resolution, shape = str(asked.get("resolution", "720p")), str(asked.get("aspect_ratio", "16:9"))
    if "size" not in asked and re.fullmatch(r"\d+p \d+:\d+", f"{resolution} {shape}"):
        short = int(resolution.removesuffix("p"))
        wide, high = (int(side) for side in shape.split(":"))
        asked["size"] = f"{short * wide // min(wide, high)}x{short * high // min(wide, high)}"
    frames = cast("list[Body]", asked.get("frame_images") or [{}])
    return _with_reference(asked, "frame_images", frames[0].get("image_url", {}).get("url"))


def _uuid(random: Random, model: str) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


_NOTHING_MADE_FROM: dict[str, Any] = {
    "no_remix": _no_method(404, "Not Found"),
    "no_extend": _no_method(405),
    "no_moderation": _no_method(404, "Not Found"),
}
OPENAI = Manners("openai")
OPENAI_REDIRECTING = replace(OPENAI, name="openai, content behind a redirect", redirects_content=True)
LITELLM = Manners(
    "litellm",
    new_id=_litellm_id,
    echoed_id=_litellm_echo,
    passes_unknown_fields=True,
    translate=_openrouter_asks,  # as the providers behind it understand a resolution and a shape
    finish=_without_prompt,
    errors=Errors.LITELLM,
    retry_after="llm_provider-retry-after",
    no_list=Missing(400, "LLM Provider NOT provided. Pass in the LLM provider you are calling.", Errors.LITELLM),
    no_delete=_no_method(),
    no_moderation=Missing(400, "Invalid model name passed in model=omni-moderation-latest.", Errors.LITELLM),
    ignores_variant=True,
)
LITELLM_VEO = replace(
    LITELLM,
    name="litellm before veo",
    words={Status.QUEUED: "processing", Status.IN_PROGRESS: "processing"},
    progress=Reported.NEVER,
    nulls=frozenset({"created_at", "seconds", "size", "error", "completed_at", "expires_at"}),
    hides_failures=True,
)
VLLM_OMNI = Manners(
    "vllm-omni",
    new_id=lambda random, model: f"video_gen_{random.getrandbits(128):032x}",
    bodies=frozenset({FORM_BODY}),
    extra_fields=frozenset({"width", "height", "num_frames", "fps", "aspect_ratio", "seed", "generate_sound"}),
    translate=_vllm_asks,
    progress=Reported.ENDS,
    nulls=frozenset({"expires_at"}),
    describe_failure=lambda failure: {"code": _failed_status(failure), "message": failure.message},
    errors=Errors.VLLM,
    failed_job_status=lambda failure: _failed_status(failure),
    failed_content_status=422,
    **_NOTHING_MADE_FROM,
    deletes_in_flight=True,
    ignores_variant=True,
    forgets_on_restart=True,
)
SGLANG = Manners(
    "sglang",
    new_id=_uuid,
    seconds_are_numbers=True,
    extra_fields=frozenset({"seed", "fps", "num_frames", "negative_prompt"}),
    translate=_sglang_asks,
    describe_failure=lambda failure: {"message": failure.message},
    finish=_with_url,
    errors=Errors.DETAIL,
    **_NOTHING_MADE_FROM,
    deletes_in_flight=True,
    delete_shows_job=True,
    variants=frozenset({"video", "0"}),
    forgets_on_restart=True,
)
OPENROUTER = Manners(
    "openrouter",
    new_id=lambda random, model: f"gen-vid-{random.getrandbits(80):020x}",
    bodies=frozenset({JSON_BODY}),
    aliases={"duration": "seconds"},
    extra_fields=frozenset({"resolution", "aspect_ratio", "generate_audio", "seed", "callback_url"}),
    translate=_openrouter_asks,
    created_status=202,
    words={Status.QUEUED: "pending"},
    seconds_are_numbers=True,
    describe_failure=lambda failure: failure.message,
    finish=_openrouter_job,
    errors=Errors.OPENROUTER,
    no_list=_no_method(),
    no_delete=_no_method(),
    **_NOTHING_MADE_FROM,
    ignores_variant=True,
)
NEWAPI = Manners(
    "new-api",
    new_id=lambda random, model: f"task_{random.getrandbits(128):032x}",
    finish=_newapi_job,
    errors=Errors.NEWAPI,
    no_list=Missing(404, "Invalid URL (GET /v1/videos)", Errors.OPENAI),
    no_delete=Missing(404, "Invalid URL (DELETE /v1/videos)", Errors.OPENAI),
    no_extend=Missing(404, "Invalid URL (POST /v1/videos/extensions)", Errors.OPENAI),
    no_moderation=Missing(503, "No available channel for model omni-moderation-latest", Errors.OPENAI),
    not_ready_status=400,
    ignores_variant=True,
)

PRESETS = {
    manners.name: manners
    for manners in (OPENAI, OPENAI_REDIRECTING, LITELLM, LITELLM_VEO, VLLM_OMNI, SGLANG, OPENROUTER, NEWAPI)
}


def _failed_status(failure: Failure) -> int:
    return 400 if failure.code == "content_filter" else 500
