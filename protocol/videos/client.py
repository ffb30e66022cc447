"""Speaks `/v1/videos` through the openai SDK's transport: create, retrieve, list and download, or a typed error.

Nothing here retries: there is no idempotency key, and a create that is retried is a film paid twice. The SDK's own
`videos` methods are avoided because they warn of their removal; its `post` and `get` stay.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import quote

import httpx2
import openai
import trio
from openai import AsyncOpenAI

from protocol.job import Failure
from protocol.telegram.http import HttpFailed
from protocol.telegram.lean import LeanHttp
from protocol.videos.answers import (
    Reason,
    Video,
    error_text,
    failure_of,
    read_failed,
    read_models,
    read_video,
    says_forgotten,
    says_lost,
    says_unreached,
    url_in,
)
from protocol.videos.dialects import DIALECTS, Order

CREATE_SECONDS = 120.0
"""A gateway may retry upstream before it answers: 21 s were measured at LiteLLM."""
LOOK_SECONDS = 30.0
DOWNLOAD_SECONDS = 600.0
"""Total, not per read: a body that drips must end too."""
LONGEST_RETRY_AFTER = 600.0
"""Seconds of patience a backend may ask for: while it rests, buyers' tokens are held."""
CHUNK_BYTES = 256 * 1024
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


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the backend's list, newest first; `after` asks for the next part, where there is more."""

    videos: list[Video]
    after: str | None


class VideoClient:
    """One backend. Its `dialect` may be changed between requests, as the sandbox does.

    Looks, which are many, go through `lean` where it is given: the SDK spends four times the CPU on each.
    """

    def __init__(
        self,
        http: httpx2.AsyncClient,
        *,
        api_key: str,
        base_url: str | None,
        dialect: str = "openai",
        lean: LeanHttp | None = None,
    ) -> None:
        self._http = http
        self._lean = lean
        self.dialect = DIALECTS[dialect]
        self._sdk = AsyncOpenAI(api_key=api_key, base_url=base_url, max_retries=0, http_client=http)
        self.base_url = str(self._sdk.base_url).rstrip("/")
        self._key = tuple(self._sdk.auth_headers.items())

    async def create(self, order: Order) -> Video:
        """Ask for a film. Raises `BackendRefused`, `BackendBusy` or `OutcomeUnknown`."""
        dialect = self.dialect
        body = dialect.body(order)
        files: list[tuple[str, tuple[str, bytes, str]]] = []
        if dialect.sends_file(order) and order.picture is not None:
            files.append(("input_reference", ("picture.jpg", order.picture, "image/jpeg")))
        # Told that it is a form, the SDK makes one even without a file; else it sends JSON.
        headers = {"Content-Type": "multipart/form-data"} if dialect.form else {}
        try:
            with trio.fail_after(CREATE_SECONDS):
                response = await self._sdk.post(
                    "/videos",
                    cast_to=httpx2.Response,
                    body=body,
                    files=files if dialect.form else None,
                    options={"headers": headers},
                )
        except trio.TooSlowError:
            raise OutcomeUnknown(f"no answer to the create within {CREATE_SECONDS:g} s") from None
        except openai.APIStatusError as error:
            raise _create_refused(error) from None
        except openai.APIConnectionError as error:
            if _never_sent(error):
                raise BackendBusy("the backend cannot be reached", reached=False) from None
            raise OutcomeUnknown(f"the create lost its answer: {type(error.__cause__).__name__}") from None
        video = read_video(_json(response))
        if video is None:
            raise OutcomeUnknown("the answer to the create names no job")
        return video

    async def retrieve(self, id: str) -> Video:
        """Look at a job. Raises `JobForgotten`, `BackendRefused`, `BackendBusy` or `BackendUnreachable`."""
        try:
            with trio.fail_after(LOOK_SECONDS):
                body = await self._look(f"/videos/{quote(id, safe='')}")
        except trio.TooSlowError:
            raise BackendUnreachable(f"no answer within {LOOK_SECONDS:g} s") from None
        except openai.APIStatusError as error:
            return _failed_job_or_raise(error)
        except openai.APIConnectionError as error:
            raise BackendUnreachable(f"no answer: {type(error.__cause__).__name__}") from None
        video = read_video(body)
        if video is None:
            raise BackendUnreachable("the answer describes no job")
        return video

    async def list_recent(self, limit: int = 50) -> list[Video]:
        """The backend's newest jobs. Raises as `page`."""
        return (await self.page(limit)).videos

    async def page(self, limit: int, after: str | None = None) -> Page:
        """The backend's newest jobs, or those older than the job `after`.

        Raises `BackendRefused` where there is no list, else as `retrieve`.
        """
        older = f"&after={quote(after, safe='')}" if after else ""
        try:
            with trio.fail_after(LOOK_SECONDS):
                body = await self._look(f"/videos?limit={limit}&order=desc{older}")
        except trio.TooSlowError:
            raise BackendUnreachable(f"no answer within {LOOK_SECONDS:g} s") from None
        except openai.APIStatusError as error:
            if error.status_code == 429:
                raise BackendBusy("too many requests", retry_after=_retry_after(error.response)) from None
            if error.status_code >= 500:
                raise BackendUnreachable(f"HTTP {error.status_code}") from None
            raise BackendRefused(Reason(Failure.REFUSED, f"no list: HTTP {error.status_code}")) from None
        except openai.APIConnectionError as error:
            raise BackendUnreachable(f"no answer: {type(error.__cause__).__name__}") from None
        fields = cast("dict[str, object]", body) if isinstance(body, dict) else {}
        items = fields.get("data")
        if not isinstance(items, list):
            raise BackendUnreachable("the answer is not a list")
        videos = [video for item in cast("list[object]", items) if (video := read_video(item)) is not None]
        more = fields.get("has_more", len(videos) >= limit)
        return Page(videos, videos[-1].id if more and videos else None)

    async def _look(self, path: str) -> object:
        """What the backend says at this path, read from JSON. Raises the SDK's errors, whichever client asked."""
        if self._lean is not None:
            url = self.base_url + path
            try:
                answer = await self._lean.get(url, self._key)
            except HttpFailed as failed:
                raise openai.APIConnectionError(request=httpx2.Request("GET", url)) from failed
            if answer.status == 200:
                return _json_of(answer.body)
            if answer.status >= 400:
                headers, request = list(answer.headers), httpx2.Request("GET", url)
                response = httpx2.Response(answer.status, headers=headers, content=answer.body, request=request)
                raise openai.APIStatusError("", response=response, body=None)
            self._lean = None  # it sends us elsewhere, and only the other client goes there
        return _json(await self._sdk.get(path, cast_to=httpx2.Response))

    async def models(self) -> list[str] | None:
        """The names of the models the backend lists; None where it has no such list. Raises as `list_recent`."""
        try:
            with trio.fail_after(LOOK_SECONDS):
                response = await self._sdk.get(self.dialect.models_path, cast_to=httpx2.Response)
        except trio.TooSlowError:
            raise BackendUnreachable(f"no answer within {LOOK_SECONDS:g} s") from None
        except openai.APIStatusError as error:
            if error.status_code in (404, 405, 501):
                return None
            said = f"HTTP {error.status_code}: {_said(error)}"
            if error.status_code in (401, 402, 403) or failure_of(said, default=Failure.BACKEND) is Failure.UNAVAILABLE:
                raise BackendRefused(Reason(Failure.UNAVAILABLE, said)) from None
            raise BackendUnreachable(said) from None
        except openai.APIConnectionError as error:
            raise BackendUnreachable(f"no answer: {type(error.__cause__).__name__}") from None
        return read_models(_json(response))

    async def delete(self, id: str) -> None:
        """Delete a job, where the backend can; one in flight stops. Raises `BackendUnreachable`."""
        try:
            with trio.fail_after(LOOK_SECONDS):
                await self._sdk.delete(f"/videos/{quote(id, safe='')}", cast_to=httpx2.Response)
        except trio.TooSlowError:
            raise BackendUnreachable(f"no answer within {LOOK_SECONDS:g} s") from None
        except openai.APIStatusError as error:
            raise BackendUnreachable(f"HTTP {error.status_code}: {_said(error)}") from None
        except openai.APIConnectionError as error:
            raise BackendUnreachable(f"no answer: {type(error.__cause__).__name__}", reached=False) from None

    async def download(self, id: str, target: Path) -> int:
        """Stream the film to `target`, which appears only when it is whole. Returns its bytes.

        Raises `JobForgotten` where there is no content, `BackendUnreachable`, or `OSError` when our disk is full.
        """
        partial = target.with_name(target.name + ".part")
        url = f"{self.base_url}/videos/{quote(id, safe='')}/content"
        try:
            with trio.fail_after(DOWNLOAD_SECONDS):
                try:
                    total = await self._fetch(url, self._sdk.auth_headers, partial)
                except _Elsewhere as elsewhere:
                    # Somebody else's storage: it never sees our key.
                    total = await self._fetch(elsewhere.url, {}, partial)
            partial.replace(target)
        except _Elsewhere:
            raise BackendUnreachable("content: sent from one place to another") from None
        except trio.TooSlowError:
            raise BackendUnreachable(f"the film did not arrive within {DOWNLOAD_SECONDS:g} s") from None
        except httpx2.HTTPError as error:
            raise BackendUnreachable(f"content: {type(error).__name__}", reached=False) from None
        finally:
            partial.unlink(missing_ok=True)  # half a film helps nobody, and a full disk least of all
        return total

    async def _fetch(self, url: str, headers: dict[str, str], partial: Path) -> int:
        async with self._http.stream("GET", url, headers=headers) as response:
            if response.status_code in (404, 410):
                raise JobForgotten("the content is gone (HTTP 404)")
            if response.status_code != 200:
                said = error_text(_json_of(await _beginning(response)))
                if response.status_code == 400 and (elsewhere := url_in(said)):
                    raise _Elsewhere(elsewhere)
                raise BackendUnreachable(f"content: HTTP {response.status_code} {said[:200]}".rstrip())
            return await _save(response, partial)


class _Elsewhere(Exception):
    """The film is not here; the answer says where it is (SGLang with cloud storage)."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


async def _beginning(response: httpx2.Response) -> bytes:
    """Enough of an error's body to read it."""
    body = b""
    async for chunk in response.aiter_bytes(CHUNK_BYTES):
        body += chunk
        if len(body) >= CHUNK_BYTES:
            break
    return body


async def _save(response: httpx2.Response, partial: Path) -> int:
    total = 0
    # Written from the loop: a chunk is 256 KiB and a thread for each would cost more than the write.
    with partial.open("wb") as file:
        async for chunk in response.aiter_bytes(CHUNK_BYTES):
            file.write(chunk)
            total += len(chunk)
    promised = response.headers.get("content-length")
    if promised and promised.isdecimal() and "content-encoding" not in response.headers and int(promised) != total:
        raise BackendUnreachable(f"content: {total} bytes of {promised}")
    return total


def _json(response: httpx2.Response) -> object:
    return _json_of(response.content)


def _json_of(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _said(error: openai.APIStatusError) -> str:
    body = _json(error.response)
    return (error_text(body) if body is not None else error.response.text[:300]) or f"HTTP {error.status_code}"


def _retry_after(response: httpx2.Response) -> float | None:
    for name in ("retry-after", "llm_provider-retry-after"):  # the second is LiteLLM's
        value = response.headers.get(name, "")
        if value.replace(".", "", 1).isdecimal():
            return min(float(value), LONGEST_RETRY_AFTER)
    return None


def _never_sent(error: openai.APIConnectionError) -> bool:
    return isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)


def _create_refused(error: openai.APIStatusError) -> BackendError:
    """What a create answered with an HTTP error means."""
    status, said = error.status_code, _said(error)
    unavailable = failure_of(said, default=Failure.REFUSED)
    if status == 429 and unavailable is not Failure.UNAVAILABLE:
        return BackendBusy(f"too many requests: {said}", retry_after=_retry_after(error.response))
    if status == 503:
        return BackendBusy(f"HTTP 503: {said}", retry_after=_retry_after(error.response))
    if status >= 500 and says_unreached(said):
        return BackendBusy(f"HTTP {status}: {said}", reached=False)
    if status in (408, 502, 504) or (status >= 500 and says_lost(said)):
        # A gateway lost its upstream's answer; the upstream may be at work.
        return OutcomeUnknown(f"HTTP {status}: {said}")
    if status in (401, 402, 403, 404, 405, 429):
        # A refusal on grounds of content may come as 403; anything else of these is the operator's to mend.
        failure = unavailable if unavailable in MODERATED else Failure.UNAVAILABLE
        return BackendRefused(Reason(failure, f"HTTP {status}: {said}"))
    default = Failure.BACKEND if status >= 500 else Failure.REFUSED
    return BackendRefused(Reason(failure_of(said, default=default), f"HTTP {status}: {said}"))


def _failed_job_or_raise(error: openai.APIStatusError) -> Video:
    """A failed job may come as an HTTP error that tells of it. Else raises what the error means."""
    video = read_failed(_json(error.response))
    if video is not None:
        return video
    said = _said(error)
    if error.status_code == 429:
        raise BackendBusy(f"too many requests: {said}", retry_after=_retry_after(error.response)) from None
    if error.status_code in (404, 410) or (error.status_code == 400 and says_forgotten(said)):
        raise JobForgotten(said) from None
    if error.status_code in (401, 403):
        raise BackendUnreachable(f"HTTP {error.status_code}: {said}") from None
    failure = failure_of(said, default=Failure.BACKEND)
    if failure in MODERATED:
        raise BackendRefused(Reason(failure, said)) from None
    raise BackendUnreachable(f"HTTP {error.status_code}: {said}") from None
