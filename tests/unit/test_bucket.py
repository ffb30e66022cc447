"""Backups in a bucket: what is put where, and that a bucket which refuses says so in a line without the key."""

import os
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from actors.commandline.examination import Finding, look_at_backups
from actors.settings import SettingsError, load_backup_settings
from actors.upkeep import bucket
from actors.upkeep.bucket import NotStored, bucket_of

SECRET = "wJalrXUtnFEMI-secret"


class S3(ThreadingHTTPServer):
    """As much of S3 as an upload needs."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Object)
        self.status = 200
        self.put: dict[str, bytes] = {}
        self.signed: list[str] = []


class _Object(BaseHTTPRequestHandler):
    server: S3

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.signed.append(self.headers["Authorization"])
        if self.server.status == 200:
            self.server.put[self.path] = content
        self.send_response(self.server.status)
        self.send_header("ETag", '"1"')
        body = b"" if self.server.status == 200 else b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is written down."""


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[dict[str, str]]:
    before = dict(os.environ)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("BACKUP_", "AWS_")) or name.lower().endswith("proxy")]:
        del os.environ[name]
    given = {
        "BACKUP_S3_URL": "s3://shop/kadr",
        "BACKUP_S3_ACCESS_KEY_ID": "AKIA",
        "BACKUP_S3_SECRET_ACCESS_KEY": SECRET,
    }
    os.environ.update(given)
    yield given
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def s3() -> Generator[S3]:
    with S3() as server:
        os.environ["BACKUP_S3_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)


def a_file(folder: Path) -> Path:
    file = folder / "kadr-20261123T220000Z.tar.gz.age"
    file.write_bytes(b"sealed" * 1000)
    return file


@pytest.mark.parametrize(
    ("url", "path"), [("s3://shop/kadr", "/shop/kadr/"), ("s3://shop", "/shop/"), ("s3://shop/a/b/", "/shop/a/b/")]
)
def test_a_file_is_put_under_its_name(s3: S3, tmp_path: Path, url: str, path: str) -> None:
    os.environ["BACKUP_S3_URL"] = url
    found = bucket_of(load_backup_settings())
    assert found is not None
    file = a_file(tmp_path)
    found.put(file)
    assert s3.put == {path + file.name: file.read_bytes()}
    assert "Credential=AKIA/" in s3.signed[0]
    assert SECRET not in repr(found)


@pytest.mark.parametrize("status", [403, 404])
def test_a_bucket_that_refuses(s3: S3, tmp_path: Path, status: int) -> None:
    s3.status = status
    found = bucket_of(load_backup_settings())
    assert found is not None
    with pytest.raises(NotStored) as caught:
        found.put(a_file(tmp_path))
    said = str(caught.value)
    assert 0 < len(said) <= 300
    assert "\n" not in said
    assert SECRET not in said


def test_a_bucket_nobody_reaches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "RETRY_SECONDS", 0)
    os.environ["BACKUP_S3_ENDPOINT"] = "http://127.0.0.1:1"
    found = bucket_of(load_backup_settings())
    assert found is not None
    with pytest.raises(NotStored):
        found.put(a_file(tmp_path))


def test_no_bucket() -> None:
    del os.environ["BACKUP_S3_URL"]
    assert bucket_of(load_backup_settings()) is None


@pytest.mark.parametrize("name", ["BACKUP_S3_ACCESS_KEY_ID", "BACKUP_S3_SECRET_ACCESS_KEY"])
def test_half_a_bucket(name: str) -> None:
    del os.environ[name]
    with pytest.raises(SettingsError, match=f"^{name} is required by BACKUP_S3_URL and not set\\.$"):
        load_backup_settings()


@pytest.mark.parametrize("url", ["shop", "https://shop.s3.amazonaws.com", "s3://", "s3://Shop", "s3://shop/a?b"])
def test_what_is_no_bucket(url: str) -> None:
    os.environ["BACKUP_S3_URL"] = url
    with pytest.raises(SettingsError, match=r"^BACKUP_S3_URL must look like s3://bucket"):
        load_backup_settings()


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"^BACKUP_S3_URL needs the package obstore: install kadr with its extra"):
        load_backup_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BACKUP_HOUR", "24"),
        ("BACKUP_HOUR", "night"),
        ("BACKUP_KEEP_DAYS", "0"),
        ("BACKUP_TO_CHAT", "yes"),
        ("BACKUP_AGE_RECIPIENT", "AGE-SECRET-KEY-1"),
        ("BACKUP_S3_ENDPOINT", "shop.example"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str) -> None:
    os.environ[name] = value
    with pytest.raises(SettingsError) as caught:
        load_backup_settings()
    assert str(caught.value).startswith(f"{name} ")
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("to_chat", "sealed", "goes"),
    [
        ("encrypted", True, True),
        ("encrypted", False, False),
        ("plain", True, True),
        ("plain", False, True),
        ("never", True, False),
        ("never", False, False),
    ],
)
def test_what_goes_to_the_chat(to_chat: str, sealed: bool, goes: bool) -> None:
    os.environ["BACKUP_TO_CHAT"] = to_chat
    if sealed:
        os.environ["BACKUP_AGE_RECIPIENT"] = "age16977x5qshupuqqhndszht0qwehslm2mc0rthzn7pvttz3emguevqw6msn3"
    assert load_backup_settings().backups_go_to_chat is goes


def test_what_the_doctor_says_of_backups(tmp_path: Path) -> None:
    def said() -> Finding:
        [finding] = look_at_backups(load_backup_settings())
        return finding

    folder = tmp_path / "data" / "backups"
    folder.mkdir(parents=True)
    assert (said().said, said().mend) == ("none yet; each night one is made, and goes to s3://shop/kadr", "")
    file = folder / "kadr-20261123T220000Z.tar.gz"
    file.write_bytes(b"x")
    assert said().said.startswith("1 on this disk, the newest 0 h old")
    assert said().mend == ""
    os.utime(file, (file.stat().st_mtime - 30 * 3600,) * 2)
    assert "30 h old" in said().said
    assert "/backup" in said().mend
    del os.environ["BACKUP_S3_URL"]
    assert "goes nowhere: set BACKUP_AGE_RECIPIENT" in said().said
    os.environ["DATABASE_URL"] = "postgresql://127.0.0.1/kadr"
    assert look_at_backups(load_backup_settings()) == []
