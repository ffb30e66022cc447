"""What an operator and an onlooker see: logs without a secret, books that can be audited, and the sandbox."""

import re
import signal
from pathlib import Path

import pytest
import structlog
import trio

from actors.logs import configure
from tests.process.machine import Bot, Running, StandIns, until

SECRET = "7000000001:sandbox"


async def test_the_books_can_be_audited_beside_a_busy_bot(bot: Bot, stand_ins: StandIns) -> None:
    await stand_ins.fault("videos", "retrieve", "slow", seconds=600)
    buyer = await stand_ins.buyer()
    async with bot.alive():
        await buyer.orders("a clerk counts")
        await bot.books.reach("a clerk counts", "processing")
        await bot.audit()


async def test_the_audit_finds_what_differs(bot: Bot, stand_ins: StandIns) -> None:
    buyer = await stand_ins.buyer()
    async with bot.alive():
        await buyer.says("/start")
        await buyer.reads("40 tokens")
    bot.books.spoil(f"update accounts set posted = posted + 1 where name = 'user:{buyer.id}'")
    code, printed, said = await bot.tells("audit")
    assert (code, said) == (1, "")
    assert f"user:{buyer.id}" in printed


async def test_the_bot_token_is_shown_nowhere(bot: Bot, stand_ins: StandIns) -> None:
    """Through a film, lost connections and a refused method, in both formats of the log."""
    assert bot.environment["TELEGRAM_BOT_TOKEN"] == SECRET
    bot.environment["LOG_FORMAT"] = "console"
    buyer = await stand_ins.buyer()
    async with bot.started() as life:
        await until(lambda: "bot.started" in life.said)
        for kind in ("server_error", "malformed", "lose_answer"):
            await stand_ins.fault("telegram", "getUpdates", kind)
            await stand_ins.fault("telegram", "sendMessage", kind)
        await buyer.says("/start")
        await buyer.reads("40 tokens")
        await buyer.says("/help")  # else the poll whose answer is lost would first wait for an update
        await until(lambda: life.said.count("intake.poll_failed") >= 3)
        command_line = await trio.Path(f"/proc/{life.process.pid}/cmdline").read_bytes()
        assert await life.stop() == 0
        shown = life.said + life.printed
    assert all(line[:2] == "20" and "Z [" in line for line in shown.splitlines()), shown
    assert SECRET not in shown
    assert SECRET.encode() not in command_line
    for file in await trio.to_thread.run_sync(lambda: list(Path(bot.environment["DATA_DIR"]).rglob("*"))):
        assert file.is_dir() or SECRET.encode() not in file.read_bytes()


@pytest.mark.parametrize("json", [True, False], ids=["json", "console"])
def test_a_traceback_shows_no_secret(json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in the error's own words nor in the values of variables, where a long text would be cut."""
    configure(json=json, secrets=[SECRET])
    url = f"https://api.telegram.org/a-path-so-long-that-a-log-would-cut-it-in-the-middle-of/bot{SECRET}/getMe"
    try:
        raise ConnectionError(f"no route to {url}")
    except ConnectionError as error:
        structlog.get_logger().error("actor.failed", exc_info=error)
    said = capsys.readouterr().err
    assert "no route to" in said
    assert "[secret]" in said
    assert SECRET[:14] not in said
    assert len(said.splitlines()) == 1 or not json


async def sandbox_of(life: Running) -> dict[str, str]:
    """Where the page is that the sandbox says it serves, in the words of an environment."""
    found = await until(lambda: re.search(r"http://127\.0\.0\.1:\d+", life.printed), what="the URL of the page")
    return {"TELEGRAM_API_BASE_URL": found[0], "ADMIN_USER_ID": "900"}


async def test_the_sandbox_runs_and_ends_by_sigterm(bot: Bot) -> None:
    async with bot.started("sandbox", "--port", "0", "--no-browser") as life:
        async with StandIns(await sandbox_of(life)) as people:
            buyer = await people.buyer()
            await buyer.says("/start")
            await buyer.reads("40 tokens")
        assert await life.stop() == 0
        assert "Traceback" not in life.said


async def test_the_sandbox_ends_by_ctrl_c_while_a_page_is_open(bot: Bot) -> None:
    async with bot.started("sandbox", "--port", "0", "--no-browser") as life:
        environment = await sandbox_of(life)
        async with StandIns(environment) as people, people.watching(101):
            assert await life.stop(signal.SIGINT) == 0
        assert "Traceback" not in life.said
