"""Pictures a buyer sent, made into exactly what a video backend or a chat takes.

A picture is a stranger's file: its size is read from its header and judged before a pixel is decoded, and
only five formats are ever handed to a decoder (JPEG, PNG, WebP, GIF, and HEIC through libheif). Weak points: a
CMYK picture is converted without its colour profile, and the crop is always central.
"""

import io
import struct
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final, Literal

# Pillow's types mention NumPy, which is not installed: hence the few `reportUnknown` ignores below.
from PIL import ExifTags, Image, ImageCms, ImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from actors.media.problems import EXIT_REFUSED, ImageProblem, ImageRefused

MAX_FILE_BYTES: Final = 20 * 1024 * 1024  # what Telegram lets a bot download (getFile)
MAX_PIXELS: Final = 50_000_000  # beyond the largest phone camera's usual output; 200 MB once decoded
MAX_WEBP_PIXELS: Final = 17_000_000  # libwebp keeps two canvases beside the result: 16 bytes for every pixel
MAX_HEIF_PIXELS: Final = (
    25_000_000  # libheif and Pillow each keep a copy: 7 bytes a pixel, measured; iPhones make 24 MP
)
MAX_PIXELS_OF: Final = {"WEBP": MAX_WEBP_PIXELS, "HEIF": MAX_HEIF_PIXELS}
MIN_SIDE: Final = 64  # pixels; less than this only makes a blur when enlarged
MOST_SHAPE: Final = 10  # long sides to short ones of a preview; above 20 Telegram refuses a photo (Bot API, sendPhoto)
QUALITIES: Final = (92, 85, 75, 60, 40)  # the first that fits into the limit is taken
STRIP_PIXELS: Final = 1_000_000  # how much of a picture is converted at a time

Format = Literal["jpeg", "png"]
Box = tuple[int, int, int, int]


# What Pillow's documentation and plugins raise for a file that is not what it claims to be: a broken PNG is a
# SyntaxError, a truncated picture an OSError, readers run off the end with EOFError or struct.error, and libheif's
# RuntimeError says that more pixels come out than the header promised.
_BROKEN: Final = (
    *(OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, RuntimeError),
    struct.error,
)

_TRANSPOSE: Final = {  # the EXIF orientation, as ImageOps.exif_transpose reads it
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_HEIF_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"mif1"}  # ISO/IEC 23008-12, annex B: one picture
_HEIF_SEQUENCES: Final = {b"hevc", b"hevx", b"hevm", b"hevs", b"msf1"}
_KNOWN_BUT_UNSUPPORTED: Final = (
    b"%PDF",
    b"<svg",
    b"<?xml",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"8BPS",
    b"\xff\x0a",  # JPEG XL, bare
    b"\0\0\0\x0cJXL ",
    b"\0\0\0\x0cjP  ",  # JPEG 2000
    b"\0\0\1\0",  # an icon
)


def fit(data: bytes, *, width: int, height: int, max_bytes: int = 10_000_000, format: Format = "jpeg") -> bytes:
    """The picture, upright, flattened on white and cropped around its centre to `width` x `height` pixels.

    The same bytes give the same answer; nothing of the original's metadata is carried over. `max_bytes` is
    reached by lowering the JPEG quality from 92. Raises `ImageRefused`, with `too_large_file` also when even
    that is too much.
    """
    with _opened(data) as image:
        turned = _orientation(image)
        target = (height, width) if turned in (5, 6, 7, 8) else (width, height)
        image.draft(None, target)
        picture = _scaled(image, _cover(image.size, target), target)
    return _encoded(_upright(picture, turned), format, max_bytes)


def preview(data: bytes, longest: int = 320) -> bytes:
    """The whole picture as a JPEG whose longer side has at most `longest` pixels. Raises `ImageRefused`.

    Of a strip only the middle is shown: Telegram takes no photo of it (`MOST_SHAPE`).
    """
    with _opened(data) as image:
        turned = _orientation(image)
        width, height = image.size
        shape = (min(width, MOST_SHAPE * height), min(height, MOST_SHAPE * width))
        scale = min(1.0, longest / max(shape))
        target = (max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale)))
        image.draft(None, (round(width * scale), round(height * scale)))
        picture = _scaled(image, _cover(image.size, shape), target)
    return _encoded(_upright(picture, turned), "jpeg", MAX_FILE_BYTES)


@contextmanager
def _opened(data: bytes) -> Generator[ImageFile.ImageFile]:
    """A picture whose header was judged. What Pillow raises inside the block becomes `ImageRefused`."""
    if len(data) > MAX_FILE_BYTES:
        raise ImageRefused(ImageProblem.TOO_LARGE_FILE)
    reader = _reader(data)
    try:
        # Not Image.open(): it warns about large pictures through the process-wide warning filters, where a
        # thread cannot silence it, and it tries every plugin there is.
        with reader(io.BytesIO(data)) as image:
            _judge(image)
            yield image
    except Image.DecompressionBombError as error:
        raise ImageRefused(ImageProblem.TOO_MANY_PIXELS) from error
    except _BROKEN as error:
        raise ImageRefused(ImageProblem.TRUNCATED) from error


def _reader(data: bytes) -> type[ImageFile.ImageFile]:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"\xff\xd8\xff"):
        return JpegImageFile
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GifImageFile
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WebPImageFile
    if head[4:8] == b"ftyp":  # HEIC and AVIF pictures, and also MP4 films
        return _heif_reader(head[8:12])
    if head.lower().startswith(_KNOWN_BUT_UNSUPPORTED) or head.startswith(_KNOWN_BUT_UNSUPPORTED):
        raise ImageRefused(ImageProblem.UNSUPPORTED)
    raise ImageRefused(ImageProblem.NOT_AN_IMAGE)


def _heif_reader(brand: bytes) -> type[ImageFile.ImageFile]:
    if brand in _HEIF_SEQUENCES:
        raise ImageRefused(ImageProblem.ANIMATED)
    if brand not in _HEIF_BRANDS:
        raise ImageRefused(ImageProblem.UNSUPPORTED)
    # Without types; and a bot to which nobody sends HEIC does without its 10 MB.
    plugin: Any = import_module("pillow_heif")
    # What we never look at is not read, and one thread is enough: another keeps more of the picture in memory.
    plugin.options.DEPTH_IMAGES = plugin.options.AUX_IMAGES = False
    plugin.options.DECODE_THREADS = 1
    reader: type[ImageFile.ImageFile] = plugin.HeifImageFile
    return reader


def _judge(image: ImageFile.ImageFile) -> None:
    most = MAX_PIXELS_OF.get(image.format or "", MAX_PIXELS)
    if image.width * image.height > most:
        raise ImageRefused(ImageProblem.TOO_MANY_PIXELS)
    if min(image.size) < MIN_SIDE:
        raise ImageRefused(ImageProblem.TOO_SMALL)
    if isinstance(image, GifImageFile | PngImageFile | WebPImageFile) and image.is_animated:
        raise ImageRefused(ImageProblem.ANIMATED)


def _orientation(image: ImageFile.ImageFile) -> int:
    if not isinstance(image, JpegImageFile):
        # A PNG's EXIF may stand behind its pixels. getexif() would load them itself, and what it raised for broken
        # ones would be taken below for broken EXIF; a second load() then passes, with half a picture.
        image.load()
    try:
        orientation: object = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _BROKEN:
        return 1  # the camera's notes are broken, the picture need not be: decoding tells
    return orientation if isinstance(orientation, int) else 1


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    """Turned last, when the picture is small: turning a camera's full frame would double the memory."""
    method = _TRANSPOSE.get(orientation)
    return picture if method is None else picture.transpose(method)


def _cover(size: tuple[int, int], target: tuple[int, int]) -> Box:
    """The central part of `size` that has the proportions of `target`."""
    scale = min(size[0] / target[0], size[1] / target[1])
    width, height = (max(1, min(s, round(t * scale))) for s, t in zip(size, target, strict=True))
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return left, top, left + width, top + height


def _scaled(image: ImageFile.ImageFile, box: Box, target: tuple[int, int]) -> Image.Image:
    """`box` of the picture in `target` pixels, RGB.

    Converted and reduced by a whole number strip by strip, so that beside the decoded picture only a small
    copy exists; the rest of the way, at least a factor of two where there is one, is LANCZOS.
    """
    image.load()
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    factor = max(1, min(width // target[0], height // target[1]) // 2)
    step = max(1, STRIP_PIXELS // (width * factor)) * factor
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    for y in range(0, height, step):
        strip = image.crop((left, top + y, right, top + min(y + step, height)))
        small.paste(_flat(strip).reduce(factor), (0, y // factor))
    exact: tuple[float, float, float, float] = (0, 0, width / factor, height / factor)
    scaled = small.resize(target, Image.Resampling.LANCZOS, exact)  # pyright: ignore[reportUnknownMemberType]
    return _in_srgb(scaled, image)


def _flat(strip: Image.Image) -> Image.Image:
    """RGB on white."""
    if strip.mode.startswith("I"):  # 16 bits of grey; convert() would clip them instead of scaling
        wide = strip.convert("I")
        strip = wide.point(lambda value: value * (1 / 257)).convert("L")  # pyright: ignore[reportUnknownMemberType]
    if not strip.has_transparency_data:
        return strip.convert("RGB")
    layer = strip.convert("RGBA")
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer.getchannel("A"))
    return white


def _in_srgb(picture: Image.Image, original: ImageFile.ImageFile) -> Image.Image:
    """The colours a phone's wide-gamut profile (Display P3) meant: the profile itself is not carried over."""
    profile: object = original.info.get("icc_profile")
    if not isinstance(profile, bytes) or original.mode not in ("RGB", "RGBA", "P"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))  # pyright: ignore
        converted = ImageCms.profileToProfile(picture, source, srgb)
    except (ImageCms.PyCMSError, OSError):  # a broken profile, or one for another kind of picture
        return picture
    return picture if converted is None else converted


def _encoded(picture: Image.Image, format: Format, max_bytes: int) -> bytes:
    clean = Image.frombytes("RGB", picture.size, picture.tobytes())  # without the original's `info`
    for quality in QUALITIES if format == "jpeg" else QUALITIES[:1]:
        out = io.BytesIO()
        clean.save(out, format, quality=quality, optimize=format == "jpeg")
        if out.tell() <= max_bytes:
            return out.getvalue()
    raise ImageRefused(ImageProblem.TOO_LARGE_FILE)


def _main() -> None:
    """A picture from stdin, what was asked for to stdout: how `elsewhere` uses this module."""
    try:
        match sys.argv[1:]:
            case ["preview", longest]:
                made = preview(sys.stdin.buffer.read(), int(longest))
            case ["fit", width, height, most]:
                made = fit(sys.stdin.buffer.read(), width=int(width), height=int(height), max_bytes=int(most))
            case _:
                sys.exit("preview LONGEST or fit WIDTH HEIGHT BYTES")
    except ImageRefused as refused:
        sys.stdout.write(refused.reason)
        sys.exit(EXIT_REFUSED)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    _main()
