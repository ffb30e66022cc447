"""The small still picture that Telegram shows before a film plays."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from av.video.frame import VideoFrame
from PIL import Image, ImageStat

from actors.media.problems import NotAFilm
from actors.media.reading import Film, inspect, opened, shown_size

LONGEST: Final = 320  # pixels; Telegram's limits for `thumbnail` in sendVideo, with the next
MAX_BYTES: Final = 200_000
PLACES: Final = (0.1, 0.25, 0.5, 0.75)  # of the film's length; films often fade in from black
DARK: Final = 24.0  # mean luma; black in a film is 16 at most, or 0 once converted to RGB

_TURNS: Final = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}


def thumbnail(path: Path) -> bytes:
    """A JPEG of at most 320 pixels and 200 kB from about a tenth into the film, later where that is black.

    Raises `NotAFilm`.
    """
    seconds = inspect(path).seconds
    best: tuple[float, Image.Image] | None = None
    with opened(path) as film:
        for picture in _candidates(film, seconds):
            brightness = ImageStat.Stat(picture.convert("L")).mean[0]
            if best is None or brightness > best[0]:
                best = brightness, picture
            if brightness >= DARK:
                break
    if best is None:
        raise NotAFilm("no frame of the film can be decoded")
    return _jpeg(best[1])


def _candidates(film: Film, seconds: float) -> Iterator[Image.Image]:
    for place in PLACES:
        frame = _frame_at(film, seconds * place)
        if frame is not None:
            yield _picture(frame, film)


def _frame_at(film: Film, seconds: float) -> VideoFrame | None:
    """The first frame at or after the moment, or the last before it."""
    moment: int | None = None
    if film.video.time_base is not None:
        moment = (film.video.start_time or 0) + round(seconds / film.video.time_base)
        film.seek(moment)
    frame = None
    for frame in film.frames():
        if moment is None or frame.pts is None or frame.pts >= moment:
            break
    return frame


def _picture(frame: VideoFrame, film: Film) -> Image.Image:
    shown = shown_size(frame, film.video)
    scale = min(1.0, LONGEST / max(shown))
    width, height = (max(1, round(side * scale)) for side in shown)
    turn = round(frame.rotation) % 360
    if turn % 180 == 90:
        width, height = height, width
    small = frame.reformat(width, height, "rgb24", interpolation="AREA", threads=1)
    plane = small.planes[0]
    picture = Image.frombytes("RGB", (width, height), bytes(plane), "raw", "RGB", plane.line_size, 1)
    return picture.transpose(_TURNS[turn]) if turn in _TURNS else picture


def _jpeg(picture: Image.Image) -> bytes:
    for quality in (87, 70, 50):
        out = io.BytesIO()
        picture.save(out, "jpeg", quality=quality, optimize=True)
        if out.tell() < MAX_BYTES:
            break
    return out.getvalue()
