"""The stand-ins of the process tests: one process for all tests that leave it running, and the bot that talks to it."""

import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from tests.process.machine import SPEED, Bot, StandIns


@pytest.fixture(scope="session")
def shared_environment() -> Generator[dict[str, str]]:
    """What a bot must be told to reach the stand-ins that all tests share."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--speed", SPEED, "--seed", "1", "--tiny-films"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()
        assert process.wait(10) == 0


@pytest.fixture
async def stand_ins(shared_environment: dict[str, str]) -> AsyncGenerator[StandIns]:
    async with StandIns(shared_environment) as shared:
        yield shared


@pytest.fixture
def bot(tmp_path: Path, shared_environment: dict[str, str]) -> Bot:
    """A bot that was never started."""
    return Bot(tmp_path / "bot", dict(shared_environment))
