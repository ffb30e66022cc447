"""Structured logs: JSON lines on Render, readable ones on a terminal. No line ever holds a secret.

Which update, job or actor a line is about is bound to the task (`about`), so that whoever logs need not know it.
"""

import logging
import os
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from json import dumps
from math import isfinite
from typing import Any, cast

import structlog

REDACTED = "[secret]"
SHORTEST = 4
"""Letters. What is shorter stands everywhere, and whoever looks for it guesses it anyway."""
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
    """Replaces secrets wherever they stand. On a console it is the last processor, whatever held them before.

    A secret with quotes or backslashes in it looks otherwise once it is written as JSON or as a Python value.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        given = {secret for secret in secrets if len(secret) >= SHORTEST and not _is_a_word(secret)}
        written = {form for secret in given for form in (secret, dumps(secret)[1:-1], repr(secret)[1:-1])}
        self._secrets = sorted(written, key=len, reverse=True)

    def __call__(self, _logger: object, _method: str, line: Any) -> str:
        cleaned = str(line)
        for secret in self._secrets:
            cleaned = cleaned.replace(secret, REDACTED)
        return cleaned

    def within(self, value: object) -> Any:
        """The same, with every text in it cleaned and all that JSON does not know described in words.

        Numbers stay: a secret of digits is not looked for in them, for a line without its numbers would be no JSON.
        """
        if value is None or isinstance(value, bool | int | float):
            return str(value) if isinstance(value, float) and not isfinite(value) else value
        if isinstance(value, Mapping):
            items = cast("Mapping[object, object]", value).items()
            return {self(None, "", key): self.within(inner) for key, inner in items}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.within(inner) for inner in cast("Iterable[Any]", value)]
        return self(None, "", value if isinstance(value, str) else repr(value))


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


class _Clean:
    """A processor that takes secrets out of a line while it is still made of values, so that it stays whole."""

    def __init__(self, clean: Redact) -> None:
        self._clean = clean

    def __call__(self, _logger: object, _method: str, line: Line) -> Line:
        cleaned: Line = self._clean.within(line)
        return cleaned


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
    finish: list[structlog.typing.Processor] = [_Clean(clean), renderer] if json else [renderer, clean]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _Show(clean),
            _Origin(),
            format_error,
            *finish,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_printer,
        cache_logger_on_first_use=False,
    )
    # HTTP libraries log every URL, and the bot token is part of Telegram's.
    for name in ("httpx2", "httpcore2", "httpx", "httpcore", "openai", "hypercorn"):
        logging.getLogger(name).setLevel(logging.WARNING)


class _Forward(logging.Handler):
    """Makes what a library logs a line like ours."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
        except (TypeError, ValueError):  # its words and their values do not fit
            text = str(record.msg)
        structlog.get_logger().log(
            record.levelno, "library.said", library=record.name, text=text.strip(), exc_info=record.exc_info
        )


def hear_python() -> None:
    """From now on what libraries, warnings and errors that nobody caught say are lines like all others."""
    log = structlog.get_logger()
    root = logging.getLogger()
    root.handlers = [_Forward()]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)

    def uncaught(kind: type[BaseException], error: BaseException, _trace: object = None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            log.critical("python.uncaught", exc_info=error)

    def in_thread(failed: threading.ExceptHookArgs) -> None:
        if failed.exc_value is not None:
            thread = failed.thread.name if failed.thread else ""
            log.critical("python.uncaught", thread=thread, exc_info=failed.exc_value)

    def unraisable(failed: "sys.UnraisableHookArgs") -> None:
        log.error("python.unraisable", where=repr(failed.object)[:200], exc_info=failed.exc_value)

    sys.excepthook = uncaught
    threading.excepthook = in_thread
    sys.unraisablehook = unraisable
