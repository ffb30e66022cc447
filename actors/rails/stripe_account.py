"""The client of Stripe, for those who have a key. Without one the SDK is not even imported: it costs 9 MiB."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import trio

from actors.settings import Settings

if TYPE_CHECKING:
    from protocol.stripe.client import StripeClient


@asynccontextmanager
async def stripe_of(settings: Settings) -> AsyncGenerator["StripeClient | None"]:
    """The operator's account, while inside; None when there is none."""
    if settings.stripe_secret_key is None:
        yield None
        return
    from protocol.stripe.client import StripeClient, sdk_http

    secret = settings.stripe_webhook_secret
    client = StripeClient(
        sdk_http(),
        key=settings.stripe_secret_key.get_secret_value(),
        base_url=settings.stripe_api_base_url,
        webhook_secret=secret.get_secret_value() if secret else "",
    )
    try:
        yield client
    finally:
        with trio.CancelScope(shield=True):
            await client.close()
