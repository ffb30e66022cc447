"""Speaks `/v1/videos` through the openai SDK's transport: create, retrieve, list and download, or a typed error.

Nothing here retries: there is no idempotency key, and a create that is retried is a film paid twice. The SDK's own
`videos` methods are avoided because they warn of their removal; its `post` and `get` stay.
"""

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
    read_models,
    read_moderation,
    read_video,
    url_in,
)
from protocol.videos.dialects import DIALECTS, Order
from protocol.videos.errors import (
    BackendBusy,
    BackendError,
    BackendRefused,
    BackendUnreachable,
    JobForgotten,
    OutcomeUnknown,
    create_refused,
    failed_job_or_raise,
    json_in,
    json_of,
    made_from_refused,
    never_sent,
    retry_after_of,
    said_by,
)

__all__ = [
    "BackendBusy",
    "BackendError",
    "BackendRefused",
    "BackendUnreachable",
    "JobForgotten",
    "OutcomeUnknown",
    "Page",
    "VideoClient",
]

CREATE_SECONDS = 120.0
"""A gateway may retry upstream before it answers: 21 s were measured at LiteLLM."""
LOOK_SECONDS = 30.0
DOWNLOAD_SECONDS = 600.0
"""Total, not per read: a body that drips must end too."""
CHUNK_BYTES = 256 * 1024


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
        """Ask for a film, new or made from another. Raises `BackendRefused`, `BackendBusy` or `OutcomeUnknown`.

        Never repeated, whatever happens: there is no key that would make the second harmless.
        """
        dialect = self.dialect
        body, form = dialect.body(order), dialect.is_form(order)
        files: list[tuple[str, tuple[str, bytes, str]]] = []
        if dialect.sends_file(order) and order.picture is not None:
            files.append(("input_reference", ("picture.jpg", order.picture, "image/jpeg")))
        # Told that it is a form, the SDK makes one even without a file; else it sends JSON.
        headers = {"Content-Type": "multipart/form-data"} if form else {}
        try:
            with trio.fail_after(CREATE_SECONDS):
                response = await self._sdk.post(
                    dialect.path(order),
                    cast_to=httpx2.Response,
                    body=body,
                    files=files if form else None,
                    options={"headers": headers},
                )
        except trio.TooSlowError:
            raise OutcomeUnknown(f"no answer to the create within {CREATE_SECONDS:g} s") from None
        except openai.APIStatusError as error:
            refused = create_refused if order.kind == "new" else made_from_refused
            raise refused(error, order.prompt) from None
        except openai.APIConnectionError as error:
            if never_sent(error):
                raise BackendBusy("the backend cannot be reached", reached=False) from None
            raise OutcomeUnknown(f"the create lost its answer: {type(error.__cause__).__name__}") from None
        video = read_video(json_in(response))
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
            return failed_job_or_raise(error)
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
                raise BackendBusy("too many requests", retry_after=retry_after_of(error.response)) from None
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
                return json_of(answer.body)
            if answer.status >= 400:
                headers, request = list(answer.headers), httpx2.Request("GET", url)
                response = httpx2.Response(answer.status, headers=headers, content=answer.body, request=request)
                raise openai.APIStatusError("", response=response, body=None)
            self._lean = None  # it sends us elsewhere, and only the other client goes there
        return json_in(await self._sdk.get(path, cast_to=httpx2.Response))

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
            said = f"HTTP {error.status_code}: {said_by(error)}"
            if error.status_code in (401, 402, 403) or failure_of(said, default=Failure.BACKEND) is Failure.UNAVAILABLE:
                raise BackendRefused(Reason(Failure.UNAVAILABLE, said)) from None
            raise BackendUnreachable(said) from None
        except openai.APIConnectionError as error:
            raise BackendUnreachable(f"no answer: {type(error.__cause__).__name__}") from None
        return read_models(json_in(response))

    async def moderate(self, model: str, prompt: str) -> str | None:
        """What the moderation `model` has against these words; None when it has nothing.

        Raises `BackendRefused` where there is no such model or endpoint, `BackendBusy` or `BackendUnreachable`.
        """
        try:
            with trio.fail_after(LOOK_SECONDS):
                response = await self._sdk.post(
                    "/moderations", cast_to=httpx2.Response, body={"model": model, "input": prompt}
                )
        except trio.TooSlowError:
            raise BackendUnreachable(f"moderation: no answer within {LOOK_SECONDS:g} s") from None
        except openai.APIStatusError as error:
            said = f"moderation: HTTP {error.status_code}: {said_by(error)}"
            if error.status_code == 429:
                raise BackendBusy(said, retry_after=retry_after_of(error.response)) from None
            if error.status_code >= 500 or error.status_code == 408:
                raise BackendUnreachable(said) from None
            raise BackendRefused(Reason(failure_of(said, default=Failure.REFUSED), said)) from None
        except openai.APIConnectionError as error:
            raise BackendUnreachable(f"moderation: no answer: {type(error.__cause__).__name__}") from None
        flagged = read_moderation(json_in(response))
        if flagged is None:
            raise BackendUnreachable("moderation: the answer says nothing")
        return "moderation: " + ", ".join(flagged) if flagged else None

    async def delete(self, id: str) -> None:
        """Delete a job, where the backend can; one in flight stops. Raises `BackendUnreachable`."""
        try:
            with trio.fail_after(LOOK_SECONDS):
                await self._sdk.delete(f"/videos/{quote(id, safe='')}", cast_to=httpx2.Response)
        except trio.TooSlowError:
            raise BackendUnreachable(f"no answer within {LOOK_SECONDS:g} s") from None
        except openai.APIStatusError as error:
            raise BackendUnreachable(f"HTTP {error.status_code}: {said_by(error)}") from None
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
                said = error_text(json_of(await _beginning(response)))
                if response.status_code == 400 and (elsewhere := url_in(said)):
                    raise _Elsewhere(elsewhere)
                raise BackendUnreachable(f"content: HTTP {response.status_code} {said[:200]}".rstrip())
            try:
                return await _save(response, partial)
            except httpx2.HTTPError as error:
                raise BackendUnreachable(f"content: broken off ({type(error).__name__})") from None


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
