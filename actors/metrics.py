"""What Prometheus is told. Requests are counted as they happen; what the store knows is read when somebody asks.

The figures of requests begin anew with each process; those of films, tokens and income are the shop's whole life.
"""

import re
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0, generate_latest
from prometheus_client.registry import Collector

from actors.heartbeat import Heartbeat
from actors.supervisor import Seen
from actors.telemetry import span
from protocol.job import JobState
from protocol.order import Rail
from protocol.telegram.body import Body
from protocol.telegram.http import Answer
from protocol.telegram.lean import LeanHttp
from storage import ledger, overview
from storage.overview import Queues
from storage.store import Tx

CONTENT_TYPE = CONTENT_TYPE_PLAIN_1_0_0
SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0)
"""Upper bounds: from a look on the local network to an upload of 50 MB; a long poll takes 50."""
_VIDEO = re.compile(r"/videos(?:/(?P<id>[^/]+)(?P<rest>/.*)?)?$")
_TELEGRAM = re.compile(r"/(?P<file>file/)?bot[0-9]+:[^/]+/(?P<rest>.*)$")


@dataclass(slots=True)
class Asked:
    """A request on its way; whoever sent it says what became of it."""

    outcome: str = "failed"


class Metrics:
    """What one process counts."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each counter, which says only when it began
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "kadr_requests",
            "Requests by service, operation and outcome (an HTTP status, or failed).",
            ("service", "operation", "outcome"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "kadr_request_seconds",
            "How long requests took.",
            ("service", "operation"),
            registry=self.registry,
            buckets=SECONDS,
        )

    @contextmanager
    def request(self, service: str, operation: str) -> Generator[Asked]:
        """Count and time what is inside."""
        asked = Asked()
        began = time.perf_counter()
        try:
            with span(f"{service} {operation}"):
                yield asked
        finally:
            self._requests.labels(service, operation, asked.outcome).inc()
            self._seconds.labels(service, operation).observe(time.perf_counter() - began)


def operation_of(method: str, url: str) -> tuple[str, str]:
    """Service and operation, for a label: never an id, and never the bot token that Telegram's URLs hold."""
    path = urlsplit(url).path
    if (found := _TELEGRAM.search(path)) is not None:
        return "telegram", "file" if found["file"] else found["rest"]
    if (found := _VIDEO.search(path)) is not None:
        return "videos", f"{method} /videos" + ("/{id}" if found["id"] else "") + (found["rest"] or "")
    return "other", method


class MeasuredLeanHttp(LeanHttp):
    """The lean client, counted."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__()
        self._metrics = metrics

    async def post(self, url: str, body: Body) -> Answer:
        with self._metrics.request(*operation_of("POST", url)) as asked:
            answer = await super().post(url, body)
            asked.outcome = str(answer.status)
        return answer

    async def get(self, url: str, headers: Sequence[tuple[str, str]] = ()) -> Answer:
        with self._metrics.request(*operation_of("GET", url)) as asked:
            answer = await super().get(url, headers)
            asked.outcome = str(answer.status)
        return answer


class MeasuredClient(httpx2.AsyncClient):
    """The whole client, counted; of a stream only until its head is there."""

    def __init__(self, metrics: Metrics, **options: Any) -> None:
        super().__init__(**options)
        self._metrics = metrics

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        with self._metrics.request(*operation_of(request.method, str(request.url))) as asked:
            response = await super().send(request, **options)
            asked.outcome = str(response.status_code)
        return response


@dataclass(frozen=True, slots=True)
class Figures:
    """What the store knows."""

    queues: Queues
    jobs: dict[str, int]
    people: int
    balances: dict[str, int]
    income: list[tuple[str, str, int, int]]
    now: float


def figures(tx: Tx) -> Figures:
    """Read them."""
    accounts = [ledger.REVENUE, *(f"rail:{rail}" for rail in Rail)]
    return Figures(
        overview.queues(tx),
        overview.jobs_by_state(tx),
        overview.people(tx),
        overview.balances(tx, accounts),
        overview.income_since(tx, 0.0),
        tx.now,
    )


@dataclass(slots=True, eq=False)
class Scrape(Collector):
    """One answer to Prometheus: the shop's figures, when the store could tell them, and the process's own."""

    figures: Figures | None
    heartbeat: Heartbeat
    actors: Sequence[Seen]
    memory: int
    started_at: float
    origin: dict[str, str] = field(default_factory=dict[str, str])

    def collect(self) -> Iterator[Metric]:
        yield from self._process()
        if self.figures is not None:
            yield from _queues(self.figures)
            yield from _shop(self.figures)

    def _process(self) -> Iterator[Metric]:
        yield CounterMetricFamily("kadr_updates", "Updates that polls brought.", value=self.heartbeat.updates)
        ago = self.heartbeat.polled_ago
        if ago is not None:
            yield GaugeMetricFamily("kadr_polled_ago_seconds", "Since a poll of Telegram succeeded.", value=ago)
        yield GaugeMetricFamily("kadr_store_up", "Whether the store answered.", value=int(self.figures is not None))
        yield GaugeMetricFamily("process_resident_memory_bytes", "Resident memory.", value=self.memory)
        yield GaugeMetricFamily("process_start_time_seconds", "When it started.", value=self.started_at)
        cpu = time.process_time()
        yield CounterMetricFamily("process_cpu_seconds", "CPU time of the process.", value=cpu)
        restarts = CounterMetricFamily("kadr_actor_restarts", "Restarts of an actor.", labels=("actor",))
        running = GaugeMetricFamily("kadr_actor_up", "Whether an actor runs.", labels=("actor",))
        for seen in self.actors:
            restarts.add_metric([seen.name], seen.restarts)
            running.add_metric([seen.name], int(seen.state == "running"))
        yield restarts
        yield running
        if self.origin:
            info = GaugeMetricFamily("kadr_info", "Which copy of the bot this is.", labels=tuple(self.origin))
            info.add_metric(tuple(self.origin.values()), 1)
            yield info


def _queues(seen: Figures) -> Iterator[Metric]:
    waiting = seen.queues
    yield GaugeMetricFamily("kadr_updates_waiting", "Updates in the inbox.", value=waiting.updates)
    yield GaugeMetricFamily(
        "kadr_queue_age_seconds", "Since when the oldest queued job waits.", value=_age(waiting.queued_since, seen.now)
    )
    yield GaugeMetricFamily("kadr_posts_due", "Posts Telegram does not show as they should be.", value=waiting.posts)
    yield GaugeMetricFamily(
        "kadr_post_lag_seconds", "Since when the oldest of them waits.", value=_age(waiting.posts_since, seen.now)
    )


def _shop(seen: Figures) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("kadr_jobs", "Jobs by state.", labels=("state",))
    for state in JobState:
        jobs.add_metric([state], seen.jobs.get(state, 0))
    yield jobs
    films = CounterMetricFamily("kadr_films", "Films that ended, by how.", labels=("outcome",))
    for state in (JobState.DELIVERED, JobState.FAILED, JobState.CANCELLED):
        films.add_metric([state], seen.jobs.get(state, 0))
    yield films
    yield GaugeMetricFamily("kadr_people", "People the bot has met.", value=seen.people)
    captured = seen.balances.get(ledger.REVENUE, 0)
    yield GaugeMetricFamily("kadr_tokens_captured", "Tokens that films have earned.", value=captured)
    sold = GaugeMetricFamily("kadr_tokens_sold", "Tokens sold by rail, less what went back.", labels=("rail",))
    for rail in Rail:
        sold.add_metric([rail], -seen.balances.get(f"rail:{rail}", 0))
    yield sold
    income = GaugeMetricFamily(
        "kadr_income_minor_units", "Money by rail, in minor units, less refunds.", labels=("rail", "currency")
    )
    payments = CounterMetricFamily("kadr_payments", "Payments by rail.", labels=("rail", "currency"))
    for name, currency, count, amount in seen.income:
        income.add_metric([name, currency], amount)
        payments.add_metric([name, currency], count)
    yield income
    yield payments


def _age(since: float | None, now: float) -> float:
    return 0.0 if since is None else max(0.0, now - since)


def as_text(metrics: Metrics, scrape: Scrape) -> bytes:
    """What Prometheus reads (text format 1.0.0)."""
    whole = CollectorRegistry()
    whole.register(scrape)
    return generate_latest(metrics.registry) + generate_latest(whole)
