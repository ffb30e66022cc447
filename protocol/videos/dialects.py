"""How a create is shaped for each kind of server. How answers are read is the same for all: see `answers.py`.

Sources: the openai SDK's types; vLLM-Omni's and SGLang Diffusion's request models; OpenRouter's video guide; the
request type of the gateways built on new-api.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import gcd
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Order:
    """One film as a backend is asked for it. `size` is like `1280x720`; `seconds` whole; `picture` a JPEG."""

    model: str
    prompt: str
    seconds: int
    size: str
    picture: bytes | None = None
    picture_as: str = "file"
    sound: bool | None = None  # None: the model decides


@dataclass(frozen=True, slots=True)
class Dialect:
    """One manner of asking. `fields` gives the body without the picture; `form` says multipart instead of JSON."""

    name: str
    form: bool
    fields: Callable[[Order], dict[str, Any]]
    picture_field: Callable[[str], dict[str, Any]]
    sound_field: str = ""
    models_path: str = "/models"

    def body(self, order: Order) -> dict[str, Any]:
        """Everything but a picture that travels as a file of the form."""
        body = self.fields(order)
        if self.sound_field and order.sound is not None:
            body[self.sound_field] = order.sound
        if order.picture is not None and not self.sends_file(order):
            body |= self.picture_field(data_url(order.picture))
        return body

    def sends_file(self, order: Order) -> bool:
        """Whether the picture travels as the file part `input_reference`."""
        return self.form and order.picture is not None and order.picture_as == "file"


def data_url(picture: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()


def _as_openai(order: Order) -> dict[str, Any]:
    return {"prompt": order.prompt, "model": order.model, "seconds": str(order.seconds), "size": order.size}


def _as_openrouter(order: Order) -> dict[str, Any]:
    width, height = (int(side) for side in order.size.split("x"))
    divisor = gcd(width, height)
    return {
        "prompt": order.prompt,
        "model": order.model,
        "duration": order.seconds,
        "resolution": f"{min(width, height)}p",
        "aspect_ratio": f"{width // divisor}:{height // divisor}",
    }


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
