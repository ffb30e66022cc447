"""/jobs and /job: where films stand, what they cost, and what an admin can do about them."""

import pytest
from trio.testing import MockClock

from protocol.job import Failure, JobState
from sandbox.faults import FaultKind
from tests.bot.chats import button_data, labels, press, press_data, reply, shown, text_of, words
from tests.town import ADMIN, BORIS, KATE, Town


async def film(town: Town, person: int = KATE, prompt: str = "an eagle") -> int:
    """A delivered film; the number of its job."""
    before = len(town.films(person))
    await town.order(person, prompt)
    await town.until(lambda: len(town.films(person)) > before)
    await town.until(lambda: town.jobs()[-1].stands is JobState.DELIVERED)
    return town.jobs()[-1].id


async def test_the_list(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await film(town)
        await film(town, BORIS, "a horse")
        await town.order(KATE, "a wolf")
        await town.until(lambda: len(town.jobs()) == 3)
        page = await reply(town, ADMIN, "/jobs")
        text = text_of(page)
        assert "Jobs: 3" in text
        assert "Earned: 40 tokens · cost $0.80 · margin $0.80" in text
        assert [line[:4].strip() for line in text.splitlines()[2:]] == ["⏳ 3", "✅ 2", "✅ 1"]
        assert "✅ 2 Борис · sora-2 4 s · 20 tokens" in text
        await press(town, ADMIN, "delivered")
        await town.until(lambda: "Jobs: 2" in text_of(shown(town, ADMIN, page["message_id"])))
        await press(town, ADMIN, "failed")
        await town.until(lambda: words("jobs-none") in text_of(shown(town, ADMIN, page["message_id"])))
        assert "Jobs: 1" in text_of(await reply(town, ADMIN, "/jobs at work"))


async def test_pages(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/topup @kate 1000")
        for number in range(10):
            await town.order(KATE, f"film {number}")
            await town.until(lambda number=number: len(town.jobs()) == number + 1)
        page = await reply(town, ADMIN, "/jobs")
        assert labels(page)[-1] == "➡️"
        await press(town, ADMIN, "➡️")
        await town.until(lambda: labels(shown(town, ADMIN, page["message_id"]))[-1] == "⬅️")
        assert "Jobs: 10" in text_of(shown(town, ADMIN, page["message_id"]))


async def test_a_job_s_card(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        id = await film(town)
        text = text_of(await reply(town, ADMIN, f"/job {id}"))
    job = town.jobs()[0]
    assert job.backend_id is not None
    assert f"🎬 Job {id}: delivered" in text
    assert "Kate @kate (103)" in text
    assert job.backend_id in text
    assert "Cost: $0.40 · margin: $0.40" in text
    history = [line.split(" ", 2)[2] for line in text.splitlines() if line[2:3] == "."]
    assert history == ["ordered", "sent to the backend", "accepted by the backend", "the file is here", "delivered"]


@pytest.mark.parametrize("rest", ["", "kate", "0x1", "-1", "9" * 30, "1 2"])
async def test_how_to_say_it(town: Town, autojump_clock: MockClock, rest: str) -> None:
    async with town.bot():
        assert text_of(await reply(town, ADMIN, f"/job {rest}")) == words("job-usage")
        assert text_of(await reply(town, ADMIN, "/job 5")) == words("job-unknown", number="5")


async def test_paying_back_a_delivered_film(town: Town, autojump_clock: MockClock) -> None:
    """Once, by an entry of its own, after a second press; the film stays with the buyer."""
    async with town.bot():
        id = await film(town)
        card = await reply(town, ADMIN, f"/job {id}")
        await press(town, ADMIN, "↩️")
        await town.until(lambda: labels(shown(town, ADMIN, card["message_id"]))[0] == "✅ Yes, refund")
        assert town.balance(KATE).posted == 20
        sure = button_data(shown(town, ADMIN, card["message_id"]), "✅")
        await press_data(town, ADMIN, card["message_id"], sure)
        assert await press_data(town, ADMIN, card["message_id"], sure) == words("answer-stale")
        await town.until(lambda: town.says(KATE, f"Paid back for film № {id}", "20 tokens", "40 tokens"))
        assert "↩️ Refund" not in labels(shown(town, ADMIN, card["message_id"]))
        assert "Spent: 0 tokens" in text_of(await reply(town, ADMIN, "/user @kate"))
        assert "Earned: 0 tokens · cost $0.40 · margin −$0.40" in text_of(await reply(town, ADMIN, "/jobs"))
    assert town.balance(KATE).posted == 40
    assert town.jobs()[0].stands is JobState.DELIVERED
    assert town.audit() == []


async def test_delivering_again(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        id = await film(town)
        card = await reply(town, ADMIN, f"/job {id}")
        again = button_data(card, "📤")
        await press_data(town, ADMIN, card["message_id"], again)
        assert await press_data(town, ADMIN, card["message_id"], again) == words("answer-stale")
        await town.until(lambda: len(town.films(KATE)) == 2)
    assert len({film["video"]["file_unique_id"] for film in town.films(KATE)}) == 1
    assert town.balance(KATE).posted == 20
    assert town.audit() == []


async def test_a_free_retry(town: Town, autojump_clock: MockClock) -> None:
    """Made and delivered once more, for no tokens: nothing is held, nothing is captured, and the books agree."""
    async with town.bot():
        id = await film(town)
        card = await reply(town, ADMIN, f"/job {id}")
        retry = button_data(card, "🔁")
        await press_data(town, ADMIN, card["message_id"], retry)
        assert await press_data(town, ADMIN, card["message_id"], retry) == words("answer-stale")
        await town.until(lambda: town.says(KATE, "🎁", "free of charge"))
        await town.until(lambda: len(town.films(KATE)) == 2)
        await town.until(lambda: town.jobs()[-1].stands is JobState.DELIVERED)
        assert "0 tokens" in text_of(town.films(KATE)[1])
        refused = text_of(await reply(town, ADMIN, f"/job {town.jobs()[-1].id}"))
        assert "Cost: $0.40 · margin: −$0.40" in refused
    assert [job.price for job in town.jobs()] == [20, 0]
    assert town.balance(KATE).posted == 20
    assert town.audit() == []


async def test_a_free_retry_that_fails_gives_nothing_back(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        id = await film(town)
        town.fault("videos", "create", FaultKind.REFUSE)
        await reply(town, ADMIN, f"/job {id}")
        await press(town, ADMIN, "🔁")
        await town.until(lambda: town.says(KATE, words("failure-moderation"), "Returned: 0 tokens", "20 tokens"))
    assert [job.stands for job in town.jobs()] == [JobState.DELIVERED, JobState.FAILED]
    assert town.balance(KATE).posted == 20
    assert town.audit() == []


async def test_cancelling_a_queued_job(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/topup @kate 200")
        for number in range(6):
            await town.order(KATE, f"film {number}")
        await town.until(lambda: len(town.jobs()) == 6 and town.jobs()[0].stands is JobState.PROCESSING)
        assert town.jobs()[-1].stands is JobState.QUEUED
        await reply(town, ADMIN, f"/job {town.jobs()[-1].id}")
        await press(town, ADMIN, "✖️")
        await press(town, ADMIN, "✅")
        await town.until(lambda: town.jobs()[-1].stands is JobState.CANCELLED)
        await town.until(lambda: town.says(KATE, "cancelled", "20 tokens"))
        await town.until(lambda: len(town.films(KATE)) == 5)
    assert town.balance(KATE).posted == 140
    assert town.audit() == []


async def test_no_longer_waiting_for_one_at_the_backend(town: Town, autojump_clock: MockClock) -> None:
    """The buyer is refunded at once; the poller ends quietly; the film that comes later is nobody's."""
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.jobs() and town.jobs()[0].stands is JobState.PROCESSING)
        card = await reply(town, ADMIN, f"/job {town.jobs()[0].id}")
        await press(town, ADMIN, "✖️")
        await press(town, ADMIN, "✅")
        await town.until(lambda: town.says(KATE, words("failure-stopped"), "20 tokens", "40 tokens"))
        await town.until(lambda: "failed and refunded" in text_of(shown(town, ADMIN, card["message_id"])))
        await town.order(KATE, "another")
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    assert town.jobs()[0].failure == Failure.STOPPED
    assert len(town.films(KATE)) == 1
    assert town.balance(KATE).posted == 20
    assert town.audit() == []


async def test_too_late_to_stop(town: Town, autojump_clock: MockClock) -> None:
    """The card was drawn while the film was at work; it is delivered by the time ✅ is pressed."""
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.jobs() and town.jobs()[0].stands is JobState.PROCESSING)
        await reply(town, ADMIN, f"/job {town.jobs()[0].id}")
        await press(town, ADMIN, "✖️")
        await town.until(lambda: town.says(KATE, "✅"))
        assert await press(town, ADMIN, "✅ Yes") == words("job-ended")
        await town.until(lambda: town.says(ADMIN, "Job 1: delivered"))
    assert town.balance(KATE).posted == 20
    assert town.audit() == []
