"""What keeps Kadr from starting: exit code 2, one sentence on standard error that names the variable, nothing else."""

import socket

import trio

from tests.process.machine import Bot, StandIns

FOLDER_THAT_CANNOT_BE = "/dev/null/data"  # nobody can make a folder there, not even root


WRONG = [
    ("TELEGRAM_BOT_TOKEN", "not-a-token"),
    ("TELEGRAM_API_BASE_URL", "api.telegram.org"),
    ("OPENAI_BASE_URL", "localhost:8000/v1"),
    ("ADMIN_USER_ID", "boss"),
    ("ADMIN_USER_ID", "0"),
    ("DEFAULT_LANGUAGE", "de"),
    ("LOG_FORMAT", "xml"),
    ("OPERATOR_ADDR", "8765"),
    ("DATABASE_URL", "mysql://host/kadr"),
    ("DATABASE_URL", f"sqlite:///{FOLDER_THAT_CANNOT_BE}/bot.db"),
    ("DATABASE_URL", "sqlite:////"),
    ("DATABASE_URL", "postgresql://127.0.0.1:1/kadr"),
    ("DATA_DIR", FOLDER_THAT_CANNOT_BE),
    ("CATALOGUE", "/nowhere/catalogue.toml"),
    ("CATALOGUE", "/"),
]


async def refuses(bot: Bot, *command: str, **changes: str) -> str:
    """The sentence with which the command ends."""
    code, printed, said = await bot.tells(*(command or ("run",)), **changes)
    assert (code, printed) == (2, ""), said
    [sentence] = said.splitlines()
    assert sentence.endswith(".")
    return sentence


async def test_a_missing_variable(bot: Bot) -> None:
    for name in ("TELEGRAM_BOT_TOKEN", "OPENAI_API_KEY", "ADMIN_USER_ID"):
        assert await refuses(bot, **{name: ""}) == f"{name} is required and not set."


async def test_a_wrong_variable(bot: Bot) -> None:
    sentences: dict[str, str] = {}
    two_at_once = trio.CapacityLimiter(2)

    async def ask(name: str, value: str) -> None:
        async with two_at_once:
            sentences[f"{name}={value}"] = await refuses(bot, **{name: value})

    async with trio.open_nursery() as nursery:
        for name, value in WRONG:
            nursery.start_soon(ask, name, value)
    assert len(sentences) == len(WRONG)
    for setting, sentence in sentences.items():
        name = setting.partition("=")[0]
        assert sentence.startswith((f"{name} ", f"{name}: ")), (setting, sentence)


async def test_a_secret_that_is_wrong_is_not_repeated(bot: Bot) -> None:
    assert "secret" not in await refuses(bot, TELEGRAM_BOT_TOKEN="123456:the secret part")


async def test_a_feed_for_everybody_needs_a_token(bot: Bot) -> None:
    assert (await refuses(bot, OPERATOR_ADDR="0.0.0.0:8765")).startswith("OPERATOR_TOKEN ")


async def test_a_broken_catalogue(bot: Bot) -> None:
    path = bot.folder / "broken.toml"
    for text, place in (
        ("welcome_tokens = ", "is not TOML"),
        ("welcome_tokens = -1\n[backends.default]\n", "welcome_tokens"),
        ("welcome_tokens = 40\n", "backends"),
        ("tokens = 40\n[backends.default]\n", "models"),
    ):
        path.write_text(text)
        sentence = await refuses(bot, CATALOGUE=str(path))
        assert sentence.startswith(f"CATALOGUE: {path}")
        assert place in sentence


async def test_a_database_that_is_something_else(bot: Bot) -> None:
    path = bot.folder / "holiday.db"
    path.write_bytes(b"These are no pages of SQLite. " * 1000)
    bot.environment["DATABASE_URL"] = f"sqlite:///{path}"
    for command in ("run", "migrate", "audit"):
        assert (await refuses(bot, command)).startswith("DATABASE_URL: ")
    assert path.read_bytes().startswith(b"These are no pages")


async def test_a_database_from_the_future(bot: Bot) -> None:
    assert (await bot.tells("migrate"))[0] == 0
    bot.books.spoil("update alembic_version set version_num = '9999'")
    for command in ("run", "migrate", "audit"):
        assert (await refuses(bot, command)).startswith("DATABASE_URL: ")


async def test_the_books_of_a_bot_that_never_ran(bot: Bot) -> None:
    assert (await refuses(bot, "audit")).startswith("DATABASE_URL: ")
    assert not bot.books.path.parent.exists()


async def test_a_second_bot_on_the_same_folder(bot: Bot) -> None:
    async with bot.alive() as first:
        assert (await refuses(bot)).startswith("DATA_DIR: another kadr is running on ")
        assert first.process.returncode is None


async def test_a_bot_token_that_telegram_refuses(bot: Bot, stand_ins: StandIns) -> None:
    """Only Telegram can know: the process is up by then, so the sentence is the last but one line of its log."""
    bot.environment["TELEGRAM_BOT_TOKEN"] = "7000000001:revoked-long-ago"
    async with bot.started() as life:
        assert await life.ends() == 2
        bot.check_log(life)
        assert life.events()[-2:] == ["bot.fatal", "bot.stopped"]
        assert life.lines()[-2]["reason"].startswith("TELEGRAM_BOT_TOKEN is refused by Telegram")
        assert life.printed == ""


async def test_a_port_that_is_taken(bot: Bot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = await refuses(bot, "sandbox", "--no-browser", "--port", str(port))
    assert sentence.startswith(f"--port: {port} cannot be used")
