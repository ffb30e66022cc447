"""`kadr doctor` against the stand-ins: what it finds right, what it finds wrong, and what it says to do."""

import json
import subprocess
import sys
from collections.abc import Generator
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trio
from pydantic import SecretStr
from trio.testing import MockClock
from typer.testing import CliRunner

from actors.cli import app
from actors.commandline.examination import (
    PATIENCE_SECONDS,
    Finding,
    Services,
    look_at_catalogue,
    look_at_database,
    look_at_disk,
    look_at_services,
)
from actors.settings import Settings
from protocol import catalogue
from protocol.catalogue import Catalogue
from protocol.telegram.client import TelegramClient
from protocol.videos.client import VideoClient
from sandbox import videos
from sandbox.wire import InProcess
from storage.engine import open_engine
from storage.migrate import upgrade
from tests.conformance.servers import SERVERS, Server
from tests.simulation.scheduling import without_threads
from tests.town import ADMIN, Doorman, Forward, Town

URL = "http://videos.test/v1"


def wrong(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.mend]


def model_of(sold: Catalogue, **changes: Any) -> Catalogue:
    """A catalogue with its first model only, changed."""
    return sold.model_copy(update={"models": (sold.models[0].model_copy(update=changes),)})


async def looked(
    town: Town, sold: Catalogue, *, door: Doorman | None = None, url: str = URL, bot_token: str = "", key: str = "k"
) -> list[Finding]:
    """What the doctor finds of a town's services."""
    settings = Settings.model_construct(admin_user_id=(ADMIN,), telegram_bot_token=SecretStr("1:x"))

    class Door(InProcess):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            forward: Forward = super().handle_async_request
            return await (door(request, forward) if door else forward(request))

    async with (
        httpx2.AsyncClient(transport=Door(town.telegram_app)) as telegram_http,
        httpx2.AsyncClient(transport=Door(town.videos_app), follow_redirects=True) as video_http,
    ):
        client = TelegramClient(
            telegram_http, base_url="http://telegram.test", bot_token=bot_token or town.telegram.token
        )
        backends = {
            name: VideoClient(video_http, api_key=key, base_url=url, dialect=backend.dialect)
            for name, backend in sold.backends.items()
        }
        for backend in backends.values():
            without_threads(backend)
        return await look_at_services(settings, sold, Services(client, backends))


@pytest.fixture
def settled(town: Town) -> Town:
    """A town whose admin has written to the bot."""
    town.telegram.people[ADMIN].started = True
    return town


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
async def test_nothing_is_wrong_with_any_server(server: Server, settled: Town, autojump_clock: MockClock) -> None:
    settled.videos.manners = server.manners
    findings = await looked(settled, server.catalogue())
    assert wrong(findings) == []
    assert [finding.subject for finding in findings] == ["telegram", "backend default"]
    assert f"{URL} answers, as {server.dialect}" in findings[1].said
    assert settled.videos.requests["create"] == 0


async def test_the_models_a_backend_lists(settled: Town, autojump_clock: MockClock) -> None:
    sold = model_of(catalogue.read(), upstream="sora-3")
    [here] = [finding for finding in await looked(settled, sold) if finding.subject.startswith("backend")][1:]
    assert "'sora-3'" in here.said
    assert "`upstream` of sora-2" in here.mend


async def test_a_list_that_is_not_there(settled: Town, autojump_clock: MockClock) -> None:
    settled.videos.manners = videos.LITELLM
    [found] = wrong(await looked(settled, catalogue.read()))
    assert found.mend == "set list = false in [backends.default]"


@pytest.mark.parametrize(
    ("manners", "judge", "says"),
    [
        (videos.OPENAI, "omni-moderation-latest", ""),
        (videos.OPENAI, "omni", "does not judge texts by omni"),
        (videos.SGLANG, "omni-moderation-latest", "does not judge texts by omni-moderation-latest"),
    ],
)
async def test_a_moderation_that_is_named_is_tried(
    town: Town, autojump_clock: MockClock, manners: videos.Manners, judge: str, says: str
) -> None:
    town.videos.manners = manners
    sold = catalogue.read()
    backend = sold.backends["default"].model_copy(update={"moderation": judge})
    found_all = await looked(town, sold.model_copy(update={"backends": {"default": backend}}))
    findings = [finding for finding in found_all if finding.subject == "backend default"]
    if says:
        [found] = wrong(findings)
        assert says in found.said
        assert found.mend == "take `moderation` out of [backends.default], or name a model that it knows"
    else:
        assert wrong(findings) == []
        assert f"texts are judged by {judge} before they are ordered" in [finding.said for finding in findings]


def answering(service: str, status: int, body: object) -> Doorman:
    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        if request.url.host != f"{service}.test":
            return await forward(request)
        return httpx2.Response(status, json=body, request=request)

    return door


@pytest.mark.parametrize(
    ("status", "body", "said", "mend"),
    [
        (401, {"error": {"message": "no such key"}}, "HTTP 401: no such key", "OPENAI_API_KEY"),
        (400, {"error": {"message": "No connected db.", "code": "400"}}, "No connected db", "OPENAI_API_KEY"),
        (402, {"error": "no funds"}, "no funds", "funds"),
        (500, {}, "HTTP 500", "OPENAI_BASE_URL"),
    ],
)
async def test_a_backend_that_refuses(
    settled: Town, autojump_clock: MockClock, status: int, body: object, said: str, mend: str
) -> None:
    [found] = wrong(await looked(settled, catalogue.read(), door=answering("videos", status, body)))
    assert found.subject == "backend default"
    assert said in found.said
    assert mend in found.mend


@pytest.mark.parametrize(("status", "body"), [(404, {}), (405, {"detail": "no"}), (200, {"hello": 1}), (200, [])])
async def test_a_backend_without_a_list_of_models(
    settled: Town, autojump_clock: MockClock, status: int, body: object
) -> None:
    sold = SERVERS[2].catalogue()
    findings = await looked(settled, sold, door=answering("videos", status, body))
    assert wrong(findings) == []
    assert "no list of models" in findings[-1].said


async def test_openai_itself_is_no_backend_any_more(settled: Town, autojump_clock: MockClock) -> None:
    [found] = wrong(await looked(settled, catalogue.read(), url="https://api.openai.com/v1"))
    assert "2026-09-24" in found.said
    assert "OPENAI_BASE_URL" in found.mend


async def test_services_that_never_answer(settled: Town, autojump_clock: MockClock) -> None:
    async def silence(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        await trio.sleep_forever()
        raise AssertionError

    findings = await looked(settled, catalogue.read(), door=silence)
    assert trio.current_time() == PATIENCE_SECONDS
    assert [finding.subject for finding in wrong(findings)] == ["telegram", "backend default"]


async def test_a_connection_nobody_takes(settled: Town, autojump_clock: MockClock) -> None:
    async def refused(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        await trio.lowlevel.checkpoint()
        raise httpx2.ConnectError("refused", request=request)

    telegram_found, backend_found = wrong(await looked(settled, catalogue.read(), door=refused))
    assert "TELEGRAM_API_BASE_URL" in telegram_found.mend
    assert "OPENAI_BASE_URL" in backend_found.mend


async def test_a_wrong_bot_token(settled: Town, autojump_clock: MockClock) -> None:
    [found] = wrong(await looked(settled, catalogue.read(), bot_token="1:wrong"))
    assert "TELEGRAM_BOT_TOKEN" in found.mend
    assert "1:wrong" not in found.said


async def test_an_admin_who_would_hear_nothing(town: Town, autojump_clock: MockClock) -> None:
    [found] = wrong(await looked(town, catalogue.read()))
    assert str(ADMIN) in found.mend


async def test_a_webhook_takes_the_updates(settled: Town, autojump_clock: MockClock) -> None:
    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        if not request.url.path.endswith("getWebhookInfo"):
            return await forward(request)
        info = {"url": "https://old.example/secret-path", "has_custom_certificate": False, "pending_update_count": 3}
        return httpx2.Response(200, json={"ok": True, "result": info}, request=request)

    [found] = wrong(await looked(settled, catalogue.read(), door=door))
    assert "old.example" in found.said
    assert "secret-path" not in found.said


def test_models_that_retire() -> None:
    sold = model_of(catalogue.read(), retires=date(2027, 3, 1))
    assert look_at_catalogue(sold, date(2027, 1, 1)) == []
    [soon] = look_at_catalogue(sold, date(2027, 2, 20))
    assert (soon.mend, "2027-03-01" in soon.said) == ("", True)
    gone, nothing = look_at_catalogue(sold, date(2027, 3, 1))
    assert "sora-2 retired" in gone.said
    assert "nothing is on sale" in nothing.said


def test_databases(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    [new] = look_at_database(url)
    assert (new.mend, list(tmp_path.iterdir())) == ("", [])
    engine = open_engine(url)
    with engine.begin() as conn:
        conn.exec_driver_sql("create table something (id integer)")
    [old] = look_at_database(url)
    assert (old.mend, "schema none" in old.said) == ("", True)
    upgrade(engine)
    [right] = look_at_database(url)
    assert (right.mend, "books right" in right.said) == ("", True)
    with engine.begin() as conn:
        conn.exec_driver_sql("insert into accounts (name, posted) values ('user:7', 5)")
    [books] = look_at_database(url)
    assert (books.subject, "user:7" in books.said, "kadr audit" in books.mend) == ("books", True, True)
    with engine.begin() as conn:
        conn.exec_driver_sql("update alembic_version set version_num = '9999'")
    [newer] = look_at_database(url)
    assert "newer" in newer.mend
    engine.dispose()
    (tmp_path / "no.db").write_bytes(b"something else entirely " * 100)
    [broken] = look_at_database(f"sqlite:///{tmp_path}/no.db")
    assert "not a database" in broken.said
    assert broken.mend


def test_disks(tmp_path: Path) -> None:
    assert look_at_disk(tmp_path / "not" / "yet").mend == ""
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    assert "DATA_DIR" in look_at_disk(tmp_path / "file" / "below").mend


@pytest.fixture(scope="module")
def stand_ins() -> Generator[dict[str, str]]:
    """Stand-ins as a process, and what a bot must be told to reach them."""
    command = [sys.executable, "-m", "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()
        assert process.wait(10) == 0


def doctor(environment: dict[str, str], folder: Path) -> tuple[int, str]:
    """Exit code and report, on a wide screen."""
    outside = {"DATA_DIR": str(folder / "data"), "COLUMNS": "300", "TERM": "dumb", **environment}
    result = CliRunner().invoke(app, ["doctor"], env=outside)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.stderr == ""
    return result.exit_code, result.stdout


@pytest.fixture(autouse=True)
def nobody_s_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "TELEGRAM_BOT_TOKEN", "OPENAI_API_KEY", "ADMIN_USER_ID", "CATALOGUE"):
        monkeypatch.delenv(name, raising=False)


def test_a_report_of_a_shop_in_order(stand_ins: dict[str, str], tmp_path: Path) -> None:
    code, report = doctor(stand_ins, tmp_path)
    assert (code, "✗" in report) == (0, False), report
    for words in ("@kadr", "lists sora-2, sora-2-pro", "1280x1280: 6 (0.1), cut from 1280x720", "optional, as file"):
        assert words in report.replace("[secret]", "sandbox")
    assert not (tmp_path / "data").exists()


def test_a_report_never_shows_a_secret(stand_ins: dict[str, str], tmp_path: Path) -> None:
    token, key = "123456:AAtopsecrettoken", "sk-topsecretkey"
    shop = tmp_path / "shop.toml"
    packaged = (Path(catalogue.__file__).parent / "catalogue.toml").read_text("utf-8")
    backend = f'[backends.default]\nbase_url = "http://127.0.0.1:9/{key}"\n'
    shop.write_text(packaged.replace("[backends.default]", backend, 1), "utf-8")
    wrong = {"TELEGRAM_BOT_TOKEN": token, "OPENAI_API_KEY": key, "CATALOGUE": str(shop)}
    code, report = doctor(stand_ins | wrong, tmp_path)
    assert code == 1
    assert report.count("✗") == 2
    assert "TELEGRAM_BOT_TOKEN" in report
    assert "base_url of this backend" in report
    assert "topsecret" not in report


def test_a_report_without_settings(tmp_path: Path) -> None:
    code, report = doctor({}, tmp_path)
    assert code == 1
    assert "TELEGRAM_BOT_TOKEN is required and not set." in report
    assert "disk" in report
    code, report = doctor({"DATABASE_URL": "mysql://x"}, tmp_path)
    assert (code, "DATABASE_URL must start with" in report) == (1, True)
