"""The heavy work on films and pictures, as the actors ask for it: blocking, so run in worker threads, few at a time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import trio

from actors.media import elsewhere
from actors.media.receipt import Fields
from protocol.catalogue import frame
from protocol.posts import Film
from storage.store import RunSync

if TYPE_CHECKING:
    from actors.media.reading import FilmFacts

UPLOAD_BYTES = 49_500_000
"""Telegram takes 50 MB of a bot (Bot API, sendVideo); whether that is 10^6 or 2^20, the form around it counts too."""


LOOK_PIXELS = 640
"""Of the longer side of a picture on a card."""
MOST_PARTS = 10
"""Messages that one film may take."""


@dataclass(frozen=True, slots=True)
class Media:
    """What actors ask for, without knowing in which thread it happens.

    finish(film, where its thumbnail goes, size to cut it to) makes a download what was sold; an empty size leaves the
    frame as the backend made it. Raises `NotAFilm` or `TooLarge`.
    One that is too large for a message comes in parts.
    look(bytes of a picture) gives a small JPEG of it; raises `ImageRefused`.
    fit(file of a picture, size, bytes at most) gives a JPEG of exactly that size; raises `ImageRefused` or `OSError`.
    receipt(bytes of a PDF) gives what a bank's receipt says; raises nothing.
    """

    finish: Callable[[Path, Path, str], Awaitable[Film]]
    look: Callable[[bytes], Awaitable[bytes]]
    fit: Callable[[Path, str, int], Awaitable[bytes]]
    receipt: Callable[[bytes], Awaitable[Fields]]


def finish(film: Path, thumbnail: Path, size: str, max_bytes: int = UPLOAD_BYTES) -> Film:
    """Measure the film, cut and shrink it where needed, and write its thumbnail. Raises `NotAFilm` or `TooLarge`.

    What is no MP4 becomes one. A film that cannot be shrunk is cut into parts between its key frames, without encoding
    anything anew.
    """
    from actors.media import film as media  # 14 MB of codecs that an idle bot does not need

    facts = media.inspect(film)
    wanted = frame(size) if size else _as_made(facts)
    if not facts.mp4 or wanted != (facts.width, facts.height):
        facts = media.recut(film, film, width=wanted[0], height=wanted[1])
    if facts.size_bytes > max_bytes:
        try:
            facts = media.shrink(film, film, max_bytes=max_bytes)
        except media.TooLarge:
            return _in_parts(film, thumbnail, facts, max_bytes)
    thumbnail.write_bytes(media.thumbnail(film))
    return _described(film, thumbnail, facts)


def _as_made(facts: "FilmFacts") -> tuple[int, int]:
    """The frame the backend made, where nobody asks for another; one that is encoded anew needs even sides."""
    if facts.mp4:
        return facts.width, facts.height
    return max(2, facts.width // 2 * 2), max(2, facts.height // 2 * 2)


def _in_parts(film: Path, thumbnail: Path, facts: "FilmFacts", max_bytes: int) -> Film:
    from actors.media import film as media

    if facts.size_bytes > MOST_PARTS * max_bytes:
        raise media.TooLarge(f"{facts.size_bytes} bytes are more than {MOST_PARTS} messages hold")
    parts = media.split(film, film.parent, max_bytes=max_bytes)
    described: list[Film] = []
    for part in parts:
        still = part.with_suffix(thumbnail.suffix)
        still.write_bytes(media.thumbnail(part))
        described.append(_described(part, still, media.inspect(part)))
    whole = _described(film, Path(described[0].thumbnail), facts)
    film.unlink()
    return whole.model_copy(update={"path": described[0].path, "parts": tuple(described)})


def _described(film: Path, thumbnail: Path, facts: "FilmFacts") -> Film:
    return Film(
        caption="",
        path=str(film),
        width=facts.width,
        height=facts.height,
        seconds=max(1, round(facts.seconds)),
        thumbnail=str(thumbnail),
    )


async def look_beside(heavy: RunSync, one: trio.CapacityLimiter, data: bytes) -> bytes:
    """As `look`, beside everything else: in a thread (`heavy`), or a process while it has the place `one`."""
    if not elsewhere.keeps_the_lock(data):
        return await heavy(look, data)
    async with one:
        return await elsewhere.worked_on(data, "preview", str(LOOK_PIXELS))


async def fit_beside(heavy: RunSync, one: trio.CapacityLimiter, picture: Path, size: str, max_bytes: int) -> bytes:
    """The same for `fit`."""
    if not elsewhere.keeps_the_lock(await heavy(_beginning, picture)):
        return await heavy(fit, picture, size, max_bytes)
    data = await heavy(picture.read_bytes)
    async with one:
        return await elsewhere.worked_on(data, "fit", *map(str, frame(size)), str(max_bytes))


def _beginning(picture: Path) -> bytes:
    with picture.open("rb") as file:
        return file.read(16)


def look(data: bytes) -> bytes:
    """A small JPEG of a picture. Raises `ImageRefused` when a film cannot begin from it."""
    from actors.media import image

    return image.preview(data, longest=LOOK_PIXELS)


def fit(picture: Path, size: str, max_bytes: int) -> bytes:
    """The picture as a JPEG of exactly this size, in at most `max_bytes`.

    Raises `ImageRefused`, or `OSError` when its file is gone.
    """
    from actors.media import image

    width, height = frame(size)
    return image.fit(picture.read_bytes(), width=width, height=height, max_bytes=max_bytes)
