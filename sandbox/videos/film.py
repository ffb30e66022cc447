"""Writing a film down: H.264 and AAC in an MP4 that can start playing before its end has arrived.

`tiny_film` makes the film the simulation lives on: honest size, length and sound, and two flat frames.
"""

import colorsys
import io
import math
from array import array
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

import av
from av.codec.context import Flags
from av.video.reformatter import ColorRange, Colorspace

# PyAV's stubs leave the type parameter of Packet open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

FASTSTART = {"movflags": "+faststart", "fflags": "+bitexact"}  # bitexact: no version string, no dates
AAC_PRIMING = 1024  # samples the encoder puts in front; without them the sound would outlast the picture
PENTATONIC_HZ = (
    196,
    220,
    262,
    294,
    330,
    392,
)  # whole numbers: a second of the tone can be repeated without a click


class Sound(NamedTuple):
    """Samples a second and bits a second of the sound track."""

    sample_rate: int
    bit_rate: int


STUDIO = Sound(44_100, 64_000)
TELEPHONE = Sound(8_000, 16_000)


def write_film(
    frames: Iterable[av.VideoFrame],
    *,
    width: int,
    height: int,
    seconds: int,
    fps: Fraction,
    tone_hz: int,
    sound: Sound = STUDIO,
    preset: str = "ultrafast",
    crf: int = 23,
) -> bytes:
    """Encode `frames` (yuv420p, `fps` a second) with a soft tone of the same length. Uses one core."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4", options=FASTSTART, io_open=_reader_of(out)) as film:
        picture = film.add_stream("libx264", rate=fps, options={"preset": preset, "crf": str(crf)})
        picture.width, picture.height, picture.pix_fmt = width, height, "yuv420p"
        picture.codec_context.colorspace = Colorspace.ITU601  # as Pillow's YCbCr; players take HD for BT.709
        picture.codec_context.color_range = ColorRange.MPEG
        picture.codec_context.thread_count = 1  # slices would depend on the machine, and the bytes with them
        picture.codec_context.flags |= Flags.bitexact
        voice = film.add_stream("aac", rate=sound.sample_rate, layout="mono", options={"aac_coder": "fast"})
        voice.codec_context.bit_rate = sound.bit_rate
        voice.codec_context.flags |= Flags.bitexact
        for frame in frames:
            film.mux(picture.encode(frame))
        film.mux(picture.encode(None))
        film.mux(voice.encode(_tone(tone_hz, seconds, sound.sample_rate)))
        film.mux(voice.encode(None))
    return out.getvalue()


def tiny_film(prompt: str, *, model: str, width: int, height: int, seconds: int, image: bytes | None = None) -> bytes:
    """A film as cheap as a real one can be: two frames of one flat colour, drawn from the prompt.

    The same arguments give the same bytes. `image` only changes the colour.
    """
    digest = sha256("\0".join((prompt, model)).encode() + (image or b"")).digest()
    frame = flat_frame(width, height, hue=digest[0] / 256)

    def frames() -> Iterable[av.VideoFrame]:
        for half in range(2):
            frame.pts = half
            yield frame

    return write_film(
        frames(),
        width=width,
        height=height,
        seconds=seconds,
        fps=Fraction(2, seconds),
        tone_hz=tone_of(digest),
        sound=TELEPHONE,
        preset="ultrafast",
        crf=35,
    )


def tone_of(digest: bytes) -> int:
    """The pitch, in hertz, that belongs to a prompt."""
    return PENTATONIC_HZ[digest[1] % len(PENTATONIC_HZ)]


def flat_frame(width: int, height: int, *, hue: float) -> av.VideoFrame:
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.55, 0.6)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    levels = (16 + 219 * luma, 128 + 224 * 0.564 * (blue - luma), 128 + 224 * 0.713 * (red - luma))  # BT.601
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, level in zip(frame.planes, levels, strict=True):
        plane.update(bytes([round(level)]) * plane.buffer_size)
    return frame


def _reader_of(out: io.BytesIO) -> Callable[[str, int, dict[str, str]], io.RawIOBase]:
    """The second handle +faststart asks for, to move the index to the front of what has been written."""

    class Reader(io.RawIOBase):
        position = 0

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            end = len(out.getbuffer()) if size < 0 else self.position + size
            piece = bytes(out.getbuffer()[self.position : end])
            self.position += len(piece)
            return piece

        def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
            base = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: len(out.getbuffer())}[whence]
            self.position = base + offset
            return self.position

        def tell(self) -> int:
            return self.position

    return lambda url, flags, options: Reader()


def _tone(hertz: int, seconds: int, sample_rate: int) -> av.AudioFrame:
    samples = _second_of_tone(hertz, sample_rate) * seconds
    frame = av.AudioFrame("s16", "mono", sample_rate * seconds - AAC_PRIMING)
    frame.sample_rate = sample_rate
    plane = frame.planes[0]
    plane.update(samples[: plane.buffer_size].ljust(plane.buffer_size, b"\0"))
    return frame


@lru_cache(maxsize=16)
def _second_of_tone(hertz: int, sample_rate: int) -> bytes:
    turn = 2 * math.pi / sample_rate

    def sample(i: int) -> int:
        swell = 0.55 - 0.45 * math.cos(turn * i)  # one breath a second, quiet where the seconds meet
        wave = 0.7 * math.sin(turn * hertz * i) + 0.3 * math.sin(turn * 2 * hertz * i)
        return round(2600 * swell * wave)

    return array("h", map(sample, range(sample_rate))).tobytes()
