"""Metrics: what is counted, under which labels, and that no id and no token is among them."""

import httpx2
import pytest
import trio
from prometheus_client.parser import text_string_to_metric_families

from actors.heartbeat import Heartbeat
from actors.metrics import Figures, MeasuredClient, Metrics, Scrape, as_text, figures, operation_of
from actors.supervisor import Seen
from protocol.job import JobEvent
from storage import jobs, ledger, overview

from .rows import NOW, Rows


def values(text: bytes) -> dict[str, float]:
    """Each sample by its name and labels."""
    return {
        f"{sample.name}{dict(sample.labels) or ''}": sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def scraped(metrics: Metrics, seen: Figures | None) -> dict[str, float]:
    heartbeat = Heartbeat(began=trio.current_time())
    heartbeat.polled(7)
    scrape = Scrape(seen, heartbeat, [Seen("outbox", "running", 2), Seen("menu", "restarting", 1)], 5, NOW)
    return values(as_text(metrics, scrape))


@pytest.mark.parametrize(
    ("method", "url", "operation"),
    [
        ("POST", "https://api.telegram.org/bot123:ABC-d_e/sendVideo", ("telegram", "sendVideo")),
        ("GET", "https://api.telegram.org/file/bot123:ABC/photos/file_1.jpg", ("telegram", "file")),
        ("POST", "https://gateway/v1/videos", ("videos", "POST /videos")),
        ("GET", "https://gateway/v1/videos?limit=100&after=x", ("videos", "GET /videos")),
        ("GET", "https://gateway/v1/videos/video_abc", ("videos", "GET /videos/{id}")),
        ("GET", "https://gateway/v1/videos/video_abc/content", ("videos", "GET /videos/{id}/content")),
        ("GET", "https://storage.example/a/b/c?signature=secret", ("other", "GET")),
    ],
)
def test_requests_are_told_apart_without_ids(method: str, url: str, operation: tuple[str, str]) -> None:
    assert operation_of(method, url) == operation


async def test_requests_are_counted_and_timed() -> None:
    metrics = Metrics()

    def serve(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/lost"):
            raise httpx2.ConnectError("gone")
        return httpx2.Response(429 if request.method == "POST" else 200)

    async with MeasuredClient(metrics, transport=httpx2.MockTransport(serve)) as http:
        await http.get("http://gateway/v1/videos/video_1")
        await http.get("http://gateway/v1/videos/video_2")
        await http.post("http://gateway/v1/videos")
        with pytest.raises(httpx2.ConnectError):
            await http.get("http://gateway/v1/videos/x/lost")
    found = scraped(metrics, None)

    def count(operation: str, outcome: str) -> float:
        return found[f"kadr_requests_total{ {'operation': operation, 'outcome': outcome, 'service': 'videos'} }"]

    assert count("GET /videos/{id}", "200") == 2
    assert count("POST /videos", "429") == 1
    assert count("GET /videos/{id}/lost", "failed") == 1
    assert found["kadr_request_seconds_count{'operation': 'POST /videos', 'service': 'videos'}"] == 1


async def test_a_store_that_does_not_answer_is_said() -> None:
    await trio.lowlevel.checkpoint()
    found = scraped(Metrics(), None)
    assert found["kadr_store_up"] == 0
    assert found["kadr_updates_total"] == 7
    assert found["kadr_polled_ago_seconds"] >= 0
    assert found["kadr_actor_restarts_total{'actor': 'outbox'}"] == 2
    assert found["kadr_actor_up{'actor': 'menu'}"] == 0
    assert not any(name.startswith("kadr_jobs") for name in found)


def film(rows: Rows, user: int, *events: JobEvent) -> int:
    job = rows.job(user)
    for event in events:
        job = rows.run(jobs.move, job, event)
        if event is JobEvent.DELIVER:
            rows.run(ledger.capture, job.id)
        elif event in (JobEvent.FAIL, JobEvent.CANCEL):
            rows.run(ledger.release, job.id)
    return job.id


DELIVERED = (JobEvent.CLAIM, JobEvent.ACCEPT, JobEvent.FETCH, JobEvent.DELIVER)


async def test_what_the_store_knows(rows: Rows) -> None:
    await trio.lowlevel.checkpoint()
    person = rows.person(1, tokens=500)
    film(rows, person, *DELIVERED)
    film(rows, person, *DELIVERED)
    film(rows, person, JobEvent.FAIL)
    film(rows, person)
    rows.now += 30
    found = scraped(Metrics(), rows.run(figures))
    assert found["kadr_jobs{'state': 'queued'}"] == 1
    assert found["kadr_films_total{'outcome': 'delivered'}"] == 2
    assert found["kadr_films_total{'outcome': 'failed'}"] == 1
    assert found["kadr_tokens_captured"] == 40
    assert found["kadr_queue_age_seconds"] == 30
    assert found["kadr_people"] == 1
    assert found["kadr_store_up"] == 1
    assert found["kadr_tokens_sold{'rail': 'stars'}"] == 0


def test_films_of_today_are_found_by_their_ids(rows: Rows) -> None:
    person = rows.person(1, tokens=10_000)
    rows.now -= 10 * 86400
    for _ in range(20):
        film(rows, person, *DELIVERED)
    late = rows.job(person)
    rows.now += 10 * 86400 - 3600
    for _ in range(3):
        film(rows, person, *DELIVERED)
    film(rows, person, JobEvent.FAIL)
    rows.now += 7200
    film(rows, person, *DELIVERED)
    assert rows.run(overview.films_since, NOW - 3600) == overview.Films(4, 1, 80)
    assert rows.run(overview.films_since, NOW + 3600) == overview.Films(1, 0, 20)
    assert rows.run(overview.films_since, NOW + 7200) == overview.Films(0, 0, 0)
    assert rows.run(overview.queues).queued_since == late.created_at


def test_an_empty_shop_has_figures_too(rows: Rows) -> None:
    assert rows.run(overview.films_since, NOW) == overview.Films(0, 0, 0)
    assert rows.run(figures).jobs == {}
    assert rows.run(overview.income_since, 0.0) == []
    assert rows.run(overview.income_since, NOW) == []
