"""The people's side over HTTP, for the chat page: a stream of events per person, and what a person can do.

No accounts: whoever reaches these routes may be anybody. They belong on loopback.
"""

import json
from collections import deque
from typing import Any, cast

import trio
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sandbox.faults import Fault, FaultKind, Faults
from sandbox.telegram.errors import Refused
from sandbox.telegram.ranges import ranged
from sandbox.telegram.state import Person, PersonCannot, TelegramWorld
from sandbox.telegram.waiting import Wakeup

KEEP_ALIVE_SECONDS = 15.0
FIRST_PERSON_ID = 1_000_001  # for people added on the page
STREAMED = ("message", "edit", "delete", "action", "answer", "commands", "payment")


def people_routes(world: TelegramWorld, faults: Faults) -> list[Route]:
    """Routes under `/api`, to be mounted where the page expects them."""
    side = _PeopleSide(world)
    panel = _FaultPanel(faults)
    return [
        Route("/api/people", side.people, methods=["GET"]),
        Route("/api/people", side.add_person, methods=["POST"]),
        Route("/api/events", side.events, methods=["GET"]),
        Route("/api/send", side.send, methods=["POST"]),
        Route("/api/press", side.press, methods=["POST"]),
        Route("/api/pay", side.pay, methods=["POST"]),
        Route("/api/upload", side.upload, methods=["POST"]),
        Route("/api/file/{file_id}", side.file, methods=["GET", "HEAD"]),
        Route("/api/block", side.block, methods=["POST"]),
        Route("/api/faults", panel.show, methods=["GET"]),
        Route("/api/faults", panel.plan, methods=["POST"]),
        Route("/api/faults", panel.clear, methods=["DELETE"]),
    ]


def shown(person_id: int, message: dict[str, Any]) -> dict[str, Any]:
    """A message as the page gets it: `out` marks what this person sent."""
    return message | {"out": True} if message.get("from", {}).get("id") == person_id else message


class _PeopleSide:
    def __init__(self, world: TelegramWorld) -> None:
        self._world = world

    async def people(self, request: Request) -> Response:
        return JSONResponse([_described(person) for person in self._world.people.values()])

    async def add_person(self, request: Request) -> Response:
        body = await _body(request)
        number = max([FIRST_PERSON_ID - 1, *self._world.people]) + 1
        name, username = _text(body, "first_name").strip(), body.get("username") or None
        if not name:
            raise HTTPException(400, "a person needs a first name")
        person = self._world.person(
            number, first_name=name, username=username, language_code=body.get("language_code") or None
        )
        return JSONResponse(_described(person))

    async def events(self, request: Request) -> Response:
        person = self._person(request.query_params.get("person"))
        return _EventStream(self._world, person)

    async def send(self, request: Request) -> Response:
        body = await _body(request)
        person = self._person(body.get("person"))
        try:
            message = self._world.say(person.id, _text(body, "text"), reply_to=_number(body.get("reply_to")))
        except PersonCannot as error:
            raise HTTPException(409, str(error)) from error
        return JSONResponse(shown(person.id, message))

    async def press(self, request: Request) -> Response:
        body = await _body(request)
        person = self._person(body.get("person"))
        try:
            query_id = self._world.press(person.id, int(body.get("message_id", 0)), _text(body, "data"))
        except LookupError as error:
            raise HTTPException(409, str(error)) from error
        return JSONResponse({"query_id": query_id})

    async def pay(self, request: Request) -> Response:
        """Press the pay button of an invoice; how it went comes as `payment` events."""
        body = await _body(request)
        person = self._person(body.get("person"))
        try:
            checkout = self._world.stars.pay(person.id, int(body.get("message_id", 0)))
        except (LookupError, PersonCannot) as error:
            raise HTTPException(409, str(error)) from error
        return JSONResponse(self._world.stars.shown(checkout))

    async def upload(self, request: Request) -> Response:
        async with request.form() as form:
            person = self._person(form.get("person"))
            file, caption = form.get("file"), form.get("caption")
            if not isinstance(file, UploadFile):
                raise HTTPException(400, "there is no file in the form")
            data = await file.read()
            words = caption if isinstance(caption, str) else None
            reply_to = _number(form.get("reply_to"))
            try:
                if form.get("kind") == "photo":
                    message = self._world.send_photo(person.id, data, words, reply_to=reply_to)
                else:
                    mime_type = file.content_type or "application/octet-stream"
                    name = file.filename or "file"
                    message = self._world.send_document(person.id, data, name, mime_type, words, reply_to=reply_to)
            except (PersonCannot, Refused) as error:
                raise HTTPException(409, str(error)) from error
        return JSONResponse(shown(person.id, message))

    async def file(self, request: Request) -> Response:
        stored = self._world.files.get(request.path_params["file_id"])
        if stored is None:
            raise HTTPException(404, "no such file")
        return ranged(stored.data, stored.mime_type, request.headers.get("range"))

    async def block(self, request: Request) -> Response:
        body = await _body(request)
        person = self._person(body.get("person"))
        (self._world.block if body.get("blocked") else self._world.unblock)(person.id)
        return JSONResponse(_described(person))

    def _person(self, value: object) -> Person:
        try:
            return self._world.people[int(str(value))]
        except (KeyError, ValueError) as error:
            raise HTTPException(404, "no such person") from error


class _FaultPanel:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    async def show(self, request: Request) -> Response:
        return self._state()

    async def plan(self, request: Request) -> Response:
        body = await _body(request)
        try:
            kind = FaultKind(_text(body, "kind"))
            times, seconds = int(body.get("times", 1)), float(body.get("seconds", 0.0))
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        service, operation = _text(body, "service"), body.get("operation") or "*"
        self._faults.plan(Fault(service, str(operation), kind, times, seconds))
        return self._state()

    async def clear(self, request: Request) -> Response:
        self._faults.clear()
        return self._state()

    def _state(self) -> Response:
        planned = [
            {
                "service": f.service,
                "operation": f.operation,
                "kind": f.kind,
                "times": f.times,
                "seconds": f.seconds,
            }
            for f in self._faults.planned
        ]
        return JSONResponse({"planned": planned, "struck": self._faults.struck, "kinds": list(FaultKind)})


class _EventStream(Response):
    """text/event-stream: a snapshot, then every change in this person's chat until the page goes away."""

    def __init__(self, world: TelegramWorld, person: Person) -> None:
        super().__init__(media_type="text/event-stream", headers={"cache-control": "no-store"})
        del self.headers["content-length"]  # it never ends
        self._world = world
        self._person = person
        self._events: deque[tuple[str, dict[str, Any]]] = deque()
        self._wakeup: Wakeup | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._events.append(("snapshot", self._snapshot()))
        self._world.listen(self._listen)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._stream, send)
                while (await receive())["type"] != "http.disconnect":
                    continue
                nursery.cancel_scope.cancel()
        finally:
            self._world.unlisten(self._listen)

    def _listen(self, chat_id: int, event: str, body: dict[str, Any]) -> None:
        if chat_id != self._person.id or event not in STREAMED:
            return
        self._events.append((event, shown(chat_id, body) if event in ("message", "edit") else body))
        if self._wakeup is not None:
            self._wakeup.wake()

    def _snapshot(self) -> dict[str, Any]:
        world, chat_id = self._world, self._person.id
        return {
            "messages": [shown(chat_id, message) | self._receipt(message) for message in world.history(chat_id)],
            "commands": world.commands_of(chat_id),
            "bot": {"first_name": world.bot["first_name"], "username": world.bot["username"]},
        }

    def _receipt(self, message: dict[str, Any]) -> dict[str, Any]:
        """An invoice that is paid shows so."""
        paid = "invoice" in message and self._world.stars.paid(self._person.id, message["message_id"])
        return {"paid": True} if paid else {}

    async def _stream(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(cast("Any", start))
        while True:
            while self._events:
                name, body = self._events.popleft()
                # The page's `commands` event is the bare list; every other event is an object.
                data = body["commands"] if name == "commands" else body
                await _write(send, f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n")
            self._wakeup = Wakeup()
            if not await self._wakeup.wait(KEEP_ALIVE_SECONDS):
                await _write(send, ": still here\n\n")


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


def _described(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "first_name": person.first_name,
        "username": person.username,
        "language_code": person.language_code,
        "blocked": person.blocked,
    }


async def _body(request: Request) -> dict[str, Any]:
    try:
        parsed = await request.json()
    except ValueError as error:
        raise HTTPException(400, "the body is not JSON") from error
    if not isinstance(parsed, dict):
        raise HTTPException(400, "the body is not an object")
    return cast("dict[str, Any]", parsed)


def _number(value: object) -> int:
    """The number of a message, 0 where none is named."""
    try:
        return int(str(value or 0))
    except ValueError as error:
        raise HTTPException(400, "reply_to must be a message's number") from error


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise HTTPException(400, f"{name} must be text")
    return value
