"""What the merchant and the banks do, for the chat page's panel: refunds, disputes, and sessions that vanish.

No accounts: whoever reaches these routes may be anybody. They belong on loopback.
"""

import json
from typing import Any, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.stripe.objects import Payment, Session
from sandbox.stripe.page import amount_of
from sandbox.stripe.refusal import Refusal
from sandbox.stripe.world import StripeWorld

ACTIONS = ("refund", "refund-part", "dispute", "win", "lose", "expire", "vanish")
SHOWN = 20


class StripePanel:
    """The Dashboard of the account, as far as a sandbox needs one."""

    def __init__(self, world: StripeWorld) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """`/api/stripe`: the newest sessions; a POST of `{"session": …, "action": …}` does something to one."""
        return [
            Route("/api/stripe", self._show, methods=["GET"]),
            Route("/api/stripe", self._act, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        self._world.tidy()
        newest = list(self._world.sessions.values())[: -SHOWN - 1 : -1]
        return JSONResponse({"sessions": [self._described(session) for session in newest], "actions": ACTIONS})

    async def _act(self, request: Request) -> Response:
        try:
            body: object = await request.json()
        except json.JSONDecodeError:
            body = None
        asked = cast("dict[str, object]", body) if isinstance(body, dict) else {}
        session = self._world.sessions.get(str(asked.get("session")))
        if session is None:
            raise HTTPException(404, "there is no such session")
        try:
            self._do(session, str(asked.get("action")))
        except Refusal as refused:
            raise HTTPException(409, str(refused)) from refused
        return await self._show(request)

    def _do(self, session: Session, action: str) -> None:
        world = self._world
        if action == "expire":
            world.expire(session)
        elif action == "vanish":
            world.forget_session(session.id)
        elif action not in ACTIONS:
            raise HTTPException(400, f"`action` must be one of {', '.join(ACTIONS)}")
        else:
            self._do_to_payment(self._payment(session), action)

    def _payment(self, session: Session) -> Payment:
        if session.payment_intent is None:
            raise HTTPException(409, "nobody has paid this session")
        return self._world.payments[session.payment_intent]

    def _do_to_payment(self, payment: Payment, action: str) -> None:
        world = self._world
        if action == "dispute":
            world.dispute(payment)
        elif action in ("win", "lose"):
            disputes = [d for d in world.disputes.values() if d.payment_intent == payment.id]
            if not disputes:
                raise HTTPException(409, "this payment is not disputed")
            world.close_dispute(disputes[-1], "won" if action == "win" else "lost")
        else:
            world.refund(payment, payment.amount // 4 if action == "refund-part" else None)

    def _described(self, session: Session) -> dict[str, Any]:
        described: dict[str, Any] = {
            "id": session.id,
            "order": session.client_reference_id or "",
            "amount": amount_of(session),
            "status": "paid" if session.payment_status == "paid" else session.status,
        }
        if session.payment_intent is not None:
            payment = self._world.payments[session.payment_intent]
            disputes = [d.status for d in self._world.disputes.values() if d.payment_intent == payment.id]
            if disputes:
                described["status"] = f"dispute: {disputes[-1].replace('_', ' ')}"
            elif payment.refunded:
                described["status"] = f"refunded {payment.refunded * 100 // payment.amount} %"
        return described
