"""Who may look: on loopback everybody on this machine, elsewhere whoever has the token; never a foreign web page.

A browser lets any page open a WebSocket to 127.0.0.1, so a page's origin must be our own, and on loopback the host name
must be one of loopback's (else a name that was made to point here would pass for our own).
"""

import hmac
from urllib.parse import SplitResult, urlsplit

from actors.operator.http import Request, Response, sentence

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def is_loopback(host: str) -> bool:
    """Whether an address to listen at can be reached from this machine only."""
    return host.strip("[]") in LOOPBACK


class Guard:
    """Lets requests in, or says why not."""

    def __init__(self, host: str, token: str | None) -> None:
        self._loopback = is_loopback(host)
        self._token = token

    def foreign(self, request: Request) -> Response | None:
        """The refusal of a request that a strange page makes; None for others."""
        asked = request.headers.get("host", "")
        if self._loopback and self._token is None and _name(asked) not in LOOPBACK:
            return sentence(403, "This port answers only to the names of loopback.")
        origin = request.headers.get("origin")
        if origin is not None and _split(origin).netloc.lower() != asked.lower():
            return sentence(403, "Another page may not read this.")
        return None

    def stranger(self, request: Request) -> Response | None:
        """The refusal of a request without the token that is needed; None for others. Compared in constant time."""
        if self._token is None or hmac.compare_digest(request.bearer.encode(), self._token.encode()):
            return None
        refused = sentence(401, "OPERATOR_TOKEN is needed: `Authorization: Bearer …`, or `?token=…`.")
        return Response(401, refused.body, refused.content_type, {"WWW-Authenticate": "Bearer"})


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    return (_split(f"//{host}").hostname or "").lower()


def _split(url: str) -> SplitResult:
    """Its parts; those of an empty one, which is nobody's, where it has half an address of IPv6."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
