"""What the shop sells: models, sizes, lengths and prices, read from TOML and checked whole before the bot starts."""

import re
import tomllib
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

Language = str
LANGUAGES: tuple[Language, ...] = ("ru", "kk", "en")
_SIZE = re.compile(r"([1-9]\d{1,4})x([1-9]\d{1,4})")


class CatalogueError(Exception):
    """The catalogue cannot be used; the message is one sentence that names the place and what is allowed."""


def _a_size(text: str) -> str:
    if not _SIZE.fullmatch(text):
        raise ValueError(f"{text!r} is not a size like 1280x720")
    return text


Size = Annotated[str, AfterValidator(_a_size)]
Positive = Annotated[int, Field(gt=0)]


def frame(size: Size) -> tuple[int, int]:
    """Width and height in pixels of a size like `1280x720`."""
    width, height = size.split("x")
    return int(width), int(height)


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Expected(_Table):
    """A first guess of how long the backend works, in seconds: `base` plus `per_second` of film."""

    base: Positive
    per_second: Annotated[float, Field(ge=0)] = 0


class Names(_Table):
    """One short text in each language."""

    ru: str
    kk: str
    en: str

    def in_(self, language: Language) -> str:
        return str(getattr(self, language))


class Backend(_Table):
    """A server that speaks `/v1/videos`, and how many jobs it may have at once."""

    concurrency: Positive = 4
    list: bool = False


class Model(_Table):
    """One model a buyer can choose. `upstream` is the name the backend knows it by (the id, when not given)."""

    id: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$")]
    backend: str = "default"
    upstream: str = ""
    label: Names
    note: Names
    seconds: Annotated[tuple[Positive, ...], Field(min_length=1)]
    sizes: Annotated[dict[Size, Positive], Field(min_length=1)]
    expected: Expected
    deadline: Positive = 1800
    prompt_limit: Positive = 3000

    @property
    def wire_name(self) -> str:
        return self.upstream or self.id

    def price(self, *, size: Size, seconds: int) -> int:
        """Whole tokens for one film."""
        return self.sizes[size] * seconds

    def expected_seconds(self, seconds: int) -> float:
        """How long a film of this many seconds is expected to take at the backend."""
        return self.expected.base + self.expected.per_second * seconds


class Catalogue(_Table):
    """Everything the shop sells."""

    welcome_tokens: Annotated[int, Field(ge=0)] = 0
    backends: Annotated[dict[str, Backend], Field(min_length=1)]
    models: Annotated[tuple[Model, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        seen: set[str] = set()
        for model in self.models:
            if model.id in seen:
                raise ValueError(f"two models are called {model.id!r}")
            seen.add(model.id)
            if model.backend not in self.backends:
                known = ", ".join(sorted(self.backends))
                raise ValueError(f"model {model.id!r} names the backend {model.backend!r}; there are: {known}")
        return self

    @cached_property
    def _by_id(self) -> dict[str, Model]:
        return {model.id: model for model in self.models}

    def model(self, id: str) -> Model | None:
        """The model of that id, or None when it is not sold (any more)."""
        return self._by_id.get(id)


def read(path: Path | None = None) -> Catalogue:
    """The catalogue at `path`, or the packaged one. Raises `CatalogueError`."""
    if path is None:
        source, text = (
            "the packaged catalogue",
            resources.files("protocol").joinpath("catalogue.toml").read_text("utf-8"),
        )
    else:
        source = str(path)
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise CatalogueError(f"{source} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CatalogueError(f"{source} is not UTF-8 text") from error
    try:
        return Catalogue.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{source} is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"]) or "the file"
        reason = first["msg"].removeprefix("Value error, ")
        raise CatalogueError(f"{source}, {place}: {reason[:1].lower()}{reason[1:]}") from error
