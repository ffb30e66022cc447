"""Eight 12-megapixel photos at once: how long the loop is kept from everything else.

The real task that fetches pictures works on a real store; Telegram is a process that hands out getFile and the file.
Then all eight are fitted to a frame, as at the start of a job. Beside it a task wakes every 10 ms, works a millisecond
as a handler would, and notes how late it woke; the machine's own lateness is measured first, with nothing else to do.
Run it: `python -m benchmarks.pictures`.
"""

import argparse
import io
import json
import multiprocessing
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pillow_heif
import trio
from PIL import Image

from actors.bot import open_store
from actors.clock import TrioClock
from actors.films.pictures import Pictures
from actors.mailbox import Switchboard
from actors.process import in_thread, media_in_threads
from actors.shop.context import Shop
from actors.supervisor import Stop
from benchmarks.processes import machine
from protocol import catalogue
from protocol.telegram.client import TelegramClient
from protocol.telegram.lean import LeanHttp
from storage import pictures, users
from storage.engine import open_engine
from storage.migrate import upgrade
from storage.store import Tx

WIDTH, HEIGHT = 4000, 3000
PHOTOS = 8
TICK, WORK = 0.010, 0.001
FRAME, MAX_BYTES = "720x1280", 10_000_000


def photo(format: str) -> bytes:
    """12 megapixels of soft shapes under noise, about as heavy as a phone's."""
    soft = Image.effect_mandelbrot((WIDTH, HEIGHT), (-3, -2.5, 2, 2.5), 60)
    noise = Image.effect_noise((WIDTH, HEIGHT), 20)
    picture = Image.merge("RGB", (soft, Image.blend(soft, noise, 0.3), noise))
    out = io.BytesIO()
    if format == "HEIC":
        pillow_heif.from_pillow(picture).save(out, quality=60)
        return out.getvalue()
    picture.save(out, format, quality=88, **({"compress_level": 1} if format == "PNG" else {}))
    return out.getvalue()


def serve(data: bytes, port: "multiprocessing.Queue[int]") -> None:
    """Telegram, as far as pictures need it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(json.dumps({"ok": True, "result": {"file_id": "x", "file_path": "photo"}}).encode())

        def do_GET(self) -> None:
            self._answer(data)

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port.put(server.server_address[1])
    server.serve_forever()


async def lateness(work: Callable[[], Awaitable[object]]) -> tuple[list[float], float]:
    """Seconds that each tick was late while the work went on, and how long it took."""
    late: list[float] = []

    async def tick() -> None:
        while True:
            due = trio.current_time() + TICK
            await trio.sleep_until(due)
            late.append(trio.current_time() - due)
            end = time.perf_counter() + WORK
            while time.perf_counter() < end:
                sum(range(100))

    began = time.perf_counter()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(tick)
        await work()
        nursery.cancel_scope.cancel(reason="the work is done")
    return late, time.perf_counter() - began


async def measure(url: str, folder: Path, format: str) -> None:
    engine = open_engine(f"sqlite:///{folder}/{format}.db")
    upgrade(engine)
    mail, media = Switchboard(), media_in_threads()
    shop = Shop(catalogue.read(), (1,), "ru", folder / format)
    one_thread = in_thread(trio.CapacityLimiter(1))
    async with LeanHttp() as http, open_store(engine, TrioClock(), one_thread, mail) as store:
        telegram = TelegramClient(http, base_url=url, bot_token="1:x")
        task = Pictures(telegram, store, shop, mail.pictures, look=media.look, rng=random.Random(1))

        async def fetch() -> None:
            await store.write(_send_photos)
            stop = Stop()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(task.run, stop)
                while await store.read(pictures.wanted):  # noqa: ASYNC110 - nobody tells when all are taken
                    await trio.sleep(0.05)
                stop.ask()
            if len(list(shop.pictures.glob("*.preview.jpg"))) != PHOTOS:
                raise RuntimeError("not every picture was taken")

        async def fit() -> None:
            async with trio.open_nursery() as nursery:
                for file in shop.pictures.glob("*.picture"):
                    nursery.start_soon(media.fit, file, FRAME, MAX_BYTES)

        report(f"{format}, fetched and looked at", *await lateness(fetch))
        report(f"{format}, fitted to {FRAME}", *await lateness(fit))
    engine.dispose()


def _send_photos(tx: Tx) -> None:
    for number in range(PHOTOS):
        users.meet(tx, 101 + number, first_name="Ann", username=None, telegram_language="en")
        pictures.want(tx, 101 + number, "x")


def report(name: str, late: list[float], took: float) -> None:
    cut = statistics.quantiles(late, n=100)
    p50, p99, most = (f"{1000 * value:.1f}" for value in (cut[49], cut[98], max(late)))
    print(f"| {name} | {took:.1f} | {len(late)} | {p50} | {p99} | {most} |", flush=True)


async def run(formats: list[str]) -> None:
    print("| eight at once | s | ticks | late p50, ms | p99 | max |\n|---|---:|---:|---:|---:|---:|")
    report("(nothing to do)", *await lateness(partial(trio.sleep, 3)))
    for format in formats:
        data = photo(format)
        spawn = multiprocessing.get_context("fork")
        port: multiprocessing.Queue[int] = spawn.Queue()
        server = spawn.Process(target=serve, args=(data, port), daemon=True)
        server.start()
        with tempfile.TemporaryDirectory(prefix="kadr-bench-") as folder:
            await measure(f"http://127.0.0.1:{port.get()}", Path(folder), f"{format} of {len(data) / 1e6:.1f} MB")
        server.kill()
        server.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("formats", nargs="*", default=["JPEG", "HEIC", "PNG", "WEBP"])
    asked = parser.parse_args()
    print(f"# {machine()}, load {' '.join(Path('/proc/loadavg').read_text().split()[:3])}")
    trio.run(run, asked.formats)


if __name__ == "__main__":
    main()
