"""Logs: one line each, and never a secret, wherever it stands."""

import json
import logging
import sys
import threading
import warnings
from collections.abc import Generator
from typing import Any

import pytest
import structlog

from actors.logs import REDACTED, Redact, about, configure, hear_python, listening

SECRET, OTHER = "123456:ABC-def", "sk-live"


@pytest.fixture(autouse=True)
def _as_before() -> Generator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


class Strange:
    """Something whose description holds a secret."""

    def __repr__(self) -> str:
        return f"<Strange {SECRET}>"


def fails() -> None:
    held = [SECRET]
    raise ValueError(f"https://api.telegram.org/bot{held[0]}/getMe") from KeyError(OTHER)


def everything() -> None:
    log = structlog.get_logger("test")
    log.info("plain", value=SECRET, both=f"{SECRET} and {OTHER}")
    log.info(f"in the event itself: {SECRET}")
    log.info("nested", inner={"a": [SECRET, ("x", OTHER)], SECRET: 1}, none=None, number=5)
    log.info("objects", strange=Strange(), error=ValueError(SECRET), several=[Strange()])
    try:
        fails()
    except ValueError as error:
        log.error("failed", exc_info=error)
        log.exception("failed again")


def test_a_key_that_is_a_word_hides_nothing() -> None:
    """Servers without keys are given `none` or `sandbox`, and names hold such words."""
    clean = Redact(["sandbox", "none", SECRET])
    assert clean(None, "", f"@kadr_sandbox_bot, none, {SECRET}") == f"@kadr_sandbox_bot, none, {REDACTED}"


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])
def test_no_line_holds_a_secret(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=as_json, secrets=(SECRET, OTHER, ""))
    everything()
    out, err = capsys.readouterr()
    assert out == ""
    assert SECRET not in err
    assert OTHER not in err
    assert err.count(REDACTED) >= 10
    assert "ValueError" in err
    assert "in fails" in err or '"fails"' in err


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_json_is_a_line_for_each_event(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True, secrets=(SECRET,))
    everything()
    found = lines(capsys)
    assert [line["level"] for line in found] == ["info"] * 4 + ["error"] * 2
    assert found[0]["value"] == REDACTED
    assert found[0]["timestamp"].endswith("Z")
    assert (found[2]["none"], found[2]["number"]) == (None, 5)


def test_a_line_stays_json_whatever_the_secret_is(capsys: pytest.CaptureFixture[str]) -> None:
    """A password of digits is also some update's number; one with quotes looks otherwise once it is written."""
    configure(json=True, secrets=("1234567", 'a"b\\c', "1"))
    structlog.get_logger().info("said", update_id=1234567, url="/1234567/", odd='<a"b\\c>', part=float("nan"))
    [line] = lines(capsys)
    assert (line["update_id"], line["url"], line["odd"], line["part"]) == (
        1234567,
        f"/{REDACTED}/",
        f"<{REDACTED}>",
        "nan",
    )


def test_a_secret_of_a_letter_or_two_is_not_looked_for(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=False, secrets=(" ", "1", "20"))
    structlog.get_logger().info("said in 2026", number=1)
    assert REDACTED not in capsys.readouterr().err


@pytest.fixture
def _python_as_before(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers)
    monkeypatch.setattr(root, "level", root.level)
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        yield
        logging.captureWarnings(capture=False)


@pytest.mark.usefixtures("_python_as_before")
def test_what_libraries_and_python_say_are_lines_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True, secrets=(SECRET,))
    hear_python()
    logging.getLogger("some.library").warning("no answer from %s", SECRET)
    logging.getLogger("some.library").warning("%s and %s", "one")
    warnings.warn("this is old", stacklevel=1)
    failing = threading.Thread(target=fails, name="worker")
    failing.start()
    failing.join()
    error = ValueError(SECRET)
    sys.excepthook(ValueError, error, None)
    found = lines(capsys)
    assert [line["event"] for line in found] == ["library.said"] * 3 + ["python.uncaught"] * 2
    assert found[0]["text"] == f"no answer from {REDACTED}"
    assert found[1]["text"] == "%s and %s"
    assert "this is old" in found[2]["text"]
    assert found[3]["thread"] == "worker"
    assert SECRET not in json.dumps(found)


def test_people_s_words_are_readable(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)
    structlog.get_logger().info("said", words="сәлем")
    assert "сәлем" in capsys.readouterr().err


def test_what_is_below_the_level_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)
    structlog.get_logger().debug("quiet")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["httpx2", "httpcore2", "openai"])
def test_libraries_do_not_tell_urls(name: str) -> None:
    configure(json=True)
    assert not logging.getLogger(name).isEnabledFor(logging.INFO)


def test_a_line_says_what_the_task_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)
    log = structlog.get_logger()
    with about(actor="outbox", job_id=17):
        log.info("inside", job_id=18)
        with about(update_id=5):
            log.info("deeper")
    log.info("outside")
    inside, deeper, outside = lines(capsys)
    assert (inside["actor"], inside["job_id"]) == ("outbox", 18)
    assert (deeper["actor"], deeper["job_id"], deeper["update_id"]) == ("outbox", 17, 5)
    assert outside.keys() == {"event", "level", "timestamp"}


def test_a_line_names_the_copy_that_wrote_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENDER_INSTANCE_ID", "srv-1")
    monkeypatch.setenv("RENDER_GIT_COMMIT", "abc")
    configure(json=True)
    structlog.get_logger().info("here")
    assert [(line["instance"], line["release"]) for line in lines(capsys)] == [("srv-1", "abc")]


def test_a_listener_hears_each_line_and_cannot_harm_it(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True, secrets=(SECRET,))
    heard: list[str] = []

    def listen(line: Any, clean: Any) -> None:
        heard.append(clean(None, "", line["url"]))
        raise RuntimeError("the listener is broken")

    with listening(listen):
        structlog.get_logger().info("said", url=f"/bot{SECRET}/")
    structlog.get_logger().info("unheard", url="x")
    assert heard == [f"/bot{REDACTED}/"]
    assert [line["event"] for line in lines(capsys)] == ["said", "unheard"]
