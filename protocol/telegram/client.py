"""Speaks to the Bot API over HTTP: one method call in, its result or a typed error out. Never retries by itself.

The bot token is part of every URL, so no error of the HTTP library leaves this module: they carry the URL.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx2
import trio
from pydantic import BaseModel, ConfigDict, ValidationError

METHOD_SECONDS = 30.0
"""Telegram itself waits out a flood for up to 8 s before it answers 429, so this is well above."""
UPLOAD_SECONDS = 180.0
"""50 MB over 3 Mbit/s take 140 s."""
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


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that goes with a method: the name and type Telegram sees, and where it lies on our disk."""

    path: Path
    name: str
    mime_type: str


_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


class TelegramClient:
    """The small interface behind which the way to Telegram may change."""

    def __init__(self, http: httpx2.AsyncClient, *, base_url: str, bot_token: str) -> None:
        self._http = http
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

        Raises `TelegramRefused` or `TelegramUnreachable`.
        """
        seconds = deadline or (UPLOAD_SECONDS if uploads else METHOD_SECONDS)
        try:
            with trio.fail_after(seconds):
                response = await self._post(method, dict(parameters or {}), uploads or {})
        except trio.TooSlowError:
            raise TelegramUnreachable(method, f"no answer within {seconds:g} s", sent=True) from None
        except httpx2.HTTPError as error:
            sent = not isinstance(error, _NEVER_SENT)
            raise TelegramUnreachable(method, type(error).__name__, sent=sent) from None
        return _result(method, response)

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

    async def _post(self, method: str, parameters: dict[str, Any], uploads: Mapping[str, Upload]) -> httpx2.Response:
        if not uploads:
            return await self._http.post(self._methods + method, json=parameters)
        with ExitStack() as opened:
            files = {
                field: (upload.name, opened.enter_context(upload.path.open("rb")), upload.mime_type)
                for field, upload in uploads.items()
            }
            fields = {name: _form_value(value) for name, value in parameters.items()}
            return await self._http.post(self._methods + method, data=fields, files=files)


def _is_update(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("update_id"), int)  # pyright: ignore[reportUnknownMemberType]


def _form_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _result(method: str, response: httpx2.Response) -> Any:
    try:
        envelope = _Envelope.model_validate_json(response.content)
    except ValidationError:
        reason = f"HTTP {response.status_code} with a body that is not the Bot API's"
        raise TelegramUnreachable(method, reason, sent=True) from None
    if envelope.ok:
        return envelope.result
    raise TelegramRefused(
        method,
        envelope.error_code or response.status_code,
        envelope.description,
        retry_after=envelope.parameters.retry_after,
        migrate_to=envelope.parameters.migrate_to_chat_id,
    )
