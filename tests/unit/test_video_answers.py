"""What a video server's answer means, in the words of every server that was met."""

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.job import Failure
from protocol.videos.answers import PHASES, Phase, Reason, Video, error_text, failure_of, read_video
from sandbox.videos import PRESETS, VideoBackend, tiny_film
from sandbox.videos.job import Wish
from sandbox.videos.manners import LITELLM_VEO, Manners

OPENAI = {
    "id": "video_1", "object": "video", "status": "in_progress", "progress": 42, "model": "sora-2", "seconds": "8",
    "size": "720x1280", "created_at": 1790000000, "completed_at": None, "expires_at": None, "prompt": "a cat",
    "error": None, "remixed_from_video_id": None,
}  # fmt: skip


def video(**changes: Any) -> Video:
    found = read_video({**OPENAI, **changes})
    assert found is not None
    return found


def test_the_protocol_as_openai_ran_it() -> None:
    assert video() == Video(
        "video_1", Phase.WORKING, "in_progress", True, 42, "a cat", "sora-2", 8, "720x1280", 1790000000.0, None
    )


@pytest.mark.parametrize(
    ("word", "phase"),
    [
        ("queued", Phase.WAITING),
        ("pending", Phase.WAITING),
        ("processing", Phase.WORKING),
        ("in_progress", Phase.WORKING),
        ("completed", Phase.DONE),
        ("failed", Phase.FAILED),
        ("cancelled", Phase.FAILED),
        ("canceled", Phase.FAILED),
        ("expired", Phase.FAILED),
        ("deleted", Phase.FAILED),
    ],
)
def test_every_word_for_a_status(word: str, phase: Phase) -> None:
    for written in (word, word.upper()):
        found = video(status=written)
        assert (found.phase, found.status, found.known_status) == (phase, word, True)
        assert (found.reason is not None) is (phase is Phase.FAILED)
    assert word in PHASES


def test_a_word_nobody_knows_is_work_that_goes_on() -> None:
    assert (video(status="rendering").phase, video(status="rendering").known_status) == (Phase.WORKING, False)


@pytest.mark.parametrize(
    ("told", "percent"),
    [
        (0, 0), (100, 100), (99.6, 99), (None, None), ("42", None), (True, None), (-5, 0), (1000, 100),
        (float("nan"), None), (float("inf"), None),
        (10**400, None), (-0.5, 0),
    ],
)  # fmt: skip
def test_progress(told: object, percent: int | None) -> None:
    assert video(progress=told).progress == percent


@pytest.mark.parametrize(("told", "seconds"), [("8", 8), (8, 8), (None, None), ("", None), ("8.5", None), (True, None)])
def test_seconds_are_text_or_numbers(told: object, seconds: int | None) -> None:
    assert video(seconds=told).seconds == seconds


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"code": "moderation_blocked", "message": "Blocked."},
            Reason(Failure.MODERATION, "moderation_blocked: Blocked.")),
        ({"code": "content_filter", "message": "x"}, Reason(Failure.MODERATION, "content_filter: x")),
        ({"code": "video_generation_failed", "message": "x"}, Reason(Failure.BACKEND, "video_generation_failed: x")),
        ({"message": "CUDA out of memory"}, Reason(Failure.BACKEND, "CUDA out of memory")),  # SGLang
        ({"code": 500, "message": "x"}, Reason(Failure.BACKEND, "500: x")),  # vLLM-Omni
        ("The provider failed", Reason(Failure.BACKEND, "The provider failed")),  # OpenRouter
        ({"detail": "x"}, Reason(Failure.BACKEND, "x")),
        ({"error": {"message": "raiMediaFilteredCount: 1"}}, Reason(Failure.MODERATION, "raiMediaFilteredCount: 1")),
        ("You exceeded your current quota", Reason(Failure.UNAVAILABLE, "You exceeded your current quota")),
        (None, Reason(Failure.BACKEND, "failed")),
        ({}, Reason(Failure.BACKEND, "failed")),
        (["a", "b"], Reason(Failure.BACKEND, "a; b")),
    ],
)  # fmt: skip
def test_why_a_job_failed(error: object, reason: Reason) -> None:
    assert video(status="failed", error=error).reason == reason


def test_a_job_that_goes_on_has_not_failed() -> None:
    assert video(error={"message": "a warning"}).reason is None


@pytest.mark.parametrize(
    "body",
    [None, [], "text", 5, {}, {"hello": 1}, {"id": "x"}, {"status": "queued"}, {"id": "", "status": "queued"},
        {"id": 5, "status": "queued"}, {"id": "x", "status": None}, {"error": {"message": "no"}}],
)  # fmt: skip
def test_what_describes_no_job(body: object) -> None:
    assert read_video(body) is None


def test_the_least_that_describes_a_job() -> None:
    found = read_video({"task_id": "task_1", "status": "queued"})  # new-api
    assert found == Video("task_1", Phase.WAITING, "queued", True, None, None, None, None, None, None, None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "m", "type": "t", "code": "c"}}, "c: m"),
        ({"error": {"message": "m", "code": None}}, "m"),
        ({"error": "plain"}, "plain"),
        ({"detail": "Method Not Allowed"}, "Method Not Allowed"),
        ({"detail": [{"msg": "field required", "input": "a secret"}, {"msg": "b"}]}, "field required; b"),  # FastAPI
        ({"code": "fail_to_fetch_task", "message": "m", "data": None}, "fail_to_fetch_task: m"),
        ({}, ""), (None, ""), ("text", "text"), (7, "7"),
    ],
)  # fmt: skip
def test_the_words_of_an_error(body: object, words: str) -> None:
    assert error_text(body) == words


def test_failures_are_told_from_words() -> None:
    assert failure_of("litellm: {'code': 'moderation_blocked'}", default=Failure.REFUSED) is Failure.MODERATION
    assert failure_of("Our SAFETY system", default=Failure.REFUSED) is Failure.MODERATION
    assert failure_of("insufficient_quota", default=Failure.REFUSED) is Failure.UNAVAILABLE
    assert failure_of("Invalid size", default=Failure.REFUSED) is Failure.REFUSED


ODD = [None, True, False, 0, -1, 10**400, 1e308, float("nan"), float("-inf"), "", "8", "9" * 5000, "safety", "қ\n"]
json_values: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "detail", "code", "message", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*OPENAI, "task_id"]), json_values), st.booleans())
def test_no_answer_is_too_strange(body: dict[str, Any], plausible: bool) -> None:
    if plausible:
        body |= {"id": "video_1", "status": "failed"}
    found = read_video(body)
    assert (found is not None) >= plausible
    if found is not None:
        assert found.progress is None or 0 <= found.progress <= 100
        assert (found.reason is not None) is (found.phase is Phase.FAILED)


@pytest.mark.parametrize("manners", PRESETS.values(), ids=PRESETS)
def test_a_whole_life_in_the_manners_of_every_server(manners: Manners) -> None:
    backend = VideoBackend(lambda: 0.0, random.Random(1), render=tiny_film, manners=manners)
    good = backend.create(Wish("a cat", "sora-2", 4, "720x1280"))
    bad = backend.create(Wish("a cat", "sora-2", 4, "720x1280"), failing=True)
    looks = {
        (round(at / good.ends_at, 1), job is good): read_video(manners.video(job, at))
        for job in (good, bad)
        for at in (0.0, good.ends_at * 0.6, good.ends_at + 1)
    }
    assert all(look is not None and look.known_status for look in looks.values())
    phases = [look.phase for (_, is_good), look in looks.items() if look and is_good]
    assert phases[1:] == [Phase.WORKING, Phase.DONE]
    assert phases[0] in (Phase.WAITING, Phase.WORKING)
    end = list(looks.values())[-1]
    assert end is not None
    if manners is LITELLM_VEO:
        assert end.phase is Phase.DONE, "it hides its failures: only the content will tell"
    else:
        assert end.reason is not None
        assert end.reason.failure in (Failure.BACKEND, Failure.MODERATION)
    assert replace(end, reason=None).id == manners.echoed_id(bad.id)
