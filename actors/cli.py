"""The command line. Each command imports what it needs when it runs, so that `--help` is quick."""

import signal
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import typer

app = typer.Typer(
    help="Kadr: a Telegram bot that sells AI video.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@contextmanager
def _sentences() -> Generator[None]:
    """Wrong settings end in exit code 2 and one sentence on standard error."""
    from actors.lock import AlreadyRunning
    from actors.settings import SettingsError

    try:
        yield
    except (SettingsError, AlreadyRunning) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _end_quietly(_number: int, _frame: object) -> None:
    raise SystemExit(0)


@app.command()
def run() -> None:
    """Run the bot until SIGTERM or SIGINT."""
    # Until the bot listens for signals itself there is nothing to stop in order: the start is transactions and imports.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end_quietly)

    from actors.logs import configure
    from actors.settings import load_settings

    with _sentences():
        settings = load_settings()
        keys = settings.backend_keys(settings.read_catalogue())
        configure(json=settings.json_logs, secrets=(*settings.secrets, *keys.values()))
        from actors.process import run_bot

        raise typer.Exit(run_bot(settings))


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port of the chat page on 127.0.0.1.", min=0, max=65535)] = 8080,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
    speed: Annotated[float, typer.Option(help="How many times faster than life films are made.", min=0.1)] = 4.0,
    dialect: Annotated[str, typer.Option(help="The video server to play: openai, litellm, vllm-omni …")] = "openai",
) -> None:
    """Run the whole bot with no key, against stand-ins on this machine, with a page to chat with it."""
    from sandbox.main import run_sandbox

    with _sentences():
        raise typer.Exit(run_sandbox(port=port, browser=browser, speed=speed, dialect=dialect))


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema; `kadr run` does it by itself."""
    from actors.database import open_newest
    from actors.settings import load_data_settings
    from storage.migrate import HEAD

    with _sentences():
        _, done = open_newest(load_data_settings().database_url)
        typer.echo(f"The database is at {HEAD}{'' if done else ', as it was'}.")


@app.command()
def audit() -> None:
    """Recompute every balance from the entries, and hold jobs against their holds; exit 1 if anything differs."""
    from actors.database import open_read_only
    from actors.settings import load_data_settings
    from storage import jobs, ledger
    from storage.store import Tx

    with _sentences():
        engine = open_read_only(load_data_settings().database_url)
        with engine.connect() as conn, conn.begin():
            tx = Tx(conn, time.time())
            differences = ledger.audit(tx) + jobs.audit(tx)
            summary = ledger.summary(tx)
    for difference in differences:
        typer.echo(difference)
    if differences:
        raise typer.Exit(1)
    typer.echo(f"The books are right: {summary}.")


@app.command()
def doctor() -> None:
    """Look at settings, database, disk, Telegram and every backend; exit 1 and say how to mend what is wrong."""
    from rich.console import Console

    from actors.doctor import run_doctor

    raise typer.Exit(run_doctor(Console()))


def main() -> None:
    """The entry point."""
    app(prog_name="kadr")
    sys.exit(0)
