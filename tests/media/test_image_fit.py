"""What becomes of the pictures that people send, and which of them are refused, on files that are really made."""

import io
import struct
import zlib
from itertools import pairwise
from typing import Any

import pytest
from media_samples import RED, corners, corners_of, encoded
from PIL import Image, ImageCms

from actors.media.image import ImageProblem, ImageRefused, fit, preview

UPRIGHT = ("red", "green", "blue", "yellow")


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def refusal(data: bytes) -> ImageProblem:
    with pytest.raises(ImageRefused) as refused:
        fit(data, width=128, height=128)
    with pytest.raises(ImageRefused) as also_refused:
        preview(data)
    assert also_refused.value.reason is refused.value.reason
    return refused.value.reason


def near(pixel: object, colour: tuple[int, ...], tolerance: int = 6) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= tolerance for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (1280, 1280), (1024, 1792)])
@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "gif"])
def test_every_format_becomes_exactly_the_frame(format: str, size: tuple[int, int]) -> None:
    result = opened(fit(encoded(corners(640, 480), format), width=size[0], height=size[1]))
    assert (result.format, result.mode, result.size) == ("JPEG", "RGB", size)
    assert corners_of(result) == UPRIGHT


def test_the_centre_is_kept() -> None:
    wide = Image.new("RGB", (1000, 200), "black")
    wide.paste(RED, (400, 0, 600, 200))
    result = opened(fit(encoded(wide, "png"), width=100, height=100, format="png"))
    assert {result.getpixel((x, 50)) for x in (2, 50, 97)} == {RED}


@pytest.mark.parametrize(
    ("orientation", "seen"),
    [
        (1, ("red", "green", "blue", "yellow")),
        (2, ("green", "red", "yellow", "blue")),
        (3, ("yellow", "blue", "green", "red")),
        (4, ("blue", "yellow", "red", "green")),
        (5, ("red", "blue", "green", "yellow")),
        (6, ("blue", "red", "yellow", "green")),
        (7, ("yellow", "green", "blue", "red")),
        (8, ("green", "yellow", "red", "blue")),
    ],
)
@pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
def test_a_camera_held_sideways_is_set_upright(format: str, orientation: int, seen: tuple[str, ...]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = encoded(corners(800, 600), format, exif=exif.tobytes())
    for size in ((320, 180), (180, 320)):
        result = opened(fit(photo, width=size[0], height=size[1]))
        assert result.size == size
        assert corners_of(result) == seen
    small = opened(preview(photo))
    assert small.size == ((320, 240) if orientation < 5 else (240, 320))
    assert corners_of(small) == seen


def test_nothing_of_the_metadata_is_carried_over() -> None:
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    exif[0x8825] = {1: "N", 2: (51.0, 10.0, 0.0)}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = encoded(corners(300, 300), "jpeg", exif=exif.tobytes(), comment=b"secret", icc_profile=profile)
    for result in (fit(photo, width=200, height=200), fit(photo, width=200, height=200, format="png")):
        assert not opened(result).getexif()
        assert set(opened(result).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert b"secret" not in result


def test_the_same_picture_gives_the_same_bytes() -> None:
    photo = encoded(corners(900, 700), "jpeg")
    assert fit(photo, width=1280, height=720) == fit(photo, width=1280, height=720)
    assert preview(photo) == preview(photo)


def test_transparency_becomes_white() -> None:
    half = corners(200, 200, "RGBA")
    half.paste((0, 0, 0, 0), (0, 0, 200, 100))
    palette = corners(200, 200, "P")
    palette.info["transparency"] = palette.getpixel((10, 10))
    grey = Image.new("LA", (200, 200), (0, 0))
    for image, dark in ((half, (150, 150)), (palette, (150, 150))):
        result = opened(fit(encoded(image, "png"), width=200, height=200, format="png"))
        assert result.getpixel((50, 50)) == (255, 255, 255)
        assert result.getpixel(dark) != (255, 255, 255)
    result = opened(fit(encoded(grey, "png"), width=200, height=200, format="png"))
    assert result.getpixel((50, 50)) == (255, 255, 255)
    result = opened(fit(encoded(half, "webp", lossless=True), width=200, height=200))
    assert near(result.getpixel((50, 20)), (255, 255, 255))


def test_print_colours_and_sixteen_bits() -> None:
    print_colours = encoded(corners(400, 400, "CMYK"), "jpeg", quality=95)
    assert corners_of(opened(fit(print_colours, width=200, height=200))) == UPRIGHT

    grey = Image.new("I;16", (100, 100), 128 * 257)
    assert opened(encoded(grey, "png")).mode.startswith("I")
    assert near(opened(fit(encoded(grey, "png"), width=80, height=80)).getpixel((40, 40)), (128, 128, 128), 1)

    deep = png(100, 100, depth=16, colour=2, row=struct.pack(">3H", 220 * 257, 30 * 257, 30 * 257) * 100)
    assert near(opened(fit(deep, width=80, height=80)).getpixel((40, 40)), RED)

    bits = Image.new("1", (100, 100), 1)
    assert opened(fit(encoded(bits, "png"), width=80, height=80)).getpixel((40, 40)) == (255, 255, 255)


def test_a_wide_colour_profile_is_applied_and_a_broken_one_ignored() -> None:
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    grey = Image.new("RGB", (100, 100), (128, 128, 128))
    same = opened(fit(encoded(grey, "png", icc_profile=plain), width=80, height=80))
    assert near(same.getpixel((40, 40)), (128, 128, 128), 2)
    swapped = swap_red_and_blue(plain)
    red = Image.new("RGB", (100, 100), (255, 0, 0))
    other = opened(fit(encoded(red, "png", icc_profile=swapped), width=80, height=80))
    assert near(other.getpixel((40, 40)), (0, 0, 255), 8)
    broken = opened(fit(encoded(grey, "png", icc_profile=b"not a profile"), width=80, height=80))
    assert near(broken.getpixel((40, 40)), (128, 128, 128), 2)


def swap_red_and_blue(profile: bytes) -> bytes:
    return profile.replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ").replace(b"tXYZ", b"bXYZ")


@pytest.mark.filterwarnings("ignore:.*EXIF:UserWarning")  # Pillow's only word on the subject
def test_a_broken_camera_note_does_not_cost_the_picture() -> None:
    photo = encoded(corners(300, 300), "jpeg", exif=b"Exif\0\0II*\0\x08\0\0\0\x09\0\x12\x01\x03\0")
    assert corners_of(opened(fit(photo, width=100, height=100))) == UPRIGHT


def test_the_quality_gives_way_to_the_limit() -> None:
    noise = Image.effect_noise((700, 700), 120).convert("RGB")
    photo = encoded(noise, "png")
    full = fit(photo, width=640, height=640)
    less = fit(photo, width=640, height=640, max_bytes=len(full) // 2)
    assert len(less) <= len(full) // 2
    assert opened(less).size == (640, 640)
    for format in ("jpeg", "png"):
        with pytest.raises(ImageRefused, match="too_large_file"):
            fit(photo, width=640, height=640, max_bytes=1000, format=format)


def test_a_preview_is_never_enlarged() -> None:
    assert opened(preview(encoded(corners(100, 80), "png"))).size == (100, 80)
    assert opened(preview(encoded(corners(100, 640), "png"))).size == (50, 320)


@pytest.mark.parametrize("size", [(3000, 64), (64, 20_000)])
def test_a_preview_is_never_a_strip(size: tuple[int, int]) -> None:
    small = opened(preview(encoded(corners(*size), "jpeg"), longest=640)).size
    assert max(small) <= 640
    assert max(small) <= 20 * min(small)  # Bot API, sendPhoto


def test_a_strip_at_a_time_leaves_no_seams() -> None:
    ramp = Image.linear_gradient("L").resize((3000, 3001)).convert("RGB")
    result = opened(fit(encoded(ramp, "png"), width=300, height=300, format="png"))
    column = [result.getpixel((150, y)) for y in range(300)]
    shades = [pixel[0] for pixel in column if isinstance(pixel, tuple)]
    steps = [after - before for before, after in pairwise(shades)]
    assert len(steps) == 299
    assert min(steps) >= 0
    assert max(steps) <= 2


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, depth: int = 8, colour: int = 2, row: bytes = b"") -> bytes:
    """A PNG by hand; without a `row` only its beginning."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = zlib.compress((b"\0" + row) * height) if row else zlib.compress(b"\0" * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [7_100, 10_000, 12_000, 20_000, 60_000])
def test_a_bomb_is_refused_by_its_header(side: int) -> None:
    """Also at sizes where Pillow itself would only warn (90 megapixels) or say nothing."""
    assert refusal(png(side, side)) is ImageProblem.TOO_MANY_PIXELS


def test_a_webp_bomb_is_refused_by_its_header() -> None:
    picture = encoded(Image.new("RGB", (5_000, 3_500)), "webp", method=0, quality=1)
    assert refusal(picture) is ImageProblem.TOO_MANY_PIXELS


def animated(format: str) -> bytes:
    frames = [corners(100, 100), Image.new("RGB", (100, 100), "white")]
    return encoded(frames[0], format, save_all=True, append_images=frames[1:], duration=100)


@pytest.mark.parametrize("format", ["gif", "webp", "png"])
def test_animated_pictures_are_refused(format: str) -> None:
    assert refusal(animated(format)) is ImageProblem.ANIMATED


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "gif"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_truncated_pictures_are_refused(format: str, share: float) -> None:
    noise = Image.effect_noise((200, 200), 80).convert("RGB")
    data = encoded(noise, format)
    assert refusal(data[: max(14, int(len(data) * share))]) is ImageProblem.TRUNCATED


def test_a_damaged_png_is_refused() -> None:
    whole = encoded(corners(200, 200), "png")
    for place in (whole.index(b"IHDR") + 18, *(whole.index(b"IDAT") + n for n in (4, 5, 20, 30))):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        assert refusal(bytes(damaged)) is ImageProblem.TRUNCATED


@pytest.mark.parametrize("size", [(63, 500), (500, 63), (1, 1)])
def test_tiny_pictures_are_refused(size: tuple[int, int]) -> None:
    assert refusal(encoded(corners(*size), "png")) is ImageProblem.TOO_SMALL
    assert opened(fit(encoded(corners(64, 64), "png"), width=64, height=64)).size == (64, 64)


def test_a_heavy_file_is_refused_unread() -> None:
    small = encoded(corners(100, 100), "png")
    padded = small + bytes(20 * 1024 * 1024 - len(small))
    assert opened(fit(padded, width=64, height=64)).size == (64, 64)
    assert refusal(padded + b"\0") is ImageProblem.TOO_LARGE_FILE


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", ImageProblem.NOT_AN_IMAGE),
        (b"hello", ImageProblem.NOT_AN_IMAGE),
        (b"<!doctype html><html><body>502 Bad Gateway</body></html>", ImageProblem.NOT_AN_IMAGE),
        (bytes(range(256)) * 40, ImageProblem.NOT_AN_IMAGE),
        (b"%PDF-1.7\n", ImageProblem.UNSUPPORTED),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', ImageProblem.UNSUPPORTED),
        (b'\xef\xbb\xbf\n <?xml version="1.0"?><svg/>', ImageProblem.UNSUPPORTED),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64), ImageProblem.TRUNCATED),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(64), ImageProblem.TRUNCATED),
        (b"\0\0\0\x18ftypmsf1\0\0\0\0msf1hevc" + bytes(64), ImageProblem.ANIMATED),
        (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(64), ImageProblem.UNSUPPORTED),
    ],
)
def test_what_is_no_picture_or_no_picture_for_us(data: bytes, reason: ImageProblem) -> None:
    assert refusal(data) is reason


@pytest.mark.parametrize("format", ["bmp", "tiff", "avif", "jpeg2000", "ico"])
def test_formats_nobody_asked_for_are_not_decoded(format: str) -> None:
    options: dict[str, Any] = {"sizes": [(128, 128)]} if format == "ico" else {}
    assert refusal(encoded(corners(128, 128), format, **options)) is ImageProblem.UNSUPPORTED
