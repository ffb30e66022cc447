"""Structured logs: JSON lines on Render, readable ones on a terminal. No line ever holds a secret."""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

REDACTED = "[secret]"


class Redact:
    """A structlog processor that replaces secrets wherever they stand in a line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key, value in event.items():
            event[key] = self._clean(value)
        return event

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, REDACTED)
        elif isinstance(value, dict):
            return {key: self._clean(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
        elif isinstance(value, list | tuple):
            return [self._clean(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
        return value


def configure(*, json: bool, secrets: Iterable[str] = (), level: int = logging.INFO) -> None:
    """Write logs to standard error from now on."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    # Before the redaction, which sees only text. Without the values of local variables: they are people's words, and a
    # secret that is cut in the middle is not recognised as one.
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
            Redact(secrets),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    # HTTP libraries log every URL, and the bot token is part of Telegram's.
    for name in ("httpx2", "httpcore2", "httpx", "httpcore", "openai", "hypercorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
