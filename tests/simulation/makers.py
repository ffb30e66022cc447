"""People who make films out of something: of pictures they send, and of films they have."""

from functools import cache
from io import BytesIO

from PIL import Image

from sandbox.telegram.errors import Refused
from sandbox.telegram.state import PersonCannot
from tests.simulation.people import Someone, Wait


@cache
def _picture(side: int, colour: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (side, side * 2 // 3), colour).save(out, "JPEG", quality=40)
    return out.getvalue()


def _pictures() -> tuple[bytes, ...]:
    """What people send: mostly pictures, now and then half of one, a stamp, or no picture at all."""
    good = _picture(360, "teal"), _picture(400, "maroon"), _picture(360, "olive")
    return *good, *good, good[0][:200], _picture(20, "teal"), b"no picture at all"


def photographer(one: Someone) -> Wait:
    """Sends a picture with words, or the words later, or two pictures; wants another film of the same one."""
    while True:
        before = one.button("▶️")
        caption = one.prompt() if one.rng.random() < 0.7 else None
        for _ in range(one.rng.choice((1, 1, 1, 2))):
            _send(one, one.rng.choice(_pictures()), caption)
        yield one.rng.choice((0.1, 3.0, 20.0))
        if caption is None:
            one.say(one.prompt())
        yield from one.until(lambda before=before: one.button("▶️") not in (None, before), 90)  # type: ignore[misc]
        if one.rng.random() < 0.3:
            yield from one.fiddle()
        films = one.films()
        one.press(one.button("▶️"))
        yield from one.until(lambda films=films: one.films() > films, 600)  # type: ignore[misc]
        if one.rng.random() < 0.5:
            yield from _once_more(one, "🔁")
        yield one.pause()


def one_picture(one: Someone) -> Wait:
    """One film that begins with a picture: for the walk."""
    one.telegram.send_photo(one.id, _picture(360, "teal"), one.prompt())
    yield from one.until(lambda: one.button("▶️"), 60)
    one.press(one.button("▶️"))


def director(one: Someone) -> Wait:
    """Changes, varies and continues the films he has, where the backend can; sometimes too late."""
    while True:
        films = one.films()
        yield from one.order()
        yield from one.until(lambda films=films: one.films() > films, 600)  # type: ignore[misc]
        for _ in range(one.rng.randint(1, 3)):
            yield one.rng.choice((1.0, 5.0, 5.0, 4000.0))  # after an hour a backend has forgotten the film
            yield from _once_more(one, one.rng.choice(("🎲", "✏️", "➕", "➕", "🔁")))
        yield one.pause()


def _once_more(one: Someone, sign: str) -> Wait:
    """Press the button of a film, say what it asks for, and start what its card offers."""
    before, films = one.button("▶️"), one.films()
    one.press(one.button(sign))
    if sign == "✏️":
        yield 3.0
        one.say(one.prompt())
    yield from one.until(lambda: one.button("▶️") not in (None, before), 30)
    start = one.button("▶️")
    for _ in range(one.rng.choice((1, 1, 2))):
        one.press(start)
    yield from one.until(lambda: one.films() > films, one.rng.choice((5.0, 600.0)))


def _send(one: Someone, data: bytes, caption: str | None) -> None:
    try:
        if data.startswith(b"\xff\xd8") and one.rng.random() < 0.8:
            one.telegram.send_photo(one.id, data, caption)
        else:
            one.telegram.send_document(one.id, data, "picture.jpg", "image/jpeg", caption)
    except (PersonCannot, Refused):
        return  # they have blocked the bot, or Telegram takes it for no picture
