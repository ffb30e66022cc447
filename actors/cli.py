"""The command line. Each command imports what it needs when it runs, so that `--help` is quick."""

from actors.early import end_quietly_when_asked  # isort: skip  # before all else

import gc
import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from actors.commandline.admin_cli import admin
from actors.commandline.sentences import sentences as _sentences

app = typer.Typer(
    help="Kadr: a Telegram bot that sells AI video.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(admin, name="admin")


@contextmanager
def _importing() -> Generator[None]:
    """Imports make objects that stay: to look for garbage among them, now and ever after, is 0.4 s of each life."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


@app.command()
def run() -> None:
    """Run the bot until SIGTERM or SIGINT."""
    # Until the bot listens for signals itself there is nothing to stop in order: the start is transactions and imports.
    end_quietly_when_asked()

    from actors.logs import configure, hear_python
    from actors.settings import load_settings

    with _sentences():
        settings = load_settings()
        keys = settings.backend_keys(settings.read_catalogue())
        configure(json=settings.json_logs, secrets=(*settings.secrets, *keys.values()))
        hear_python()
        with _importing():
            from actors.process import run_bot

        raise typer.Exit(run_bot(settings))


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port of the chat page on 127.0.0.1.", min=0, max=65535)] = 8080,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
    speed: Annotated[
        float, typer.Option(help="How many times faster than life films are made.", min=0.1, max=1e6)
    ] = 4.0,
    dialect: Annotated[str, typer.Option(help="The video server to play: openai, litellm, vllm-omni …")] = "openai",
) -> None:
    """Run the whole bot with no key, against stand-ins on this machine, with a page to chat with it."""
    with _importing():
        from sandbox.main import run_sandbox

    with _sentences():
        raise typer.Exit(run_sandbox(port=port, browser=browser, speed=speed, dialect=dialect))


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema; `kadr run` does it by itself."""
    from actors.database import bring_to_newest
    from actors.settings import load_data_settings
    from storage.migrate import HEAD

    with _sentences():
        done = bring_to_newest(load_data_settings().database_url)
        typer.echo(f"The database is at {HEAD}{'' if done else ', as it was'}.")


@app.command()
def audit() -> None:
    """Recompute every balance from the entries, and hold jobs against their holds; exit 1 if anything differs."""
    from actors.database import open_read_only, reading
    from actors.settings import load_data_settings
    from storage import audits, ledger
    from storage.store import Tx

    with _sentences():
        engine = open_read_only(load_data_settings().database_url)
        with reading(), engine.connect() as conn, conn.begin():
            tx = Tx(conn, time.time())
            differences = audits.everything(tx)
            summary = ledger.summary(tx)
    for difference in differences:
        typer.echo(difference)
    if differences:
        raise typer.Exit(1)
    typer.echo(f"The books are right: {summary}.")


@app.command()
def backup(
    path: Annotated[Path, typer.Argument(help="A folder, or the file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a copy of the database, also while the bot runs; films are not part of it. Tried out before it counts.

    Encrypted when BACKUP_AGE_RECIPIENT names a public key of age.
    """
    from actors.commandline.backup_cli import back_up, sentence
    from actors.settings import load_backup_settings

    with _sentences():
        written = back_up(load_backup_settings(), path, force=force)
    typer.echo(f"Wrote {written.path} ({written.path.stat().st_size / 1e6:.1f} MB): {sentence(written.manifest)}.")
    for difference in written.differences:
        typer.echo(f"The books in it are not right: {difference}", err=True)


@app.command()
def restore(
    path: Annotated[Path, typer.Argument(help="A backup, as `kadr backup` or the bot at night writes it.")],
    identity: Annotated[Path | None, typer.Option(help="The file with your private key of age.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only try it out; may be done beside a running bot.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also when its books are not right.")] = False,
) -> None:
    """Put the database of a backup in place of the bot's, which must not run. The old one is kept beside it."""
    from actors.commandline.backup_cli import restore as put_back
    from actors.commandline.backup_cli import sentence
    from actors.settings import load_backup_settings

    with _sentences():
        done = put_back(load_backup_settings(), path, identity=identity, check=check, force=force)
    for difference in done.differences:
        typer.echo(f"The books in it are not right: {difference}", err=True)
    if check:
        typer.echo(f"This backup can be restored: {sentence(done.manifest)}.")
        raise typer.Exit(1 if done.differences else 0)
    typer.echo(f"Restored {done.database}: {sentence(done.manifest)}.")
    if done.old is not None:
        typer.echo(f"The database before it is kept as {done.old}.")


@app.command()
def watch(
    once: Annotated[bool, typer.Option("--once", help="Print how things stand, and end.")] = False,
) -> None:
    """Watch the running bot in the terminal: jobs, queue, rails, actors and log, as they move. Ctrl+C ends it."""
    from rich.console import Console

    from actors.commandline.watch import run_watch

    with _sentences():
        raise typer.Exit(run_watch(Console(), once=once))


@app.command()
def doctor() -> None:
    """Look at settings, database, disk, Telegram and every backend; exit 1 and say how to mend what is wrong."""
    from rich.console import Console

    from actors.commandline.doctor import run_doctor

    raise typer.Exit(run_doctor(Console()))


def main() -> None:
    """The entry point."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without a letter shows a question mark
    try:
        app(prog_name="kadr")
    except OSError as error:  # each command answers for its own files: what is left is where it writes to
        # What could not be written would be tried again at the very end, and end in a trace.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        what = "The answer could not be written" if error.filename is None else f"{error.filename} cannot be used"
        typer.echo(f"{what}: {error.strerror or error}.", err=True)
        sys.exit(1)
    sys.exit(0)
