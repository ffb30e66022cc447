"""A job that the backend took and that does not become a film: the tokens come back, with one kind sentence."""

import pytest
from trio.testing import MockClock

from protocol.job import Failure
from sandbox.faults import FaultKind
from sandbox.videos import LITELLM_VEO, SGLANG, VLLM_OMNI, Manners, backend
from sandbox.videos import job as videos_job
from tests.bot.doors import answering, is_look
from tests.bot.outcomes import alerts, delivered, refunded, refusals
from tests.town import ADMIN, KATE, Town

MODERATED, BROKE = backend.FAILURES


@pytest.mark.parametrize(
    ("backend_says", "failure"), [(MODERATED, Failure.MODERATION), (BROKE, Failure.BACKEND)], ids=["moderated", "broke"]
)
async def test_half_way(
    town: Town,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    backend_says: videos_job.Failure,
    failure: Failure,
) -> None:
    monkeypatch.setattr(backend, "FAILURES", (backend_says,))
    town.fault("videos", "create", FaultKind.FAIL_HALFWAY)
    async with town.bot():
        await town.order(KATE, "half a whale")
        await refunded(town, failure)
        assert town.says(KATE, "Film № 1 did not work out: half a whale")


@pytest.mark.parametrize("manners", [VLLM_OMNI, SGLANG, LITELLM_VEO], ids=lambda manners: manners.name)
async def test_half_way_at_servers_with_other_words(town: Town, autojump_clock: MockClock, manners: Manners) -> None:
    """LiteLLM before Veo calls a failed job completed, and has no film to show for it."""
    town.videos.manners = manners
    town.fault("videos", "create", FaultKind.FAIL_HALFWAY)
    async with town.bot():
        await town.order(KATE, "half a whale")
        await town.until(lambda: refusals(town, KATE))
    assert town.films(KATE) == []
    assert town.audit() == []


async def test_the_backend_forgets_its_jobs(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "a forgotten whale")
        await town.until(lambda: town.says(KATE, "%"))
        town.videos.forget()
        await refunded(town, Failure.FORGOTTEN)


async def test_one_404_is_not_forgetting(town: Town, autojump_clock: MockClock) -> None:
    town.doors["videos"] = answering(is_look, 404, {"error": {"message": "not found"}}, times=2)
    async with town.bot():
        await town.order(KATE, "a remembered whale")
        await delivered(town)


async def test_longer_than_it_ever_should(town: Town, autojump_clock: MockClock) -> None:
    town.videos.speed = 0.001
    async with town.bot():
        await town.order(KATE, "a slow whale")
        await town.until(lambda: town.says(KATE, "takes longer than usual"))
        await refunded(town, Failure.TIMEOUT, within=2400)
        [job] = town.jobs()
        assert job.accepted_at is not None
        assert 1800 < town.now() - job.accepted_at < 1900


async def test_after_a_failure_the_next_film_comes(town: Town, autojump_clock: MockClock) -> None:
    town.fault("videos", "create", FaultKind.FAIL_HALFWAY)
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await town.order(KATE, "half a whale")
        await town.until(lambda: refusals(town, KATE))
        town.telegram.press_label(KATE, "✏️")
        await town.until(lambda: town.says(KATE, "Send the new text"))
        await town.order(KATE, "a whole whale")
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    assert town.balance(KATE).posted == 20
    assert alerts(town, ADMIN) == []
    assert town.audit() == []
