"""A download made what was sold: one MP4 that Telegram plays, whatever container the backend chose."""

from pathlib import Path

import pytest
from media_samples import corner_film, sound_seconds

from actors.films.finishing import finish
from actors.media.film import inspect


def downloaded_webm(folder: Path, side: tuple[int, int], sound: str | None) -> Path:
    """A WebM under the name that every download gets."""
    webm = corner_film(folder / "a.webm", side, codec="libvpx", sound=sound, options={"cpu-used": "8"})
    return webm.rename(folder / "17.mp4")


@pytest.mark.parametrize(("size", "shown"), [("", (320, 180)), ("180x180", (180, 180))])
def test_a_webm_becomes_an_mp4(tmp_path: Path, size: str, shown: tuple[int, int]) -> None:
    path = downloaded_webm(tmp_path, (320, 180), "libopus")
    film = finish(path, tmp_path / "17.jpg", size)
    assert path.read_bytes()[4:8] == b"ftyp"
    assert (film.width, film.height, film.seconds) == (*shown, 2)
    assert sound_seconds(path) == pytest.approx(2.0, abs=0.1)


def test_a_webm_with_odd_sides(tmp_path: Path) -> None:
    path = downloaded_webm(tmp_path, (321, 181), None)
    film = finish(path, tmp_path / "17.jpg", "")
    assert (film.width, film.height) == (320, 180)
    assert inspect(path).mp4


def test_an_mp4_that_needs_nothing_is_left_as_it_is(tmp_path: Path) -> None:
    path = corner_film(tmp_path / "17.mp4")
    before = path.read_bytes()
    finish(path, tmp_path / "17.jpg", "320x180")
    assert path.read_bytes() == before
