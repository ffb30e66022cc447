"""Which requests the backend accepts, and how it reads them out of a form or a JSON body.

The sentences are OpenAI's where one was seen, and OpenAI-like elsewhere.
"""

import base64
import binascii
import io
import re
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from PIL import Image
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from sandbox.videos.job import Refusal, Wish
from sandbox.videos.manners import Manners

STANDARD_SIZES = ("720x1280", "1280x720")
LARGE_SIZES = ("1024x1792", "1792x1024", "1080x1920", "1920x1080")
SORA_MODELS: Mapping[str, tuple[str, ...]] = {
    "sora-2": STANDARD_SIZES,
    "sora-2-pro": STANDARD_SIZES + LARGE_SIZES,
}
FIELDS = frozenset({"prompt", "model", "seconds", "size", "input_reference"})
IMAGE_FORMATS = ("JPEG", "PNG", "WEBP")
MAX_UPLOAD = 32 * 2**20  # bytes of a request's body
LARGEST_SIDE = 4096  # pixels
LONGEST_FILM = 60  # seconds, where any length goes


@dataclass(frozen=True, slots=True)
class Rules:
    """What a create may ask for. No `models` means any model and size, no `seconds` any up to a minute.

    A prompt with one of the `blocked` words is refused by moderation, so that it can be seen without a fault.
    """

    models: Mapping[str, tuple[str, ...]]
    seconds: tuple[int, ...] = (4, 8, 12, 16, 20)
    strict: bool = True  # a field nobody knows is an error
    longest_prompt: int = 4000
    blocked: tuple[str, ...] = ("forbidden", "запрещено")


SORA = Rules(SORA_MODELS)
ANYTHING = Rules({}, seconds=())


class _InMemoryParser(MultiPartParser):
    spool_max_size = MAX_UPLOAD  # a larger file would be written by a thread, which a mocked clock cannot wait for


async def read_fields(request: Request, manners: Manners) -> dict[str, object]:
    """The body's fields under OpenAI's names. A file is bytes."""
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind not in manners.bodies:
        raise Refusal(400, f"Unsupported content type: '{kind}'.", code="unsupported_content_type")
    if int(request.headers.get("content-length", 0)) > MAX_UPLOAD:
        raise Refusal(413, "Request body is too large.")
    if kind == "application/json":
        return manners.renamed(await _json_fields(request))
    try:
        await request.body()  # whole, before a parser may refuse it: a stream left half-read is left unclosed
        async with aclosing(request.stream()) as stream:
            form = await _InMemoryParser(request.headers, stream).parse()
    except MultiPartException as error:
        raise Refusal(400, "Could not parse multipart form.") from error
    fields: dict[str, object] = {}
    for name, value in form.multi_items():
        fields[name] = await value.read() if isinstance(value, UploadFile) else value
    await form.close()
    if "input_reference[image_url]" in fields:
        fields["input_reference"] = {"image_url": fields.pop("input_reference[image_url]")}
    return manners.renamed(fields)


async def _json_fields(request: Request) -> dict[str, object]:
    try:
        body = await request.json()
    except ValueError as error:
        raise Refusal(400, "We could not parse the JSON body of your request.") from error
    if not isinstance(body, dict):
        raise Refusal(400, "The JSON body of your request must be an object.")
    return cast("dict[str, object]", body)


def understand(fields: Mapping[str, object], rules: Rules, manners: Manners) -> Wish:
    """The wish in these fields. Raises Refusal for the first thing that is wrong with them."""
    if rules.strict and not manners.passes_unknown_fields:
        _refuse_unknown(fields, FIELDS | manners.extra_fields)
    prompt = checked_prompt(fields, rules)
    model = _text(fields, "model", "sora-2")
    if rules.models and model not in rules.models:
        raise _invalid("model", model, rules.models)
    seconds = _seconds(fields, rules, whole_numbers=manners.seconds_are_numbers)
    size = _size(fields, rules.models.get(model, ()))
    wish = Wish(prompt, model, seconds, size)
    reference = fields.get("input_reference")
    if reference is None:
        return wish
    return Wish(prompt, model, seconds, size, _image(reference, wish))


def checked_prompt(fields: Mapping[str, object], rules: Rules) -> str:
    """The prompt. Raises Refusal when it is missing, too long or blocked by moderation."""
    prompt = _text(fields, "prompt", "")
    if not prompt.strip():
        raise Refusal(400, "Missing required parameter: 'prompt'.", param="prompt", code="missing_required_parameter")
    if len(prompt) > rules.longest_prompt:
        raise Refusal(
            400,
            "Invalid 'prompt': string too long. Expected a string with maximum length "
            f"{rules.longest_prompt}, but got a string with length {len(prompt)} instead.",
            param="prompt",
            code="string_above_max_length",
        )
    if is_blocked(prompt, rules):
        raise moderation_refusal()
    return prompt


def is_blocked(prompt: str, rules: Rules) -> bool:
    """Whether moderation has something against these words."""
    return bool(set(re.findall(r"\w+", prompt.casefold())) & set(rules.blocked))


def checked_seconds(fields: Mapping[str, object], rules: Rules) -> int:
    """The length that is asked for. Raises Refusal for one that is not sold."""
    return _seconds(fields, rules, whole_numbers=False)


def moderation_refusal() -> Refusal:
    return Refusal(400, "Your request was blocked by our moderation system.", code="moderation_blocked")


def _refuse_unknown(fields: Iterable[str], known: frozenset[str]) -> None:
    for name in fields:
        if name not in known:
            raise Refusal(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")


def _text(fields: Mapping[str, object], name: str, default: str) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise Refusal(400, f"Invalid type for '{name}': expected a string.", param=name, code="invalid_type")
    return value


def _seconds(fields: Mapping[str, object], rules: Rules, *, whole_numbers: bool) -> int:
    value = fields.get("seconds", "4")
    if whole_numbers and isinstance(value, int):
        value = str(value)
    if not isinstance(value, str):
        raise Refusal(400, "Invalid type for 'seconds': expected a string.", param="seconds", code="invalid_type")
    if not re.fullmatch(r"[1-9]\d?", value) or int(value) not in (rules.seconds or range(1, LONGEST_FILM + 1)):
        raise _invalid("seconds", value, [str(seconds) for seconds in rules.seconds or (1, LONGEST_FILM)])
    return int(value)


def _size(fields: Mapping[str, object], sizes: tuple[str, ...]) -> str:
    size = _text(fields, "size", "720x1280")
    if sizes and size not in sizes:
        raise _invalid("size", size, sizes)
    sides = [int(side) for side in size.split("x")] if re.fullmatch(r"\d{2,4}x\d{2,4}", size) else [0]
    if not all(16 <= side <= LARGEST_SIDE and side % 2 == 0 for side in sides):
        raise _invalid("size", size, STANDARD_SIZES + LARGE_SIZES)
    return size


def _invalid(name: str, value: str, supported: Iterable[str]) -> Refusal:
    *most, last = [f"'{word}'" for word in supported]
    listed = f"{', '.join(most)}, and {last}" if most else last
    message = f"Invalid value: '{value}'. Supported values are: {listed}."
    return Refusal(400, message, param=name, code="invalid_value")


def _image(reference: object, wish: Wish) -> bytes:
    raw = reference if isinstance(reference, bytes) else _linked_image(reference)
    try:
        with Image.open(io.BytesIO(raw), formats=IMAGE_FORMATS) as image:
            if image.size != (wish.width, wish.height):
                raise Refusal(400, "Inpaint image must match the requested width and height")
            image.load()
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        message = "Invalid image: supported formats are image/jpeg, image/png and image/webp."
        raise Refusal(400, message, param="input_reference") from error
    return raw


def _linked_image(reference: object) -> bytes:
    """The bytes of a data URL; nothing else is fetched: a stand-in has no network."""
    if isinstance(reference, dict):
        link = cast("dict[str, object]", reference).get("image_url")
        head, comma, data = link.partition(",") if isinstance(link, str) else ("", "", "")
        if comma and head.startswith("data:image/") and head.endswith(";base64"):
            try:
                return base64.b64decode(data, validate=True)
            except binascii.Error:
                pass
    raise Refusal(400, "Invalid 'input_reference': expected an image.", param="input_reference", code="invalid_value")
