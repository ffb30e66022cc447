"""What the backend refuses, in OpenAI's words and in the shape its client understands."""

import base64
from typing import Any

import openai
import pytest
from trio.testing import MockClock
from videos_desk import a_picture, open_desk

from sandbox.videos import ANYTHING, Rules
from sandbox.videos.rules import SORA_MODELS

LONG = "ж" * 4001


@pytest.mark.parametrize(
    ("fields", "param", "code", "message"),
    [
        ({}, "prompt", "missing_required_parameter", "Missing required parameter: 'prompt'."),
        ({"prompt": "  "}, "prompt", "missing_required_parameter", "Missing required parameter: 'prompt'."),
        ({"prompt": LONG}, "prompt", "string_above_max_length", "length 4001 instead."),
        ({"prompt": "a", "model": "sora-9"}, "model", "invalid_value", "'sora-2', and 'sora-2-pro'."),
        ({"prompt": "a", "seconds": "5"}, "seconds", "invalid_value", "'4', '8', '12', '16', and '20'."),
        ({"prompt": "a", "seconds": "8.0"}, "seconds", "invalid_value", "Invalid value: '8.0'."),
        ({"prompt": "a", "size": "1080x1920"}, "size", "invalid_value", "'720x1280', and '1280x720'."),
        ({"prompt": "a", "size": "big"}, "size", "invalid_value", "Invalid value: 'big'."),
        ({"prompt": "a", "seed": "7"}, "seed", "unknown_parameter", "Unknown parameter: 'seed'."),
        ({"prompt": "A Forbidden cat"}, None, "moderation_blocked", "blocked by our moderation system."),
        ({"prompt": "кот, это запрещено!"}, None, "moderation_blocked", "blocked by our moderation system."),
        ({"prompt": "a", "input_reference": "x"}, "input_reference", "invalid_value", "expected an image"),
    ],
)
async def test_a_wrong_create_is_refused(
    fields: dict[str, Any], param: str | None, code: str, message: str, autojump_clock: MockClock
) -> None:
    async with open_desk() as desk:
        with pytest.raises(openai.BadRequestError) as refused:
            await desk.create(**fields)
        assert message in str(refused.value)
        assert refused.value.type == "invalid_request_error"
        assert (refused.value.param, refused.value.code) == (param, code)
        assert desk.backend.created == []
        assert desk.backend.requests["create"] == 1


async def test_json_numbers_are_not_strings(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        for fields in ({"prompt": 7}, {"prompt": "a", "seconds": 8}, {"prompt": "a", "size": None}):
            with pytest.raises(openai.BadRequestError) as refused:
                await desk.create_json(**fields)
            assert refused.value.code == "invalid_type"


async def test_bodies_that_cannot_be_read(autojump_clock: MockClock) -> None:
    bodies: list[tuple[str, bytes]] = [
        ("application/json", b"{"),
        ("application/json", b"[1]"),
        ("application/json", b"\xff"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"nothing of the kind"),
        ("text/plain", b"prompt"),
    ]
    async with open_desk() as desk:
        for kind, body in bodies:
            answer = await desk.ask("POST", "videos", content=body, headers={"content-type": kind})
            assert answer.status_code == 400, (kind, body)
            assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_the_input_image_must_be_an_image_of_the_film_s_size(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        with pytest.raises(openai.BadRequestError) as refused:
            await desk.create(prompt="a cat", image=a_picture(1280, 720))
        assert refused.value.body == {
            "message": "Inpaint image must match the requested width and height",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }
        for bad in (b"not an image", a_picture(720, 1280, kind="GIF"), a_picture(720, 1280)[:60]):
            with pytest.raises(openai.BadRequestError):
                await desk.create(prompt="a cat", image=bad)
        for kind in ("PNG", "JPEG", "WEBP"):
            await desk.create(prompt="a cat", image=a_picture(720, 1280, kind=kind))
        assert len(desk.backend.created) == 3


async def test_an_image_may_come_as_a_data_url(autojump_clock: MockClock) -> None:
    picture = a_picture(720, 1280)
    link = "data:image/png;base64," + base64.b64encode(picture).decode()
    async with open_desk() as desk:
        await desk.create_json(prompt="a cat", input_reference={"image_url": link})
        assert desk.backend.created[0].wish.image == picture
        for other in ("https://example.org/cat.png", "data:image/png;base64,###", 7):
            with pytest.raises(openai.BadRequestError):
                await desk.create_json(prompt="a cat", input_reference={"image_url": other})


@pytest.mark.parametrize("headers", [{"authorization": ""}, {"authorization": "Bearer "}, {"authorization": "Basic x"}])
async def test_without_a_key_nothing_is_done(headers: dict[str, str], autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        for method, path in (
            ("POST", "videos"),
            ("GET", "videos"),
            ("GET", "videos/x/content"),
            ("GET", "models"),
        ):
            answer = await desk.ask(method, path, headers=headers)
            assert answer.status_code == 401
            assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
        assert not desk.backend.requests


async def test_what_does_not_exist_is_404(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        for method, path in (
            ("GET", "videos/video_0"),
            ("DELETE", "videos/video_0"),
            ("GET", "videos/video_0/content"),
            ("GET", "storage/video_0"),
            ("GET", "images"),
            ("PUT", "videos/video_0"),
        ):
            answer = await desk.ask(method, path)
            assert answer.status_code == 404, path
            assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"order": "up"}])
async def test_a_wrong_list_query_is_refused(query: dict[str, str], autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        assert (await desk.ask("GET", "videos", params=query)).status_code == 400


async def test_an_unknown_variant_is_refused(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        video = await desk.finished(prompt="a cat")
        with pytest.raises(openai.BadRequestError):
            await desk.content(video.id, "poster")


@pytest.mark.parametrize("fields", [{"size": "721x1280"}, {"size": "8x8"}, {"size": "8192x720"}, {"seconds": "61"}])
async def test_even_where_anything_goes_some_things_do_not(fields: dict[str, Any], autojump_clock: MockClock) -> None:
    async with open_desk(rules=ANYTHING) as desk:
        with pytest.raises(openai.BadRequestError):
            await desk.create(prompt="a cat", **fields)


async def test_lenient_rules_ignore_unknown_fields(autojump_clock: MockClock) -> None:
    async with open_desk(rules=Rules(SORA_MODELS, strict=False)) as desk:
        assert (await desk.create(prompt="a cat", seed="7")).status == "queued"
