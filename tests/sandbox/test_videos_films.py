"""The films: honest measures, legible words, and cheap enough for a simulation."""

import io
import time

import pytest
from PIL import Image, ImageChops, ImageStat
from videos_desk import measured

from sandbox.videos import lettering, render_film, tiny_film
from sandbox.videos.lettering import fitted, font_of, latin, width_of, wrapped
from sandbox.videos.stills import spritesheet, thumbnail

KAZAKH = "Қарлы таулардың үстінде ұшқан бүркіт, әсем һәм өткір"


@pytest.mark.parametrize(
    ("width", "height", "seconds"),
    [(720, 1280, 4), (1280, 720, 8), (1280, 1280, 4), (1024, 1792, 12), (1920, 1080, 20), (480, 854, 5)],
)
def test_a_tiny_film_is_what_was_asked_for(width: int, height: int, seconds: int) -> None:
    film = tiny_film("a cat", model="sora-2", width=width, height=height, seconds=seconds)
    found = measured(film)
    assert (found.width, found.height) == (width, height)
    assert found.seconds == pytest.approx(seconds, abs=0.01)
    assert found.sound_seconds == pytest.approx(seconds, abs=0.2)
    assert film.index(b"moov") < film.index(b"mdat")


def test_a_tiny_film_depends_on_its_arguments_alone() -> None:
    def film(prompt: str) -> bytes:
        return tiny_film(prompt, model="sora-2", width=720, height=1280, seconds=4)

    assert film("a cat") == film("a cat")
    assert film("a cat") != film("a dog")


def test_a_tiny_film_takes_less_than_50_milliseconds() -> None:
    def processor_time() -> float:
        start = time.process_time()
        tiny_film("a cat", model="sora-2", width=720, height=1280, seconds=8)
        return time.process_time() - start

    assert min(processor_time() for _ in range(5)) < 0.05


@pytest.mark.parametrize(("width", "height"), [(360, 640), (640, 360), (486, 486)])
def test_a_rendered_film_moves_and_is_what_was_asked_for(width: int, height: int) -> None:
    film = render_film(KAZAKH, model="sora-2", width=width, height=height, seconds=4)
    found = measured(film)
    assert (found.width, found.height, found.frames) == (width, height, 96)
    assert found.seconds == pytest.approx(4)
    assert found.sound_seconds == pytest.approx(4, abs=0.1)
    assert film.index(b"moov") < film.index(b"mdat")
    assert _difference(found.first, found.last) > 5
    assert film == render_film(KAZAKH, model="sora-2", width=width, height=height, seconds=4)


def test_the_prompt_stands_in_the_middle_of_the_film() -> None:
    def brightest(prompt: str) -> object:
        film = render_film(prompt, model="sora-2", width=360, height=640, seconds=1)
        return measured(film).first.convert("L").crop((60, 290, 300, 350)).getextrema()[1]

    assert brightest("ЖЖЖЖ") == pytest.approx(255, abs=8)
    assert brightest("") != pytest.approx(255, abs=8)


def test_an_input_image_is_the_first_frame_and_comes_closer() -> None:
    picture = Image.new("RGB", (360, 640), "#205080")
    picture.paste("#e0c040", (130, 270, 230, 370))
    out = io.BytesIO()
    picture.save(out, "PNG")
    found = measured(render_film("", model="m", width=360, height=640, seconds=2, image=out.getvalue()))
    assert _difference(found.first, picture) < 3
    outside = (124, 320)  # yellow only once the square has grown
    red = found.last.getpixel(outside)
    assert isinstance(red, tuple)
    assert red[0] > 150


def test_thumbnail_and_spritesheet_are_pictures_of_the_film() -> None:
    film = render_film("a cat", model="sora-2", width=320, height=180, seconds=5)
    small = _opened(thumbnail(film))
    assert (small.format, small.size) == ("WEBP", (320, 180))
    sheet = _opened(spritesheet(film))
    assert (sheet.format, sheet.size) == ("JPEG", (4 * 240, 2 * 135))


def test_words_are_wrapped_and_broken_to_the_width() -> None:
    font = font_of(20)
    lines = wrapped(f"{KAZAKH} {'щ' * 60}", font, 200)
    assert len(lines) > 4
    assert all(width_of(line, font) <= 200 for line in lines)
    assert "".join(lines).replace(" ", "") == f"{KAZAKH}{'щ' * 60}".replace(" ", "")


def test_a_text_too_long_for_its_box_is_cut_with_an_ellipsis() -> None:
    lines, font, step = fitted("слово " * 300, 300, 200, largest=40, smallest=12)
    assert len(lines) * step <= 200
    assert lines[-1].endswith(("…", "..."))
    assert all(width_of(line, font) <= 300 for line in lines)
    short, _, big = fitted("слово", 300, 200, largest=40, smallest=12)
    assert len(short) == 1
    assert big > step


def test_without_a_cyrillic_font_words_are_spelled_in_latin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "CANDIDATES", ())
    lettering.font_path.cache_clear()
    lettering.font_of.cache_clear()
    try:
        assert lettering.spelled("Қызыл гүл — щука 🙂") == "Qyzyl gul - shchuka "
        render_film(KAZAKH, model="sora-2", width=160, height=160, seconds=1)
    finally:
        lettering.font_path.cache_clear()
        lettering.font_of.cache_clear()
    assert latin("Әже Юра") == "Azhe Yura"


def _difference(one: Image.Image, other: Image.Image) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def _opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture))
