"""Stripe's webhook: each event is sent to an endpoint at once, signed with its secret, as Stripe itself does it.

Unlike Stripe it tries only once: what nobody hears, the list of events tells later.
"""

import json
import time
from math import inf

import httpx2
import stripe
import structlog
import trio

from sandbox.stripe.objects import Event
from sandbox.stripe.world import StripeWorld

SECONDS = 10.0

log = structlog.get_logger(__name__)


def signed(event: Event, secret: str) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of a delivery."""
    body = json.dumps(event.shown())
    signature = stripe.WebhookSignature.generate_signature_header(body, secret, int(time.time()))  # pyright: ignore[reportUnknownMemberType]
    return body.encode(), {"stripe-signature": signature, "content-type": "application/json"}


class Webhook:
    """One endpoint that hears of everything from now on."""

    def __init__(self, world: StripeWorld, secret: str) -> None:
        self._secret = secret
        self._send, self._receive = trio.open_memory_channel[Event](inf)
        world.listeners.append(self._send.send_nowait)

    async def deliver(self, url: str) -> None:
        """Deliver until cancelled."""
        async with httpx2.AsyncClient(timeout=SECONDS, trust_env=False) as web:
            async for event in self._receive:
                body, headers = signed(event, self._secret)
                try:
                    await web.post(url, content=body, headers=headers)
                except httpx2.HTTPError as error:
                    log.info("sandbox.webhook_not_delivered", type=event.type, error=type(error).__name__)
