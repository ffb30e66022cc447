"""Structured logs: JSON lines on Render, readable ones on a terminal. No line ever holds a secret."""

import logging
import sys
from collections.abc import Iterable
from contextlib import suppress
from json import dumps
from typing import Any

import structlog

REDACTED = "[secret]"


class Redact:
    """The last processor: replaces secrets in the finished line, wherever they stood and whatever held them.

    A secret with quotes or backslashes in it looks otherwise once it is written as JSON or as a Python value.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        given = {secret for secret in secrets if secret}
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
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            format_error,
            renderer,
            Redact(secrets),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_printer,
        cache_logger_on_first_use=False,
    )
    # HTTP libraries log every URL, and the bot token is part of Telegram's.
    for name in ("httpx2", "httpcore2", "httpx", "httpcore", "openai", "hypercorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
