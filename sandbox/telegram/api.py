"""The bot's side over HTTP: a plain ASGI application, so that `ConnectionLost` reaches whoever serves it.

`POST|GET /bot{token}/{method}` and `GET /file/bot{token}/{path}`, as at api.telegram.org.
"""

import json
import math
import re
from collections.abc import Awaitable, Callable
from typing import Any

import trio
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.faults import Fault, FaultKind, Faults
from sandbox.telegram.content import Desk
from sandbox.telegram.errors import Refused, bad_request, too_many_requests
from sandbox.telegram.methods import Method, check_allowed_updates, find_method
from sandbox.telegram.params import BODY_LIMIT, Params, check_params, read_request, too_large
from sandbox.telegram.state import TelegramWorld
from sandbox.telegram.updates import MAX_BATCH, conflict
from sandbox.wire import ConnectionLost

_PATH = re.compile(r"/(?P<file>file/)?bot(?P<token>[^/]+)/(?P<rest>.+)")
_TOKEN = re.compile(r"[1-9]\d*:[A-Za-z0-9_-]+")
_FAULTS = (
    FaultKind.RATE_LIMIT,
    FaultKind.SERVER_ERROR,
    FaultKind.SLOW,
    FaultKind.LOSE_REQUEST,
    FaultKind.LOSE_ANSWER,
    FaultKind.MALFORMED,
)
DOWNLOAD = "download"  # the operation's name in a planned fault


class BotApi:
    def __init__(self, desk: Desk, faults: Faults) -> None:
        self._desk = desk
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        await trio.lowlevel.checkpoint()  # in process nothing else here need ever yield
        path: str = scope["path"].removeprefix(scope.get("root_path", ""))
        found = _PATH.fullmatch(path)
        try:
            if found is None or _TOKEN.fullmatch(found["token"]) is None:
                raise Refused(404, "Not Found")
            if found["token"] != self._desk.world.token:
                raise Refused(401, "Unauthorized")
            if found["file"]:
                content_type, body = await self._download(found["rest"])
            else:
                content_type, body = "application/json", await self._answer(found["rest"], scope, receive)
        except Refused as refused:
            await _respond(send, refused.code, "application/json", _encode(refused.body()))
        else:
            await _respond(send, 200, content_type, body)

    async def _answer(self, name: str, scope: Scope, receive: Receive) -> bytes:
        method = find_method(name)
        body = await _read_body(receive)
        raw = await read_request(Headers(scope=scope), scope["query_string"], body)
        shown: dict[str, Any] = {**raw.fields, **raw.uploads}

        async def act() -> bytes:
            try:
                params = check_params(raw, method.params, method.required, strict=self._desk.strict)
                result = await self._call(method, params)
            except Refused as refused:
                self._desk.world.record(method.name, shown, str(refused))
                raise
            self._desk.world.record(method.name, shown, "ok", result)
            return _encode({"ok": True, "result": result})

        kinds = (*_FAULTS, FaultKind.CONFLICT) if method.call is None else _FAULTS
        fault = self._faults.take("telegram", method.name, *kinds)
        if fault is None:
            return await act()
        self._desk.world.record(method.name, shown, f"fault: {fault.kind}")
        return await _with_fault(fault, act)

    async def _call(self, method: Method, params: Params) -> Any:
        if method.call is not None:
            return method.call(self._desk, params)
        updates = self._desk.world.updates
        if "allowed_updates" in params:
            updates.allow(check_allowed_updates(params.json("allowed_updates")))
        limit = params.integer("limit", MAX_BATCH)
        if self._desk.strict and not 1 <= limit <= MAX_BATCH:
            raise bad_request("limit must be from 1 to 100")
        return await updates.poll(params.integer("offset"), limit, params.integer("timeout"))

    async def _download(self, path: str) -> tuple[str, bytes]:
        async def act() -> bytes:
            await trio.lowlevel.checkpoint()
            stored = self._desk.world.files.download(path)
            if stored is None:
                raise Refused(404, "Not Found")
            return stored.data

        fault = self._faults.take("telegram", DOWNLOAD, *_FAULTS)
        body = await act() if fault is None else await _with_fault(fault, act)
        return "application/octet-stream", body


async def _with_fault(fault: Fault, act: Callable[[], Awaitable[bytes]]) -> bytes:
    match fault.kind:
        case FaultKind.RATE_LIMIT:
            raise too_many_requests(max(1, math.ceil(fault.seconds)))
        case FaultKind.CONFLICT:
            raise conflict()
        case FaultKind.LOSE_REQUEST:
            raise ConnectionLost(acted=False)
        case FaultKind.LOSE_ANSWER:
            await act()
            raise ConnectionLost(acted=True)
        case FaultKind.MALFORMED:
            answer = await act()
            return b"<html>502" + answer[: len(answer) // 2]
        case FaultKind.SLOW:
            await trio.sleep(fault.seconds)
            return await act()
        case _:
            raise Refused(500, "Internal Server Error: restart")


async def _read_body(receive: Receive) -> bytes:
    """Raises `Refused` (413) above the limit; the rest is read and dropped, so that the answer is heard."""
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionLost(acted=False)
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size <= BODY_LIMIT:
            chunks.append(chunk)
        more = message.get("more_body", False)
    if size > BODY_LIMIT:
        raise too_large()
    return b"".join(chunks)


def _encode(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


async def _respond(send: Send, status: int, content_type: str, body: bytes) -> None:
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def create_app(world: TelegramWorld, faults: Faults, *, strict: bool = True, limits: bool = True) -> ASGIApp:
    """The Bot API of `world`. `strict` refuses what Telegram would ignore; `limits` turns flow control on."""
    return BotApi(Desk(world, strict=strict, limits=limits), faults)
