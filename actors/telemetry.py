"""Two optional extras: errors go to Sentry, traces to an OpenTelemetry collector. Unset, neither is even imported.

Their weakness is that they are somebody else's: what goes there leaves the house, so it is cleaned of secrets first,
and holds nobody's words.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, cast

from actors import logs
from actors.logs import Line, Redact
from actors.settings import SettingsError

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer
    from sentry_sdk.types import Event, Hint

FLUSH_SECONDS = 1.5
"""What a process that ends gives them: well within the second that its shutdown leaves."""
ERRORS = ("error", "critical")

_tracer: "Tracer | None" = None


def span(name: str, **about: str | int) -> AbstractContextManager[object]:
    """A span around what is inside, with what it is about; nothing at all where no collector is named."""
    if _tracer is None:
        return nullcontext()
    return _tracer.start_as_current_span(name, attributes={f"kadr.{key}": value for key, value in about.items()})


@contextmanager
def sending(*, sentry_dsn: str | None, otlp_endpoint: str | None, secrets: Iterable[str]) -> Generator[None]:
    """Send errors and traces for as long as the block lasts, then what is left within `FLUSH_SECONDS` each.

    Raises `SettingsError` when a package is missing or an address is wrong.
    """
    clean = Redact(secrets)
    flush_traces = _traces(otlp_endpoint) if otlp_endpoint else None
    flush_errors = _errors(sentry_dsn, clean) if sentry_dsn else None
    try:
        with logs.listening(_report) if flush_errors else nullcontext():
            yield
    finally:
        for flush in (flush_errors, flush_traces):
            if flush is not None:
                flush()


def _errors(dsn: str, clean: Redact) -> Callable[[], None]:
    try:
        import sentry_sdk
        from sentry_sdk.utils import BadDsn
    except ImportError:
        raise SettingsError(
            "SENTRY_DSN is set and the package sentry-sdk is missing: install Kadr with its extra `sentry`."
        ) from None

    def cleaned(event: "Event", _hint: "Hint") -> "Event":
        return cast("Event", clean.within(event))

    origin = logs.origin()
    try:
        sentry_sdk.init(
            dsn,
            release=origin.get("release"),
            server_name=origin.get("instance", "kadr"),
            # Nothing is gathered by itself: local variables and requests hold people's words.
            default_integrations=False,
            include_local_variables=False,
            include_source_context=False,
            max_breadcrumbs=0,
            before_send=cleaned,
            shutdown_timeout=FLUSH_SECONDS,
        )
    except (BadDsn, ValueError):
        raise SettingsError("SENTRY_DSN must be a DSN, as the project's settings at Sentry show it.") from None

    def flush() -> None:
        sentry_sdk.flush(timeout=FLUSH_SECONDS)
        sentry_sdk.get_client().close(timeout=0)
        sentry_sdk.get_global_scope().set_client(None)

    return flush


def _report(line: Line, clean: Redact) -> None:
    """Errors in the log are what Sentry is told, with the ids of their line."""
    if line.get("level") not in ERRORS:
        return
    import sentry_sdk

    with sentry_sdk.new_scope() as scope:
        for name, value in line.items():
            if name not in ("exc_info", "level", "timestamp"):
                scope.set_tag(name, clean(None, "", value)[:200])
        error = line.get("exc_info")
        if isinstance(error, BaseException):
            sentry_sdk.capture_exception(error)
        else:
            sentry_sdk.capture_message(str(line.get("event")), level="error")


def _traces(endpoint: str) -> Callable[[], None]:
    global _tracer
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set and OpenTelemetry is missing: install Kadr with its extra `otel`."
        ) from None
    origin = logs.origin()
    provider = TracerProvider(
        resource=Resource.create(
            {
                "service.name": "kadr",
                "service.version": origin.get("release", ""),
                "service.instance.id": origin.get("instance", ""),
            }
        ),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces", timeout=FLUSH_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = provider.get_tracer("kadr")

    def flush() -> None:
        global _tracer
        _tracer = None
        provider.force_flush(timeout_millis=int(1000 * FLUSH_SECONDS))
        provider.shutdown()

    return flush
