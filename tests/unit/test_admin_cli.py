"""`kadr admin` while no bot runs: the deeds of the chat from the command line, and what it says when they cannot be."""

from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from actors.cli import app
from actors.lock import DataLock
from protocol.job import JobEvent
from storage import audit_log, jobs, ledger, posts, users
from storage.engine import open_engine
from storage.migrate import upgrade
from storage.store import Tx

KATE = 103


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Engine]:
    """A database in which Kate has 40 tokens and a delivered film for 20 more."""
    monkeypatch.chdir(tmp_path)
    # Nothing that only the bot needs: on the bad day its keys may not be at hand.
    for name in ("DATABASE_URL", "CATALOGUE", "OPENAI_BASE_URL", "TELEGRAM_BOT_TOKEN", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"DATA_DIR": str(tmp_path / "data"), "ADMIN_USER_ID": "1"}.items():
        monkeypatch.setenv(name, value)
    engine = open_engine(f"sqlite:///{tmp_path}/data/bot.db")
    upgrade(engine)
    with engine.begin() as conn:
        _furnish(Tx(conn, 1_800_000_000.0))
    yield engine
    engine.dispose()


def _furnish(tx: Tx) -> None:
    users.meet(tx, KATE, first_name="Kate", username="kate", telegram_language="en")
    ledger.transfer(tx, key="gift", source=ledger.PROMOTION, target=f"user:{KATE}", amount=60, kind="welcome")
    film = {"prompt": "a cat", "model": "sora-2", "seconds": 4, "size": "720x1280", "expected_seconds": 100.0}
    job = jobs.create(tx, user_id=KATE, backend="default", price=20, **film)
    ledger.hold(tx, job_id=job.id, user_id=KATE, amount=20)
    for event in (JobEvent.CLAIM, JobEvent.ACCEPT, JobEvent.FETCH, JobEvent.DELIVER):
        jobs.move(tx, job, event)
    ledger.capture(tx, job.id)


def kadr(*words: str) -> tuple[int, str]:
    """Exit code, and what was said: on standard output when it went well, else on standard error."""
    result = CliRunner().invoke(app, ("admin", *words), env={"COLUMNS": "100", "TERM": "dumb"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout if result.exit_code == 0 else result.stderr


def balance(engine: Engine) -> int:
    with engine.connect() as conn:
        return ledger.balance(Tx(conn, 0.0), KATE).available


def test_giving_and_taking(engine: Engine) -> None:
    assert kadr("topup", "@kate", "100", "--reason", "paid in <cash>") == (
        0,
        "Kate (103): +100 tokens. Balance: 140 tokens.\nReason: paid in <cash>\n",
    )
    assert kadr("topup", "103", "-50") == (0, "Kate (103): −50 tokens. Balance: 90 tokens.\n")
    assert balance(engine) == 90
    with engine.connect() as conn:
        tx = Tx(conn, 0.0)
        last = audit_log.latest(tx, limit=1)[0]
        assert (last.admin, last.what, last.before, last.after) == (None, "topup", "140", "90")
        assert posts.due_chats(tx) == [KATE]
        assert ledger.audit(tx) == []


def test_so_many_only_when_sure(engine: Engine) -> None:
    assert kadr("topup", "103", "15000") == (2, "More than 10000 tokens: look again, and add --yes.\n")
    assert balance(engine) == 40
    assert kadr("topup", "103", "15000", "--yes")[0] == 0
    assert balance(engine) == 15040


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("topup", "@nobody", "5"), "I have not met @nobody"),
        (("topup", "103", "lots"), "Write it like this"),
        (("topup", "103", "-41"), "Kate has 40 tokens free"),
        (("topup", "103", "100001", "--yes"), "100000 tokens at most"),
        (("user", "@nobody"), "I have not met @nobody"),
        (("job", "99"), "There is no job 99"),
        (("cancel-job", "1"), "This job has ended already"),
        (("deliver-job", "1"), "Telegram no longer has this file"),
        (("ban", "1"), "I have not met 1"),
        (("unban", "103"), "Kate is not banned"),
        (("maintenance", "on", "x" * 200), "Too long"),
        (("price", "sora-2", "1x1", "5"), "It has no size 1x1"),
        (("package", "none", "reset"), "There is no package none"),
    ],
)
def test_what_cannot_be_is_one_sentence(engine: Engine, words: tuple[str, ...], sentence: str) -> None:
    code, said = kadr(*words)
    assert code == 1
    assert sentence in said
    assert said.count("\n") == 1
    with engine.connect() as conn:
        assert audit_log.latest(Tx(conn, 0.0), limit=9) == []
    assert balance(engine) == 40


def test_looking(engine: Engine) -> None:
    assert "👤 Kate @kate" in kadr("user", "kate")[1]
    assert "103 Kate @kate · 40 tokens" in kadr("users")[1]
    assert "103 Kate @kate" in kadr("users", "ATE", "--page", "1")[1]
    assert kadr("users", "nobody") == (0, "Nobody found.\n")
    assert "✅ 1 Kate · sora-2 4 s · 20 tokens" in kadr("jobs")[1]
    assert "There are no such jobs." in kadr("jobs", "failed")[1]
    assert "🎬 Job 1: delivered" in kadr("job", "1")[1]
    assert "sora-2 720x1280 5" in kadr("price")[1]
    assert kadr("log") == (0, "The log is empty.\n")
    assert kadr("jobs", "nonsense")[0] == 2


def test_paying_back_happens_once(engine: Engine) -> None:
    assert "Paid back to the buyer: 20 tokens" in kadr("refund-job", "1")[1]
    code, said = kadr("refund-job", "1")
    assert (code, "Paid back" in said) == (1, True)
    assert balance(engine) == 60


def test_doors_and_prices(engine: Engine) -> None:
    assert "is banned" in kadr("ban", "@kate", "spam")[1]
    assert "no longer banned" in kadr("unban", "@kate")[1]
    assert "The pause has begun" in kadr("maintenance", "on", "Back at 15:00")[1]
    assert "Back at 15:00" in kadr("maintenance")[1]
    assert "No pause" in kadr("maintenance", "off")[1]
    assert kadr("price", "sora-2", "720x1280", "7") == (0, "sora-2 720x1280: 7 tokens per second.\n")
    assert "sora-2 720x1280 7 (5)" in kadr("price")[1]
    assert "price price:sora-2:720x1280 · 5 → 7" in kadr("log", "1")[1]


def test_a_free_retry_waits_for_the_bot_to_start(engine: Engine) -> None:
    assert kadr("retry-job", "1")[0] == 0
    with engine.connect() as conn:
        again = jobs.of_all(Tx(conn, 0.0))[-1]
    assert (again.state, again.price, again.prompt) == ("queued", 0, "a cat")


def test_a_bot_that_does_not_answer(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is held and nobody takes the request: it is withdrawn, and nothing was done."""
    monkeypatch.setattr("actors.requests.TAKEN_WITHIN", 0.2)
    with DataLock(tmp_path / "data"):
        code, said = kadr("topup", "103", "5")
    assert code == 1
    assert "nothing was done" in said
    assert balance(engine) == 40


def test_counting(engine: Engine) -> None:
    code, said = kadr("stats")
    assert code == 0
    assert said.startswith("Today\n")
    assert "7 days" in said
    assert "30 days" in said
    assert "<" not in said
