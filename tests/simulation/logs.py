"""The bot's log lines in a simulation: counted, never written. Those that tell of a fault of ours are violations."""

from collections.abc import Callable, Generator, MutableMapping
from contextlib import contextmanager
from typing import Any, cast

import structlog

from actors.supervisor import TooManyRestarts
from storage.store import StoreUnavailable
from tests.simulation.wire import ActorRaised

Broken = Callable[[str], None]


def leaves(error: BaseException | None) -> list[BaseException]:
    """The errors inside of groups, and those that made a supervisor give up."""
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        return [leaf for inner in group.exceptions for leaf in leaves(inner)]
    if isinstance(error, TooManyRestarts):
        return leaves(error.__cause__)
    return [error] if error is not None else []


def excuse_or_break(what: str, error: BaseException | None, broken: Broken) -> None:
    """Only trouble that was planned excuses a failure: an error thrown in on purpose, or a full disk."""
    for leaf in leaves(error):
        if not isinstance(leaf, ActorRaised | StoreUnavailable):
            broken(f"{what}: {type(leaf).__name__}: {leaf}")


@contextmanager
def judged_logs(alive: Callable[[], bool], count: Callable[[str], None], broken: Broken) -> Generator[None]:
    """Inside, structlog writes nothing; afterwards it is as it was."""

    def judge(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        name, error = str(event["event"]), event.get("exc_info")
        if alive():
            count(f"log {name}")
            match name:
                case "actor.failed":
                    excuse_or_break(f"{event['actor']} failed", error, broken)
                case "outbox.post_failed":
                    excuse_or_break(f"a post of {event['chat_id']} failed", error, broken)
                case "update.failed":
                    broken(f"update {event['update_id']} failed: {type(error).__name__}: {error}")
                case "actor.stuck" | "actor.ended" | "outbox.refused":
                    broken(f"{name}: {dict(event)}")
                case _:
                    pass
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[judge], cache_logger_on_first_use=False)
    try:
        yield
    finally:
        structlog.configure(**before)
