"""What `kadr doctor` looks at: each look gives findings, and a finding that is wrong says how to mend it.

Nothing here creates anything or orders a film, so it may run beside the bot. What a backend can do beyond answering is
believed as the catalogue says it.
"""

import os
import shutil
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import trio
from sqlalchemy import Engine, make_url

from actors.database import open_as_it_is, reading
from actors.settings import BackupSettings, DataSettings, Settings, SettingsError
from actors.upkeep.backups import FOLDER as BACKUPS
from protocol.catalogue import Backend, Catalogue, Model
from protocol.stripe.errors import StripeError, StripeKeyRefused
from protocol.telegram.client import TelegramClient, TelegramError, TelegramRefused
from protocol.videos.client import BackendError, BackendRefused, VideoClient
from storage import audits, ledger
from storage.migrate import HEAD, current
from storage.store import Tx

if TYPE_CHECKING:
    from protocol.stripe.client import StripeClient

PATIENCE_SECONDS = 15.0
"""What one service may take to answer everything that is asked of it; all are asked at the same time."""
FREE_BYTES = 300_000_000
"""A few films on their way, and room for the database to grow until somebody looks."""
LATE_BACKUP_SECONDS = 26 * 3600.0
"""One is made each night, and made up for after a start."""
MODELS_SHOWN = 8
OPENAI_HOST = "api.openai.com"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `mend` says what to do about what is wrong; nothing is wrong where it is empty."""

    subject: str
    said: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Services:
    """What is asked over the network."""

    telegram: TelegramClient
    backends: dict[str, VideoClient]
    stripe: "StripeClient | None" = None


def look_at_data(settings: DataSettings) -> list[Finding]:
    """The database and the disk it lies on."""
    return [*look_at_database(settings.database_url), look_at_disk(settings.data_dir)]


def look_at_database(url: str) -> list[Finding]:
    """Whether it opens, which schema it has, and whether its books are right."""
    file = make_url(url)
    if file.get_backend_name() == "sqlite" and not Path(file.database or "").exists():
        return [Finding("database", "not there yet: the first start makes it")]
    try:
        engine = open_as_it_is(url)
        with reading():
            return _look_into(engine)
    except SettingsError as error:
        return [Finding("database", str(error), "correct DATABASE_URL, or restore the database from a backup")]


def _look_into(engine: Engine) -> list[Finding]:
    try:
        schema = current(engine)
        if schema != HEAD:
            if schema is not None and schema > HEAD:
                return [Finding("database", f"schema {schema} is of a newer Kadr", "run that version, or a newer one")]
            return [Finding("database", f"schema {schema or 'none'}: the next start brings it to {HEAD}")]
        with engine.connect() as conn, conn.begin():
            tx = Tx(conn, datetime.now(UTC).timestamp())
            wrong = audits.everything(tx)
            said = f"schema {schema}; books right: {ledger.summary(tx)}"
    finally:
        engine.dispose()
    mend = "stop the bot and look into `kadr audit` before anybody buys"
    return [Finding("books", line, mend) for line in wrong] or [Finding("database", said)]


def look_at_disk(folder: Path) -> Finding:
    """Whether films can be stored."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Finding("disk", f"{folder} cannot be written", "set DATA_DIR to a folder this user may write")
    free = shutil.disk_usage(there).free
    said = f"{free / 1e9:.1f} GB free in {folder}"
    return Finding("disk", said, "" if free >= FREE_BYTES else f"make room: {FREE_BYTES / 1e6:.0f} MB at least")


def look_at_backups(settings: BackupSettings) -> list[Finding]:
    """How old the newest backup on this disk is, and whether it leaves the disk."""
    if not settings.database_url.startswith("sqlite"):
        return []
    kept = sorted((settings.data_dir / BACKUPS).glob("kadr-*.tar.gz*"))
    ways = ["to the first admin"] if settings.backups_go_to_chat else []
    ways += [f"to {settings.backup_s3_url}"] if settings.backup_s3_url else []
    goes = " and ".join(ways) or "nowhere: set BACKUP_AGE_RECIPIENT, and it goes to the first admin"
    if not kept:
        return [Finding("backups", f"none yet; each night one is made, and goes {goes}")]
    hours = (datetime.now(UTC).timestamp() - kept[-1].stat().st_mtime) / 3600
    said = f"{len(kept)} on this disk, the newest {hours:.0f} h old; each goes {goes}"
    late = hours * 3600 > LATE_BACKUP_SECONDS
    return [Finding("backups", said, "let the bot run, send /backup, and read what it answers" if late else "")]


async def look_at_services(settings: Settings, sold: Catalogue, services: Services) -> list[Finding]:
    """Telegram and every backend, all at the same time, each within its patience."""
    found: dict[str, list[Finding]] = {}

    async def ask(subject: str, look: Callable[[], Awaitable[list[Finding]]]) -> None:
        found[subject] = [Finding(subject, f"no answer within {PATIENCE_SECONDS:g} s", "look whether it is up")]
        with trio.move_on_after(PATIENCE_SECONDS):
            found[subject] = await look()

    async with trio.open_nursery() as nursery:
        found["telegram"] = []  # the order of the report
        nursery.start_soon(ask, "telegram", partial(look_at_telegram, services.telegram, settings.admin_user_id))
        for name, backend in sold.backends.items():
            found[f"backend {name}"] = []
            models = [model for model in sold.models if model.backend == name]
            look = partial(look_at_backend, name, backend, models, services.backends[name])
            nursery.start_soon(ask, f"backend {name}", look)
        if services.stripe is not None:
            found["stripe"] = []
            nursery.start_soon(ask, "stripe", partial(look_at_stripe, services.stripe))
    return [finding for findings in found.values() for finding in findings] + look_at_kaspi(settings)


def look_at_kaspi(settings: Settings) -> list[Finding]:
    """What buyers are told of Kaspi; nothing is asked of it, for it answers nobody."""
    told = {"a link": settings.kaspi_pay_url, "a phone number": settings.kaspi_phone}
    ways = [name for name, value in told.items() if value]
    if not ways:
        if settings.kaspi_recipient:
            mend = "set KASPI_PAY_URL or KASPI_PHONE, or neither of the three"
            return [Finding("kaspi", "there is a recipient and no way to pay, so it is not offered", mend)]
        return []
    name = settings.kaspi_recipient
    known = f"to {name}" if name else "KASPI_RECIPIENT is not set, so receipts of transfers to others are not noticed"
    return [Finding("kaspi", f"offered by {' and '.join(ways)}; {known}")]


async def look_at_telegram(telegram: TelegramClient, admins: Iterable[int]) -> list[Finding]:
    """Whether the bot token is good, whether something else takes the updates, and whether alerts reach the admins."""
    try:
        me = await telegram.call("getMe")
        webhook = await telegram.call("getWebhookInfo")
    except TelegramRefused as refused:
        return [Finding("telegram", str(refused), "set TELEGRAM_BOT_TOKEN to the token @BotFather gives for this bot")]
    except TelegramError as error:
        return [Finding("telegram", str(error), "look at the network, and at TELEGRAM_API_BASE_URL")]
    findings = [Finding("telegram", f"@{me.get('username')} ({me.get('id')})")]
    if url := webhook.get("url"):
        said = f"updates go to a webhook at {urlsplit(str(url)).hostname}"
        mend = "stop the program that set it; `kadr run` removes the webhook itself"
        findings.append(Finding("telegram", said, mend))
    for admin in admins:
        try:
            await telegram.call("getChat", {"chat_id": admin})
        except TelegramRefused:
            mend = f"let {admin} open the bot and press Start"
            findings.append(Finding("telegram", f"admin {admin} has never written to the bot: no alert arrives", mend))
        except TelegramError as error:
            findings.append(Finding("telegram", str(error), "look at the network"))
    return findings


async def look_at_backend(name: str, backend: Backend, models: list[Model], client: VideoClient) -> list[Finding]:
    """Whether it answers, whether it lists what the catalogue names, and whether it has the list it is said to have."""
    subject = f"backend {name}"
    host = urlsplit(client.base_url).hostname
    if host == OPENAI_HOST:
        said = "OpenAI itself ended its Videos API on 2026-09-24"
        return [Finding(subject, said, "set OPENAI_BASE_URL to a server that speaks /v1/videos: see docs/backends.md")]
    try:
        listed = await client.models()
    except BackendRefused as refused:
        return [Finding(subject, refused.reason.detail, f"look at {backend.key} and at its funds")]
    except BackendError as error:
        where = "base_url of this backend in the catalogue" if backend.base_url else "OPENAI_BASE_URL"
        return [Finding(subject, f"{client.base_url}: {error}", f"look whether the server is up, and at {where}")]
    shown = "no list of models" if listed is None else "lists " + (", ".join(listed[:MODELS_SHOWN]) or "nothing")
    more = f" and {len(listed) - MODELS_SHOWN} more" if listed and len(listed) > MODELS_SHOWN else ""
    findings = [Finding(subject, f"{client.base_url} answers, as {backend.dialect}; {shown}{more}")]
    for model in models:
        if listed is not None and model.wire_name not in listed:
            said = f"it does not list {model.wire_name!r}, which {model.id} is made by"
            findings.append(Finding(subject, said, f"set `upstream` of {model.id} to a model it lists"))
    if backend.list:
        try:
            await client.list_recent(1)
        except BackendRefused as refused:
            said = f"it has no list of jobs ({refused.reason.detail})"
            findings.append(Finding(subject, said, f"set list = false in [backends.{name}]"))
        except BackendError as error:
            findings.append(Finding(subject, f"list of jobs: {error}", "look into the server's log"))
    if backend.moderation:
        findings += await _look_at_moderation(name, backend.moderation, client)
    return findings


async def _look_at_moderation(name: str, model: str, client: VideoClient) -> list[Finding]:
    """Whether words can be judged beforehand, as the catalogue has it."""
    subject = f"backend {name}"
    try:
        await client.moderate(model, "a cat on a windowsill")
    except BackendRefused as refused:
        mend = f"take `moderation` out of [backends.{name}], or name a model that it knows"
        return [Finding(subject, f"it does not judge texts by {model} ({refused.reason.detail})", mend)]
    except BackendError as error:
        return [Finding(subject, f"{error}", "look into the server's log")]
    return [Finding(subject, f"texts are judged by {model} before they are ordered")]


async def look_at_stripe(client: "StripeClient") -> list[Finding]:
    """Whether the key is good for what the bot reads, and whether the money is real."""
    try:
        await client.look()
    except StripeKeyRefused as refused:
        mend = "set STRIPE_SECRET_KEY; a restricted key needs Checkout Sessions and Refunds (write), the rest to read"
        return [Finding("stripe", str(refused), mend)]
    except StripeError as error:
        return [Finding("stripe", str(error), "look at the network, and at STRIPE_API_BASE_URL")]
    if not client.livemode:
        said = "answers in test mode: whoever knows Stripe's test cards buys for nothing"
        return [Finding("stripe", said)]
    heard = "; a webhook may bring events" if client.hears else ""
    return [Finding("stripe", f"answers in live mode{heard}")]


def look_at_catalogue(sold: Catalogue, today: date) -> list[Finding]:
    """Models that are no longer sold, or soon will not be."""
    findings: list[Finding] = []
    for model in sold.models:
        if not model.is_sold(today):
            mend = "take it out of the catalogue, or correct `retires`"
            findings.append(Finding("catalogue", f"{model.id} retired on {model.retires} and is not offered", mend))
        elif model.is_retiring(today):
            findings.append(Finding("catalogue", f"{model.id} is sold until {model.retires}: find its successor"))
    if not any(model.is_sold(today) for model in sold.models):
        findings.append(Finding("catalogue", "nothing is on sale", "put a model into the catalogue"))
    return findings
