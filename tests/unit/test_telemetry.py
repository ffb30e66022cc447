"""Sentry and OpenTelemetry, each against a server of this test: what leaves the house, and what never does."""

import gzip
import json
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import structlog

from actors import telemetry
from actors.logs import about, configure
from actors.settings import SettingsError
from actors.telemetry import sending, span

SECRET = "123456:the-token"


@pytest.fixture(autouse=True)
def _as_before() -> Generator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


class Collector:
    """A server on this machine that keeps what is sent to it."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                outer.received.append((self.path, body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"


@contextmanager
def collector() -> Generator[Collector]:
    made = Collector()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        thread.join()
        made.server.server_close()


def fails() -> None:
    held = SECRET
    raise ValueError(f"https://api/bot{held}/getMe")


def test_errors_go_to_sentry_without_secrets() -> None:
    configure(json=True, secrets=[SECRET])
    log = structlog.get_logger()
    with collector() as at:
        with sending(sentry_dsn=f"http://key@{at.address}/1", otlp_endpoint=None, secrets=[SECRET]):
            log.info("nothing.special", job_id=1)
            with about(job_id=17):
                try:
                    fails()
                except ValueError as error:
                    log.error("actor.failed", actor="outbox", url=SECRET, exc_info=error)
            log.critical("watchdog.stale", loop="store")
        bodies = b"".join(body for _, body in at.received)
    assert SECRET.encode() not in bodies
    events = [json.loads(line) for line in bodies.splitlines() if b'"event_id"' in line and b'"level"' in line]
    failed, stale = events
    assert failed["exception"]["values"][-1]["type"] == "ValueError"
    assert failed["tags"]["job_id"] == "17"
    assert failed["tags"]["actor"] == "outbox"
    assert "vars" not in failed["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    assert stale["message"] == "watchdog.stale"
    log.error("after the end nobody is told")
    assert len(events) == 2


def test_traces_go_to_a_collector() -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    with collector() as at:
        collecting = sending(sentry_dsn=None, otlp_endpoint=f"http://{at.address}/", secrets=[])
        with collecting, span("update", update_id=5), span("telegram sendMessage"):
            pass
        [(path, body)] = at.received
    assert path == "/v1/traces"
    request = ExportTraceServiceRequest.FromString(body)
    spans = {one.name: one for one in request.resource_spans[0].scope_spans[0].spans}
    assert spans.keys() == {"update", "telegram sendMessage"}
    assert spans["telegram sendMessage"].parent_span_id == spans["update"].span_id
    assert [(one.key, one.value.int_value) for one in spans["update"].attributes] == [("kadr.update_id", 5)]


def test_unset_nothing_is_sent_and_nothing_is_made() -> None:
    with sending(sentry_dsn=None, otlp_endpoint=None, secrets=[]):
        assert telemetry._tracer is None
        assert span("update") is not None
        with span("update", update_id=1):
            pass


def test_a_collector_that_is_away_does_not_hold_up_the_end() -> None:
    with sending(sentry_dsn=None, otlp_endpoint="http://127.0.0.1:1", secrets=[]), span("update"):
        pass


@pytest.mark.parametrize(
    ("module", "given", "name"),
    [
        ("sentry_sdk", {"sentry_dsn": "http://key@127.0.0.1:1/1", "otlp_endpoint": None}, "SENTRY_DSN"),
        (
            "opentelemetry.sdk.trace",
            {"sentry_dsn": None, "otlp_endpoint": "http://127.0.0.1:1"},
            "OTEL_EXPORTER_OTLP_ENDPOINT",
        ),
    ],
)
def test_a_missing_package_is_one_sentence(
    module: str, given: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SettingsError, match=rf"^{name} is set and .* is missing: .*\.$"), sending(**given, secrets=[]):
        raise AssertionError("it must not begin")


def test_a_dsn_that_is_none() -> None:
    with (
        pytest.raises(SettingsError, match=r"^SENTRY_DSN must be a DSN"),
        sending(sentry_dsn="https://no-key-here", otlp_endpoint=None, secrets=[]),
    ):
        raise AssertionError("it must not begin")
