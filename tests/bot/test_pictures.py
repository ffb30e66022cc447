"""A picture becomes the first frame of a film."""

import io

import httpx2
import pillow_heif
import pytest
import trio
from PIL import Image
from trio.testing import MockClock

from sandbox.faults import FaultKind
from sandbox.telegram.state import photo_content
from tests.bot.chats import words
from tests.town import BORIS, KATE, Forward, Town


def a_photo(width: int = 1000, height: int = 700, colour: str = "teal", **how: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG", **how)
    return out.getvalue()


async def card(town: Town, *words: str) -> None:
    await town.until(lambda: town.says(KATE, *words) and town.button(KATE, "▶️"))


async def test_a_photo_with_a_caption_becomes_a_film(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        town.telegram.send_photo(KATE, a_photo(), caption="the sea begins to move")
        await card(town, "the sea begins to move", "20 tokens")
        shown = [m for m in town.telegram.history(KATE) if m["from"]["is_bot"] and "photo" in m]
        assert len(shown) == 1
        town.telegram.press_label(KATE, "⚙️")
        await town.until(lambda: town.button(KATE, "1280x720"))
        town.telegram.press_label(KATE, "1280x720")
        await town.until(lambda: town.button(KATE, "• 1280x720"))
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: town.films(KATE))
    [wish] = [job.wish for job in town.videos.created]
    assert wish.image is not None
    with Image.open(io.BytesIO(wish.image)) as frame:
        assert frame.size == (1280, 720)
    assert town.audit() == []


async def test_a_strip_has_its_card_too(town: Town, autojump_clock: MockClock) -> None:
    """Telegram shows no photo that is more than twenty times as long as wide."""
    async with town.bot():
        town.telegram.send_document(KATE, a_photo(3000, 100), "strip.jpg", "image/jpeg", caption="a long fence")
        await card(town, "a long fence", "20 tokens")
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: town.films(KATE))


async def test_words_may_come_after_the_picture(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        town.telegram.send_photo(KATE, a_photo())
        await town.until(lambda: town.says(KATE, "first frame"))
        town.telegram.say(KATE, "it begins to rain")
        await card(town, "it begins to rain")
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: town.films(KATE))
        town.telegram.press_label(KATE, "🔁")
        await town.until(lambda: town.button(KATE, "▶️"))
    assert town.videos.created[0].wish.image is not None


def send_album(town: Town, pictures: list[bytes], captions: dict[int, str]) -> None:
    """As Telegram hands it over: a message for each picture, with nothing but the id of the album in common."""
    person = town.telegram.people[KATE]
    person.started = True
    for number, picture in enumerate(pictures):
        content = photo_content(town.telegram.files.add_photo(picture))
        if number in captions:
            content["caption"] = captions[number]
        who = {"from": person.user(), "chat": person.chat(), "date": int(town.now())}
        message = {"message_id": 9000 + number, "media_group_id": "13371", **who, **content}
        town.telegram.updates.push("message", message, lifetime=86_400)


async def test_an_album_is_one_wish(town: Town, autojump_clock: MockClock) -> None:
    """A film begins from one picture: the first. The others are not asked about one by one."""
    async with town.bot():
        send_album(
            town, [a_photo(colour=colour) for colour in ("red", "green", "blue", "teal")], {0: "it begins to rain"}
        )
        await card(town, "it begins to rain")
        await trio.sleep(30)
        assert [text.partition("\n")[0] for text in town.texts(KATE)] == [
            words("picture-album"),
            "🎬 it begins to rain",
        ]
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: town.films(KATE))
    [wish] = [job.wish for job in town.videos.created]
    assert wish.image is not None
    with Image.open(io.BytesIO(wish.image)) as frame:
        red, green, blue = frame.convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    assert red > 200 > green + blue


@pytest.mark.parametrize("captioned", [None, 2])
async def test_an_album_whose_words_come_later(town: Town, autojump_clock: MockClock, captioned: int | None) -> None:
    async with town.bot():
        send_album(town, [a_photo()] * 4, {} if captioned is None else {captioned: "it begins to snow"})
        await town.until(lambda: town.says(KATE, "first frame"))
        if captioned is None:
            town.telegram.say(KATE, "it begins to snow")
        await card(town, "it begins to snow")
        await trio.sleep(30)
    assert len(town.texts(KATE)) == 3


async def test_a_derived_size_is_rendered_in_its_native_one(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        town.telegram.say(KATE, "a square whale")
        await card(town, "a square whale")
        town.telegram.press_label(KATE, "⚙️")
        await town.until(lambda: town.button(KATE, "1280x1280"))
        town.telegram.press_label(KATE, "1280x1280")
        await town.until(lambda: town.button(KATE, "• 1280x1280"))
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: town.films(KATE))
    [wish] = [job.wish for job in town.videos.created]
    assert (wish.width, wish.height) == (1280, 720)
    [film] = town.films(KATE)
    assert (film["video"]["width"], film["video"]["height"]) == (1280, 1280)


@pytest.mark.parametrize(
    ("data", "name", "mime", "words"),
    [
        (b"not a picture at all", "a.jpg", "image/jpeg", "not a picture"),
        (a_photo()[:2000], "a.jpg", "image/jpeg", "damaged"),
        (a_photo(20, 20), "a.jpg", "image/jpeg", "too small"),
        (b"%PDF-1.7", "a.pdf", "application/pdf", "not a picture"),
    ],
)
async def test_what_is_no_picture_gets_a_kind_sentence(
    town: Town, autojump_clock: MockClock, data: bytes, name: str, mime: str, words: str
) -> None:
    async with town.bot():
        town.telegram.send_document(KATE, data, name, mime, caption="a film")
        await town.until(lambda: town.says(KATE, words))
        assert not town.button(KATE, "▶️")
    assert town.jobs() == []


async def test_a_disk_without_room_for_a_picture(town: Town, autojump_clock: MockClock) -> None:
    """It is waited for, while everything else goes on."""
    folder = town.folder / "pictures"
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    async with town.bot():
        town.telegram.send_photo(KATE, a_photo(), caption="it begins to rain")
        await trio.sleep(150)
        assert not town.button(KATE, "▶️")
        folder.unlink()
        await town.until(lambda: town.button(KATE, "▶️"))


async def test_a_picture_is_fetched_again_after_trouble_and_a_kill(town: Town, autojump_clock: MockClock) -> None:
    town.fault("telegram", "getFile", FaultKind.SERVER_ERROR, times=2)
    async with town.bot():
        town.telegram.send_photo(KATE, a_photo(), caption="a film")
        await town.until(lambda: len(town.faults.struck) >= 1)
        town.kill()
    async with town.bot():
        await card(town, "a film")


async def test_a_picture_that_hangs_keeps_nobody_waiting(town: Town, autojump_clock: MockClock) -> None:
    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        if "/file/" in request.url.path and not hung:
            hung.append(request.url.path)
            await trio.sleep(60)
        return await forward(request)

    hung: list[str] = []
    town.doors["telegram"] = door
    async with town.bot():
        town.telegram.send_photo(KATE, a_photo(), caption="a slow film")
        await town.until(lambda: hung)
        town.telegram.send_photo(BORIS, a_photo(), caption="a quick film")
        await town.until(lambda: town.button(BORIS, "▶️"), within=10)
        assert not town.button(KATE, "▶️")
        await card(town, "a slow film")


@pytest.mark.parametrize("name", ["a.JPG", "a.jpeg", "a.png", "a.webp"])
async def test_a_picture_that_came_without_its_type(town: Town, autojump_clock: MockClock, name: str) -> None:
    async with town.bot():
        town.telegram.send_document(KATE, a_photo(), name, "application/octet-stream", caption="a film")
        await card(town, "a film")


@pytest.mark.parametrize(("name", "mime"), [("IMG_1.HEIC", "image/heic"), ("IMG_2.heic", "application/octet-stream")])
async def test_an_iphones_photo_sent_as_a_file(town: Town, autojump_clock: MockClock, name: str, mime: str) -> None:
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (1000, 700), "teal")).save(out)
    async with town.bot():
        town.telegram.send_document(KATE, out.getvalue(), name, mime, caption="the sea begins to move")
        await card(town, "the sea begins to move", "20 tokens")
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: town.films(KATE))
    [wish] = [job.wish for job in town.videos.created]
    assert wish.image is not None
    with Image.open(io.BytesIO(wish.image)) as frame:
        assert (frame.format, frame.size) == ("JPEG", (720, 1280))
