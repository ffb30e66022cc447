"""Settings: what is missing or wrong is one sentence that names the variable; what is secret stays so."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from actors.settings import (
    DataSettings,
    Settings,
    SettingsError,
    WatchSettings,
    load_data_settings,
    load_settings,
    load_watch_settings,
)

TOKEN, KEY, STRIPE, OPERATOR = "123456:ABC-def_7", "sk-openai", "sk_live_stripe", "operator-token"
REQUIRED = {"TELEGRAM_BOT_TOKEN": TOKEN, "OPENAI_API_KEY": KEY, "ADMIN_USER_ID": "1"}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[None]:
    """No variable of ours and no `.env` but those of the test; what the test sets is gone after it."""
    before = dict(os.environ)
    for field in Settings.model_fields:
        os.environ.pop(field.upper(), None)
    monkeypatch.chdir(tmp_path)
    yield
    os.environ.clear()
    os.environ.update(before)


def load(**variables: str) -> Settings:
    os.environ.update(REQUIRED | variables)
    return load_settings()


def sentence(**variables: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(**variables)
    said = str(caught.value)
    assert said.endswith(".")
    assert "\n" not in said
    for secret in (TOKEN, KEY, STRIPE, OPERATOR):
        assert secret not in said
    return said


def test_the_defaults() -> None:
    settings = load()
    assert settings.telegram_api_base_url == "https://api.telegram.org"
    assert settings.data_dir == Path("data")
    assert settings.database_url == "sqlite:///data/bot.db"
    assert settings.default_language == "ru"
    assert settings.operator_addr == "127.0.0.1:8765"
    assert settings.admin_user_id == (1,)
    assert not settings.json_logs
    for unset in ("openai_base_url", "stripe_secret_key", "stripe_api_base_url", "kaspi_pay_url", "kaspi_phone",
                  "kaspi_recipient", "catalogue", "operator_token"):  # fmt: skip
        assert getattr(settings, unset) is None
    assert settings.read_catalogue().models[0].id == "sora-2"


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("empty", [False, True], ids=["missing", "empty"])
def test_what_is_required(name: str, empty: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in REQUIRED.items():
        monkeypatch.setenv(variable, value)
    if empty:
        monkeypatch.setenv(name, "")
    else:
        monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match=f"^{name} is required and not set\\.$"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_BOT_TOKEN", "nonsense"),
        ("TELEGRAM_BOT_TOKEN", "123456:ABC/../x"),
        ("TELEGRAM_BOT_TOKEN", "123456:ABC def"),
        ("TELEGRAM_API_BASE_URL", "api.telegram.org"),
        ("TELEGRAM_API_BASE_URL", "https://"),
        ("OPENAI_BASE_URL", "ftp://x"),
        ("STRIPE_API_BASE_URL", "stripe"),
        ("KASPI_PAY_URL", "pay.kaspi.kz"),
        ("ADMIN_USER_ID", "boss"),
        ("ADMIN_USER_ID", "1,x"),
        ("ADMIN_USER_ID", "-5"),
        ("ADMIN_USER_ID", "0"),
        ("ADMIN_USER_ID", ","),
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "sqlite://"),
        ("DEFAULT_LANGUAGE", "de"),
        ("LOG_FORMAT", "xml"),
        ("OPERATOR_ADDR", "localhost"),
        ("OPERATOR_ADDR", ":80"),
        ("OPERATOR_ADDR", "127.0.0.1:99999"),
        ("OPERATOR_ADDR", "127.0.0.1:http"),
        ("TELEGRAM_BOT_TOKEN", "１２３:ABC"),
        ("TELEGRAM_API_BASE_URL", "http://two words/"),
        ("TELEGRAM_API_BASE_URL", "http://host:99999"),
        ("TELEGRAM_API_BASE_URL", "http://host:port"),
        ("TELEGRAM_API_BASE_URL", "https://[::1"),
        ("TELEGRAM_API_BASE_URL", "http://héé.example"),
        ("TELEGRAM_API_BASE_URL", "http://name:word@host"),
        ("OPENAI_BASE_URL", "http://host/v1?version=2"),
        ("OPENAI_API_KEY", "ключ"),
        ("OPENAI_API_KEY", "two words"),
        ("STRIPE_SECRET_KEY", "sk_test_é"),
        ("STRIPE_API_BASE_URL", "http://host:99999"),
        ("KASPI_PAY_URL", "https://pay.kaspi.kz/ pay"),
        ("KASPI_PAY_URL", "https://[bad"),
        ("KASPI_PHONE", "１２３４５６７８９０１"),
        ("KASPI_RECIPIENT", "two\nlines"),
        ("ADMIN_USER_ID", "９"),
        ("ADMIN_USER_ID", "99999999999999999999"),
        ("DATA_DIR", "a\nb"),
        ("DATA_DIR", "x/" * 2000),
        ("DATA_DIR", "x" * 300),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "sqlite:///bot.db?timeout=abc"),
        ("DATABASE_URL", "sqlite:///."),
        ("DATABASE_URL", "sqlite:////dev/null/bot.db"),
        ("DATABASE_URL", "sqlite:///" + "x" * 300 + "/bot.db"),
        ("DATABASE_URL", f"postgresql://name:{STRIPE}@host:port/kadr"),
        ("DATABASE_URL", "postgresql://name@host:99999/kadr"),
        ("OPERATOR_ADDR", "127.0.0.1:８"),
        ("OPERATOR_ADDR", "127.0.0.1 :80"),
        ("OPERATOR_ADDR", "http://127.0.0.1:80"),
        ("OPERATOR_TOKEN", "құпия"),
        ("BACKUP_HOUR", "24"),
        ("BACKUP_HOUR", "late"),
        ("HEARTBEAT_URL", "hc-ping.com/uuid"),
        ("SENTRY_DSN", "key@sentry.io/1"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str) -> None:
    assert sentence(**{name: value}).startswith(f"{name} must ")


@pytest.mark.parametrize("name", REQUIRED)
def test_a_variable_of_spaces_is_an_empty_one(name: str) -> None:
    assert sentence(**{name: "  \t"}) == f"{name} is required and not set."


def test_what_was_pasted_with_a_line_break() -> None:
    settings = load(OPENAI_API_KEY=f" {KEY}\n", DATA_DIR=" data ", DEFAULT_LANGUAGE="en\n", LOG_FORMAT=" ")
    assert settings.openai_api_key.get_secret_value() == KEY
    assert settings.database_url == "sqlite:///data/bot.db"
    assert (settings.default_language, settings.log_format) == ("en", None)


def test_an_admin_who_is_named_twice_is_one() -> None:
    assert load(ADMIN_USER_ID="5, 6,5,").admin_user_id == (5, 6)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8081/", "https://video_server/v1", "http://[::1]:8000/v1/"])
def test_addresses_of_services(url: str) -> None:
    assert load(OPENAI_BASE_URL=url).openai_base_url == url.rstrip("/")


def test_links_may_have_queries_and_keys() -> None:
    settings = load(KASPI_PAY_URL="https://pay.kaspi.kz/pay?id=a@b", SENTRY_DSN="https://key@o1.ingest.sentry.io/2")
    assert settings.kaspi_pay_url == "https://pay.kaspi.kz/pay?id=a@b"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"ADMIN_USER_ID=1\n\nnot a setting\n", "The file .env, line 3: this is not NAME=value."),
        (b"\xff\xfe", "The file .env is not UTF-8 text."),
    ],
)
def test_a_file_that_cannot_be_read_to_its_end(tmp_path: Path, text: bytes, said: str) -> None:
    (tmp_path / ".env").write_bytes(text)
    assert sentence() == said
    with pytest.raises(SettingsError, match=r"^The file \.env"):
        load_data_settings()


def test_a_choice_names_what_is_allowed() -> None:
    assert sentence(DEFAULT_LANGUAGE="de") == "DEFAULT_LANGUAGE must be one of 'ru', 'kk' or 'en'."


@pytest.mark.parametrize("address", ["0.0.0.0:8765", "example.org:1", "[::]:8765"])
def test_off_loopback_a_token_is_needed(address: str) -> None:
    assert sentence(OPERATOR_ADDR=address) == (
        "OPERATOR_TOKEN is required when OPERATOR_ADDR is not a loopback address."
    )
    assert load(OPERATOR_ADDR=address, OPERATOR_TOKEN=OPERATOR).operator_addr == address


@pytest.mark.parametrize("address", ["127.0.0.1:1", "localhost:8765", "[::1]:8765"])
def test_on_loopback_no_token_is_needed(address: str) -> None:
    assert load(OPERATOR_ADDR=address).operator_token is None


def test_a_catalogue_that_cannot_be_used(tmp_path: Path) -> None:
    settings = load(CATALOGUE="none.toml")
    with pytest.raises(SettingsError, match=r"^CATALOGUE: none\.toml cannot be read: No such file or directory\.$"):
        settings.read_catalogue()
    (tmp_path / "bad.toml").write_text("welcome_tokens = -1")
    with pytest.raises(SettingsError, match=r"^CATALOGUE: bad\.toml.*welcome_tokens.*\.$"):
        load(CATALOGUE="bad.toml").read_catalogue()


def test_the_data_folder_is_made(tmp_path: Path) -> None:
    load(DATA_DIR="a/b").make_data_dir()
    assert list((tmp_path / "a/b").iterdir()) == []


def test_the_database_lies_in_the_data_folder_whatever_that_is_called() -> None:
    for name in ("a%20b", "what?", "мәлімет", "two words"):
        assert make_url(load(DATA_DIR=name).database_url).database == f"{name}/bot.db"


def test_a_data_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"^DATA_DIR: file/data cannot be written: Not a directory\.$"):
        load(DATA_DIR="file/data").make_data_dir()


def test_an_empty_variable_is_an_unset_one() -> None:
    everything = {field.upper(): "" for field in Settings.model_fields if field.upper() not in REQUIRED}
    assert load(**everything) == load()


def test_values_as_they_are_written() -> None:
    settings = load(
        ADMIN_USER_ID=" 1, 22 ,333",
        TELEGRAM_API_BASE_URL="http://localhost:8081/",
        OPENAI_BASE_URL="http://v/v1/",
        DATA_DIR="/var/kadr",
        LOG_FORMAT="json",
        SOMETHING_ELSE="x",
    )
    assert settings.admin_user_id == (1, 22, 333)
    assert settings.telegram_api_base_url == "http://localhost:8081"
    assert settings.openai_base_url == "http://v/v1"
    assert settings.database_url == "sqlite:////var/kadr/bot.db"
    assert settings.json_logs


def test_postgresql_has_two_names() -> None:
    assert load(DATABASE_URL="postgres://u@h/kadr").database_url == "postgresql://u@h/kadr"
    assert load(DATABASE_URL="postgresql://u@h/kadr").database_url == "postgresql://u@h/kadr"


def test_logs_are_json_on_render() -> None:
    assert load(RENDER="true").json_logs
    assert not load(RENDER="true", LOG_FORMAT="console").json_logs


def test_a_file_may_hold_them(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in REQUIRED.items()))
    assert load_settings().telegram_bot_token.get_secret_value() == TOKEN
    os.environ["ADMIN_USER_ID"] = "9"
    assert load_settings().admin_user_id == (9,)


def test_a_url_that_is_a_secret_is_not_shown() -> None:
    settings = load(HEARTBEAT_URL="https://hc-ping.com/uuid", SENTRY_DSN="https://key@sentry.io/1")
    for secret in ("https://hc-ping.com/uuid", "https://key@sentry.io/1"):
        assert secret in settings.secrets
        assert secret not in repr(settings) + str(settings)


def test_watching_needs_nothing_but_the_address() -> None:
    assert load_watch_settings() == WatchSettings(operator_addr="127.0.0.1:8765", operator_token=None)
    os.environ["OPERATOR_ADDR"] = "here"
    with pytest.raises(SettingsError, match=r"^OPERATOR_ADDR must be host:port, like 127\.0\.0\.1:8765\.$"):
        load_watch_settings()


def test_no_secret_is_shown() -> None:
    password = "hunter2"
    settings = load(
        STRIPE_SECRET_KEY=STRIPE, OPERATOR_TOKEN=OPERATOR, DATABASE_URL=f"postgresql://kadr:{password}@h/kadr"
    )
    for secret in (TOKEN, KEY, STRIPE, OPERATOR, password):
        assert secret in settings.secrets
        assert secret not in repr(settings) + str(settings)


def test_a_command_about_data_needs_nothing_else() -> None:
    assert load_data_settings() == DataSettings(data_dir=Path("data"), database_url="sqlite:///data/bot.db")
    os.environ["DATABASE_URL"] = "oracle://x"
    with pytest.raises(SettingsError, match=r"^DATABASE_URL must start with sqlite:/// or postgresql://\.$"):
        load_data_settings()


OTHERS = """
[backends.default]
[backends.other]
key = "OTHER_API_KEY"
[[models]]
id = "one"
seconds = [4]
expected = { base = 45 }
label = { en = "1", ru = "1", kk = "1" }
note = { en = "1", ru = "1", kk = "1" }
sizes = { 720x1280 = 5 }
"""


def test_every_backend_of_the_catalogue_has_its_key(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(OTHERS)
    settings = load(CATALOGUE="shop.toml")
    shop = settings.read_catalogue()
    with pytest.raises(
        SettingsError, match=r"^OTHER_API_KEY is required by backend other of the catalogue and not set"
    ):
        settings.backend_keys(shop)
    (tmp_path / ".env").write_text("OTHER_API_KEY=from-file\n")
    assert settings.backend_keys(shop) == {"default": KEY, "other": "from-file"}
    os.environ["OTHER_API_KEY"] = "from-environment"
    assert settings.backend_keys(shop) == {"default": KEY, "other": "from-environment"}
