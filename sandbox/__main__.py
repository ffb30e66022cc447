"""`python -m sandbox`: only the stand-ins and the page, for a bot that runs as a process of its own.

Prints one line of JSON with what such a bot needs (its environment), then serves until SIGTERM or SIGINT.
"""

import json
import signal
from typing import Annotated

import trio
import typer

from sandbox.standins import ADMIN_ID, STRIPE_KEY, STRIPE_PATH, StandIns, listen, serve


def main(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 picks a free one.")] = 0,
    speed: Annotated[float, typer.Option(help="How many times faster than life films are made.")] = 1.0,
    seed: Annotated[int | None, typer.Option(help="Makes the stand-ins' chance repeatable.")] = None,
    dialect: Annotated[str, typer.Option(help="The server that the video stand-in plays.")] = "openai",
    tiny_films: Annotated[bool, typer.Option("--tiny-films", help="Films of one colour, which cost no time.")] = False,
) -> None:
    with listen(port) as listener:
        stand_ins = StandIns(speed=speed, seed=seed, tiny_films=tiny_films, dialect=dialect)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        environment = {
            "TELEGRAM_BOT_TOKEN": stand_ins.telegram.token,
            "TELEGRAM_API_BASE_URL": url,
            "OPENAI_API_KEY": "sandbox",
            "OPENAI_BASE_URL": f"{url}/v1",
            "STRIPE_SECRET_KEY": STRIPE_KEY,
            "STRIPE_API_BASE_URL": f"{url}{STRIPE_PATH}",
            "ADMIN_USER_ID": str(ADMIN_ID),
        }
        typer.echo(json.dumps(environment))

        async def until_signal() -> None:
            with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
                async for _ in signals:
                    return

        trio.run(serve, stand_ins.app(), listener, until_signal)


if __name__ == "__main__":
    typer.run(main)
