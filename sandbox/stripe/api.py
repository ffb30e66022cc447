"""Stripe's API over ASGI: the operations a shop needs, idempotency keys, and the faults that strike them.

A plain ASGI callable rather than a Starlette app: Starlette answers 500 to any exception before it lets it out, and a
lost connection must not be answered.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import trio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from stripe.params import (
    BalanceRetrieveParams,
    ChargeRetrieveParams,
    DisputeListParams,
    DisputeRetrieveParams,
    EventListParams,
    EventRetrieveParams,
    PaymentIntentRetrieveParams,
    RefundCreateParams,
    RefundListParams,
    RefundRetrieveParams,
)
from stripe.params.checkout import (
    SessionCreateParams,
    SessionExpireParams,
    SessionListParams,
    SessionRetrieveParams,
)

from sandbox.faults import Fault, FaultKind, Faults
from sandbox.stripe import page
from sandbox.stripe.contract import checked, nested
from sandbox.stripe.lists import created_in, of_payment, page_of
from sandbox.stripe.objects import Event
from sandbox.stripe.refusal import (
    Refusal,
    forbidden,
    invalid,
    key_in_use,
    locked,
    missing,
    no_such,
    other_parameters,
    rate_limited,
    server_error,
    unauthorised,
)
from sandbox.stripe.rules import check_session
from sandbox.stripe.world import StripeWorld
from sandbox.wire import ConnectionLost

SERVICE = "stripe"
KEY_SECONDS = 86_400.0
"""How long an idempotency key is remembered (docs.stripe.com/api/idempotent_requests: at least 24 hours)."""
KEY_LENGTH = 255
TYPES_MOST = 20
DRIPS = 40
KINDS = (
    FaultKind.RATE_LIMIT,
    FaultKind.LOCKED,
    FaultKind.SERVER_ERROR,
    FaultKind.KEPT_ERROR,
    FaultKind.SLOW,
    FaultKind.DRIP,
    FaultKind.LOSE_REQUEST,
    FaultKind.LOSE_ANSWER,
    FaultKind.MALFORMED,
    FaultKind.FORGET,
)
NOT_JSON = b"<html><head><title>502 Bad Gateway</title></head></html>"


@dataclass(slots=True)
class _Kept:
    """What a request with an idempotency key was and was answered; no answer yet while it is at work."""

    asked: object
    at: float
    status: int = 0
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _Call:
    """One request that was understood: the operation, its parameters, and what it is about."""

    operation: str
    params: dict[str, Any]
    id: str
    livemode: bool
    page: str


def create_app(world: StripeWorld, faults: Faults) -> ASGIApp:
    """The ASGI app of this account. It raises ConnectionLost where a connection is to break."""
    return _Api(world, faults)


class _Api:
    def __init__(self, world: StripeWorld, faults: Faults) -> None:
        self.world = world
        self.faults = faults
        self._kept: dict[str, _Kept] = {}
        self._operations: dict[tuple[str, ...], tuple[str, type, Callable[[_Call], dict[str, Any]]]] = {
            ("POST", "checkout", "sessions"): ("sessions.create", SessionCreateParams, self._create),
            ("GET", "checkout", "sessions"): ("sessions.list", SessionListParams, self._list_sessions),
            ("GET", "checkout", "sessions", ""): ("sessions.retrieve", SessionRetrieveParams, self._session),
            ("POST", "checkout", "sessions", "", "expire"): ("sessions.expire", SessionExpireParams, self._expire),
            ("GET", "events"): ("events.list", EventListParams, self._list_events),
            ("GET", "events", ""): ("events.retrieve", EventRetrieveParams, self._event),
            ("POST", "refunds"): ("refunds.create", RefundCreateParams, self._refund),
            ("GET", "refunds"): ("refunds.list", RefundListParams, self._list_refunds),
            ("GET", "refunds", ""): ("refunds.retrieve", RefundRetrieveParams, self._a_refund),
            ("GET", "disputes"): ("disputes.list", DisputeListParams, self._list_disputes),
            ("GET", "disputes", ""): ("disputes.retrieve", DisputeRetrieveParams, self._dispute),
            ("GET", "charges", ""): ("charges.retrieve", ChargeRetrieveParams, self._charge),
            ("GET", "payment_intents", ""): ("payment_intents.retrieve", PaymentIntentRetrieveParams, self._intent),
            ("GET", "balance"): ("balance.retrieve", BalanceRetrieveParams, self._balance),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _nothing_to_start(receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await self._route(request)
        except Refusal as refusal:
            response = JSONResponse(refusal.body, refusal.status, refusal.headers)
        response.headers["request-id"] = self.world.new_id("req_", 14)
        await response(scope, receive, send)

    async def _route(self, request: Request) -> Response:
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        match path.strip("/").split("/"):
            case ["c", "pay", id]:
                return await page.answer(self.world, request, id)
            case ["v1", *steps]:
                return await self._call(request, steps)
            case _:
                raise Refusal(404, f"Unrecognized request URL ({request.method}: {path}).")

    async def _call(self, request: Request, steps: list[str]) -> Response:
        livemode = self._authorised(request)
        shape = (request.method, *steps)
        id = ""
        if shape not in self._operations and len(steps) > 1:
            place = 2 if steps[0] == "checkout" else 1
            id = steps[place] if len(steps) > place else ""
            shape = (request.method, *steps[:place], "", *steps[place + 1 :])
        if shape not in self._operations:
            raise Refusal(404, f"Unrecognized request URL ({request.method}: {request.scope['path']}).")
        operation, params, act = self._operations[shape]
        self.world.count(operation, read=request.method == "GET")
        if operation in self.world.forbidden:
            raise forbidden(_key_of(request))
        raw = await request.body() if request.method == "POST" else request.scope["query_string"]
        form = parse_qsl(raw.decode(), keep_blank_values=True)
        base = f"{request.url.scheme}://{request.headers.get('host', '')}{request.scope.get('root_path', '')}"

        def understood() -> _Call:
            return _Call(operation, checked(params, nested(form)), id, livemode, f"{base}/c/pay")

        key = request.headers.get("idempotency-key", "")
        asked = (request.url.path, sorted(form))
        return await self._with_faults(operation, lambda: self._once(key, asked, lambda: act(understood())), key, id)

    def _authorised(self, request: Request) -> bool:
        """Whether the key is a live one. Raises `Refusal`."""
        key = _key_of(request)
        if self.world.revoked or not key.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
            raise unauthorised(key)
        return key[3:7] == "live"

    async def _with_faults(self, operation: str, act: Callable[[], Response], key: str, id: str) -> Response:
        fault = self.faults.take(SERVICE, operation, *KINDS)
        await trio.lowlevel.checkpoint()
        if fault is None:
            return act()
        match fault.kind:
            case FaultKind.RATE_LIMIT:
                raise rate_limited()
            case FaultKind.LOCKED:
                raise locked()
            case FaultKind.SERVER_ERROR:
                raise server_error()
            case FaultKind.KEPT_ERROR:
                return self._kept_error(key)
            case FaultKind.LOSE_REQUEST:
                raise ConnectionLost(acted=False)
            case FaultKind.LOSE_ANSWER:
                with suppress(Refusal):
                    act()
                raise ConnectionLost(acted=True)
            case FaultKind.SLOW:
                await trio.sleep(fault.seconds)
            case FaultKind.DRIP:
                return _Dripping(act(), fault)
            case FaultKind.MALFORMED:
                return Response(NOT_JSON, act().status_code, media_type="text/html")
            case FaultKind.FORGET:
                if id in self.world.sessions:
                    self.world.forget_session(id)
            case other:
                raise AssertionError(f"{other} cannot strike {operation}")
        return act()

    # Idempotency

    def _once(self, key: str, asked: object, act: Callable[[], dict[str, Any]]) -> Response:
        """Act, unless this key was used before: then answer as then. Raises `Refusal`."""
        if not key:
            return JSONResponse(act())
        if len(key) > KEY_LENGTH:
            raise Refusal(400, f"Idempotency keys may have up to {KEY_LENGTH} characters.", type="idempotency_error")
        now = self.world.now()
        for old in [name for name, kept in self._kept.items() if now - kept.at > KEY_SECONDS]:
            del self._kept[old]
        kept = self._kept.get(key)
        if kept is not None:
            if kept.asked not in (asked, None):
                raise other_parameters(key)
            if not kept.status:
                raise key_in_use(key)
            return _json(kept.status, kept.body, {"idempotent-replayed": "true", "idempotency-key": key})
        # Parameters that are refused leave no trace of the key: nothing was begun (docs.stripe.com, the page above).
        body = json.dumps(act()).encode()
        self._kept[key] = _Kept(asked, now, 200, body)
        return _json(200, body, {"idempotency-key": key})

    def _kept_error(self, key: str) -> Response:
        body = json.dumps(server_error().body).encode()
        if key:
            self._kept[key] = _Kept(None, self.world.now(), 500, body)
        return _json(500, body, {"stripe-should-retry": "false"})

    # The operations

    def _create(self, call: _Call) -> dict[str, Any]:
        check_session(call.params, self.world.now())
        return self.world.create(call.params, livemode=call.livemode, page=call.page).shown()

    def _session(self, call: _Call) -> dict[str, Any]:
        return self.world.session(call.id, livemode=call.livemode).shown()

    def _expire(self, call: _Call) -> dict[str, Any]:
        return self.world.expire(self.world.session(call.id, livemode=call.livemode)).shown()

    def _list_sessions(self, call: _Call) -> dict[str, Any]:
        self.world.tidy()
        wanted, intent = call.params.get("status"), call.params.get("payment_intent")
        found = [
            session.shown()
            for session in self.world.sessions.values()
            if session.livemode is call.livemode
            and wanted in (None, session.status)
            and intent in (None, session.payment_intent)
            and created_in(session.created, call.params)
        ]
        return page_of("/v1/checkout/sessions", found, call.params)

    def _list_events(self, call: _Call) -> dict[str, Any]:
        types = call.params.get("types") or ([call.params["type"]] if "type" in call.params else [])
        if len(types) > TYPES_MOST:
            raise invalid(f"You may pass up to {TYPES_MOST} types.", "types")
        found = [event.shown() for event in self._events(call) if not types or event.type in types]
        return page_of("/v1/events", found, call.params)

    def _events(self, call: _Call) -> list[Event]:
        return [
            event
            for event in self.world.visible_events()
            if event.livemode is call.livemode and created_in(event.created, call.params)
        ]

    def _event(self, call: _Call) -> dict[str, Any]:
        found = next((event for event in self._events(call) if event.id == call.id), None)
        if found is None:
            raise no_such("event", call.id)
        return found.shown()

    def _refund(self, call: _Call) -> dict[str, Any]:
        intent, charge = call.params.get("payment_intent"), call.params.get("charge")
        if not intent and not charge:
            raise missing("payment_intent")
        payment = self.world.payment(intent=intent, charge=charge)
        if payment.livemode is not call.livemode:
            raise no_such("payment_intent", payment.id)
        metadata: dict[str, str] = call.params.get("metadata") or {}
        reason = call.params.get("reason")
        return self.world.refund(payment, call.params.get("amount"), metadata=metadata, reason=reason).shown()

    def _a_refund(self, call: _Call) -> dict[str, Any]:
        if call.id not in self.world.refunds:
            raise no_such("refund", call.id)
        return self.world.refunds[call.id].shown()

    def _list_refunds(self, call: _Call) -> dict[str, Any]:
        return page_of("/v1/refunds", of_payment(self.world.refunds.values(), call.params), call.params)

    def _list_disputes(self, call: _Call) -> dict[str, Any]:
        return page_of("/v1/disputes", of_payment(self.world.disputes.values(), call.params), call.params)

    def _dispute(self, call: _Call) -> dict[str, Any]:
        if call.id not in self.world.disputes:
            raise no_such("dispute", call.id)
        return self.world.disputes[call.id].shown()

    def _charge(self, call: _Call) -> dict[str, Any]:
        payment = self.world.payment(charge=call.id)
        if payment.livemode is not call.livemode:
            raise no_such("charge", call.id)
        return payment.shown_charge()

    def _intent(self, call: _Call) -> dict[str, Any]:
        payment = self.world.payment(intent=call.id)
        if payment.livemode is not call.livemode:
            raise no_such("payment_intent", call.id)
        return payment.shown()

    def _balance(self, call: _Call) -> dict[str, Any]:
        amounts = [{"amount": 0, "currency": "usd", "source_types": {"card": 0}}]
        return {"object": "balance", "available": amounts, "pending": amounts, "livemode": call.livemode}


class _Dripping(Response):
    """The answer in small pieces, over the seconds of the fault."""

    def __init__(self, answer: Response, fault: Fault) -> None:
        super().__init__(answer.body, answer.status_code, media_type="application/json")
        self._pause = fault.seconds / DRIPS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        size = max(1, -(-len(self.body) // DRIPS))
        for start in range(0, len(self.body), size):
            await trio.sleep(self._pause)
            await send({"type": "http.response.body", "body": self.body[start : start + size], "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _key_of(request: Request) -> str:
    return request.headers.get("authorization", "").partition(" ")[2].strip()


def _json(status: int, body: bytes, headers: dict[str, str]) -> Response:
    return Response(body, status, headers, media_type="application/json")


async def _nothing_to_start(receive: Receive, send: Send) -> None:
    while True:
        message: Any = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
