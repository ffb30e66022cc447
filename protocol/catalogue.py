"""What the shop sells: models, sizes, lengths and prices, read from TOML and checked whole before the bot starts."""

import re
import tomllib
from datetime import date, timedelta
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

Language = str
LANGUAGES: tuple[Language, ...] = ("ru", "kk", "en")
RETIRING_DAYS = 14
"""A model this close to its retirement is still sold, and the admins are warned."""
_SIZE = re.compile(r"([1-9]\d{1,4})x([1-9]\d{1,4})")


class CatalogueError(Exception):
    """The catalogue cannot be used; the message is one sentence that names the place and what is allowed."""


def _a_size(text: str) -> str:
    if not _SIZE.fullmatch(text):
        raise ValueError(f"{text!r} is not a size like 1280x720")
    return text


Size = Annotated[str, AfterValidator(_a_size)]
Positive = Annotated[int, Field(gt=0)]
NotNegative = Annotated[int, Field(ge=0)]
Dollars = Annotated[float, Field(ge=0)]


def frame(size: Size) -> tuple[int, int]:
    """Width and height in pixels of a size like `1280x720`."""
    width, height = size.split("x")
    return int(width), int(height)


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Expected(_Table):
    """A first guess of how long the backend works, in seconds: `base` plus `per_second` of film."""

    base: Annotated[float, Field(gt=0)]
    per_second: Annotated[float, Field(ge=0)] = 0


class Names(_Table):
    """One short text in each language."""

    ru: str
    kk: str
    en: str

    def in_(self, language: Language) -> str:
        return str(getattr(self, language))


class Backend(_Table):
    """A server that speaks `/v1/videos`: where it is, how it speaks, and what it can.

    `base_url` empty means OPENAI_BASE_URL; `key` names the environment variable with its key. `list` and `delete` say
    which of these requests it knows; a result can be fetched for `result_seconds`.
    """

    base_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    key: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] = "OPENAI_API_KEY"
    dialect: Literal["openai", "litellm", "vllm-omni", "sglang", "openrouter", "gateway"] = "openai"
    concurrency: Positive = 4
    requests_per_minute: Positive = 60
    list: bool = False
    delete: bool = False
    result_seconds: Positive = 3600


class SizeOffer(_Table):
    """One size: its price in tokens per second, and what it costs us in USD per second.

    `made_from` names the size the backend renders when it cannot render this one: the film is cropped and scaled.
    """

    price: Positive
    cost: Dollars = 0
    made_from: Size | None = None


def _an_offer(value: object) -> object:
    return {"price": value} if isinstance(value, int) else value


class Range(_Table):
    """Whole seconds `from` … `to` in steps."""

    from_: Annotated[Positive, Field(alias="from")]
    to: Positive
    step: Positive = 1


def _a_length(value: object) -> object:
    if isinstance(value, dict):
        span = Range.model_validate(value)
        return tuple(range(span.from_, span.to + 1, span.step))
    return value


class Picture(_Table):
    """Whether a film may or must begin from a picture, and how it is sent to the backend.

    `sent_as` a `file` of the form or a `data-url`; `price` is a surcharge in tokens; `max_bytes` of the sent file.
    """

    use: Literal["none", "optional", "required"] = "none"
    sent_as: Literal["file", "data-url"] = "file"
    price: NotNegative = 0
    max_bytes: Positive = 10_000_000


class Model(_Table):
    """One model a buyer can choose. `upstream` is the name the backend knows it by (the id, when not given)."""

    id: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$")]
    backend: str = "default"
    upstream: str = ""
    label: Names
    note: Names
    seconds: Annotated[tuple[Positive, ...], BeforeValidator(_a_length), Field(min_length=1, max_length=40)]
    sizes: Annotated[dict[Size, Annotated[SizeOffer, BeforeValidator(_an_offer)]], Field(min_length=1)]
    image: Picture = Picture()
    audio: Literal["always", "none", "asked"] = "always"
    expected: Expected
    deadline: Positive = 1800
    prompt_limit: Positive = 3000
    retires: date | None = None

    @model_validator(mode="after")
    def _made_from_native(self) -> Self:
        for size, offer in self.sizes.items():
            native = self.sizes.get(offer.made_from) if offer.made_from else None
            if offer.made_from and (native is None or native.made_from):
                raise ValueError(f"size {size} is made from {offer.made_from}, which this model does not render")
        return self

    @property
    def wire_name(self) -> str:
        return self.upstream or self.id

    def native(self, size: Size) -> Size:
        """The size the backend is asked for, to deliver this one."""
        return self.sizes[size].made_from or size

    def price(self, *, size: Size, seconds: int, picture: bool = False) -> int:
        """Whole tokens for one film."""
        return self.sizes[size].price * seconds + (self.image.price if picture else 0)

    def cost(self, *, size: Size, seconds: int) -> float:
        """What one film costs us, in USD; 0 when the catalogue does not say."""
        return self.sizes[size].cost * seconds

    def expected_seconds(self, seconds: int) -> float:
        """How long a film of this many seconds is expected to take at the backend, before anything is learned."""
        return self.expected.base + self.expected.per_second * seconds

    def is_sold(self, today: date) -> bool:
        return self.retires is None or today < self.retires

    def is_retiring(self, today: date) -> bool:
        return self.retires is not None and today >= self.retires - timedelta(days=RETIRING_DAYS)


class Catalogue(_Table):
    """Everything the shop sells."""

    welcome_tokens: NotNegative = 0
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
        """The model of that id, or None when it is not in the catalogue (any more)."""
        return self._by_id.get(id)


def read(path: Path | None = None) -> Catalogue:
    """The catalogue at `path`, or the packaged one. Raises `CatalogueError`."""
    if path is None:
        source = "the packaged catalogue"
        text = resources.files("protocol").joinpath("catalogue.toml").read_text("utf-8")
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
        line = line_of(text, first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            reason = f"there is no such field; there are: {', '.join(_fields_at(first['loc'][:-1]))}"
        raise CatalogueError(f"{source}, line {line}, {place}: {reason[:1].lower()}{reason[1:]}") from error


def _fields_at(place: tuple[Any, ...]) -> list[str]:
    """The fields of the table at a place, as pydantic names places."""
    match place:
        case ("backends", _):
            table: type[_Table] = Backend
        case ("models", _):
            table = Model
        case ("models", _, "sizes", _):
            table = SizeOffer
        case ("models", _, "image"):
            table = Picture
        case ("models", _, "expected"):
            table = Expected
        case ("models", _, "label" | "note"):
            table = Names
        case _:
            table = Catalogue
    return sorted(table.model_fields)


_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]*\")\s*=")


def line_of(text: str, place: tuple[Any, ...]) -> int:
    """The line (from 1) of the deepest table or key on the way to `place`, as pydantic names places.

    tomllib keeps no positions, so this reads headers and keys itself; keys of inline tables share their line.
    """
    best, line_found = 0, 1
    table: tuple[Any, ...] = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        here: tuple[Any, ...]
        if header := _HEADER.match(line):
            names = tuple(name.strip().strip('"') for name in header[2].split("."))
            if header[1] == "[[":
                counts[names[0]] = counts.get(names[0], -1) + 1
            table = (names[0], counts[names[0]], *names[1:]) if names[0] in counts else names
            here = table
        elif key := _KEY.match(line):
            here = (*table, key[1].strip('"'))
        else:
            continue
        if len(here) > best and here == place[: len(here)]:
            best, line_found = len(here), number
    return line_found
