"""What a bot loses when it is ended in the middle of work: Kadr, aiogram and python-telegram-bot.

    python -m benchmarks.sigterm

So many people ask for one thing each, and making it takes three seconds: of Kadr they order a film from a backend whose
create takes that long, of the others an answer, whose handler waits as it would for such a backend. In the middle the
bot gets SIGTERM or SIGKILL, is started again, and may finish. Lost is a person whose update was handed over and who
never gets anything (of Kadr: neither the film nor the tokens back); twice is a person who gets it two times.
"""

import json
import signal
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import trio
import typer

from tests.process.machine import KADR, Bot, Buyer, Running, StandIns, running, until

PTB = "python-telegram-bot==22.8"
WORK_SECONDS = 3.0
QUIET_SECONDS = 40.0
"""A bot that has not answered for so long will not."""


async def answered(buyers: Sequence[Buyer]) -> list[int]:
    """How many answers each of them got: films, refunds, or the plain answers of the other bots."""
    return [sum(is_answer(message) for message in await buyer.stand_ins.history(buyer.id)) for buyer in buyers]


def is_answer(message: dict[str, Any]) -> bool:
    text = message.get("text", "")
    return not message.get("out") and ("video" in message or "Returned" in text or text.startswith("answer to"))


async def ended(life: Running, ending: signal.Signals) -> None:
    life.process.send_signal(ending)
    with trio.move_on_after(30):
        await life.process.wait()
        return
    life.process.kill()


async def trial(name: str, command: list[str], folder: Path, people: int, ending: signal.Signals) -> str:
    """One bot, ended once in the middle of work; a line of the table."""
    served = await trio.lowlevel.open_process(
        [sys.executable, "-m", "sandbox", "--port", "0", "--seed", "1", "--speed", "30"], stdout=subprocess.PIPE
    )
    try:
        assert served.stdout is not None
        environment = json.loads(bytes(await served.stdout.receive_some()))
        environment = {
            **Bot(folder, environment).environment,
            "PYTHONPATH": str(Path.cwd()),
            "WORK_SECONDS": str(WORK_SECONDS),
        }
        async with StandIns(environment) as stand_ins:
            buyers = [await stand_ins.buyer(f"P{number}") for number in range(people)]
            async with running(command, environment, folder) as life:
                await stand_ins.fault("videos", "create", "slow", times=people, seconds=WORK_SECONDS)
                await trio.sleep(6)  # every bot polls by now
                async with trio.open_nursery() as nursery:
                    for number, buyer in enumerate(buyers):
                        nursery.start_soon(buyer.orders if name == "Kadr" else buyer.says, f"wish {number}")
                await trio.sleep(WORK_SECONDS / 2)
                before = sum(await answered(buyers))
                await ended(life, ending)
            await stand_ins.calm()
            async with running(command, environment, folder) as life:
                quiet = trio.current_time() + QUIET_SECONDS
                seen = -1

                async def silent() -> bool:
                    nonlocal seen, quiet
                    now = sum(await answered(buyers))
                    if now != seen:
                        seen, quiet = now, trio.current_time() + QUIET_SECONDS
                    return trio.current_time() > quiet

                await until(silent, within=300)
                counts = await answered(buyers)
                await ended(life, signal.SIGKILL)
        lost, twice = counts.count(0), sum(count > 1 for count in counts)
        return f"{name:22} {ending.name:8} {before:9} {lost:6} of {people:<4} {twice:6}"
    finally:
        served.terminate()
        with trio.move_on_after(10, shield=True):
            await served.wait()


async def compare(people: int, ptb_python: str) -> None:
    bots = {
        "Kadr": [KADR, "run"],
        "aiogram": [sys.executable, "-m", "benchmarks.slow_aiogram_bot"],
        "python-telegram-bot": [ptb_python, "-P", str(Path(__file__).with_name("ptb_bot.py"))],
    }
    print(f"{'bot':22} {'signal':8} {'answered':>9} {'lost':>6}    {'':4} {'twice':>6}")
    for ending in (signal.SIGTERM, signal.SIGKILL):
        for name, command in bots.items():
            with tempfile.TemporaryDirectory(prefix="kadr-sigterm-") as folder:
                print(await trial(name, command, Path(folder), people, ending), flush=True)


def main(people: int = 20) -> None:
    with tempfile.TemporaryDirectory(prefix="kadr-ptb-") as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", PTB], check=True)
        trio.run(compare, people, python)


if __name__ == "__main__":
    typer.run(main)
