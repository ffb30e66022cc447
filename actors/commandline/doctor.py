"""`kadr doctor`: runs the looks of `examination` and prints what they found, and what the bot will offer."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

import httpx2
import trio
from rich.console import Console
from rich.table import Table
from rich.text import Text

from actors.commandline.examination import (
    PATIENCE_SECONDS,
    Finding,
    Services,
    look_at_backups,
    look_at_catalogue,
    look_at_data,
    look_at_services,
)
from actors.logs import Redact
from actors.rails.stripe_account import stripe_of
from actors.settings import Settings, SettingsError, load_data_settings, load_settings
from protocol.catalogue import Catalogue, Model
from protocol.telegram.client import TelegramClient
from protocol.telegram.lean import LeanHttp
from protocol.videos.client import VideoClient


def run_doctor(console: Console) -> int:
    """Look at everything and print it; the exit code: 1 when something is wrong."""
    findings, sold, secrets = trio.run(_examined)
    clean = Redact(secrets)
    findings = [replace(f, said=clean(None, "", f.said), mend=clean(None, "", f.mend)) for f in findings]
    console.print(_table(findings))
    if sold is not None:
        console.print(_offers(sold, datetime.now(UTC).date()))
    return 1 if any(finding.mend for finding in findings) else 0


async def _examined() -> tuple[list[Finding], Catalogue | None, tuple[str, ...]]:
    try:
        settings = load_settings()
        sold = settings.read_catalogue()
        keys = settings.backend_keys(sold)
    except SettingsError as error:
        wrong = Finding("settings", str(error), "correct this variable, in the environment or in .env")
        return [wrong, *_data()], None, ()
    findings = [Finding("settings", f"complete; {len(sold.models)} models in the catalogue"), *look_at_data(settings)]
    findings += look_at_backups(settings)
    async with _services(settings, sold, keys) as services:
        findings += await look_at_services(settings, sold, services)
    findings += look_at_catalogue(sold, datetime.now(UTC).date())
    return findings, sold, (*settings.secrets, *keys.values())


@asynccontextmanager
async def _services(settings: Settings, sold: Catalogue, keys: dict[str, str]) -> AsyncGenerator[Services]:
    async with (
        LeanHttp() as telegram_http,
        httpx2.AsyncClient(follow_redirects=True, timeout=PATIENCE_SECONDS) as http,
        stripe_of(settings) as stripe,
    ):
        telegram = TelegramClient(
            telegram_http,
            base_url=settings.telegram_api_base_url,
            bot_token=settings.telegram_bot_token.get_secret_value(),
        )
        backends = {
            name: VideoClient(
                http, api_key=keys[name], base_url=backend.base_url or settings.openai_base_url, dialect=backend.dialect
            )
            for name, backend in sold.backends.items()
        }
        yield Services(telegram, backends, stripe)


def _data() -> list[Finding]:
    """The data, when the other settings are wrong."""
    try:
        return look_at_data(load_data_settings())
    except SettingsError as error:
        return [Finding("database", str(error), "correct this variable, in the environment or in .env")]


def _table(findings: Iterable[Finding]) -> Table:
    table = Table("", "what", "what was found", "what to do", box=None, padding=(0, 2, 0, 0))
    for finding in findings:
        sign = Text("✗", "bold red") if finding.mend else Text("✓", "green")
        table.add_row(sign, finding.subject, Text(finding.said), Text(finding.mend))
    return table


def _offers(sold: Catalogue, today: date) -> Table:
    """What a buyer can choose, with the price of a second in tokens and what it costs in USD."""
    columns = ("model", "backend", "seconds", "tokens (USD) a second", "picture", "sound", "made of films")
    table = Table(*columns, box=None, padding=(0, 2, 0, 0))
    table.title, table.title_justify = f"\nOn sale, after {sold.welcome_tokens} tokens of welcome", "left"
    for model in sold.models:
        if model.is_sold(today):
            table.add_row(
                *(model.id, model.backend, _lengths(model.seconds), _prices(model), _picture(model), model.audio),
                _made_from(model),
            )
    return table


def _lengths(seconds: tuple[int, ...]) -> str:
    evenly = len(seconds) > 5 and len({b - a for a, b in pairwise(seconds)}) == 1
    shown = [str(n) for n in seconds]
    return f"{shown[0]}, {shown[1]} … {shown[-1]}" if evenly else ", ".join(shown)


def _prices(model: Model) -> Text:
    lines: list[str] = []
    for size, offer in model.sizes.items():
        made = f", cut from {offer.made_from}" if offer.made_from else ""
        lines.append(f"{size}: {offer.price} ({offer.cost:g}){made}")
    return Text("\n".join(lines))


def _made_from(model: Model) -> str:
    """What can be made from a film of it."""
    extend = f"extend by {_lengths(model.extend.seconds or model.seconds)} s" if model.extend else ""
    return ", ".join(filter(None, ["remix" if model.remix else "", extend])) or "–"


def _picture(model: Model) -> str:
    if model.image.use == "none":
        return "none"
    surcharge = f", +{model.image.price} tokens" if model.image.price else ""
    return f"{model.image.use}, as {model.image.sent_as}{surcharge}"
