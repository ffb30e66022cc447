"""Processes under measurement: a certificate for the stand-in, the stand-in itself, and a child whose CPU is read."""

import json
import os
import queue
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[1]


def certificate(folder: Path) -> Path | None:
    """A PEM file with a key and a certificate for 127.0.0.1; None where there is no `openssl` to make it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        return None
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    both.write_text(key.read_text() + cert.read_text())
    return both


class StandIn:
    """The fast Telegram stand-in, as a process of its own."""

    def __init__(self, pem: Path | None) -> None:
        self.pem = pem
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.telegram", *([str(pem)] if pem else [])],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._heard: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.port = int(self.hear("listening", self._process)["port"])
        self.url = f"{'https' if pem else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def tell(self, **command: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._heard.put(json.loads(line))

    def hear(self, event: str, child: "subprocess.Popen[Any]") -> dict[str, Any]:
        """The next event, which must be of this kind, while the child that is to cause it lives."""
        while True:
            try:
                said = self._heard.get(timeout=0.5)
            except queue.Empty:
                if child.poll() is not None:
                    raise RuntimeError(f"the bot ended with {child.returncode}") from None
                continue
            if said["event"] != event:
                raise RuntimeError(f"the stand-in should say {event!r}, but: {said}")
            return said

    def cpu(self) -> float:
        return cpu_seconds(self._process.pid)


def cpu_seconds(pid: int) -> float:
    """CPU seconds a living process has used in all its threads; `getrusage` tells them only once it has ended.

    The clock id is what `clock_getcpuclockid(3)` returns on Linux, to the nanosecond.
    """
    return time.clock_gettime(~pid << 3 | 2)


def bot_environment(folder: Path, stand_in_url: str, token: str, pem: Path | None) -> dict[str, str]:
    """What `kadr run` needs, and nothing of this machine's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}
    if pem:
        kept["SSL_CERT_FILE"] = str(_trusted(pem))
    return kept | {
        "TELEGRAM_BOT_TOKEN": token,
        "TELEGRAM_API_BASE_URL": stand_in_url,
        "OPENAI_API_KEY": "benchmark",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "ADMIN_USER_ID": "1",
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/bot.db",
        "LOG_FORMAT": "json",
        "PYTHONPATH": str(ROOT),
    }


def _trusted(pem: Path) -> Path:
    """What the bot trusts: the stand-in's certificate and, as in life, the system's, which take memory and time."""
    trusted = pem.with_name("trusted.pem")
    system = ssl.get_default_verify_paths().openssl_cafile
    trusted.write_text(pem.read_text() + (Path(system).read_text() if Path(system).is_file() else ""))
    return trusted


def kadr() -> list[str]:
    """`kadr run` of this environment."""
    return [str(Path(sys.executable).with_name("kadr")), "run"]


@contextmanager
def running(command: list[str], environment: dict[str, str], folder: Path) -> Generator[subprocess.Popen[bytes]]:
    """A child whose log goes to `folder/log`; ended by SIGTERM, and its log shown when it did not end well."""
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            yield child
            child.send_signal(signal.SIGTERM)
            code = child.wait(20)
        except BaseException:
            child.kill()
            child.wait()
            print((folder / "log").read_text(errors="replace")[-4000:], file=sys.stderr)
            raise
    if code:
        print((folder / "log").read_text(errors="replace")[-4000:], file=sys.stderr)
        raise RuntimeError(f"{command[0]} ended with {code}")


def machine() -> str:
    """One line about where this was measured."""
    names = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    version = ".".join(map(str, sys.version_info[:3]))
    cpu = names[0] if names else "CPU"
    # Above the number of cores, times tell more about the neighbours than about the bot.
    load = f"load {os.getloadavg()[0]:.1f}"
    return f"{os.cpu_count()} cores ({cpu}), {memory / 2**20:.0f} GiB, {sys.platform}, Python {version}, {load}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
