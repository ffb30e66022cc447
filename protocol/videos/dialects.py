"""How a request for a film is shaped for each kind of server. How answers are read is the same for all: `answers.py`.

Sources: the openai SDK's types; vLLM-Omni's and SGLang Diffusion's request models; OpenRouter's video guide; the
request type of the gateways built on new-api.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import gcd
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from protocol.job import FilmKind


@dataclass(frozen=True, slots=True)
class Order:
    """One film as a backend is asked for it. `size` is like `1280x720`; `seconds` whole; `picture` a JPEG.

    A `remix` of the film `source` (a backend's id) keeps its model, size and length; an `extend` adds `seconds` to it.
    """

    model: str
    prompt: str
    seconds: int
    size: str
    picture: bytes | None = None
    picture_as: str = "file"
    sound: bool | None = None  # None: the model decides
    size_as: str = "size"
    kind: FilmKind = "new"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One manner of asking. `fields` gives the body without the picture; `form` says multipart instead of JSON.

    What is made from another film is asked for in JSON, in OpenAI's words: no server has others of its own.
    """

    name: str
    form: bool
    fields: Callable[[Order], dict[str, Any]]
    picture_field: Callable[[str], dict[str, Any]]
    sound_field: str = ""
    models_path: str = "/models"

    def path(self, order: Order) -> str:
        """Where the request goes."""
        match order.kind:
            case "new":
                return "/videos"
            case "remix":
                return f"/videos/{quote(order.source, safe='')}/remix"
            case "extend":
                return "/videos/extensions"

    def body(self, order: Order) -> dict[str, Any]:
        """Everything but a picture that travels as a file of the form."""
        if order.kind == "remix":
            return {"prompt": order.prompt}
        if order.kind == "extend":
            return {"prompt": order.prompt, "seconds": str(order.seconds), "video": {"id": order.source}}
        body = self.fields(order)
        if self.sound_field and order.sound is not None:
            body[self.sound_field] = order.sound
        if order.picture is not None and not self.sends_file(order):
            body |= self.picture_field(data_url(order.picture))
        return body

    def sends_file(self, order: Order) -> bool:
        """Whether the picture travels as the file part `input_reference`."""
        return self.is_form(order) and order.picture is not None and order.picture_as == "file"

    def is_form(self, order: Order) -> bool:
        """Whether the request is a form, else JSON."""
        return self.form and order.kind == "new"


def data_url(picture: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()


def shape_of(size: str) -> dict[str, str]:
    """A size in the words of servers that think in resolutions: its shorter side, and its shape.

    480p is 854 pixels wide and called 16:9, so the nearest shape with a common name is taken.
    """
    width, height = (int(side) for side in size.split("x"))
    divisor = gcd(width, height)
    shape = (width // divisor, height // divisor)
    if shape not in SHAPES:
        near = min(SHAPES, key=lambda s: abs(width * s[1] / (height * s[0]) - 1))
        shape = near if abs(width * near[1] / (height * near[0]) - 1) < NEAR else shape
    return {"resolution": f"{min(width, height)}p", "aspect_ratio": f"{shape[0]}:{shape[1]}"}


SHAPES = ((16, 9), (9, 16), (1, 1), (4, 3), (3, 4), (3, 2), (2, 3), (21, 9), (9, 21))
NEAR = 0.02
"""How far a frame may be from its shape's name: sides are even, and those of codecs multiples of 16."""


def _as_openai(order: Order) -> dict[str, Any]:
    size = {"size": order.size} if order.size_as == "size" else shape_of(order.size)
    return {"prompt": order.prompt, "model": order.model, "seconds": str(order.seconds), **size}


def _as_openrouter(order: Order) -> dict[str, Any]:
    return {"prompt": order.prompt, "model": order.model, "duration": order.seconds, **shape_of(order.size)}


def _reference(url: str) -> dict[str, Any]:
    return {"input_reference": {"image_url": url}}


def _first_frame(url: str) -> dict[str, Any]:
    return {"frame_images": [{"type": "image_url", "image_url": {"url": url}, "frame_type": "first_frame"}]}


def _image_reference(url: str) -> dict[str, Any]:
    return {"image_reference": f'{{"image_url": "{url}"}}'}


_ALL = (
    Dialect("openai", True, _as_openai, _reference),
    # The same request; its answers differ, and so does what it cannot do: list and delete.
    Dialect("litellm", True, _as_openai, _reference),
    Dialect("vllm-omni", True, _as_openai, _image_reference, sound_field="generate_sound"),
    Dialect("sglang", True, _as_openai, lambda url: {"reference_url": url}),
    Dialect(
        "openrouter",
        False,
        _as_openrouter,
        _first_frame,
        sound_field="generate_audio",
        models_path="/videos/models",  # /models lists what speaks
    ),
    Dialect("gateway", True, _as_openai, _reference),
)
DIALECTS: Mapping[str, Dialect] = MappingProxyType({dialect.name: dialect for dialect in _ALL})
