"""Still pictures of a film, as the `thumbnail` and `spritesheet` variants of its content."""

import io
from collections.abc import Iterator
from typing import cast

import av
from PIL import Image

# pyright: reportUnknownMemberType=false
# PyAV's stubs leave `to_image` without types.

SHEET_COLUMNS = 4
SHEET_CELL = 240  # pixels of a cell's longer side


def thumbnail(film: bytes) -> bytes:
    """The first frame, as WebP."""
    out = io.BytesIO()
    next(pictures(film)).save(out, "WEBP", quality=80)
    return out.getvalue()


def spritesheet(film: bytes) -> bytes:
    """A small picture for each second (for each frame, where frames are rarer), as JPEG."""
    cells = [*pictures(film)]
    for cell in cells:
        cell.thumbnail((SHEET_CELL, SHEET_CELL))
    width, height = cells[0].size
    rows = -(-len(cells) // SHEET_COLUMNS)
    sheet = Image.new("RGB", (width * SHEET_COLUMNS, height * rows))
    for place, cell in enumerate(cells):
        sheet.paste(cell, (place % SHEET_COLUMNS * width, place // SHEET_COLUMNS * height))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=80)
    return out.getvalue()


def pictures(film: bytes) -> Iterator[Image.Image]:
    """The first picture of every second that begins one."""
    second = 0
    with av.open(io.BytesIO(film), "r") as container:
        for frame in container.decode(video=0):
            if frame.time >= second:
                second = int(frame.time) + 1
                yield cast("Image.Image", frame.to_image())  # type: ignore[no-untyped-call]
