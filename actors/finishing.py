"""Makes a downloaded film what was sold: the size that was paid for, small enough for Telegram, with a thumbnail.

Blocking, and heavy on memory: run one at a time, in a worker thread.
"""

from pathlib import Path

from protocol.catalogue import frame
from protocol.posts import Film

UPLOAD_BYTES = 49_500_000
"""Telegram takes 50 MB of a bot (Bot API, sendVideo); whether that is 10^6 or 2^20, the form around it counts too."""


def finish(film: Path, thumbnail: Path, size: str, max_bytes: int = UPLOAD_BYTES) -> Film:
    """Measure the film, cut and shrink it where needed, and write its thumbnail. Raises `NotAFilm` or `TooLarge`."""
    from actors.media import film as media  # 14 MB of codecs that an idle bot does not need

    facts = media.inspect(film)
    width, height = frame(size)
    if (facts.width, facts.height) != (width, height):
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
