"""How a command ends that cannot do what it was asked: one sentence on standard error and an exit code."""

from collections.abc import Generator
from contextlib import contextmanager

import typer


@contextmanager
def sentences() -> Generator[None]:
    """Wrong settings end in exit code 2 and one sentence on standard error; what cannot be done, as it says itself."""
    from actors.lock import AlreadyRunning, NoLock
    from actors.requests import Refused
    from actors.settings import SettingsError

    try:
        yield
    except (SettingsError, AlreadyRunning, NoLock) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    except Refused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(refused.code) from None
