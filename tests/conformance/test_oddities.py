"""Manners that belong to no one server, or to servers of last year: each is normal weather for a buyer."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from trio.testing import MockClock

from protocol.job import Failure
from sandbox.faults import FaultKind
from sandbox.videos import LITELLM, OPENAI, OPENROUTER, VLLM_OMNI, Manners
from sandbox.videos.job import Job, State, Status
from tests.bot.doors import answering, is_content, is_create, is_look, losing
from tests.bot.outcomes import alerts, delivered, refunded
from tests.bot.test_pictures import a_photo
from tests.conformance.servers import Server, town_on
from tests.conftest import Logbook
from tests.town import ADMIN, BORIS, KATE, Doorman, Forward, Town

Shape = Callable[[dict[str, Any], Job, State], dict[str, Any]]


def shaped(shape: Shape, **manners: Any) -> Server:
    """OpenAI's manners, but for the shape of the video object."""
    return Server(replace(OPENAI, finish=shape, **manners), "gateway")


def words(*, waiting: str = "queued", working: str = "in_progress", done: str = "completed") -> Server:
    said = {Status.QUEUED: waiting, Status.IN_PROGRESS: working, Status.COMPLETED: done}
    return Server(replace(OPENAI, words=said), "gateway")


@pytest.mark.parametrize(
    ("server", "known"),
    [
        (words(waiting="pending", working="processing"), True),
        (words(waiting="PENDING", working="Processing", done="COMPLETED"), True),
        (words(working="unknown"), True),
        (words(waiting="warming_up", working="upscaling"), False),
    ],
    ids=["other words", "capitals", "it does not know", "nobody knows"],
)
async def test_words_for_a_status(
    server: Server, known: bool, tmp_path: Path, autojump_clock: MockClock, logbook: Logbook
) -> None:
    async with town_on(server, tmp_path) as town, town.bot():
        await town.order(KATE, "a whale")
        await delivered(town)
    assert ("job.unknown_status" in logbook) is not known


@pytest.mark.parametrize("word", ["failed", "cancelled", "canceled", "expired", "deleted"])
async def test_words_for_an_end(word: str, tmp_path: Path, autojump_clock: MockClock) -> None:
    async with town_on(words(working=word), tmp_path) as town, town.bot():
        await town.order(KATE, "a whale")
        await refunded(town, Failure.BACKEND)


def only(*kept: str) -> Shape:
    return lambda body, job, state: {name: body[name] for name in kept}


def nulls(body: dict[str, Any], job: Job, state: State) -> dict[str, Any]:
    return dict.fromkeys([*body, "usage", "quality"]) | {"id": body["id"], "status": body["status"]}


def under_task_id(body: dict[str, Any], job: Job, state: State) -> dict[str, Any]:
    return {"task_id": body["id"], "status": body["status"], "progress": "35%", "metadata": {"url": ""}}


def nonsense(body: dict[str, Any], job: Job, state: State) -> dict[str, Any]:
    return body | {"progress": 1e30, "seconds": "4.0", "size": 720, "created_at": "yesterday", "error": {}, "model": []}


@pytest.mark.parametrize(
    "server",
    [
        shaped(only("id", "status")),
        shaped(nulls),
        shaped(under_task_id),
        shaped(nonsense),
        shaped(OPENAI.finish, created_status=202),
        shaped(OPENAI.finish, new_id=lambda random, model: f"{random.getrandbits(990):0250x}"),
        shaped(OPENAI.finish, new_id=lambda random, model: f"a:b+c=={random.getrandbits(40)}?d#e%20"),
        shaped(OPENAI.finish, echoed_id=lambda id: f"other-{id}"),
    ],
    ids=["two fields", "nulls", "task_id", "nonsense", "202", "250 characters", "signs in the id", "another id"],
)
async def test_shapes_of_an_answer(server: Server, tmp_path: Path, autojump_clock: MockClock) -> None:
    async with town_on(server, tmp_path) as town, town.bot():
        await town.order(KATE, "a whale")
        await delivered(town)


def failing(error: object) -> Manners:
    return replace(OPENAI, describe_failure=lambda failure: error)


QUOTED = {"id": "video_gen_1", "status": "failed", "error": {"code": 500, "message": "CUDA out of memory"}}


@pytest.mark.parametrize(
    ("manners", "failure"),
    [
        (failing("The upstream failed."), Failure.BACKEND),
        (failing("Blocked by content_filter."), Failure.MODERATION),
        (failing({"code": "500", "message": None}), Failure.BACKEND),
        # There was no picture: whatever the server calls it, it is the words that must change.
        (failing({"code": 400, "message": "input image was flagged by moderation"}), Failure.MODERATION),
        (failing({"detail": [{"loc": ["body"], "msg": "safety system", "input": "x"}]}), Failure.MODERATION),
        (failing({}), Failure.BACKEND),
        (failing(None), Failure.BACKEND),
        (failing(17), Failure.BACKEND),
        (replace(failing("broken"), failed_job_status=lambda failure: 500), Failure.BACKEND),
        (replace(failing("content_filter"), failed_job_status=lambda failure: 400), Failure.MODERATION),
        (replace(failing("broken"), failed_job_status=lambda failure: 422), Failure.BACKEND),
    ],
)  # fmt: skip
async def test_how_a_failed_job_is_told(
    manners: Manners, failure: Failure, tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with town_on(Server(manners, "gateway"), tmp_path) as town, town.bot():
        town.fault("videos", "create", FaultKind.FAIL_HALFWAY)
        await town.order(KATE, "a whale")
        await refunded(town, failure)


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (400, {"error": {"message": f'litellm.BadRequestError: - {{"x": 1}} {{"error": 2}} {QUOTED}'}}, None),
        (500, {"error": {"message": 'litellm.APIError: {"id": "v", "status": "failed", "error": "boom"} - see'}},
         Failure.BACKEND),
        (400, {"detail": 'upstream said {"id": "v", "status": "failed", "error": {"message": "moderation"}}'},
         Failure.MODERATION),
        (400, {"error": {"message": 'a job {"id": "v", "status": "queued"} is not ready'}}, None),
        (400, {"code": "task_not_exist", "message": "task_not_exist", "data": None}, Failure.FORGOTTEN),
        (404, b"not here", Failure.FORGOTTEN),
        (410, {}, Failure.FORGOTTEN),
        (500, {"error": {"message": "raiMediaFilteredCount: 1"}}, Failure.MODERATION),
    ],
)  # fmt: skip
async def test_looks_that_are_answered_as_errors(
    status: int, body: object, failure: Failure | None, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """A job that another server quotes as failed has failed; a mere error is weather, and the next look is taken."""
    async with town_on(Server(LITELLM, "litellm"), tmp_path) as town:
        town.doors["videos"] = answering(is_look, status, body, times=3)
        async with town.bot():
            await town.order(KATE, "a whale")
            await (refunded(town, failure) if failure else delivered(town))


@pytest.mark.parametrize(
    ("status", "body", "times", "failure"),
    [
        (404, {"error": {"message": "no content yet"}}, 3, None),
        (500, {"error": {"message": "No response data in completed operation"}}, 2, None),
        (200, b"", 2, None),
        (200, b"<html>502 Bad Gateway</html>", 2, None),
        (204, b"", 2, None),
        (404, {}, 100, Failure.BROKEN_FILM),
        (500, {"error": {"message": "No response data in completed operation"}}, 1000, Failure.BROKEN_FILM),
        (200, b"", 100, Failure.BROKEN_FILM),
    ],
)
async def test_completed_without_content(
    status: int, body: object, times: int, failure: Failure | None, tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with town_on(Server(OPENAI, "gateway"), tmp_path) as town:
        town.doors["videos"] = answering(is_content, status, body, times=times)
        async with town.bot():
            await town.order(KATE, "a whale")
            await (refunded(town, failure, within=4000) if failure else delivered(town))


def storage(answer: Callable[[str], httpx2.Response]) -> tuple[Doorman, list[httpx2.Request]]:
    """Content lies in somebody else's storage, which wants no key and must see none."""
    seen: list[httpx2.Request] = []

    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        if request.url.host == "storage.test":
            seen.append(request)
            inside = httpx2.Request(
                "GET", f"http://videos.test{request.url.path}", headers={"authorization": "Bearer x"}
            )
            return await forward(inside)
        if is_content(request):
            response = answer(f"https://storage.test{request.url.path}?signature=abc")
            response.request = request
            return response
        return await forward(request)

    return door, seen


@pytest.mark.parametrize(
    "answer",
    [
        lambda url: httpx2.Response(302, headers={"location": url}),
        lambda url: httpx2.Response(307, headers={"location": url}),
        lambda url: httpx2.Response(400, json={"detail": f"Video is in cloud storage. Download it from: {url}"}),
    ],
    ids=["302", "307", "sglang with cloud storage"],
)
async def test_the_film_lies_elsewhere(
    answer: Callable[[str], httpx2.Response], tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with town_on(Server(OPENAI, "gateway"), tmp_path) as town:
        town.doors["videos"], seen = storage(answer)
        async with town.bot():
            await town.order(KATE, "a whale")
            await delivered(town)
    [request] = seen
    assert request.url.query == b"signature=abc"
    assert "authorization" not in request.headers


async def test_a_film_that_is_always_elsewhere(tmp_path: Path, autojump_clock: MockClock) -> None:
    async with town_on(Server(OPENAI, "gateway"), tmp_path) as town:
        body = {"detail": "look at http://videos.test/v1/videos/x/content"}
        town.doors["videos"] = answering(is_content, 400, body, times=1000)
        async with town.bot():
            await town.order(KATE, "a whale")
            await refunded(town, Failure.BROKEN_FILM, within=4000)


def behind_a_gateway(said: str) -> dict[str, object]:
    """How LiteLLM 1.106 words what happened between it and the server behind it."""
    message = f"litellm.InternalServerError: InternalServerError: OpenAIException - {said}"
    return {"error": {"message": message, "type": None, "param": None, "code": "500"}}


@pytest.mark.parametrize(
    "said",
    [
        "Response payload is not completed: <ContentLengthError: 400, message='Not enough data'>",
        "Server disconnected without sending a response.",
        "[Errno None] Can not write request body for http://127.0.0.1:19002/v1/videos",
        "Expecting value: line 1 column 1 (char 0)",
    ],
)
async def test_a_gateway_that_lost_the_answer(said: str, tmp_path: Path, autojump_clock: MockClock) -> None:
    """The film may be in the making: the buyer is refunded, and the admin told to look."""
    async with town_on(Server(LITELLM, "litellm"), tmp_path) as town:
        town.doors["videos"] = answering(is_create, 500, behind_a_gateway(said))
        async with town.bot():
            await town.order(KATE, "a whale")
            await refunded(town, Failure.UNKNOWN, creates=0)


async def test_a_gateway_with_nobody_behind_it(tmp_path: Path, autojump_clock: MockClock) -> None:
    """Nothing was ordered, so it is ordered again."""
    said = "Cannot connect to host 10.0.0.1:9109 ssl:default [Connect call failed ('10.0.0.1', 9109)]"
    async with town_on(Server(LITELLM, "litellm"), tmp_path) as town:
        town.doors["videos"] = answering(is_create, 500, behind_a_gateway(said), times=2)
        async with town.bot():
            await town.order(KATE, "a whale")
            await delivered(town)


async def test_a_gateway_s_word_for_a_wrong_key(tmp_path: Path, autojump_clock: MockClock) -> None:
    async with town_on(Server(LITELLM, "litellm"), tmp_path) as town:
        body = {"error": {"message": "No connected db.", "type": "no_db_connection", "param": None, "code": "400"}}
        town.doors["videos"] = answering(is_create, 400, body)
        async with town.bot():
            await town.order(KATE, "a whale")
            await refunded(town, Failure.UNAVAILABLE, creates=0)


async def test_what_the_catalogue_offers_and_the_server_refuses(tmp_path: Path, autojump_clock: MockClock) -> None:
    """A mistake of the operator's: told to the admin, once however many buyers meet it."""
    async with town_on(Server(OPENAI, "openai"), tmp_path) as town:
        body = {"error": {"message": "Invalid model name passed in model=sora-2", "code": "400"}}
        town.doors["videos"] = answering(is_create, 400, body, times=2)
        async with town.bot():
            town.telegram.say(ADMIN, "/start")
            await town.order(KATE, "a whale")
            await refunded(town, Failure.REFUSED, creates=0)
            await town.order(BORIS, "a whale")
            await town.until(lambda: "refused job 2" in "".join(alerts(town, ADMIN)))
        assert len(alerts(town, ADMIN)) == 1


@pytest.mark.parametrize(("audio", "asked"), [("asked", True), ("always", False), ("none", False)])
@pytest.mark.parametrize(("server", "field"), [(VLLM_OMNI, "generate_sound"), (OPENROUTER, "generate_audio")])
async def test_sound_is_asked_for_where_it_must_be(
    server: Manners, field: str, audio: str, asked: bool, tmp_path: Path, autojump_clock: MockClock
) -> None:
    spoken = Server(server, server.name)
    sold = spoken.catalogue()
    shop = sold.model_copy(update={"models": (sold.models[0].model_copy(update={"audio": audio}),)})
    town = Town(tmp_path, shop=shop)
    town.videos.manners = server
    bodies: list[bytes] = []

    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        if is_create(request):
            bodies.append(await request.aread())
        return await forward(request)

    town.doors["videos"] = door
    async with town.bot():
        await town.order(KATE, "a loud whale")
        await delivered(town)
    town.engine.dispose()
    [body] = bodies
    assert (field.encode() in body) is asked


async def test_a_picture_larger_than_the_server_takes(tmp_path: Path, autojump_clock: MockClock) -> None:
    server = Server(OPENAI, "openai")
    sold = server.catalogue()
    image = sold.models[0].image.model_copy(update={"max_bytes": 1000})
    shop = sold.model_copy(update={"models": (sold.models[0].model_copy(update={"image": image}),)})
    town = Town(tmp_path, shop=shop)
    async with town.bot():
        town.telegram.send_photo(KATE, a_photo(), caption="the sea")
        await town.until(lambda: town.button(KATE, "▶️"))
        town.telegram.press_label(KATE, "▶️")
        await refunded(town, Failure.PICTURE, creates=0)
    town.engine.dispose()


async def test_a_server_out_of_reach_when_the_film_is_done(tmp_path: Path, autojump_clock: MockClock) -> None:
    """The film lies there for an hour: a quarter of it without a network loses nothing."""
    async with town_on(Server(OPENAI, "openai"), tmp_path) as town:
        back: float | None = None

        async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
            nonlocal back
            if is_content(request):
                back = back or town.now() + 900
                if town.now() < back:
                    raise httpx2.ConnectError("no route", request=request)
            return await forward(request)

        town.doors["videos"] = door
        async with town.bot():
            await town.order(KATE, "a whale")
            await delivered(town, within=2000)


async def test_a_server_out_of_reach_for_ever(tmp_path: Path, autojump_clock: MockClock) -> None:
    async with town_on(Server(OPENAI, "openai"), tmp_path) as town:
        town.doors["videos"] = losing(is_content, times=100_000)
        async with town.bot():
            await town.order(KATE, "a whale")
            await town.until(lambda: town.videos.requests["retrieve"] > 5)
            await refunded(town, Failure.BROKEN_FILM, within=4000)


@pytest.mark.parametrize("deletes", [True, False])
async def test_a_job_that_never_ends_is_deleted_there(deletes: bool, tmp_path: Path, autojump_clock: MockClock) -> None:
    sold = Server(VLLM_OMNI, "vllm-omni").catalogue()
    backend = sold.backends["default"].model_copy(update={"delete": deletes})
    town = Town(tmp_path, shop=sold.model_copy(update={"backends": {"default": backend}}), speed=0.001)
    town.videos.manners = VLLM_OMNI
    async with town.bot():
        await town.order(KATE, "an endless whale")
        await refunded(town, Failure.TIMEOUT, within=4000)
    assert town.videos.requests["delete"] == deletes
    assert len(town.videos.jobs) == (not deletes)
    town.engine.dispose()
