"""Pictures worked on in a process of their own: the same picture comes out, and a bad one is refused all the same."""

import io
import os
import random
import threading
from contextlib import suppress
from pathlib import Path

import pillow_heif
import pytest
import trio
from media_samples import corners, corners_of, encoded
from PIL import Image

from actors.films import finishing
from actors.media import image
from actors.media.elsewhere import keeps_the_lock, worked_on
from actors.media.problems import ImageProblem, ImageRefused
from actors.process import media_in_threads


def heic(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(picture).save(out, quality=80)
    return out.getvalue()


def test_which_pictures_keep_the_lock() -> None:
    small = corners(64, 64)
    found = {format: keeps_the_lock(encoded(small, format)) for format in ("jpeg", "png", "gif", "webp")}
    assert found == {"jpeg": False, "png": False, "gif": False, "webp": True}
    assert keeps_the_lock(heic(small))
    assert not keeps_the_lock(b"")


@pytest.mark.parametrize("format", ["jpeg", "webp", "heic"])
async def test_the_same_comes_out_wherever_it_is_made(format: str, tmp_path: Path) -> None:
    data = heic(corners(640, 480)) if format == "heic" else encoded(corners(640, 480), format)
    (tmp_path / "a.picture").write_bytes(data)
    media = media_in_threads()
    with trio.fail_after(60):
        assert await media.look(data) == finishing.look(data)
        fitted = await media.fit(tmp_path / "a.picture", "720x1280", 9_000)
    assert fitted == image.fit(data, width=720, height=1280, max_bytes=9_000)
    assert len(fitted) <= 9_000
    assert corners_of(Image.open(io.BytesIO(fitted))) == ("red", "green", "blue", "yellow")


async def test_what_is_refused_is_refused_there_too() -> None:
    tiny, broken = encoded(corners(20, 20), "webp"), heic(corners(640, 480))[:500]
    media = media_in_threads()
    with trio.fail_after(60):
        for data, reason in ((tiny, ImageProblem.TOO_SMALL), (broken, ImageProblem.TRUNCATED)):
            with pytest.raises(ImageRefused) as refused:
                await media.look(data)
            assert refused.value.reason is reason


async def test_a_process_that_dies_is_a_refusal() -> None:
    noise = b"RIFF\0\0\0\0WEBP" + random.Random(1).randbytes(4_000_000)
    with trio.fail_after(60), pytest.raises(ImageRefused) as refused:
        await worked_on(noise, "no such action")
    assert refused.value.reason is ImageProblem.TRUNCATED


async def test_a_picture_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await media_in_threads().fit(tmp_path / "none", "720x1280", 10_000_000)


async def test_a_stop_waits_for_no_picture(tmp_path: Path) -> None:
    """A thread cannot be cancelled, and its work may take longer than a stop: it is left to itself."""
    endless = tmp_path / "endless"
    os.mkfifo(endless)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(media_in_threads().fit, endless, "720x1280", 10_000_000)
        writer = -1
        while writer < 0:
            await trio.lowlevel.checkpoint()
            with suppress(OSError):  # as long as nobody reads
                writer = os.open(endless, os.O_WRONLY | os.O_NONBLOCK)
        mercy = threading.Timer(10.0, os.close, [writer])
        mercy.start()
        nursery.cancel_scope.cancel(reason="the bot stops")
    assert mercy.is_alive(), "the stop waited for the thread"
    mercy.cancel()
    os.close(writer)
