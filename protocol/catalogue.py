"""What the shop sells: models, sizes, lengths and prices, read from TOML and checked whole before the bot starts."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from protocol import catalogue_mistakes as mistakes
from protocol.catalogue_mistakes import Misplaced, like

Language = str
LANGUAGES: tuple[Language, ...] = ("ru", "kk", "en")
RETIRING_DAYS = 14
"""A model this close to its retirement is still sold, and the admins are warned."""
MOST_LENGTHS = 40
_SIZE = re.compile(r"([1-9]\d{1,4})x([1-9]\d{1,4})")


class CatalogueError(Exception):
    """The catalogue cannot be used; the message is one sentence that names the place and what is allowed."""


def _a_size(text: str) -> str:
    if not _SIZE.fullmatch(text):
        raise ValueError(f"{text!r} is not a size like 1280x720")
    return text


Size = Annotated[str, AfterValidator(_a_size)]
LARGEST = 1_000_000_000
"""Of every whole number here: products of two of them fit into the database. Strict, for TOML's `true` is no number."""
Positive = Annotated[int, Field(gt=0, le=LARGEST, strict=True)]
NotNegative = Annotated[int, Field(ge=0, le=LARGEST, strict=True)]
Dollars = Annotated[float, Field(ge=0)]


def _some_words(text: str) -> str:
    if not text.strip() or any(ord(letter) < 32 for letter in text):
        raise ValueError("needs words, in one line and without control characters")
    return text


Words = Annotated[str, AfterValidator(_some_words)]


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

    ru: Words
    kk: Words
    en: Words

    def in_(self, language: Language) -> str:
        return str(getattr(self, language))


class Backend(_Table):
    """A server that speaks `/v1/videos`: where it is, how it speaks, and what it can.

    `base_url` empty means OPENAI_BASE_URL; `key` names the environment variable with its key. `list` and `delete` say
    which of these requests it knows; a result can be fetched for `result_seconds`. `moderation` names the model that
    `POST /moderations` there knows, and is asked before every order.
    """

    base_url: Annotated[str, like(r"(https?://\S+)?", "an address like http://127.0.0.1:8000/v1")] = ""
    key: Annotated[str, like("[A-Z][A-Z0-9_]*", "the name of an environment variable like OPENAI_API_KEY")] = (
        "OPENAI_API_KEY"
    )
    dialect: Literal["openai", "litellm", "vllm-omni", "sglang", "openrouter", "gateway"] = "openai"
    concurrency: Positive = 4
    requests_per_minute: Positive = 60
    list: bool = False
    delete: bool = False
    result_seconds: Positive = 3600
    moderation: Annotated[str, Field(max_length=64)] = ""


class SizeOffer(_Table):
    """One size: its price in tokens per second, and what it costs us in USD per second.

    `made_from` names the size the backend renders when it cannot render this one: the film is cropped and scaled.
    """

    price: Positive
    cost: Dollars = 0
    made_from: Size | None = None


def _an_offer(value: object) -> object:
    return {"price": value} if isinstance(value, int) and not isinstance(value, bool) else value


class Range(_Table):
    """Whole seconds `from` … `to` in steps."""

    from_: Annotated[Positive, Field(alias="from")]
    to: Annotated[int, Field(gt=0, le=2**53)]  # what is too many is said of the lengths, if they can be counted
    step: Positive = 1


def _a_length(value: object) -> object:
    if isinstance(value, dict):
        span = Range.model_validate(value)
        lengths = range(span.from_, span.to + 1, span.step)
        if not 1 <= len(lengths) <= MOST_LENGTHS:
            raise ValueError(f"these are {len(lengths)} lengths, and there may be 1 to {MOST_LENGTHS}")
        return tuple(lengths)
    return value


def _all_different(lengths: tuple[int, ...]) -> tuple[int, ...]:
    twice = next((length for length in lengths if lengths.count(length) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice} stands here twice")
    return lengths


Lengths = Annotated[
    tuple[Positive, ...], BeforeValidator(_a_length), AfterValidator(_all_different), Field(max_length=MOST_LENGTHS)
]


class Picture(_Table):
    """Whether a film may or must begin from a picture, and how it is sent to the backend.

    `sent_as` a `file` of the form or a `data-url`; `price` is a surcharge in tokens; `max_bytes` of the sent file.
    """

    use: Literal["none", "optional", "required"] = "none"
    sent_as: Literal["file", "data-url"] = "file"
    price: NotNegative = 0
    max_bytes: Positive = 10_000_000


MADE_FROM_DIALECTS = ("openai", "litellm", "gateway")
"""Dialects in which a film can be made from another one."""


class Remix(_Table):
    """A film made anew with other words. `price` and `cost` a second, those of the size where they are not given."""

    price: Positive | None = None
    cost: Dollars | None = None


class Extend(Remix):
    """A film continued by one of `seconds` (the model's own lengths when not given), up to `longest` in all."""

    seconds: Lengths = ()
    longest: Positive = 120  # OpenAI's guide: at most 120 s in all


def _yes_or_no(value: object) -> object:
    return {} if value is True else None if value is False else value


_SHAPE = re.compile(r"([1-9]\d?):([1-9]\d?)")
_RESOLUTION = re.compile(r"([1-9]\d{2,3})p")


def sizes_of(shapes: Sequence[str], resolutions: Mapping[str, object]) -> dict[Size, object]:
    """Every shape in every resolution: `16:9` in `720p` is 1280x720. Sides are even, as codecs need them.

    Raises ValueError for what is neither.
    """
    sizes: dict[Size, object] = {}
    for name, offer in resolutions.items():
        short = _RESOLUTION.fullmatch(name)
        if short is None:
            raise ValueError(f"{name!r} is not a resolution like 720p")
        for shape in shapes:
            sides = _SHAPE.fullmatch(shape)
            if sides is None:
                raise ValueError(f"{shape!r} is not a shape like 16:9")
            wide, high = int(sides[1]), int(sides[2])
            width, height = (2 * round(int(short[1]) * side / min(wide, high) / 2) for side in (wide, high))
            sizes[f"{width}x{height}"] = offer
    return sizes


class Model(_Table):
    """One model a buyer can choose. `upstream` is the name the backend knows it by (the id, when not given).

    Sizes may be given as `shapes` and `resolutions` instead; such a backend is asked in these words. Looks at one job
    are never closer together than `poll_interval` seconds.
    """

    id: Annotated[str, Field(max_length=32), like("[A-Za-z0-9._-]+", "letters, digits and . _ - only")]
    backend: str = "default"
    upstream: str = ""
    label: Names
    note: Names
    seconds: Annotated[Lengths, Field(min_length=1)]
    sizes: Annotated[dict[Size, Annotated[SizeOffer, BeforeValidator(_an_offer)]], Field(min_length=1)]
    sizes_as: Literal["size", "shape"] = "size"
    image: Picture = Picture()
    remix: Annotated[Remix | None, BeforeValidator(_yes_or_no)] = None
    extend: Annotated[Extend | None, BeforeValidator(_yes_or_no)] = None
    audio: Literal["always", "none", "asked"] = "always"
    expected: Expected
    deadline: Positive = 1800
    poll_interval: Annotated[float, Field(gt=0, le=600)] = 1.0
    prompt_limit: Positive = 3000
    retires: date | None = None

    @model_validator(mode="before")
    @classmethod
    def _shapes_become_sizes(cls, fields: Any) -> Any:
        if not isinstance(fields, dict) or not {"shapes", "resolutions"} & fields.keys():
            return cast("Any", fields)
        given = dict(cast("dict[str, Any]", fields))
        shapes, resolutions = given.pop("shapes", None), given.pop("resolutions", None)
        if not isinstance(shapes, list) or not isinstance(resolutions, dict) or "sizes" in given:
            raise ValueError("a model has either `sizes`, or `shapes` (a list) and `resolutions` (a table)")
        sizes = sizes_of([str(shape) for shape in cast("list[object]", shapes)], cast("dict[str, object]", resolutions))
        return {"sizes_as": "shape", **given, "sizes": sizes}

    @model_validator(mode="after")
    def _made_from_native(self) -> Self:
        for size, offer in self.sizes.items():
            native = self.sizes.get(offer.made_from) if offer.made_from else None
            if offer.made_from and (native is None or native.made_from):
                rendered = ", ".join(name for name, other in self.sizes.items() if not other.made_from)
                raise Misplaced(f"this model does not render {offer.made_from}; it renders: {rendered}", "sizes", size)
            if offer.made_from and any(side % 2 for side in frame(size)):
                raise Misplaced("a film that is cut to size has even sides", "sizes", size)
        return self

    @property
    def wire_name(self) -> str:
        return self.upstream or self.id

    def native(self, size: Size) -> Size:
        """The size the backend is asked for, to deliver this one."""
        return self.sizes[size].made_from or size

    def price(self, *, size: Size, seconds: int, picture: bool = False, kind: str = "new") -> int:
        """Whole tokens for one film; of one that is extended, for the seconds added."""
        terms = self.terms(kind)
        a_second = (terms.price if terms else None) or self.sizes[size].price
        return a_second * seconds + (self.image.price if picture else 0)

    def cost(self, *, size: Size, seconds: int, kind: str = "new") -> float:
        """What one film costs us, in USD; 0 when the catalogue does not say."""
        terms = self.terms(kind)
        a_second = terms.cost if terms and terms.cost is not None else self.sizes[size].cost
        return a_second * seconds

    def terms(self, kind: str) -> Remix | None:
        """On which terms a film is made from another (`remix` or `extend`); None where it is not, and for a new one."""
        return {"remix": self.remix, "extend": self.extend}.get(kind)

    def added(self, whole: int) -> tuple[int, ...]:
        """By how many seconds a film that lasts `whole` seconds can be extended."""
        if self.extend is None:
            return ()
        return tuple(n for n in self.extend.seconds or self.seconds if whole + n <= self.extend.longest)

    def expected_seconds(self, seconds: int) -> float:
        """How long a film of this many seconds is expected to take at the backend, before anything is learned."""
        return self.expected.base + self.expected.per_second * seconds

    def is_sold(self, today: date) -> bool:
        return self.retires is None or today < self.retires

    def is_retiring(self, today: date) -> bool:
        return self.retires is not None and today >= self.retires - timedelta(days=RETIRING_DAYS)


class Package(_Table):
    """Tokens sold together: `kzt` is the price in whole tenge, `stars` the price in Telegram Stars.

    `label` is what is said of it besides, such as "most chosen".
    """

    id: Annotated[str, Field(max_length=24), like("[A-Za-z0-9._-]+", "letters, digits and . _ - only")]
    tokens: Annotated[int, Field(gt=0, le=1_000_000)]
    kzt: Annotated[int, Field(gt=0, le=10_000_000)]
    stars: Annotated[int, Field(gt=0, le=100_000)]
    label: Names | None = None


class Promotions(_Table):
    """`referral_tokens`: what a person earns when a friend who came by their link has bought for the first time."""

    referral_tokens: Annotated[int, Field(ge=0, le=100_000)] = 0


class KaspiRules(_Table):
    """`second_admin_from`: from so many tenge on, two different admins approve; 0 for never."""

    second_admin_from: NotNegative = 50_000


class Catalogue(_Table):
    """Everything the shop sells.

    `token_usd` is what one token earns us in USD, for the operator's margin; 0 when it is not told.
    """

    welcome_tokens: NotNegative = 0
    token_usd: Dollars = 0
    packages: tuple[Package, ...] = ()
    promotions: Promotions = Promotions()
    kaspi: KaspiRules = KaspiRules()
    backends: Annotated[dict[str, Backend], Field(min_length=1)]
    models: Annotated[tuple[Model, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _packages_differ(self) -> Self:
        for index, package in enumerate(self.packages):
            if any(other.id == package.id for other in self.packages[:index]):
                raise Misplaced(f"two packages are called {package.id!r}", "packages", index, "id")
        return self

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        seen: set[str] = set()
        for index, model in enumerate(self.models):
            if model.id in seen:
                raise Misplaced(f"two models are called {model.id!r}", "models", index, "id")
            seen.add(model.id)
            if model.backend not in self.backends:
                known = ", ".join(sorted(self.backends))
                message = f"model {model.id!r} names the backend {model.backend!r}; there are: {known}"
                raise Misplaced(message, "models", index, "backend")
            dialect = self.backends[model.backend].dialect
            if (model.remix or model.extend) and dialect not in MADE_FROM_DIALECTS:
                known = ", ".join(MADE_FROM_DIALECTS)
                raise Misplaced(
                    f"model {model.id!r} cannot remix or extend at {model.backend!r}, which speaks {dialect}; "
                    f"these dialects can: {known}",
                    *("models", index, "remix" if model.remix else "extend"),
                )
        return self

    @cached_property
    def _by_id(self) -> dict[str, Model]:
        return {model.id: model for model in self.models}

    def package(self, id: str) -> Package | None:
        """The package of that id, or None when it is not in the catalogue (any more)."""
        return next((package for package in self.packages if package.id == id), None)

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
            text = path.read_text("utf-8-sig")  # Windows' editors begin a file with a mark
        except OSError as error:
            raise CatalogueError(f"{source} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CatalogueError(f"{source} is not UTF-8 text") from error
    try:
        return Catalogue.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{source} is not TOML: {error}") from error
    except ValidationError as error:
        raise CatalogueError(mistakes.sentence(source, text, error, Catalogue)) from error
