"""HEIC, as iPhones keep their photos: made here by libheif itself, then taken like any other picture, or refused."""

import io
import random
import struct

import pillow_heif
import pytest
from media_samples import corners, corners_of
from PIL import Image

from actors.media.image import MAX_HEIF_PIXELS, ImageProblem, ImageRefused, fit, preview

UPRIGHT = ("red", "green", "blue", "yellow")


def heic(*pictures: Image.Image, exif: bytes | None = None) -> bytes:
    out = io.BytesIO()
    made = pillow_heif.from_pillow(pictures[0])
    for more in pictures[1:]:
        made.add_from_pillow(more)
    made.save(out, quality=80, exif=exif)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def refusal(data: bytes) -> ImageProblem:
    with pytest.raises(ImageRefused) as refused:
        fit(data, width=128, height=128)
    return refused.value.reason


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (1280, 1280)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_it_becomes_exactly_the_frame(mode: str, size: tuple[int, int]) -> None:
    result = opened(fit(heic(corners(640, 480, mode)), width=size[0], height=size[1]))
    assert (result.format, result.mode, result.size) == ("JPEG", "RGB", size)
    if mode != "L":
        assert corners_of(result) == UPRIGHT


@pytest.mark.parametrize(
    ("orientation", "seen"), [(3, ("yellow", "blue", "green", "red")), (6, ("blue", "red", "yellow", "green"))]
)
def test_a_camera_held_sideways_is_set_upright_once(orientation: int, seen: tuple[str, ...]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = heic(corners(800, 600), exif=exif.tobytes())
    assert corners_of(opened(fit(photo, width=320, height=320))) == seen
    small = opened(preview(photo))
    assert small.size == ((320, 240) if orientation < 5 else (240, 320))
    assert corners_of(small) == seen


def test_of_a_burst_the_first_is_taken() -> None:
    burst = heic(corners(320, 240), Image.new("RGB", (320, 240), "white"))
    assert corners_of(opened(fit(burst, width=320, height=240))) == UPRIGHT


def test_tiny_ones_and_those_with_too_many_pixels_are_refused() -> None:
    assert refusal(heic(corners(60, 500))) is ImageProblem.TOO_SMALL
    small = heic(corners(640, 480))
    side = int(MAX_HEIF_PIXELS**0.5) + 1
    assert refusal(small.replace(_said(640, 480), _said(side, side))) is ImageProblem.TOO_MANY_PIXELS


def test_a_bomb_that_calls_itself_small_is_not_decoded() -> None:
    honest = heic(Image.new("RGB", (4000, 4000), "navy"))
    assert honest.count(_said(4000, 4000)) >= 1
    assert refusal(honest.replace(_said(4000, 4000), _said(400, 400))) is ImageProblem.TRUNCATED


def _said(width: int, height: int) -> bytes:
    """The box in which the file tells its size (ISO/IEC 23008-12, `ispe`)."""
    return b"ispe" + struct.pack(">III", 0, width, height)


def test_damaged_ones_are_refused_or_shown_and_nothing_worse() -> None:
    whole, chance = heic(corners(256, 192)), random.Random(3)
    outcomes: set[ImageProblem | None] = set()
    for number in range(200):
        damaged = bytearray(whole[: chance.randrange(20, len(whole))] if number % 3 == 0 else whole)
        for _ in range(chance.randint(1, 6)):
            damaged[chance.randrange(16, len(damaged))] = chance.randrange(256)
        try:
            fit(bytes(damaged), width=64, height=64)
        except ImageRefused as refused:
            outcomes.add(refused.reason)
        else:
            outcomes.add(None)
    assert {None, ImageProblem.TRUNCATED} <= outcomes
