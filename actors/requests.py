"""How a command such as `kadr backup` asks the running bot to do something: by files in DATA_DIR/requests.

    <id>.json    the request; the bot takes it by renaming it to <id>.taken, which happens once
    <id>.done    the answer; whoever asked reads it and removes it

Files, because SQLite's write-ahead log is safest with one connection, which the bot has, and because whoever may write
to the data folder may do anything anyway. Its weakness: the bot looks once a second, so it is nothing for a hurry.
"""

import json
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import trio

from actors.lock import AlreadyRunning, DataLock
from actors.settings import SettingsError
from actors.supervisor import Stop
from storage.store import Store, StoreUnavailable, Tx

FOLDER = "requests"
EVERY_SECONDS = 1.0
TAKEN_WITHIN = 20.0
"""Seconds a request may wait for the bot, which may just be starting; then whoever asked has given it up."""
LOOK_SECONDS = 0.05
LARGEST_BYTES = 1_000_000

log = structlog.get_logger(__name__)

Answer = dict[str, Any]
"""What is answered: anything JSON can say."""


class Refused(Exception):
    """It cannot be done; the message is one sentence for whoever asked. `code` is the exit code of the command."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. The id is unique for ever: a key that makes what the request does happen once."""

    id: str
    kind: str
    arguments: dict[str, Any]


Handler = Callable[[Request], Awaitable[Answer]]
"""Does what one kind of request asks for. Raises `Refused`."""


def in_transaction(store: Store, fn: Callable[[Tx, Request], Answer]) -> Handler:
    """A handler that is one transaction: `fn` reads and writes rows and never waits."""

    async def handle(request: Request) -> Answer:
        return await store.write(fn, request)

    return handle


class Requests:
    """The task that takes requests and answers them, several at once."""

    def __init__(self, folder: Path, handlers: Mapping[str, Handler]) -> None:
        self._folder = folder
        self._handlers = handlers

    async def run(self, stop: Stop) -> None:
        self._tidy()
        async with trio.open_nursery() as nursery:
            while not stop.asked:
                for path in sorted(self._folder.glob("*.json")):
                    request = _take(path)
                    if request is not None:
                        nursery.start_soon(self._answer, request)
                await stop.sleep(EVERY_SECONDS)

    def _tidy(self) -> None:
        """What a former process left. Requests are left alone: somebody may have asked while the bot was starting."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            if path.suffix in (".taken", ".done"):
                path.unlink(missing_ok=True)

    async def _answer(self, request: Request) -> None:
        with structlog.contextvars.bound_contextvars(request=request.id, request_kind=request.kind):
            answer: dict[str, Any]
            try:
                handler = self._handlers.get(request.kind)
                if handler is None:
                    raise Refused(f"The running bot cannot do this ({request.kind}); is it of another version?", 2)
                answer = {"answer": await handler(request)}
                log.info("request.done")
            except Refused as refused:
                log.info("request.refused", reason=str(refused))
                answer = {"error": str(refused), "code": refused.code}
            except StoreUnavailable as error:
                log.warning("request.not_now", error=str(error))
                answer = {"error": f"Nothing was done, the database cannot be written: {error}.", "code": 1}
            except Exception as error:
                # A fault of ours in one request is no reason to fail the others.
                log.exception("request.failed")
                answer = {"error": f"The bot could not do it ({type(error).__name__}): see its log.", "code": 1}
        try:
            _write(self._folder / f"{request.id}.done", answer)
            (self._folder / f"{request.id}.taken").unlink(missing_ok=True)
        except (OSError, TypeError, ValueError) as error:
            log.error("request.not_answered", request=request.id, error=str(error))


def _take(path: Path) -> Request | None:
    """The request, which is nobody else's from now on; None when it is none, or was withdrawn or given up."""
    taken = path.with_suffix(".taken")
    try:
        path.rename(taken)
        body = taken.read_bytes()[:LARGEST_BYTES]
        asked = json.loads(body)
        request = Request(path.stem, str(asked["kind"]), dict(asked["arguments"]))
        given_up = time.time() > float(asked["until"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("request.unreadable", request=path.stem, error=str(error))
        given_up, request = True, None
    if given_up:
        taken.unlink(missing_ok=True)
        return None
    return request


def perform(
    data_dir: Path,
    kind: str,
    arguments: dict[str, Any],
    here: Callable[[Request], Answer],
    *,
    within: float = 60.0,
) -> Answer:
    """Have the running bot do it; or, when none runs on this folder, do it `here` with the folder locked.

    `within` are the seconds the bot may take for it. Raises `Refused`, or `SettingsError` when there is no such folder.
    """
    if not data_dir.is_dir():
        raise SettingsError(f"DATA_DIR: {data_dir} is not there; no bot has ever run on it.")
    request = Request(uuid.uuid4().hex, kind, arguments)
    while True:
        try:
            with DataLock(data_dir):
                return here(request)
        except AlreadyRunning:
            answer = _ask(data_dir, request, within)
            if answer is not None:
                return answer


def _ask(data_dir: Path, request: Request, within: float) -> Answer | None:
    """The bot's answer; None when the bot ended before it took the request."""
    folder = data_dir / FOLDER
    asked, taken, done = (folder / f"{request.id}.{ending}" for ending in ("json", "taken", "done"))
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        until = time.time() + TAKEN_WITHIN
        _write(asked, {"kind": request.kind, "arguments": request.arguments, "until": until})
    except OSError as error:
        raise Refused(f"DATA_DIR: {folder} cannot be written: {error.strerror}.", 2) from error
    started = time.monotonic()
    look_for_bot = started + EVERY_SECONDS
    gone = False
    try:
        while not done.exists():
            now = time.monotonic()
            if asked.exists():
                if (gone or now > started + TAKEN_WITHIN) and _withdrawn(asked):
                    if gone:
                        return None
                    raise Refused("The running bot did not take the request; nothing was done.")
            elif (gone or not taken.exists()) and not done.exists():
                raise Refused("The bot ended while it was doing it; look whether it was done.")
            elif now > started + within:
                raise Refused(f"The running bot did not answer within {within:g} s; it may still do it.")
            if now > look_for_bot:  # not more often: a bot that starts at this instant finds the folder taken
                gone, look_for_bot = _is_free(data_dir), now + EVERY_SECONDS
            time.sleep(LOOK_SECONDS)
        return _read(done)
    finally:
        asked.unlink(missing_ok=True)
        done.unlink(missing_ok=True)


def _read(done: Path) -> Answer:
    said = json.loads(done.read_bytes())
    if "error" in said:
        raise Refused(said["error"], said["code"])
    answer: Answer = said["answer"]
    return answer


def _withdrawn(asked: Path) -> bool:
    """Whether the request could be taken back, and so was taken by nobody."""
    try:
        asked.unlink()
    except FileNotFoundError:
        return False
    return True


def _is_free(data_dir: Path) -> bool:
    """Whether no process holds the data folder."""
    try:
        with DataLock(data_dir):
            return True
    except AlreadyRunning:
        return False


def _write(path: Path, body: dict[str, Any]) -> None:
    """Write the file so that nobody ever sees a half of it."""
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(body, file, ensure_ascii=False)
    part.rename(path)
