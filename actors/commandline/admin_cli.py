"""`kadr admin`: what admins do in the chat, from the command line, for the day Telegram is out of reach.

Each command is one request: the running bot does it, or this process when no bot runs on the data folder.
"""

from typing import Annotated, Literal

import typer

from actors.commandline.sentences import sentences

admin = typer.Typer(help="What admins do in the chat, from here: tokens, people, jobs, prices.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(help="A Telegram user id, or @name.")]
Number = Annotated[int, typer.Argument(help="The job's number.", min=1)]
Page = Annotated[int, typer.Option(help="Page of the list.", min=1, max=100_000)]


def _do(deed: str, *words: str) -> None:
    """Have it done and print what came of it."""
    from actors.admin_requests import KIND, on_the_spot
    from actors.requests import perform
    from actors.settings import load_data_settings

    with sentences():
        asked = {"do": deed, "words": " ".join(word for word in words if word)}
        typer.echo(perform(load_data_settings().data_dir, KIND, asked, on_the_spot)["text"])


@admin.command(context_settings={"ignore_unknown_options": True})  # else -50 would be taken for an option
def topup(
    who: Who,
    tokens: Annotated[str, typer.Argument(help="Tokens to give, or to take: -50.")],
    reason: Annotated[str, typer.Option(help="Why; the ledger and the log keep it.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Yes, even so many.")] = False,
) -> None:
    """Give tokens to somebody, or take some back."""
    _do("topup-sure" if yes else "topup", who, tokens, reason)


@admin.command()
def user(who: Who) -> None:
    """Show everything about one person."""
    _do("user", who)


@admin.command()
def users(search: Annotated[str, typer.Argument(help="Part of a name, or an id.")] = "", page: Page = 1) -> None:
    """List people, last seen first."""
    _do("users", str(page), search)


@admin.command()
def jobs(
    state: Annotated[Literal["all", "queued", "work", "delivered", "failed", "cancelled"], typer.Argument()] = "all",
    page: Page = 1,
) -> None:
    """List jobs, newest first, with what they cost and earned."""
    _do("jobs", str(page), state)


@admin.command()
def job(number: Number) -> None:
    """Show one job with its history."""
    _do("job", str(number))


@admin.command()
def cancel_job(number: Number) -> None:
    """Cancel a queued job, or stop waiting for one at the backend; the buyer is refunded."""
    _do("cancel-job", str(number))


@admin.command()
def refund_job(number: Number) -> None:
    """Pay a delivered film back, once."""
    _do("refund-job", str(number))


@admin.command()
def retry_job(number: Number) -> None:
    """Make the film of an ended job once more, free of charge."""
    _do("retry-job", str(number))


@admin.command()
def deliver_job(number: Number) -> None:
    """Send a delivered film to its buyer once more."""
    _do("deliver-job", str(number))


@admin.command()
def ban(who: Who, reason: Annotated[str, typer.Argument(help="Why.")] = "") -> None:
    """Shut somebody out; what they have running is still delivered."""
    _do("ban", who, reason)


@admin.command()
def unban(who: Who) -> None:
    """Let somebody in again."""
    _do("unban", who)


@admin.command()
def maintenance(
    state: Annotated[Literal["on", "off"] | None, typer.Argument(help="Nothing: how it stands.")] = None,
    sentence: Annotated[str, typer.Argument(help="What people read.")] = "",
) -> None:
    """Keep people from starting films for a while, or let them again."""
    _do("maintenance", state or "", sentence)


@admin.command()
def price(
    model: Annotated[str, typer.Argument(help="Nothing: list all prices.")] = "",
    size: str = typer.Argument(""),
    tokens: str = typer.Argument("", help="Tokens per second of film, or `reset`."),
) -> None:
    """Change what a second of film costs."""
    _do("price", model, size, tokens)


@admin.command()
def package(
    id: Annotated[str, typer.Argument(help="Nothing: list all packages.")] = "",
    tokens: str = typer.Argument("", help="Tokens, or `reset`."),
    kzt: str = typer.Argument("", help="Price in whole tenge."),
    stars: str = typer.Argument("", help="Price in Telegram Stars."),
) -> None:
    """Change what a package of tokens holds and costs."""
    _do("package", id, tokens, kzt, stars)


@admin.command()
def stats() -> None:
    """Count films, income and margin of today, the week and the month."""
    _do("stats")


@admin.command()
def log(number: Annotated[int, typer.Argument(help="How many entries.", min=1, max=100)] = 20) -> None:
    """Show what admins did, newest first."""
    _do("log", str(number))
