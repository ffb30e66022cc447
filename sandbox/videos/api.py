"""The backend over ASGI: OpenAI's `/v1/videos` operations, and the faults that strike them.

A plain ASGI callable rather than a Starlette app: Starlette answers 500 to any exception before it lets it
out, and a lost connection must not be answered.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, cast

import trio
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.faults import FaultKind, Faults
from sandbox.videos.backend import VideoBackend
from sandbox.videos.job import Job, Refusal, Status, Wish
from sandbox.videos.manners import Errors, Missing
from sandbox.videos.rules import (
    checked_prompt,
    checked_seconds,
    is_blocked,
    moderation_refusal,
    read_fields,
    understand,
)
from sandbox.wire import ConnectionLost

SERVICE = "videos"
CHUNK = 64 * 1024  # bytes of a film sent at a time
LIST_DEFAULT, LIST_MOST = 20, 100  # as in OpenAI's other lists
LONGEST_EXTENDED = 120  # seconds in all; OpenAI's guide
MODERATION_MODELS = ("omni-moderation-latest", "text-moderation-latest")
MODEL_CREATED = 1759190400  # 2025-09-30, the day Sora 2 came out
MEDIA_TYPES = {"video": "video/mp4", "thumbnail": "image/webp", "spritesheet": "image/jpeg"}

ANYWHERE = (
    FaultKind.RATE_LIMIT,
    FaultKind.SERVER_ERROR,
    FaultKind.SLOW,
    FaultKind.LOSE_REQUEST,
    FaultKind.LOSE_ANSWER,
    FaultKind.MALFORMED,
    FaultKind.FORGET,
)
AT_CREATE = (*ANYWHERE, FaultKind.REFUSE)

NOT_JSON = b"<html><head><title>502 Bad Gateway</title></head><body>upstream sent no answer</body></html>"

Act = Callable[[], Awaitable[Response]]


def create_app(backend: VideoBackend, faults: Faults) -> ASGIApp:
    """The ASGI app of this backend. It raises ConnectionLost where a connection is to break."""
    return _Api(backend, faults)


class _Api:
    def __init__(self, backend: VideoBackend, faults: Faults) -> None:
        self.backend = backend
        self.faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _nothing_to_start(receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await self._route(request)
        except Refusal as refusal:
            response = self._refused(refusal)
        await response(scope, receive, send)

    async def _route(self, request: Request) -> Response:
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        match request.method, path.strip("/").split("/"):
            case "GET", ["v1", "storage", job_id]:
                return _film(await self.backend.content(self.backend.find(job_id)), "video")
            case "POST", ["v1", "videos"]:
                return await self._create(request)
            case "GET", ["v1", "videos"]:
                return await self._serve(request, "list", partial(self._list, request))
            case "GET", ["v1", "videos", job_id]:
                return await self._serve(request, "retrieve", partial(self._retrieve, job_id))
            case "DELETE", ["v1", "videos", job_id]:
                return await self._serve(request, "delete", partial(self._delete, job_id))
            case "GET", ["v1", "videos", job_id, "content"]:
                return await self._serve(request, "content", partial(self._content, request, job_id))
            case "POST", ["v1", "videos", job_id, "remix"]:
                return await self._remix(request, job_id)
            case "POST", ["v1", "videos", "extensions"]:
                return await self._extend(request)
            case "POST", ["v1", "moderations"]:
                return await self._serve(request, "moderate", partial(self._moderate, request))
            case "GET", ["v1", "models"]:
                _authorise(request)
                return self._models()
            case method, _:
                raise Refusal(404, f"Invalid URL ({method} {path})")

    # What an operation meets before and after it acts

    async def _serve(self, request: Request, operation: str, act: Act) -> Response:
        """Act, unless or until a planned fault strikes."""
        _authorise(request)
        self.backend.requests[operation] += 1
        fault = self.faults.take(SERVICE, operation, *(AT_CREATE if operation == "create" else ANYWHERE))
        if fault is None:
            return await act()
        match fault.kind:
            case FaultKind.RATE_LIMIT:
                raise _rate_limit(self.backend.manners.retry_after, fault.seconds)
            case FaultKind.SERVER_ERROR:
                message = "The server had an error while processing your request. Sorry about that!"
                raise Refusal(500, message, type="server_error")
            case FaultKind.SLOW:
                await trio.sleep(fault.seconds)
            case FaultKind.LOSE_REQUEST:
                raise ConnectionLost(acted=False)
            case FaultKind.LOSE_ANSWER:
                with suppress(Refusal):
                    await act()
                raise ConnectionLost(acted=True)
            case FaultKind.MALFORMED:
                return self._spoilt(operation, await act())
            case FaultKind.FORGET:
                self.backend.forget()
            case FaultKind.REFUSE:
                raise moderation_refusal()
            case other:
                raise AssertionError(f"{other} cannot strike {operation}")
        return await act()

    def _spoilt(self, operation: str, response: Response) -> Response:
        """A body nobody can use; of a film sometimes its first half, which plays until it breaks off."""
        if operation == "content" and self.backend.random.random() < 0.5:
            return _film(bytes(response.body[: len(response.body) // 2]), "video")
        return Response(NOT_JSON, media_type=response.media_type)

    def _refused(self, refusal: Refusal, shape: Errors | None = None) -> Response:
        body = self.backend.manners.error(refusal, shape)
        if isinstance(body, str):
            return PlainTextResponse(body, refusal.status, refusal.headers)
        return JSONResponse(body, refusal.status, refusal.headers)

    def _absent(self, missing: Missing) -> Response:
        return self._refused(Refusal(missing.status, missing.message), missing.errors)

    # The operations

    async def _create(self, request: Request) -> Response:
        async def act() -> Response:
            backend = self.backend
            fields = await read_fields(request, backend.manners)
            wish = understand(fields, backend.rules, backend.manners)
            return self._created(backend.create(wish, failing=self._fails()))

        return await self._serve(request, "create", act)

    async def _remix(self, request: Request, job_id: str) -> Response:
        async def act() -> Response:
            backend = self.backend
            if backend.manners.no_remix:
                return self._absent(backend.manners.no_remix)
            source = self._source(job_id)
            prompt = checked_prompt(await read_fields(request, backend.manners), backend.rules)
            wish = Wish(prompt, source.wish.model, source.wish.seconds, source.wish.size)
            return self._created(backend.create(wish, failing=self._fails(), remixed_from=source.id))

        return await self._serve(request, "create", act)

    async def _extend(self, request: Request) -> Response:
        async def act() -> Response:
            backend = self.backend
            if backend.manners.no_extend:
                return self._absent(backend.manners.no_extend)
            fields = await read_fields(request, backend.manners)
            prompt, seconds = checked_prompt(fields, backend.rules), checked_seconds(fields, backend.rules)
            video = fields.get("video")
            source = self._source(str(cast("dict[str, object]", video).get("id")) if isinstance(video, dict) else "")
            whole = source.wish.seconds + seconds
            if whole > LONGEST_EXTENDED:
                raise Refusal(400, f"A video can be extended to {LONGEST_EXTENDED} seconds at most.", param="seconds")
            wish = Wish(prompt, source.wish.model, whole, source.wish.size)
            return self._created(backend.create(wish, failing=self._fails()))

        return await self._serve(request, "create", act)

    def _source(self, job_id: str) -> Job:
        """The film another one is made from. Raises Refusal when it is not there, not done or kept no longer."""
        job = self.backend.find(job_id)
        state = job.state(self.backend.now())
        if state.status is not Status.COMPLETED:
            raise Refusal(400, "Only a completed video can be edited.")
        if state.expires_at is not None and self.backend.now() >= state.expires_at:
            raise Refusal(404, f"Video with id '{job_id}' not found.")
        return job

    def _fails(self) -> bool:
        return self.faults.take(SERVICE, "create", FaultKind.FAIL_HALFWAY) is not None

    async def _moderate(self, request: Request) -> Response:
        if self.backend.manners.no_moderation:
            return self._absent(self.backend.manners.no_moderation)
        body = cast("dict[str, object]", await request.json())
        words = body.get("input")
        if not isinstance(words, str):
            raise Refusal(400, "Missing required parameter: 'input'.", param="input", code="missing_required_parameter")
        if body.get("model") not in MODERATION_MODELS:
            raise Refusal(404, f"The model '{body.get('model')}' does not exist.", code="model_not_found")
        flagged = is_blocked(words, self.backend.rules)
        result = {"flagged": flagged, "categories": {"violence": flagged, "harassment": False}}
        return JSONResponse({"id": "modr-1", "model": body["model"], "results": [result]})

    def _created(self, job: Job) -> Response:
        manners = self.backend.manners
        return JSONResponse(manners.video(job, self.backend.now(), just_created=True), manners.created_status)

    async def _retrieve(self, job_id: str) -> Response:
        job, now, manners = self.backend.find(job_id), self.backend.now(), self.backend.manners
        status = 200
        if manners.failed_job_status and job.failure and job.state(now).status is Status.FAILED:
            status = manners.failed_job_status(job.failure)
        return JSONResponse(manners.video(job, now), status)

    async def _list(self, request: Request) -> Response:
        backend = self.backend
        if backend.manners.no_list:
            return self._absent(backend.manners.no_list)
        asked = request.query_params
        limit, order = asked.get("limit", str(LIST_DEFAULT)), asked.get("order", "desc")
        if not limit.isdecimal() or not 1 <= int(limit) <= LIST_MOST:
            raise Refusal(400, f"Invalid 'limit': expected 1 to {LIST_MOST}.", param="limit", code="invalid_value")
        if order not in ("asc", "desc"):
            raise Refusal(400, "Invalid 'order': expected 'asc' or 'desc'.", param="order", code="invalid_value")
        jobs, more = backend.page(after=asked.get("after"), limit=int(limit), newest_first=order == "desc")
        data = [backend.manners.video(job, backend.now()) for job in jobs]
        first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
        return JSONResponse({"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": more})

    async def _delete(self, job_id: str) -> Response:
        backend, manners = self.backend, self.backend.manners
        if manners.no_delete:
            return self._absent(manners.no_delete)
        job = backend.find(job_id)
        status = job.state(backend.now()).status
        if status in (Status.QUEUED, Status.IN_PROGRESS) and not manners.deletes_in_flight:
            raise Refusal(400, f"Video cannot be deleted while its status is '{status}'.")
        backend.remove(job)
        if manners.delete_shows_job:
            return JSONResponse({**manners.video(job, backend.now()), "status": "deleted"})
        return JSONResponse({"id": job_id, "object": "video.deleted", "deleted": True})

    async def _content(self, request: Request, job_id: str) -> Response:
        backend, manners = self.backend, self.backend.manners
        job = backend.find(job_id)
        if job_id != job.id:  # LiteLLM's other id: it then asks api.openai.com, without a key
            raise Refusal(500, "The api_key client option must be set", type="server_error")
        variant = "video" if manners.ignores_variant else request.query_params.get("variant", "video")
        if variant not in manners.variants:
            raise Refusal(
                404 if manners.errors is Errors.DETAIL else 400,
                f"Invalid value: '{variant}'.",
                param="variant",
            )
        variant = variant if variant in MEDIA_TYPES else "video"
        picture = await backend.content(job, variant)
        if manners.redirects_content:
            return RedirectResponse(f"{request.scope.get('root_path', '')}/v1/storage/{job.id}", 302)
        return _film(picture, variant)

    def _models(self) -> Response:
        data = [
            {"id": model, "object": "model", "created": MODEL_CREATED, "owned_by": "openai"}
            for model in self.backend.rules.models
        ]
        return JSONResponse({"object": "list", "data": data})


def _film(picture: bytes, variant: str) -> Response:
    return _Chunked(picture, media_type=MEDIA_TYPES[variant])


class _Chunked(Response):
    """A body sent in pieces, so that a reader can start, and stop, before its end."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for start in range(0, len(self.body), CHUNK):
            await send({"type": "http.response.body", "body": self.body[start : start + CHUNK], "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _authorise(request: Request) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Refusal(401, "Missing bearer authentication in header")


def _rate_limit(header: str, seconds: float) -> Refusal:
    return Refusal(
        429,
        f"Rate limit reached for requests. Please try again in {seconds:g}s.",
        type="requests",
        code="rate_limit_exceeded",
        headers={header: f"{seconds:g}"},
    )


async def _nothing_to_start(receive: Receive, send: Send) -> None:
    while True:
        message: Any = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
