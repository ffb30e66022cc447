"""How a film is written: beside its final name, renamed when it is complete and not above its limit."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import OutputContainer

from actors.media.problems import TooLarge


@contextmanager
def written(target: Path, *, max_bytes: int | None = None) -> Generator[OutputContainer]:
    """An MP4 whose index comes first, so that it plays while it downloads.

    Nothing is left behind when the block fails. Raises `TooLarge` when the file came out above `max_bytes`.
    """
    part = target.absolute().with_name(f".{target.name}.part")
    try:
        with av.open(part, "w", format="mp4", options={"movflags": "+faststart"}) as output:
            yield output
        size = part.stat().st_size
        if max_bytes is not None and size > max_bytes:
            raise TooLarge(f"the film came out at {size} bytes, above the limit of {max_bytes}")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
