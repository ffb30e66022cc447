"""The webhook of Stripe, for an operator who runs a web service: events arrive at once instead of being asked for.

It is served on the operator's port and needs no token: each request is signed. What it brings is only a hint and takes
the same way as an event of the list, so that one which is lost or forged changes nothing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
import trio

from actors.operator.http import Request, Response, sentence
from actors.operator.server import Route
from protocol.messages import Message, StripeTold
from protocol.stripe.errors import StripeForged

if TYPE_CHECKING:
    from protocol.stripe.client import StripeClient

PATH = "/stripe/webhook"

log = structlog.get_logger(__name__)


def route(client: "StripeClient", deliver: Callable[[Message], None]) -> Route:
    """The route for the table of the operator's port."""

    async def run(request: Request) -> Response:
        await trio.lowlevel.checkpoint()
        try:
            event = client.heard(request.body, request.headers.get("stripe-signature", ""))
        except StripeForged as error:
            log.warning("stripe.forged", error=str(error))
            return sentence(400, "This was not signed by Stripe.")
        log.info("stripe.heard", event_id=event.id, type=event.type)
        deliver(StripeTold(event))
        return Response(200)

    return Route(run, methods=("POST",), open=True)
