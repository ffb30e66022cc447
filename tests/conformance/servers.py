"""The servers a shop may stand on: the manners of each stand-in, and what the operator's catalogue says of it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol import catalogue
from protocol.catalogue import Catalogue
from sandbox.videos import (
    LITELLM,
    LITELLM_VEO,
    NEWAPI,
    OPENAI,
    OPENAI_REDIRECTING,
    OPENROUTER,
    SGLANG,
    VLLM_OMNI,
    Manners,
)
from tests.town import Town


@dataclass(frozen=True, slots=True)
class Server:
    """`pictures` are the ways in which it takes a first frame."""

    manners: Manners
    dialect: str
    has_list: bool = False
    pictures: tuple[str, ...] = ("file",)

    @property
    def name(self) -> str:
        return self.manners.name

    def catalogue(self, *, picture_as: str = "file") -> Catalogue:
        """The packaged catalogue, sold from this server."""
        sold = catalogue.read()
        backend = sold.backends["default"].model_copy(update={"dialect": self.dialect, "list": self.has_list})
        models = tuple(
            model.model_copy(update={"image": model.image.model_copy(update={"sent_as": picture_as})})
            for model in sold.models
        )
        return sold.model_copy(update={"backends": {"default": backend}, "models": models})


SERVERS = (
    Server(OPENAI, "openai", has_list=True, pictures=("file", "data-url")),
    Server(OPENAI_REDIRECTING, "openai", has_list=True),
    Server(LITELLM, "litellm"),
    Server(LITELLM_VEO, "litellm"),
    Server(VLLM_OMNI, "vllm-omni", has_list=True, pictures=("file", "data-url")),
    Server(SGLANG, "sglang", has_list=True, pictures=("file", "data-url")),
    Server(OPENROUTER, "openrouter", pictures=("data-url",)),
    Server(NEWAPI, "gateway"),
)


@asynccontextmanager
async def town_on(server: Server, folder: Path, **catalogue: Any) -> AsyncGenerator[Town]:
    """A town whose bot buys from this server."""
    town = Town(folder, shop=server.catalogue(**catalogue))
    town.videos.manners = server.manners
    try:
        yield town
    finally:
        town.engine.dispose()
