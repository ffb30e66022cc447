"""How an order may end, as the buyer and the books see it: delivered, or refunded with one kind sentence."""

from protocol.catalogue import LANGUAGES
from protocol.job import Failure, JobState
from protocol.texts import plain
from tests.town import KATE, Town

WELCOME = 40
PRICE = 20
"""Of the cheapest film of the packaged catalogue, which every test orders unless it says otherwise."""

_REASONS = {plain(language, f"failure-{failure}") for failure in Failure for language in LANGUAGES}


async def delivered(town: Town, person: int = KATE, *, films: int = 1, within: float = 900.0) -> None:
    """Wait until that many films came and their posts say so; then everything must agree."""
    await town.until(lambda: len(town.films(person)) >= films, within=within)
    await town.until(lambda: sum("✅" in text for text in town.texts(person)) >= films, within=120)
    assert len(town.films(person)) == films
    mine = [job for job in town.jobs() if job.user_id == person]
    assert [job.stands for job in mine] == [JobState.DELIVERED] * films
    assert town.balance(person).available == town.balance(person).posted == WELCOME - PRICE * films
    assert refusals(town, person) == []
    assert created_for(town, person) == films
    assert town.audit() == []


async def refunded(
    town: Town,
    failure: Failure,
    person: int = KATE,
    *,
    creates: int = 1,
    within: float = 900.0,
) -> None:
    """Wait for the one kind sentence; then the tokens are back and nothing was delivered."""
    await town.until(lambda: refusals(town, person), within=within)
    [job] = [job for job in town.jobs() if job.user_id == person]
    assert (job.stands, job.failure) == (JobState.FAILED, failure)
    [sentence] = refusals(town, person)
    assert plain("en", f"failure-{failure}") in sentence
    assert f"{PRICE} tokens" in sentence
    assert f"{WELCOME} tokens" in sentence
    assert town.balance(person).available == town.balance(person).posted == WELCOME
    assert town.films(person) == []
    assert created_for(town, person) == creates
    assert town.audit() == []


def refusals(town: Town, person: int) -> list[str]:
    """Every message that tells this person of a film that will not come."""
    return [text for text in town.texts(person) if any(reason in text for reason in _REASONS)]


def created_for(town: Town, person: int) -> int:
    """How many films the backend began for this person."""
    prompts = {job.prompt for job in town.jobs() if job.user_id == person}
    return sum(created.wish.prompt in prompts for created in town.videos.created)


def alerts(town: Town, admin: int) -> list[str]:
    """What the admin was alerted of."""
    return [text for text in town.texts(admin) if text.startswith("⚠️")]
