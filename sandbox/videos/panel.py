"""Which server the video stand-in plays: chosen at the start, or on the page while it runs."""

import json
from collections.abc import Callable
from types import MappingProxyType
from typing import cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.videos.backend import VideoBackend
from sandbox.videos.manners import LITELLM, NEWAPI, OPENAI, OPENROUTER, SGLANG, VLLM_OMNI

PLAYED = MappingProxyType(
    {
        "openai": OPENAI,
        "litellm": LITELLM,
        "vllm-omni": VLLM_OMNI,
        "sglang": SGLANG,
        "openrouter": OPENROUTER,
        "gateway": NEWAPI,
    }
)
"""The manners of each dialect of `protocol.videos.dialects`."""

Listener = Callable[[str], None]


class MannersPanel:
    """Changes the manners of a backend; whoever listens is told the name of the dialect they are spoken to in."""

    def __init__(self, backend: VideoBackend, dialect: str = "openai") -> None:
        self._backend = backend
        self._listeners: list[Listener] = []
        self.dialect = ""
        self.play(dialect)

    def play(self, dialect: str) -> None:
        """Be this server from now on. Raises `KeyError` when there is none of that name."""
        self._backend.manners = PLAYED[dialect]
        self.dialect = dialect
        for listener in self._listeners:
            listener(dialect)

    def listen(self, listener: Listener) -> None:
        """Be told now, and at every change."""
        self._listeners.append(listener)
        listener(self.dialect)

    def routes(self) -> list[Route]:
        """`/api/manners`: which dialect is played, and which there are; a POST of `{"dialect": …}` changes it."""
        return [
            Route("/api/manners", self._show, methods=["GET"]),
            Route("/api/manners", self._change, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        return JSONResponse({"dialect": self.dialect, "dialects": list(PLAYED)})

    async def _change(self, request: Request) -> Response:
        try:
            body: object = await request.json()
        except json.JSONDecodeError:
            body = None
        wanted = cast("dict[str, object]", body).get("dialect") if isinstance(body, dict) else None
        if not isinstance(wanted, str) or wanted not in PLAYED:
            raise HTTPException(400, f"`dialect` must be one of {', '.join(PLAYED)}")
        self.play(wanted)
        return await self._show(request)
