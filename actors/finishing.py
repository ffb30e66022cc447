"""The heavy work on films and pictures, as the actors ask for it: blocking, so run in worker threads, few at a time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from protocol.catalogue import frame
from protocol.posts import Film

UPLOAD_BYTES = 49_500_000
"""Telegram takes 50 MB of a bot (Bot API, sendVideo); whether that is 10^6 or 2^20, the form around it counts too."""


@dataclass(frozen=True, slots=True)
class Media:
    """What actors ask for, without knowing in which thread it happens.

    finish(film, where its thumbnail goes, size to cut it to) makes a download what was sold; an empty size leaves the
    frame as the backend made it. Raises `NotAFilm` or `TooLarge`.
    look(bytes of a picture) gives a small JPEG of it; raises `ImageRefused`.
    fit(file of a picture, size) gives a JPEG of exactly that size; raises `ImageRefused` or `OSError`.
    """

    finish: Callable[[Path, Path, str], Awaitable[Film]]
    look: Callable[[bytes], Awaitable[bytes]]
    fit: Callable[[Path, str], Awaitable[bytes]]


def finish(film: Path, thumbnail: Path, size: str, max_bytes: int = UPLOAD_BYTES) -> Film:
    """Measure the film, cut and shrink it where needed, and write its thumbnail. Raises `NotAFilm` or `TooLarge`."""
    from actors.media import film as media  # 14 MB of codecs that an idle bot does not need

    facts = media.inspect(film)
    if size and frame(size) != (facts.width, facts.height):
        width, height = frame(size)
        facts = media.recut(film, film, width=width, height=height)
    if facts.size_bytes > max_bytes:
        facts = media.shrink(film, film, max_bytes=max_bytes)
    thumbnail.write_bytes(media.thumbnail(film))
    return Film(
        caption="",
        path=str(film),
        width=facts.width,
        height=facts.height,
        seconds=max(1, round(facts.seconds)),
        thumbnail=str(thumbnail),
    )


def look(data: bytes) -> bytes:
    """A small JPEG of a picture. Raises `ImageRefused` when a film cannot begin from it."""
    from actors.media import image

    return image.preview(data, longest=640)


def fit(picture: Path, size: str) -> bytes:
    """The picture as a JPEG of exactly this size. Raises `ImageRefused`, or `OSError` when its file is gone."""
    from actors.media import image

    width, height = frame(size)
    return image.fit(picture.read_bytes(), width=width, height=height)
