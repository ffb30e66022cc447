"""Small films made for the tests: four coloured corners, a tone, and noise where weight is needed."""

import array
import io
import math
import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from PIL import Image

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 180, 40), (30, 40, 220), (220, 210, 40)
Colour = tuple[int, int, int]


def corners(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Red at the top left, green at the top right, blue at the bottom left, yellow at the bottom right."""
    image = Image.new("RGB", (width, height))
    w, h = width // 2, height // 2
    for colour, box in (
        (RED, (0, 0, w, h)),
        (GREEN, (w, 0, width, h)),
        (BLUE, (0, h, w, height)),
        (YELLOW, (w, h, width, height)),
    ):
        image.paste(colour, box)
    return image.convert(mode)


def corners_of(image: Image.Image) -> tuple[str, ...]:
    """The nearest of the four colours in each corner, in reading order; `?` when none is near."""
    names = {"red": RED, "green": GREEN, "blue": BLUE, "yellow": YELLOW}
    rgb = image.convert("RGB")
    dx, dy = rgb.width // 8, rgb.height // 8
    found: list[str] = []
    for x, y in ((dx, dy), (rgb.width - dx, dy), (dx, rgb.height - dy), (rgb.width - dx, rgb.height - dy)):
        pixel = rgb.getpixel((x, y))
        assert isinstance(pixel, tuple)
        distance = {name: math.dist(pixel, colour) for name, colour in names.items()}
        name = min(distance, key=lambda n: distance[n])
        found.append(name if distance[name] < 40 else "?")
    return tuple(found)


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def frame_of(image: Image.Image) -> VideoFrame:
    return VideoFrame.from_bytes(image.convert("RGBA").tobytes(), image.width, image.height, "rgba")


def noise_frames(width: int, height: int, count: int, seed: int = 1) -> Iterator[VideoFrame]:
    """Nothing compresses this."""
    source = random.Random(seed)
    for _ in range(count):
        frame = VideoFrame(width, height, "yuv420p")
        for plane in frame.planes:
            plane.update(source.randbytes(plane.buffer_size))
        yield frame


def tone(rate: int, seconds: float, hertz: float = 440.0) -> Iterator[AudioFrame]:
    samples = array.array("h", (int(9000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(rate)))
    for second in range(math.ceil(seconds)):
        length = min(rate, round((seconds - second) * rate))
        frame = AudioFrame("s16", "mono", length)
        frame.planes[0].update(samples[:length].tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts, frame.time_base = rate, second * rate, Fraction(1, rate)
        yield frame


def film(
    path: Path,
    frames: Iterator[VideoFrame],
    *,
    size: tuple[int, int],
    seconds: float = 2.0,
    rate: int = 24,
    sound: str | None = "aac",
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    rotation: float = 0,
    container_options: dict[str, str] | None = None,
) -> Path:
    """Write the frames and a tone of the same length."""
    with av.open(path, "w", options=container_options or {}) as output:
        video = output.add_stream(codec, rate=rate, options=options or {"preset": "ultrafast"})
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt, video.thread_count = *size, "yuv420p", 1
        if rotation:
            video.set_display_rotation(rotation)
        audio = output.add_stream(sound, rate=48_000) if sound else None
        sounds = tone(48_000, seconds) if audio else iter(())
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, Fraction(1, rate)
            output.mux(video.encode(frame))
            if isinstance(audio, av.AudioStream) and number % rate == 0:
                for heard in islice(sounds, 1):
                    output.mux(audio.encode(heard))
        output.mux(video.encode(None))
        if isinstance(audio, av.AudioStream):
            for heard in sounds:
                output.mux(audio.encode(heard))
            output.mux(audio.encode(None))
    return path


def corner_film(path: Path, size: tuple[int, int] = (320, 180), *, seconds: float = 2.0, **rest: object) -> Path:
    still = corners(*size)
    return film(path, (frame_of(still) for _ in range(round(seconds * 24))), size=size, seconds=seconds, **rest)  # type: ignore[arg-type]


def decoded(path: Path) -> list[Image.Image]:
    """Every picture of the film, as a viewer sees it."""
    with av.open(path) as container:
        turns = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}
        pictures: list[Image.Image] = []
        for frame in container.decode(video=0):
            picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
            turn = round(frame.rotation) % 360
            pictures.append(picture.transpose(turns[turn]) if turn else picture)
        return pictures


def sound_seconds(path: Path) -> float:
    """How much sound decodes."""
    with av.open(path) as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
