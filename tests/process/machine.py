"""What the tests of whole processes are made of: the stand-ins, the bot and other commands, each a process of its own.

Time is real here, so whoever waits, waits for a condition, with a deadline. That looks at the world again and again.
"""

import inspect
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import trio

LOOK_SECONDS = 0.1
PATIENCE = 60.0
"""Seconds a condition may take on a busy machine before the test says that it never will."""
KADR = str(Path(sys.executable).with_name("kadr"))
SPEED = "100"
"""Films are made so many times faster than life: what takes time then is the start of a process and the first look."""
FAULTS_OF_OURS = {"actor.failed", "actor.stuck", "actor.ended", "update.failed", "outbox.refused", "outbox.post_failed"}


async def until(condition: Callable[[], Any], *, within: float = PATIENCE, what: str = "") -> Any:
    """Wait until the condition, or what it lets us await, is true, and return that.

    Raises `AssertionError` when it takes too long.
    """
    deadline = trio.current_time() + within
    while True:
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        assert trio.current_time() < deadline, f"not within {within:g} s: {what or inspect.getsource(condition)}"
        await trio.sleep(LOOK_SECONDS)


@dataclass(slots=True)
class Running:
    """A process, and what it has written so far."""

    process: trio.Process
    out: Path
    err: Path

    @property
    def said(self) -> str:
        """Standard error: the log."""
        return self.err.read_text("utf-8")

    @property
    def printed(self) -> str:
        """Standard output."""
        return self.out.read_text("utf-8")

    def lines(self) -> list[dict[str, Any]]:
        """The log of a process with LOG_FORMAT=json. Every line must be one JSON object with its time and level."""
        lines = [json.loads(line) for line in self.said.splitlines()]
        assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
        return lines

    def events(self) -> list[str]:
        return [line["event"] for line in self.lines()]

    def logged(self, event: str) -> bool:
        # The line may be half written at this moment, so it is looked for as text.
        return f'"{event}"' in self.said

    async def until_logged(self, event: str, *, within: float = PATIENCE) -> None:
        def logged() -> bool:
            assert self.process.returncode is None, self.said
            return self.logged(event)

        await until(logged, within=within, what=f"{event} in the log:\n{self.said}")

    async def until_written(self, name: str) -> None:
        """Wait until the process has made this file in its data folder."""
        path = self.err.parent / "data" / name
        await until(path.exists, what=f"a file {path}")

    async def ends(self, *, within: float = 20.0) -> int:
        """The exit code; negative when a signal ended the process."""
        with trio.move_on_after(within):
            return await self.process.wait()
        raise AssertionError(f"still running after {within:g} s:\n{self.said}")

    async def stop(self, number: signal.Signals = signal.SIGTERM, *, within: float = 20.0) -> int:
        """Ask the process to end; its exit code."""
        self.process.send_signal(number)
        return await self.ends(within=within)

    async def kill(self) -> None:
        """`kill -9`."""
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


@asynccontextmanager
async def running(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path | None = None
) -> AsyncGenerator[Running]:
    """A process with this environment and no other, which does not outlive the block."""
    out, err = _next_in(folder)
    err = log or err
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = await trio.lowlevel.open_process(
            list(command),
            env={"PATH": os.environ["PATH"], **environment},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )
    try:
        yield Running(process, out, err)
    finally:
        if process.returncode is None:
            process.kill()
            with trio.CancelScope(shield=True):
                await process.wait()


def _next_in(folder: Path) -> tuple[Path, Path]:
    """Where the next process writes: each life keeps its own log."""
    number = len(list(folder.glob("*.err")))
    return folder / f"{number}.out", folder / f"{number}.err"


class StandIns:
    """The stand-ins behind one URL, and what people and onlookers do there. They are told apart by their prompts."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.url = environment["TELEGRAM_API_BASE_URL"]
        self.admin = int(environment["ADMIN_USER_ID"])
        self._http = httpx2.AsyncClient(base_url=self.url, timeout=10.0)
        self._struck_before = 0

    async def __aenter__(self) -> "StandIns":
        self._struck_before = len((await self._http.get("/sandbox/api/faults")).json()["struck"])
        return self

    async def __aexit__(self, *_: object) -> None:
        with trio.move_on_after(5, shield=True):
            await self.calm()
            await self._http.aclose()

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        response = await self._http.post(f"/sandbox/api/{path}", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    async def fault(self, service: str, operation: str, kind: str, *, times: int = 1, seconds: float = 0.0) -> None:
        plan = {"service": service, "operation": operation, "kind": kind, "times": times, "seconds": seconds}
        await self._post("faults", plan)

    async def strikes(self, operation: str) -> None:
        """Wait until a fault of this test has met this operation."""

        async def struck() -> bool:
            met = (await self._http.get("/sandbox/api/faults")).json()["struck"][self._struck_before :]
            return any(name == operation for _, name, _ in met)

        await until(struck, what=f"a fault to strike {operation}")

    async def calm(self) -> None:
        """No more faults."""
        try:
            await self._http.delete("/sandbox/api/faults")
        except httpx2.TransportError:
            return  # they are down: there is nothing to calm

    async def buyer(self, first_name: str = "Kate") -> "Buyer":
        """Somebody who has never met the bot and reads English."""
        person = await self._post("people", {"first_name": first_name, "language_code": "en"})
        return Buyer(self, person["id"])

    async def ordered(self, prompt: str) -> int:
        """How many films of this prompt the video backend was asked for and took."""
        answer = await self._http.get("/v1/videos?limit=100", headers={"authorization": "Bearer onlooker"})
        return sum(1 for video in answer.json()["data"] if video["prompt"] == prompt)

    async def say(self, person: int, text: str) -> None:
        await self._post("send", {"person": person, "text": text})

    async def press(self, person: int, message_id: int, data: str) -> None:
        await self._post("press", {"person": person, "message_id": message_id, "data": data})

    async def pay(self, person: int, message_id: int) -> None:
        """Press the pay button of an invoice; the bot is asked before it is a payment."""
        await self._post("pay", {"person": person, "message_id": message_id})

    async def history(self, person: int) -> list[dict[str, Any]]:
        """The chat as it stands: the snapshot with which the page's stream of events begins."""
        async with self.watching(person) as messages:
            return messages

    @asynccontextmanager
    async def watching(self, person: int) -> AsyncGenerator[list[dict[str, Any]]]:
        """A page that is open on this person's chat; the messages it showed first."""
        # Not by the HTTP client, which does not like to leave a stream that never ends.
        host, port = self.url.removeprefix("http://").split(":")
        async with await trio.open_tcp_stream(host, int(port)) as stream:
            await stream.send_all(f"GET /sandbox/api/events?person={person} HTTP/1.0\r\n\r\n".encode())
            received = b""
            while b"\n\n" not in received:
                received += await stream.receive_some()
            snapshot = received.partition(b"\ndata: ")[2].partition(b"\n")[0]
            yield json.loads(snapshot)["messages"]


@dataclass(frozen=True, slots=True)
class Buyer:
    """One person's side of the chat."""

    stand_ins: StandIns
    id: int

    async def says(self, text: str) -> None:
        await self.stand_ins.say(self.id, text)

    async def texts(self) -> list[str]:
        """What the bot's messages say, oldest first."""
        messages = await self.stand_ins.history(self.id)
        return [message.get("text") or message.get("caption", "") for message in messages if not message.get("out")]

    async def reads(self, words: str, *, within: float = PATIENCE) -> None:
        """Wait until some message of the bot holds these words."""

        async def there() -> bool:
            return any(words in text for text in await self.texts())

        await until(there, within=within, what=f"{words!r} in the chat")

    async def films(self) -> list[dict[str, Any]]:
        return [message for message in await self.stand_ins.history(self.id) if "video" in message]

    async def gets_a_film(self, *, within: float = PATIENCE) -> None:
        await until(self.films, within=within, what="a film in the chat")

    async def orders(self, prompt: str) -> None:
        """Write a prompt, wait for its card and press ▶️."""
        await self.says(prompt)

        async def card() -> tuple[int, str] | None:
            for message in reversed(await self.stand_ins.history(self.id)):
                rows = message.get("reply_markup", {}).get("inline_keyboard", [])
                for button in (button for row in rows for button in row):
                    if button["text"].startswith("▶️") and prompt in message["text"]:
                        return message["message_id"], button["callback_data"]
            return None

        found = await until(card, what=f"a card for {prompt!r}")
        assert found is not None
        await self.stand_ins.press(self.id, *found)


@dataclass(frozen=True, slots=True)
class Books:
    """The bot's database, read from outside beside it."""

    path: Path

    def ask(self, query: str, *values: object) -> list[Any]:
        """The first column of what the query finds; nothing while there is no database yet."""
        if not self.path.exists():
            return []
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as connection:
            return [row[0] for row in connection.execute(query, values)]

    def spoil(self, statement: str) -> None:
        """Change the database behind the back of a bot that does not run."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(statement)

    def state(self, prompt: str) -> str:
        """Where the one job of this prompt stands; empty when there is none yet."""
        states = self.ask("select state from jobs where prompt = ?", prompt)
        assert len(states) <= 1
        return states[0] if states else ""

    async def reach(self, prompt: str, state: str) -> None:
        await until(lambda: self.state(prompt) == state, what=f"{prompt!r} to be {state}")

    def balance(self, buyer: Buyer) -> int:
        """Recomputed from the entries."""
        return int(self.ask("select coalesce(sum(amount), 0) from entries where account = ?", f"user:{buyer.id}")[0])


@dataclass(slots=True)
class Bot:
    """One installation of the bot: its data folder, its environment, and every life it has lived."""

    folder: Path
    environment: dict[str, str]
    expected: set[str] = field(default_factory=set[str])
    """Events of `FAULTS_OF_OURS` that are meant to be in the log."""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            "DATA_DIR": str(self.folder / "data"),
            "LOG_FORMAT": "json",
            "OPERATOR_ADDR": "127.0.0.1:0",
            **self.environment,
        }

    @property
    def books(self) -> Books:
        return Books(Path(self.environment["DATA_DIR"]) / "bot.db")

    @asynccontextmanager
    async def started(
        self, *command: str, changes: Mapping[str, str] | None = None, log: Path | None = None
    ) -> AsyncGenerator[Running]:
        """A process of `kadr`, by default `kadr run`, with these changes to its environment."""
        environment = {**self.environment, **(changes or {})}
        async with running([KADR, *(command or ("run",))], environment, self.folder, log) as life:
            yield life

    @asynccontextmanager
    async def alive(self) -> AsyncGenerator[Running]:
        """`kadr run`, from the moment it works. What is left running at the end gets a SIGTERM and must end well."""
        async with self.started() as life:
            await life.until_logged("bot.started")
            yield life
            if life.process.returncode is None:
                assert await life.stop() == 0, life.said
            assert life.printed == ""
            self.check_log(life)

    def check_log(self, life: Running) -> None:
        """Every line is structured, nothing of ours failed, and nothing secret is shown."""
        assert FAULTS_OF_OURS & set(life.events()) <= self.expected, life.said
        for name in ("TELEGRAM_BOT_TOKEN", "OPENAI_API_KEY"):
            assert self.environment[name] not in life.said

    async def tells(self, *command: str, **changes: str) -> tuple[int, str, str]:
        """Run a command of `kadr` to its end: exit code, standard output, standard error."""
        async with self.started(*command, changes=changes) as life:
            return await life.ends(), life.printed, life.said

    async def audit(self) -> None:
        """`kadr audit` finds the books right."""
        code, printed, said = await self.tells("audit")
        assert (code, said) == (0, ""), printed + said
