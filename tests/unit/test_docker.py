"""The image and its compose file, as far as a machine without Docker can look at them; and the health check itself."""

import os
import re
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from ruamel.yaml import YAML

from actors.commandline import healthcheck
from actors.watchdog import SHUTDOWN_SECONDS

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
TOOLS = Path(sys.executable).parent


def lint(*command: str) -> None:
    done = subprocess.run([TOOLS / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_has_nothing_to_find_fault_with() -> None:
    lint("hadolint", "Dockerfile")


def test_the_compose_file_is_one() -> None:
    lint("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")


def test_it_runs_as_a_number_that_is_not_root() -> None:
    users = re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE)
    assert users
    assert all(re.fullmatch(r"[1-9]\d+:[1-9]\d+", user) for user in users)


def test_the_image_has_no_uv_no_tests_and_no_secrets() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "uv" not in last
    assert "COPY --from=build /kadr/.venv" in last
    allowed = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE))
    assert allowed == {"actors", "protocol", "sandbox", "storage", "LICENSE", "README.md", "pyproject.toml", "uv.lock"}
    assert (ROOT / ".dockerignore").read_text("utf-8").splitlines()[1] == "*"
    assert all((ROOT / name).exists() for name in allowed)


def test_the_versions_are_those_of_the_project() -> None:
    release = re.search(r"^UV_RELEASE := (\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert release
    assert f"astral-sh/uv:{release[1]} " in DOCKERFILE
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(set(images)) == 1, "the interpreter of the environment must be the one it was built with"


def test_what_compose_promises() -> None:
    compose: dict[str, Any] = YAML(typ="safe").load((ROOT / "compose.yaml").read_text("utf-8"))
    service = compose["services"]["kadr"]
    assert float(service["stop_grace_period"].removesuffix("s")) > SHUTDOWN_SECONDS
    assert service["environment"]["DATA_DIR"] == "/data"
    assert service["volumes"] == ["data:/data"]
    assert "ports" not in service, "the operator port stays inside"
    assert not any("TOKEN" in name or "KEY" in name for name in service["environment"])


class _Health(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/health" else 404)
        self.end_headers()
        self.wfile.write(b'{"status": "stale"}')

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written down."""


@pytest.mark.parametrize(("status", "wrong"), [(200, False), (503, True)])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_health(status: int, wrong: bool, host: str) -> None:
    with HTTPServer(("127.0.0.1", 0), type("_", (_Health,), {"status": status})) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        said = healthcheck.look(f"{host}:{server.server_port}")
        thread.join(5)
    assert bool(said) is wrong
    assert ("503" in said) is wrong


def test_health_of_nobody() -> None:
    command = [sys.executable, "-m", "actors.commandline.healthcheck"]
    environment = {**os.environ, "OPERATOR_ADDR": "127.0.0.1:1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert done.stderr.startswith("127.0.0.1:1 does not answer: ")
    assert done.stderr.count("\n") == 1
