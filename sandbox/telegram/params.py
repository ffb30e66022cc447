"""Parameters of a request: read from JSON, a form or a query string, and checked against a method's list.

Telegram ignores parameters it does not know. A strict stand-in names them instead.
"""

import json
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qsl

import trio
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from sandbox.telegram.errors import Refused, bad_request
from sandbox.telegram.files import UPLOAD_LIMIT, Upload
from sandbox.telegram.shapes import is_object

BODY_LIMIT = UPLOAD_LIMIT + 1_000_000  # the file, and what surrounds it

_MISSING = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "photo": "there is no photo in the request",
    "video": "there is no video in the request",
    "document": "there is no document in the request",
    "action": "wrong parameter action in request",
    "file_id": "file_id is not specified",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
}


class Kind(Enum):
    INTEGER = auto()
    STRING = auto()
    BOOLEAN = auto()
    JSON = auto()
    CHAT = auto()  # a number, or @name
    FILE = auto()  # an upload, attach://name, a file_id or a URL


@dataclass(frozen=True, slots=True)
class Params:
    """The parameters of one call, each already of its kind."""

    values: dict[str, Any]
    uploads: dict[str, Upload]
    strict: bool

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def string(self, name: str) -> str | None:
        return self.values.get(name)

    def integer(self, name: str, default: int = 0) -> int:
        value: int = self.values.get(name, default)
        return value

    def boolean(self, name: str) -> bool:
        value: bool = self.values.get(name, False)
        return value

    def json(self, name: str) -> Any:
        return self.values.get(name)

    def chat(self) -> int | str:
        if "chat_id" not in self.values:
            raise bad_request(_MISSING["chat_id"])
        value: int | str = self.values["chat_id"]
        return value

    def file(self, source: object) -> Upload | str:
        """An upload, or the file_id or URL; `source` is a parameter's value or a `media` field."""
        if isinstance(source, Upload):
            return source
        if not isinstance(source, str) or not source:
            raise bad_request("file must be non-empty")
        if not source.startswith("attach://"):
            return source
        upload = self.uploads.get(source.removeprefix("attach://"))
        if upload is None:
            raise bad_request(f"file {source!r} is not attached")
        return upload


@dataclass(slots=True)
class RawRequest:
    """What came over the wire, before anybody knows what it means."""

    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    uploads: dict[str, Upload] = field(default_factory=dict[str, Upload])


class _InMemoryParser(MultiPartParser):
    """Starlette moves files above a megabyte to disk with a thread; threads break a mocked clock."""

    spool_max_size = 2 * BODY_LIMIT


async def read_request(headers: Headers, query: bytes, body: bytes) -> RawRequest:
    """Raises `Refused`: 400 for what cannot be parsed, 413 for a file above 50 MB."""
    request = RawRequest(dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)))
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/json" and body:
        request.fields |= _read_json(body)
    elif media_type == "application/x-www-form-urlencoded":
        request.fields |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    elif media_type == "multipart/form-data":
        await _read_multipart(request, headers, body)
    elif body:
        raise bad_request(f"unsupported content type {media_type!r}")
    return request


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError as error:
        raise bad_request("can't parse JSON object") from error
    if not is_object(parsed):
        raise bad_request("can't parse JSON object: expected an Object")
    return parsed


async def _read_multipart(request: RawRequest, headers: Headers, body: bytes) -> None:
    async def stream() -> AsyncGenerator[bytes, None]:
        await trio.lowlevel.checkpoint()
        yield body  # one chunk: the body is in memory already

    try:
        form = await _InMemoryParser(headers, stream(), max_part_size=BODY_LIMIT).parse()
    except MultiPartException as error:
        raise bad_request(f"can't parse multipart form: {error.message}") from error
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            data = await value.read()
            await value.close()
            if len(data) > UPLOAD_LIMIT:
                raise too_large()
            request.uploads[name] = Upload(data, value.filename or None, value.content_type)
        else:
            request.fields[name] = value


def too_large() -> Refused:
    return Refused(413, "Request Entity Too Large")


def check_params(raw: RawRequest, accepted: dict[str, Kind], required: frozenset[str], *, strict: bool) -> Params:
    """Raises `Refused` (400) that names what is missing, unknown or of a wrong kind."""
    if strict:
        _refuse_unknown(raw, accepted)
    values: dict[str, Any] = {}
    for name, kind in accepted.items():
        if kind is Kind.FILE and name in raw.uploads:
            values[name] = raw.uploads[name]
        elif name in raw.fields:
            value = raw.fields[name]
            if value is None and strict:
                raise bad_request(f'parameter "{name}" is null: leave it out instead')
            if value is not None:
                values[name] = _convert(name, kind, value)
    for name in accepted:
        if name in required and values.get(name, "") in ("", None):
            raise bad_request(_MISSING.get(name, f'parameter "{name}" is required'))
    return Params(values, raw.uploads, strict)


def _refuse_unknown(raw: RawRequest, accepted: dict[str, Kind]) -> None:
    for name in raw.fields:
        if name not in accepted:
            raise bad_request(f'unknown parameter "{name}"')
    fields = json.dumps(list(raw.fields.values()), default=str)
    for name in raw.uploads:
        if accepted.get(name) is not Kind.FILE and f"attach://{name}" not in fields:
            raise bad_request(f'unknown file "{name}"')


def _convert(name: str, kind: Kind, value: Any) -> Any:
    match kind:
        case Kind.STRING | Kind.FILE:
            if isinstance(value, str):
                return value
            if isinstance(value, int) and not isinstance(value, bool):
                return str(value)
            raise bad_request(f'parameter "{name}" must be a String')
        case Kind.INTEGER:
            return _integer(name, value)
        case Kind.CHAT:
            return value if isinstance(value, str) and value.startswith("@") else _chat(value)
        case Kind.BOOLEAN:
            return _boolean(name, value)
        case Kind.JSON:
            return _json(name, value)


def _integer(name: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value.strip()):
        return int(value)
    raise bad_request(f'parameter "{name}" must be an Integer')


def _chat(value: Any) -> Any:
    if value == "":
        return ""
    try:
        return _integer("chat_id", value)
    except Refused as error:
        raise bad_request("chat not found") from error


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else str(value)
    if word in ("true", "yes", "1"):
        return True
    if word in ("false", "no", "0", ""):
        return False
    raise bad_request(f'parameter "{name}" must be a Boolean')


def _json(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise bad_request(f'can\'t parse "{name}" as a JSON value') from error
