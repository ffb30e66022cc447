"""Settings from environment variables (and a `.env` file). What is wrong is said in one sentence that names it."""

import importlib.util
import os
import re
from io import StringIO
from pathlib import Path
from typing import Any, Literal, Self, TypeVar
from urllib.parse import quote

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url

from actors.setting_values import (
    DatabaseAddress,
    Folder,
    Key,
    NetworkAddress,
    OneLine,
    Password,
    UserIds,
    WebAddress,
    WebLink,
    tidy,
    web_link,
)
from protocol import catalogue
from protocol.catalogue import Catalogue, CatalogueError

S = TypeVar("S", bound=BaseSettings)

OPENAI_KEY = "OPENAI_API_KEY"
_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


class SettingsError(Exception):
    """One sentence for the operator; it names the variable."""


class DataSettings(BaseSettings):
    """Where the data lies: all that `audit` and `migrate` need."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Folder = Path("data")
    # Not shown, for it may hold a password. What comes from DATA_DIR is not looked at, or the wrong one would be named.
    database_url: DatabaseAddress = Field(
        default_factory=lambda before: f"sqlite:///{quote(str(before['data_dir']))}/bot.db",
        validate_default=False,
        repr=False,
    )

    @model_validator(mode="before")
    @classmethod
    def _tidied(cls, values: dict[str, Any]) -> dict[str, Any]:
        return tidy(values)


class BackupSettings(DataSettings):
    """Where copies of the database go, and how: all that `backup` and `restore` need."""

    backup_hour: int = Field(default=22, ge=0, le=23)
    backup_keep_days: int = Field(default=7, ge=1, le=3650)
    backup_age_recipient: str | None = None
    backup_to_chat: Literal["encrypted", "plain", "never"] = "encrypted"
    backup_s3_url: str | None = None
    backup_s3_endpoint: WebAddress | None = None
    backup_s3_region: OneLine | None = None
    backup_s3_access_key_id: OneLine | None = None
    backup_s3_secret_access_key: Key | None = None

    @field_validator("backup_age_recipient")
    @classmethod
    def _is_age(cls, keys: str | None) -> str | None:
        if keys is not None:
            from storage import age

            age.recipients(keys)
        return keys

    @field_validator("backup_s3_url")
    @classmethod
    def _is_bucket(cls, url: str | None) -> str | None:
        if url is not None and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/[^\s?#]*)?", url):
            raise ValueError("must look like s3://bucket or s3://bucket/folder")
        return url

    @property
    def backups_go_to_chat(self) -> bool:
        """Whether the admins get them: those that are encrypted, unless it is said otherwise."""
        return self.backup_to_chat == "plain" or (
            self.backup_to_chat == "encrypted" and self.backup_age_recipient is not None
        )

    @model_validator(mode="after")
    def _whole_bucket(self) -> Self:
        if self.backup_s3_url is None:
            return self
        if importlib.util.find_spec("obstore") is None:
            raise SettingsError("BACKUP_S3_URL needs the package obstore: install kadr with its extra `s3`.")
        if self.backup_s3_access_key_id is None:
            raise SettingsError("BACKUP_S3_ACCESS_KEY_ID is required by BACKUP_S3_URL and not set.")
        if self.backup_s3_secret_access_key is None:
            raise SettingsError("BACKUP_S3_SECRET_ACCESS_KEY is required by BACKUP_S3_URL and not set.")
        return self


def _read_catalogue(path: Path | None) -> Catalogue:
    try:
        return catalogue.read(path)
    except CatalogueError as error:
        raise SettingsError(f"CATALOGUE: {error}.") from error


class ShopSettings(DataSettings):
    """What is sold and by whom: all that `admin` needs when it does something itself, without a bot."""

    admin_user_id: UserIds
    catalogue: Folder | None = None
    default_language: Literal["ru", "kk", "en"] = "ru"

    def read_catalogue(self) -> Catalogue:
        """The catalogue this shop sells from. Raises `SettingsError`."""
        return _read_catalogue(self.catalogue)


class WatchSettings(BaseSettings):
    """Where the live feed is: all that `watch` needs."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    operator_addr: NetworkAddress = "127.0.0.1:8765"
    operator_token: Password | None = None

    @model_validator(mode="before")
    @classmethod
    def _tidied(cls, values: dict[str, Any]) -> dict[str, Any]:
        return tidy(values)


class Settings(BackupSettings):
    """Everything `kadr run` needs."""

    telegram_bot_token: SecretStr
    telegram_api_base_url: WebAddress = "https://api.telegram.org"
    openai_api_key: Key
    openai_base_url: WebAddress | None = None
    stripe_secret_key: SecretStr | None = None
    stripe_api_base_url: WebAddress | None = None
    stripe_webhook_secret: SecretStr | None = None
    kaspi_pay_url: WebLink | None = None
    kaspi_phone: OneLine | None = None
    kaspi_recipient: OneLine | None = None
    admin_user_id: UserIds
    catalogue: Folder | None = None
    default_language: Literal["ru", "kk", "en"] = "ru"
    operator_addr: NetworkAddress = "127.0.0.1:8765"
    operator_token: Password | None = None
    heartbeat_url: SecretStr | None = None
    """Pinged each minute while polls succeed; whoever knows it can ping in our place, so it is a secret."""
    sentry_dsn: SecretStr | None = None
    otel_exporter_otlp_endpoint: WebAddress | None = None
    render: str = Field("", validation_alias=AliasChoices("RENDER"))
    log_format: Literal["json", "console"] | None = None

    @field_validator("telegram_bot_token")
    @classmethod
    def _looks_like_a_token(cls, token: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", token.get_secret_value()):
            raise ValueError("must look like 123456:ABC-DEF, as @BotFather gives it")
        return token

    @field_validator("heartbeat_url", "sentry_dsn")
    @classmethod
    def _is_secret_link(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            web_link(url.get_secret_value())
        return url

    @field_validator("stripe_secret_key")
    @classmethod
    def _looks_like_a_stripe_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not re.fullmatch(r"(sk|rk)_(test|live)_[!-~]+", key.get_secret_value()):
            raise ValueError("must be a secret or restricted key of Stripe, like sk_live_… or rk_live_…")
        return key

    @field_validator("stripe_webhook_secret")
    @classmethod
    def _looks_like_a_webhook_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not re.fullmatch(r"whsec_[!-~]+", secret.get_secret_value()):
            raise ValueError("must be the signing secret of a webhook endpoint, like whsec_…")
        return secret

    @field_validator("kaspi_phone")
    @classmethod
    def _is_phone(cls, phone: str | None) -> str | None:
        if phone is not None and not re.fullmatch(r"\+?(?:[ ()-]{0,2}[0-9]){10,15}", phone):
            raise ValueError("must be a phone number of 10 to 15 digits, like +77011234567")
        return phone

    @field_validator("kaspi_recipient")
    @classmethod
    def _is_short(cls, name: str | None) -> str | None:
        if name is not None and len(name) > 100:
            raise ValueError("must be a name of at most 100 characters, as receipts show it")
        return name

    @model_validator(mode="after")
    def _token_off_loopback(self) -> Self:
        if self.operator_addr.rpartition(":")[0] not in _LOOPBACK and self.operator_token is None:
            raise SettingsError("OPERATOR_TOKEN is required when OPERATOR_ADDR is not a loopback address.")
        return self

    @property
    def json_logs(self) -> bool:
        return self.log_format == "json" or (self.log_format is None and bool(self.render))

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that no log line may show."""
        kept = (
            self.telegram_bot_token,
            self.openai_api_key,
            self.stripe_secret_key,
            self.stripe_webhook_secret,
            self.operator_token,
            self.heartbeat_url,
            self.sentry_dsn,
            self.backup_s3_secret_access_key,
        )
        address = make_url(self.database_url)  # a password as it is, and as it may be written in an address
        passwords = (address.password, quote(address.password, safe="")) if address.password else ()
        return tuple(
            secret.get_secret_value() if isinstance(secret, SecretStr) else secret
            for secret in (*kept, *passwords)
            if secret is not None
        )

    def backend_keys(self, catalogue: Catalogue) -> dict[str, str]:
        """The key of each backend in the catalogue, by its name. Raises `SettingsError` when one is not set."""
        written = dotenv_values(".env")
        keys: dict[str, str] = {}
        for name, backend in catalogue.backends.items():
            own = self.openai_api_key.get_secret_value() if backend.key == OPENAI_KEY else None
            key = (own or os.environ.get(backend.key) or written.get(backend.key) or "").strip()
            if not key:
                raise SettingsError(f"{backend.key} is required by backend {name} of the catalogue and not set.")
            if not (key.isascii() and key.isprintable() and " " not in key):
                raise SettingsError(f"{backend.key} must be of plain Latin letters, digits and signs, without spaces.")
            keys[name] = key
        return keys

    def read_catalogue(self) -> Catalogue:
        """The catalogue this shop sells from. Raises `SettingsError`."""
        return _read_catalogue(self.catalogue)

    def make_data_dir(self) -> None:
        """Create the data folder. Raises `SettingsError`."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            probe = self.data_dir / ".writable"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise SettingsError(f"DATA_DIR: {self.data_dir} cannot be written: {error.strerror}.") from error


def load_data_settings() -> DataSettings:
    """Where the data lies. Raises `SettingsError`."""
    return _load(DataSettings)


def load_backup_settings() -> BackupSettings:
    """Where the data lies and where its copies go. Raises `SettingsError`."""
    return _load(BackupSettings)


def load_shop_settings() -> ShopSettings:
    """What is sold and by whom. Raises `SettingsError`."""
    return _load(ShopSettings)


def load_watch_settings() -> WatchSettings:
    """Where the live feed is. Raises `SettingsError`."""
    return _load(WatchSettings)


def load_settings() -> Settings:
    """All settings. Raises `SettingsError` with one sentence about the first thing that is wrong."""
    return _load(Settings)


def _load(kind: type[S]) -> S:
    _look_at_file()
    try:
        return kind()  # the values come from the environment
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None


def _look_at_file() -> None:
    """See that `.env` can be read to its end: its reader passes over lines that it does not understand."""
    try:
        text = Path(".env").read_text("utf-8")
    except (FileNotFoundError, IsADirectoryError):
        return
    except OSError as error:
        raise SettingsError(f"The file .env cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise SettingsError("The file .env is not UTF-8 text.") from None
    for binding in parse_stream(StringIO(text)):
        if binding.error:
            before = re.match(r"\s*", binding.original.string)  # its reader counts empty lines to the next one
            line = binding.original.line + (before[0].count("\n") if before else 0)
            raise SettingsError(f"The file .env, line {line}: this is not NAME=value.")


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    name = str(first["loc"][0]).upper() if first["loc"] else "SETTINGS"
    if first["type"] == "missing":
        return f"{name} is required and not set."
    if first["type"] == "literal_error":
        return f"{name} must be one of {first.get('ctx', {}).get('expected')}."
    reason = first["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{name} {reason[:1].lower()}{reason[1:]}."
