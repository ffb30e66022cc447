"""The film the sandbox shows: drifting colour, or the given picture coming closer, and the prompt over it.

The encoder is given what it wants (brightness in full size, colour in half), and all that moves is drawn
small and enlarged: eight seconds of film take about two seconds of one core.
"""

# pyright: reportUnknownMemberType=false
# Pillow names numpy's types, and numpy is not installed.

import io
import math
from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256
from random import Random

import av
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from sandbox.videos.film import tone_of, write_film
from sandbox.videos.lettering import draw_lines, fitted, font_of, spelled, width_of

FPS = 24
SMALL = 8  # the moving background is drawn this many times smaller
ROAM = 2  # and cut out of a canvas this many times larger than the frame
BLOBS = 14
ZOOM = 0.14  # how much closer an input image has come at the end
FADE_IN = 18  # frames before the words stand over an input image: the first frame is the image itself
SHADE = 0.62  # how dark the ground behind the words gets
PALETTES = (  # a ground, then its lights
    ("#081a36", "#1f6f8b", "#3ddc97", "#7b2ff7"),
    ("#1a1033", "#5b2a86", "#ff5e7e", "#ffb35c"),
    ("#04263d", "#0f6ba8", "#35c2d8", "#a7f0e8"),
    ("#220a14", "#8c1d2f", "#ff6b35", "#ffd166"),
    ("#16112b", "#3d3a9c", "#b04ae0", "#ff8fd6"),
    ("#071f1a", "#136f4f", "#5cc98a", "#e2f285"),
)
WHITE, BLACK, GREY = 235, 16, 128  # of limited-range video
LIMITED_LUMA = [round(16 + 219 * value / 255) for value in range(256)]
LIMITED_CHROMA = [round(128 + 224 * (value - 128) / 255) for value in range(256)]

Planes = tuple[Image.Image, Image.Image, Image.Image]
Box = tuple[float, float, float, float]


def render_film(prompt: str, *, model: str, width: int, height: int, seconds: int, image: bytes | None = None) -> bytes:
    """A film of `width`x`height` pixels and `seconds` with a soft tone, as an MP4. Deterministic.

    `image` (of any size Pillow reads) becomes its first frame.
    """
    digest = sha256(prompt.encode()).digest()
    ground = _Picture(image, width, height) if image else _Drift(Random(digest), width, height)
    words = _Words(
        prompt, f"{model}  ·  {width}x{height}  ·  {seconds} s", width, height, seconds, low=image is not None
    )

    def frames() -> Iterator[av.VideoFrame]:
        last = seconds * FPS - 1
        for number in range(seconds * FPS):
            planes = ground.at(number / last)
            words.write(planes, number)
            yield _frame(planes, number)

    return write_film(frames(), width=width, height=height, seconds=seconds, fps=Fraction(FPS), tone_hz=tone_of(digest))


class _Drift:
    """Two layers of soft colour that move against each other."""

    def __init__(self, random: Random, width: int, height: int) -> None:
        self._size = (width, height)
        self._small = (max(2, width // SMALL), max(2, height // SMALL))
        palette = random.choice(PALETTES)
        self._layers = (self._layer(random, palette), self._layer(random, palette))
        self._turn = random.choice((-1, 1)) * random.uniform(0.5, 0.8)  # turns of the whole film
        self._start = random.uniform(0, math.tau)

    def _layer(self, random: Random, palette: tuple[str, ...]) -> Image.Image:
        ground, *lights = palette
        width, height = (side * ROAM for side in self._small)
        layer = Image.new("RGB", (width, height), ground)
        draw = ImageDraw.Draw(layer)
        for number in range(BLOBS):
            x, y = random.uniform(0, width), random.uniform(0, height)
            radius = random.uniform(0.07, 0.17) * (width + height) / 2
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=lights[number % len(lights)])
        return layer.filter(ImageFilter.GaussianBlur((width + height) / 34))

    def at(self, share: float) -> Planes:
        angle = self._start + math.tau * self._turn * share
        near = self._cut(self._layers[0], angle, 0.9)
        far = self._cut(self._layers[1], -angle * 0.7, 0.6)
        small = Image.blend(near, far, 0.45)
        return _enlarged(_limited(small), self._size, (0, 0, *self._small))

    def _cut(self, layer: Image.Image, angle: float, reach: float) -> Image.Image:
        width, height = self._small
        left = (layer.width - width) / 2 * (1 + reach * math.cos(angle))
        top = (layer.height - height) / 2 * (1 + reach * math.sin(angle))
        box = (
            left,
            top,
            left + width,
            top + height,
        )  # fractions of a pixel count: that is what makes it smooth
        return layer.resize(self._small, Image.Resampling.BILINEAR, box)


class _Picture:
    """The input image, from as it is to a little closer."""

    def __init__(self, image: bytes, width: int, height: int) -> None:
        self._size = (width, height)
        with Image.open(io.BytesIO(image)) as opened:
            self._planes = _limited(opened.convert("RGB").resize(self._size, Image.Resampling.LANCZOS))

    def at(self, share: float) -> Planes:
        width, height = self._size
        ease = share * share * (3 - 2 * share)
        inset = ZOOM * ease / 2
        box = (width * inset, height * inset, width * (1 - inset), height * (1 - inset))
        return _enlarged(self._planes, self._size, box, Image.Resampling.BILINEAR)


class _Words:
    """The prompt, a line about the film, and how far it has come.

    `low` words leave the middle to an input image, and fade in: the first frame is that image alone.
    """

    def __init__(self, prompt: str, about: str, width: int, height: int, seconds: int, *, low: bool) -> None:
        self._seconds = seconds
        self._fades = low
        short = min(width, height)
        self._margin = margin = max(2, short // 12)
        self._small = font_of(max(8, short // 30))
        self._line = height - margin - short // 22  # top of the line that grows
        self._thick = max(2, short // 180) // 2 * 2
        largest, smallest = max(10, short // (16 if low else 9)), max(8, short // 28)
        room = height // (4 if low else 2)
        lines, font, step = fitted(prompt, width - 2 * margin, room, largest=largest, smallest=smallest)
        tall = len(lines) * step
        top = self._line - tall - step // 2 if low else (height - tall) // 2
        self._still = Image.new("L", (width, height))
        draw_lines(self._still, lines, font, top=top, step=step)
        glow = self._still.filter(ImageFilter.BoxBlur(short // 24)).filter(ImageFilter.BoxBlur(short // 24))
        self._shade = ImageChops.add(glow.point(_curve(1.6)), _footing(width, height)).point(_curve(SHADE))
        below = self._line + 2 * self._thick
        ImageDraw.Draw(self._still).text((margin, below), spelled(about), font=self._small, fill=255)
        self._below = below
        self._second = -1
        self._letters = self._still
        self._half_shade = self._shade

    def write(self, planes: Planes, number: int) -> None:
        """Put the words of frame `number` over the picture."""
        if number // FPS != self._second:
            self._turn_to(number // FPS)
        letters, shade, colourless = self._letters, self._shade, self._half_shade
        if self._fades and number < FADE_IN:
            curve = _curve(number / FADE_IN)
            letters, shade, colourless = (mask.point(curve) for mask in (letters, shade, colourless))
        luma, *chroma = planes
        luma.paste(BLACK, (0, 0), shade)
        luma.paste(WHITE, (0, 0), letters)
        for plane in chroma:
            plane.paste(GREY, (0, 0), colourless)
        if not self._fades or number >= FADE_IN:
            self._grow(planes, (number + 1) / (self._seconds * FPS))

    def _turn_to(self, second: int) -> None:
        self._second = second
        counter = f"{second + 1} / {self._seconds}"
        left = self._still.width - self._margin - width_of(counter, self._small)
        self._letters = self._still.copy()
        ImageDraw.Draw(self._letters).text((left, self._below), counter, font=self._small, fill=255)
        half = (self._still.width // 2, self._still.height // 2)
        self._half_shade = ImageChops.lighter(self._shade, self._letters).resize(half, Image.Resampling.BOX)

    def _grow(self, planes: Planes, share: float) -> None:
        length = round((self._still.width - 2 * self._margin) * share)
        for plane, level, scale in zip(planes, (WHITE, GREY, GREY), (1, 2, 2), strict=True):
            left, top = self._margin // scale, self._line // scale
            plane.paste(level, (left, top, left + length // scale, top + self._thick // scale))


def _footing(width: int, height: int) -> Image.Image:
    """A shade that rises from nothing to the lower edge, for the small words there."""
    slope = Image.linear_gradient("L").resize((width, max(1, height // 4)))
    footing = Image.new("L", (width, height))
    footing.paste(slope, (0, height - slope.height))
    return footing


def _curve(factor: float) -> list[int]:
    return [min(255, round(value * factor)) for value in range(256)]


def _limited(picture: Image.Image) -> Planes:
    """The picture as limited-range Y, Cb and Cr, the range films are made in."""
    luma, blue, red = picture.convert("YCbCr").split()
    return luma.point(LIMITED_LUMA), blue.point(LIMITED_CHROMA), red.point(LIMITED_CHROMA)


def _enlarged(
    planes: Planes, size: tuple[int, int], box: Box, how: Image.Resampling = Image.Resampling.BICUBIC
) -> Planes:
    luma, blue, red = planes
    half = (size[0] // 2, size[1] // 2)
    return luma.resize(size, how, box), blue.resize(half, how, box), red.resize(half, how, box)


def _frame(planes: Planes, number: int) -> av.VideoFrame:
    frame = av.VideoFrame(planes[0].width, planes[0].height, "yuv420p")
    frame.pts = number
    for plane, picture in zip(frame.planes, planes, strict=True):
        rows = picture.crop((0, 0, plane.line_size, picture.height))  # the encoder wants its lines padded
        plane.update(rows.tobytes().ljust(plane.buffer_size, b"\0"))
    return frame
