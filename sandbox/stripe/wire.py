"""Attaches a stand-in to the official SDK in process: its httpx client, which asks a transport of ours instead.

The SDK has no public way to be handed a transport, so the one method that sends is replaced; what is made of errors,
and the repetitions, stay the SDK's own.
"""

import ssl
from collections.abc import Mapping

import httpx2
import stripe


class InProcessHttp(stripe.HTTPXClient):
    """The SDK's client for Trio, without a socket."""

    def __init__(self, transport: httpx2.AsyncBaseTransport) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]  # its keyword arguments have no types
        # Nothing here is reached by TLS: to read the system's certificates would be all the work of this client.
        self._web = httpx2.AsyncClient(transport=transport, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            response = await self._web.request(method, url, headers=dict(headers), content=post_data or None)
        except Exception as error:
            self._handle_request_error(error)
        return response.content, response.status_code, response.headers
