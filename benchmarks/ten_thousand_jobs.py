"""Ten thousand jobs `processing` at once in one process: memory, CPU, lateness of the looks, start and stop.

`kadr run` is started on a prepared database, against a Telegram and a video stand-in in processes of their own; each
job belongs to somebody else, who sees a bar. No film ever ends, so downloads and deliveries are not in the figures.
Loopback and plain HTTP: TLS to a real backend costs more. Run it: `python -m benchmarks.ten_thousand_jobs`.
"""

import argparse
import json
import queue
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from sqlalchemy import insert

from benchmarks import processes
from benchmarks.processes import ROOT, StandIn, bot_environment, cpu_seconds, kadr, running
from benchmarks.telegram import FIRST_PERSON, TOKEN
from benchmarks.videos import id_of
from protocol import posts as content
from protocol.posts import Card
from storage import ledger, tables
from storage.engine import open_engine
from storage.migrate import upgrade
from storage.store import Tx

PRICE, PAID = 40, 1000
CATALOGUE = """
[backends.default]
concurrency = {jobs}
requests_per_minute = {per_minute}
list = {has_list}

[[models]]
id = "sora-2"
seconds = [8]
expected = {{ base = 300 }}
deadline = 86400
label = {{ en = "Sora 2", ru = "Sora 2", kk = "Sora 2" }}
note = {{ en = "fast", ru = "быстрая", kk = "жылдам" }}
sizes = {{ 720x1280 = 5 }}
"""
PROMPT = "Орёл над Алматы на рассвете, медленная съёмка с воздуха, золотой свет на снегу гор, туман в долине внизу"


class Videos:
    """The video stand-in, as a process of its own."""

    def __init__(self, jobs: int, *, has_list: bool) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.videos", *(["list"] if has_list else [])],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.port = int(self._hear()["port"])
        self.ask(do="load", jobs=jobs)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.put(line)

    def _hear(self) -> dict[str, Any]:
        heard: dict[str, Any] = json.loads(self._said.get(timeout=30))
        return heard

    def ask(self, **command: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._hear()

    def cpu(self) -> float:
        return cpu_seconds(self._process.pid)

    def ceiling(self, requests: int = 5000, depth: int = 8) -> float:
        """Looks a second that one raw connection gets out of it."""
        request = b"GET /v1/videos/%b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % id_of(0).encode()
        began = time.perf_counter()
        with socket.create_connection(("127.0.0.1", self.port)) as stream:
            left, flying, end = requests, 0, b""
            while left or flying:
                burst = min(depth - flying, left)
                stream.sendall(request * burst)
                left, flying = left - burst, flying + burst
                received = end + stream.recv(1 << 16)
                flying -= received.count(b"HTTP/1.1 200")
                end = received[-11:]  # one letter short of what is counted: none is lost or counted twice
        return requests / (time.perf_counter() - began)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def prepare(url: str, jobs: int) -> None:
    """A database with so many people, each with a job at the backend, its hold and its post; the books agree."""
    engine = open_engine(url)
    upgrade(engine)
    if not jobs:
        engine.dispose()
        return
    now = time.time()
    with engine.connect() as conn, conn.begin():
        numbers = range(1, jobs + 1)
        accounts = [{"name": ledger.PROMOTION, "posted": -PAID * jobs, "held": 0}]
        accounts += [{"name": ledger.account_of(FIRST_PERSON + n), "posted": PAID, "held": PRICE} for n in numbers]
        conn.execute(insert(tables.accounts), accounts)
        conn.execute(insert(tables.users), [_person(n, now) for n in numbers])
        conn.execute(
            insert(tables.transfers),
            [{"id": n, "key": f"welcome:{n}", "kind": "welcome", "created_at": now} for n in numbers],
        )
        conn.execute(insert(tables.entries), [entry for n in numbers for entry in _entries(n)])
        conn.execute(insert(tables.jobs), [_job(n, now) for n in numbers])
        conn.execute(insert(tables.holds), [_hold(n, now) for n in numbers])
        conn.execute(insert(tables.posts), [_post(n, now) for n in numbers])
        wrong = ledger.audit(Tx(conn, now))
    engine.dispose()
    if wrong:
        raise RuntimeError(f"the prepared books do not agree: {wrong[:3]}")


def _person(n: int, now: float) -> dict[str, Any]:
    person = {"id": FIRST_PERSON + n, "first_name": f"Person {n}", "telegram_language": ("ru", "kk", "en")[n % 3]}
    return person | {"created_at": now, "seen_at": now}


def _entries(n: int) -> Iterator[dict[str, Any]]:
    yield {"transfer_id": n, "account": ledger.PROMOTION, "amount": -PAID}
    yield {"transfer_id": n, "account": ledger.account_of(FIRST_PERSON + n), "amount": PAID}


def _job(n: int, now: float) -> dict[str, Any]:
    """Accepted some time during the last five minutes, oldest first."""
    accepted = now - 300 + 290 * n / 10_000
    what = {"prompt": f"{PROMPT} {n}", "model": "sora-2", "seconds": 8, "size": "720x1280", "price": PRICE}
    where = {"id": n, "user_id": FIRST_PERSON + n, "state": "processing", "backend": "default"}
    when = {"expected_seconds": 300.0, "created_at": accepted, "submitted_at": accepted, "accepted_at": accepted}
    return what | where | when | {"backend_id": id_of(n - 1)}


def _hold(n: int, now: float) -> dict[str, Any]:
    account = ledger.account_of(FIRST_PERSON + n)
    return {"job_id": n, "account": account, "amount": PRICE, "state": "open", "created_at": now}


def _post(n: int, now: float) -> dict[str, Any]:
    shown = {"revision": 1, "shown_revision": 1, "state": "shown", "message_id": n, "turn": 1}
    moments = {"created_at": now, "changed_at": now}
    card = content.dump(Card(html="…"))
    return {"chat_id": FIRST_PERSON + n, "slot": f"job:{n}", "content": card} | shown | moments


def memory(pid: int, field: str) -> float:
    """MB of a living process, as /proc/PID/status names them: VmRSS now, VmHWM at most."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no {field}")


def logged(log: Path, event: str) -> list[dict[str, Any]]:
    """What the bot has logged of this kind."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("{")]
    return [found for line in lines if (found := json.loads(line)).get("event") == event]


def run(jobs: int, seconds: float, per_minute: int, *, has_list: bool) -> dict[str, Any]:
    """One bot, from its start to its end."""
    with tempfile.TemporaryDirectory(prefix="kadr-bench-") as name, StandIn(None) as telegram:
        folder = Path(name)
        prepare(f"sqlite:///{folder}/bot.db", jobs)
        (folder / "catalogue.toml").write_text(
            CATALOGUE.format(jobs=max(jobs, 1), per_minute=per_minute, has_list=str(has_list).lower())
        )
        with Videos(jobs, has_list=has_list) as videos:
            environment = bot_environment(folder, telegram.url, TOKEN, None) | {
                "OPENAI_BASE_URL": f"http://127.0.0.1:{videos.port}/v1",
                "CATALOGUE": str(folder / "catalogue.toml"),
            }
            figures = _measure(folder, environment, videos, jobs, seconds)
        conn = sqlite3.connect(folder / "bot.db")
        (still,) = conn.execute("select count(*) from jobs where state = 'processing'").fetchone()
        conn.close()
        if still != jobs:
            raise RuntimeError(f"{still} of {jobs} jobs are still at work")
    return figures


def _measure(folder: Path, environment: dict[str, str], videos: Videos, jobs: int, seconds: float) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    began = time.perf_counter()
    with running(kadr(), environment, folder) as child:
        while jobs and not logged(folder / "log", "pollers.started"):
            _check(child, began)
        figures["pollers back"] = time.perf_counter() - began if jobs else 0.0
        while videos.ask(do="count")["seen"] < jobs:
            _check(child, began)
        figures["all looked at"] = time.perf_counter() - began
        figures["CPU at start"] = cpu_seconds(child.pid)
        time.sleep(15)
        reported = len(logged(folder / "log", "looks.taken"))
        before, theirs = cpu_seconds(child.pid), videos.cpu()
        videos.ask(do="reset")
        started = time.perf_counter()
        time.sleep(seconds)
        spent, took = cpu_seconds(child.pid) - before, time.perf_counter() - started
        asked = videos.ask(do="count")
        figures["stand-in core"] = (videos.cpu() - theirs) / took
        figures["core"] = spent / took
        figures["requests/s"] = (asked["looks"] + asked["pages"]) / took
        figures["RSS"], figures["peak RSS"] = memory(child.pid, "VmRSS"), memory(child.pid, "VmHWM")
        told = logged(folder / "log", "looks.taken")[reported:]
        if told:
            looks = sum(one["looks"] for one in told) / sum(one["seconds"] for one in told)
            figures["looks/s"] = looks
            figures["CPU s per 1,000"] = spent / took / looks * 1000
            figures["late p50"] = max(one["late_p50"] for one in told)
            figures["late p99"] = max(one["late_p99"] for one in told)
        began = time.perf_counter()
    figures["stop"] = time.perf_counter() - began
    figures["peak with stop"] = figures["peak RSS"]
    return figures


def _check(child: "subprocess.Popen[bytes]", began: float) -> None:
    if child.poll() is not None or time.perf_counter() - began > 120:
        raise RuntimeError("the bot did not get to its jobs")
    time.sleep(0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=130, help="of steady work, 65 at least")
    parser.add_argument("--per-minute", type=int, default=60_000, help="budget of requests without a list")
    parser.add_argument("--list-per-minute", type=int, default=1_200, help="budget of requests with a list")
    parser.add_argument("--only", choices=["idle", "looks", "list"])
    asked = parser.parse_args()
    print(f"# {processes.machine()}, load {' '.join(Path('/proc/loadavg').read_text().split()[:3])}")
    with Videos(1, has_list=False) as videos:
        print(f"# the stand-in alone: {videos.ceiling():,.0f} looks/s over one connection\n")
    runs = {
        "idle": lambda: run(0, min(asked.seconds, 20), 60, has_list=False),
        "looks": lambda: run(asked.jobs, asked.seconds, asked.per_minute, has_list=False),
        "list": lambda: run(asked.jobs, asked.seconds, asked.list_per_minute, has_list=True),
    }
    for name, one in runs.items():
        if asked.only in (None, name):
            print(f"{name}: " + ", ".join(f"{key} {value:.2f}" for key, value in one().items()))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
