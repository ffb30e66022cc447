"""The deploy guide followed on this machine: the blueprint's start command with the blueprint's variables, no others.

What needs Render itself or the network (a build in an empty home) is done by hand; this part costs nothing to repeat.
"""

import shlex
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.process.machine import Bot, StandIns, running, until

ROOT = Path(__file__).parents[2]
STAND_INS_ONLY = {"TELEGRAM_API_BASE_URL", "STRIPE_API_BASE_URL"}
"""What a stand-in needs and a real service does not."""


def blueprint() -> dict[str, Any]:
    [service] = YAML(typ="safe").load((ROOT / "render.yaml").read_text("utf-8"))["services"]
    found: dict[str, Any] = service
    return found


async def test_the_start_command_and_the_variables(bot: Bot, stand_ins: StandIns) -> None:
    """Those that Render asks for and the operator leaves empty are there, and empty."""
    service = blueprint()
    asked = {variable["key"]: variable.get("value", "") for variable in service["envVars"]}
    given = {name: value for name, value in bot.environment.items() if name in asked.keys() | STAND_INS_ONLY}
    assert {name for name, value in asked.items() if not value} >= given.keys() - asked.keys() - STAND_INS_ONLY
    on_render = {"RENDER_INSTANCE_ID": "srv-1-abc", "RENDER_GIT_COMMIT": "0123456789abcdef"}
    home = bot.folder / "home"
    home.mkdir()
    bot.environment = {**asked, **given, **on_render, "HOME": str(home), "OPERATOR_ADDR": "127.0.0.1:0"}
    words = shlex.split(service["startCommand"])
    assert words[:4] == ["uv", "run", "--no-sync", "kadr"]
    buyer = await stand_ins.buyer()
    async with bot.started(*words[4:]) as life:
        await life.until_logged("database.ready")
        await life.until_logged("bot.started")
        assert life.lines()[0]["instance"] == "srv-1-abc"
        await buyer.says("/start")
        await buyer.reads("40 tokens")
        code, printed, said = await bot.tells("doctor")
        assert code == 0, printed + said
        printed = (await bot.tells("backup", str(bot.folder / "data" / "backups")))[1]
        assert printed.startswith("Wrote ")
        await stand_ins.say(stand_ins.admin, "/backup")
        await until(
            lambda: len([*(bot.folder / "data" / "backups").glob("kadr-*.tar.gz")]) == 2, what="a second backup"
        )
        assert await life.stop() == 0
        bot.check_log(life)
    assert list(home.iterdir()) == [], "nothing is written into the home of a machine that forgets it"


async def test_the_health_of_a_bot_at_work(bot: Bot, stand_ins: StandIns) -> None:
    """What Docker asks each minute."""

    async with bot.alive() as life:
        await life.until_logged("operator.listening")
        [address] = [line["address"] for line in life.lines() if line["event"] == "operator.listening"]
        command = [sys.executable, "-m", "actors.commandline.healthcheck"]

        async def well() -> bool:
            async with running(command, {"OPERATOR_ADDR": address}, bot.folder) as asked:
                return await asked.ends() == 0

        await until(well, what="a healthy bot")
