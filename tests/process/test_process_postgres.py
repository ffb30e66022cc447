"""`kadr run` on PostgreSQL as an operator meets it: killed, beside a second one, and while the server falls over."""

from pathlib import Path

import psycopg
import pytest

from tests.postgres import Postgres
from tests.process.machine import Bot, StandIns, until

PROMPT = "a heron over the reeds"


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.new()


@pytest.fixture
def bot(tmp_path: Path, shared_environment: dict[str, str], url: str) -> Bot:
    """A bot that was never started, on an empty database."""
    return Bot(tmp_path / "bot", {**shared_environment, "DATABASE_URL": url})


def state(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("select state from jobs where prompt = %s", (PROMPT,)).fetchone()
    return row[0] if row else ""


async def test_a_film_across_a_kill_and_a_crash_of_the_server(
    bot: Bot, stand_ins: StandIns, postgres: Postgres, url: str, tmp_path: Path
) -> None:
    await stand_ins.fault("videos", "retrieve", "slow", seconds=600)
    async with bot.alive() as life:
        buyer = await stand_ins.buyer()
        await buyer.says("/start")
        await buyer.reads("40 tokens")
        await buyer.orders(PROMPT)
        await until(lambda: state(url) == "processing")
        other = Bot(tmp_path / "other", bot.environment | {"DATA_DIR": str(tmp_path / "elsewhere")})
        refusal = "DATABASE_URL: another kadr is running on this database.\n"
        assert await other.tells("run") == (2, "", refusal)
        await life.kill()
    async with bot.alive():
        postgres.stop()
        await buyer.says("/balance")
        postgres.start()
        await buyer.reads("💰 You have 20 tokens")
        await stand_ins.calm()
        await buyer.gets_a_film()
        await buyer.reads("is ready")
        assert postgres.end_sessions() == 1
        await buyer.says("/videos")
        await buyer.reads("🎬")
    assert len(await buyer.films()) == 1
    assert await stand_ins.ordered(PROMPT) == 1
    await bot.audit()
