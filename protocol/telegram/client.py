"""Speaks to the Bot API over HTTP: one method call in, its result or a typed error out. Never retries by itself.

The bot token is part of every URL, so no error of the HTTP library leaves this module: they carry the URL.
"""

import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote

import httpx2
import trio
from pydantic import BaseModel, ConfigDict, ValidationError

from protocol.telegram.body import Upload, as_form, as_json
from protocol.telegram.http import Answer, Http, HttpFailed, OverHttpx

METHOD_SECONDS = 60.0
"""Telegram itself waits out a flood for up to 8 s before it answers 429. A message whose answer is given up is sent
again, so this is far above that."""
UPLOAD_SECONDS = 180.0
"""50 MB over 3 Mbit/s take 140 s."""
DOWNLOAD_SECONDS = 120.0
POLL_GRACE_SECONDS = 15.0
"""How much longer than its own timeout a long poll may take."""


class TelegramError(Exception):
    """Anything that kept a method from succeeding."""


class TelegramRefused(TelegramError):
    """Telegram answered, and said no."""

    def __init__(
        self, method: str, code: int, description: str, *, retry_after: float = 0, migrate_to: int = 0
    ) -> None:
        super().__init__(f"{method}: {code} {description}")
        self.method = method
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to = migrate_to


class TelegramUnreachable(TelegramError):
    """No usable answer came. `sent` is False only when the request surely never reached Telegram."""

    def __init__(self, method: str, reason: str, *, sent: bool) -> None:
        super().__init__(f"{method}: {reason}")
        self.method = method
        self.sent = sent


class _Parameters(BaseModel):
    model_config = ConfigDict(extra="ignore")
    retry_after: float = 0
    migrate_to_chat_id: int = 0


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="ignore")
    ok: bool
    result: Any = None
    error_code: int = 0
    description: str = ""
    parameters: _Parameters = _Parameters()


class TelegramClient:
    """Methods of one bot, whichever way the requests go."""

    def __init__(self, http: Http | httpx2.AsyncClient, *, base_url: str, bot_token: str) -> None:
        self._http = OverHttpx(http) if isinstance(http, httpx2.AsyncClient) else http
        self._methods = f"{base_url.rstrip('/')}/bot{bot_token}/"
        self._files = f"{base_url.rstrip('/')}/file/bot{bot_token}/"

    async def call(
        self,
        method: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        uploads: Mapping[str, Upload] | None = None,
        deadline: float | None = None,
    ) -> Any:
        """The `result` of a method. `deadline` bounds the whole call, in seconds.

        Raises `TelegramRefused` or `TelegramUnreachable`, or `OSError` when a file cannot be read.
        """
        seconds = deadline or (UPLOAD_SECONDS if uploads else METHOD_SECONDS)
        body = as_form(parameters or {}, uploads) if uploads else as_json(parameters or {})
        try:
            with trio.fail_after(seconds):
                answer = await self._http.post(self._methods + method, body)
        except trio.TooSlowError:
            raise TelegramUnreachable(method, f"no answer within {seconds:g} s", sent=True) from None
        except HttpFailed as failed:
            raise TelegramUnreachable(method, str(failed), sent=failed.sent) from None
        return _result(method, answer)

    async def get_updates(self, *, offset: int | None, seconds: int, allowed: tuple[str, ...]) -> list[dict[str, Any]]:
        """One long poll of at most `seconds`; telling `offset` acknowledges everything before it."""
        parameters: dict[str, Any] = {"timeout": seconds, "limit": 100, "allowed_updates": list(allowed)}
        if offset is not None:
            parameters["offset"] = offset
        result = await self.call("getUpdates", parameters, deadline=seconds + POLL_GRACE_SECONDS)
        items = cast("list[object]", result) if isinstance(result, list) else [None]
        updates = [cast("dict[str, Any]", item) for item in items if _is_update(item)]
        if len(updates) < len(items):
            raise TelegramUnreachable("getUpdates", "the answer is not a list of updates", sent=True)
        return updates

    async def download(self, file_id: str) -> bytes:
        """A file people sent, 20 MB at most (Bot API, getFile). Raises `TelegramRefused`, `TelegramUnreachable`."""
        path = _file_path(await self.call("getFile", {"file_id": file_id}))
        if path is None:
            raise TelegramUnreachable("getFile", "the answer names no file", sent=True)
        try:
            with trio.fail_after(DOWNLOAD_SECONDS):
                answer = await self._http.get(self._files + quote(path))
        except trio.TooSlowError:
            raise TelegramUnreachable("download", f"not within {DOWNLOAD_SECONDS:g} s", sent=True) from None
        except HttpFailed as failed:
            raise TelegramUnreachable("download", str(failed), sent=failed.sent) from None
        if answer.status != 200:
            raise TelegramUnreachable("download", f"HTTP {answer.status}", sent=True)
        return answer.body


def _file_path(described: object) -> str | None:
    path = cast("dict[str, Any]", described).get("file_path") if isinstance(described, dict) else None
    return path if isinstance(path, str) else None


def _is_update(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("update_id"), int)  # pyright: ignore[reportUnknownMemberType]


def _envelope(body: bytes) -> _Envelope:
    """Raises `ValueError`, or `RecursionError`, when it is none."""
    try:
        return _Envelope.model_validate_json(body)
    except ValidationError:
        # Half a sign in one message would keep every update after it from ever being read.
        whole = json.dumps(json.loads(body.decode("utf-8", "replace")), ensure_ascii=False)
        return _Envelope.model_validate_json(whole.encode("utf-8", "replace"))


def _result(method: str, answer: Answer) -> Any:
    try:
        envelope = _envelope(answer.body)
    except (ValueError, RecursionError):
        reason = f"HTTP {answer.status} with a body that is not the Bot API's"
        raise TelegramUnreachable(method, reason, sent=True) from None
    if envelope.ok:
        return envelope.result
    raise TelegramRefused(
        method,
        envelope.error_code or answer.status,
        envelope.description,
        retry_after=envelope.parameters.retry_after,
        migrate_to=envelope.parameters.migrate_to_chat_id,
    )
