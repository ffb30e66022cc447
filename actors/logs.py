"""Structured logs: JSON lines on Render, readable ones on a terminal. No line ever holds a secret.

Which update, job or actor a line is about is bound to the task (`about`), so that whoever logs need not know it.
"""

import logging
import os
import sys
from collections.abc import Callable, Generator, Iterable, MutableMapping
from contextlib import contextmanager, suppress
from json import dumps
from typing import Any

import structlog

REDACTED = "[secret]"
LONGEST_WORD = 12
"""Letters. A key like `none` or `sandbox`, as servers without keys are given, is a word and hides nothing."""
Line = MutableMapping[str, Any]
Listener = Callable[[Line, "Redact"], None]
"""Is shown each line before it is written, with what cleans its words of secrets. Lines come from any thread."""

about = structlog.contextvars.bound_contextvars
"""`with about(job_id=17):` every line inside says that it is about job 17, in tasks and threads begun there too."""

_listeners: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Generator[None]:
    """Show every line to this listener, for as long as the block lasts."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def _is_a_word(secret: str) -> bool:
    return secret.isalpha() and len(secret) <= LONGEST_WORD


class Redact:
    """The last processor: replaces secrets in the finished line, wherever they stood and whatever held them.

    A secret with quotes or backslashes in it looks otherwise once it is written as JSON or as a Python value.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        given = {secret for secret in secrets if secret and not _is_a_word(secret)}
        written = {form for secret in given for form in (secret, dumps(secret)[1:-1], repr(secret)[1:-1])}
        self._secrets = sorted(written, key=len, reverse=True)

    def __call__(self, _logger: object, _method: str, line: Any) -> str:
        cleaned = str(line)
        for secret in self._secrets:
            cleaned = cleaned.replace(secret, REDACTED)
        return cleaned


class _Printer(structlog.PrintLogger):
    """Prints, if it can: a full disk or a closed pipe must not stop the bot whose log it is."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def _printer(*_: object) -> _Printer:
    return _Printer(sys.stderr)


def origin() -> dict[str, str]:
    """Which copy of the bot this is: Render names the instance and the commit it was built from."""
    named = {"instance": os.environ.get("RENDER_INSTANCE_ID", ""), "release": os.environ.get("RENDER_GIT_COMMIT", "")}
    return {name: value[:40] for name, value in named.items() if value}


class _Show:
    """A processor that changes nothing: listeners see the line. What a listener gets wrong must not stop the log."""

    def __init__(self, clean: Redact) -> None:
        self._clean = clean

    def __call__(self, _logger: object, _method: str, line: Line) -> Line:
        for listener in tuple(_listeners):
            with suppress(Exception):
                listener(line, self._clean)
        return line


class _Origin:
    """A processor that says on each line which copy of the bot wrote it."""

    def __init__(self) -> None:
        self._origin = origin()

    def __call__(self, _logger: object, _method: str, line: Line) -> Line:
        line.update(self._origin)
        return line


def configure(*, json: bool, secrets: Iterable[str] = (), level: int = logging.INFO) -> None:
    """Write logs to standard error from now on."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    # Without the values of local variables: they are people's words, and a secret that is cut in the middle is not
    # recognised as one.
    without_locals = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    format_error = (
        structlog.processors.ExceptionRenderer(without_locals) if json else structlog.processors.format_exc_info
    )
    clean = Redact(secrets)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _Show(clean),
            _Origin(),
            format_error,
            renderer,
            clean,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_printer,
        cache_logger_on_first_use=False,
    )
    # HTTP libraries log every URL, and the bot token is part of Telegram's.
    for name in ("httpx2", "httpcore2", "httpx", "httpcore", "openai", "hypercorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
