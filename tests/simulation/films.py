"""Films for the simulation: thirty bytes that say what they are, because drawing real ones would take all the time."""

import re
import tempfile
from functools import cache
from pathlib import Path

import trio

from actors.films.finishing import finish, fit, look
from actors.media import receipt
from actors.media.problems import NotAFilm
from protocol.posts import Film

_FILM = re.compile(rb"\x00\x00\x00\x18ftypmp42 (\d+)x(\d+) (\d+) s, whole")


def paper_film(prompt: str, *, model: str, width: int, height: int, seconds: int, image: bytes | None = None) -> bytes:
    """A film that exists on paper only. It starts as an MP4 does, which is all that Telegram's stand-in looks at."""
    return b"\x00\x00\x00\x18ftypmp42 %dx%d %d s, whole" % (width, height, seconds)


async def finish_paper(film: Path, thumbnail: Path, size: str) -> Film:
    """What `actors.films.finishing.finish` does, for a film on paper. Raises `NotAFilm` for half of one."""
    await trio.lowlevel.checkpoint()
    found = _FILM.fullmatch(film.read_bytes())  # noqa: ASYNC240 - a thread would break the mocked clock
    if found is None:
        raise NotAFilm("the file breaks off")
    width, height, seconds = map(int, found.groups())
    return Film(caption="", path=str(film), width=width, height=height, seconds=seconds)


async def finish_real(film: Path, thumbnail: Path, size: str) -> Film:
    """The real thing, without its thread."""
    await trio.lowlevel.checkpoint()
    return finish(film, thumbnail, size)


@cache
def _looked(data: bytes) -> bytes:
    return look(data)


@cache
def _fitted(data: bytes, size: str, most_bytes: int) -> bytes:
    with tempfile.NamedTemporaryFile() as picture:
        picture.write(data)
        picture.flush()
        return fit(Path(picture.name), size, most_bytes)


async def look_inline(data: bytes) -> bytes:
    """A small picture, made without a thread, and of the same picture once."""
    await trio.lowlevel.checkpoint()
    return _looked(data)


async def fit_inline(picture: Path, size: str, most_bytes: int) -> bytes:
    """A first frame, made without a thread, and of the same picture once."""
    await trio.lowlevel.checkpoint()
    return _fitted(picture.read_bytes(), size, most_bytes)  # noqa: ASYNC240 - as above


async def receipt_inline(data: bytes) -> receipt.Fields:
    """What a receipt says, read without a process."""
    await trio.lowlevel.checkpoint()
    return _read(data)


@cache
def _read(data: bytes) -> receipt.Fields:
    return receipt.read(data)
