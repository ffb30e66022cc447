"""The catalogues that come along can be sold from as they are, and what docs/backends.md shows is one."""

import re
from collections.abc import Generator
from datetime import date
from pathlib import Path

import pytest
from trio.testing import MockClock

from protocol import catalogue
from protocol.catalogue import Backend, Catalogue, Expected, Extend, Model, Names, Picture, Remix, SizeOffer, frame
from protocol.videos.dialects import DIALECTS
from sandbox.videos import ANYTHING
from sandbox.videos.panel import PLAYED
from tests.town import KATE, Town

ROOT = Path(__file__).parents[2]
READY = sorted((ROOT / "protocol" / "catalogues").glob("*.toml"))
PAGE = (ROOT / "docs" / "backends.md").read_text("utf-8")
every_entry = pytest.mark.parametrize("path", READY, ids=lambda path: path.stem)


def test_there_is_one_for_every_dialect() -> None:
    assert {path.stem for path in READY} == set(DIALECTS) - {"openai"}  # that one is the packaged catalogue


@every_entry
def test_it_can_be_sold_from(path: Path) -> None:
    sold = catalogue.read(path)
    [backend] = sold.backends.values()
    assert backend.dialect == path.stem
    assert sold.welcome_tokens >= min(
        model.price(size=size, seconds=seconds)
        for model in sold.models
        for size in model.sizes
        for seconds in model.seconds
    )
    for model in sold.models:
        assert model.is_sold(date.max)
        for size in model.sizes:
            # H.264 with 4:2:0, and what Telegram plays: whole macroblocks are not needed, even sides are.
            assert all(side % 2 == 0 for side in frame(size))


@pytest.fixture
def opened(path: Path, tmp_path: Path) -> Generator[Town]:
    made = Town(tmp_path, shop=catalogue.read(path))
    made.videos.manners, made.videos.rules = PLAYED[path.stem], ANYTHING
    yield made
    made.engine.dispose()


@every_entry
async def test_a_film_of_every_model(opened: Town, path: Path, autojump_clock: MockClock) -> None:
    sold = opened.catalogue
    async with opened.bot():
        opened.telegram.people[KATE].started = True
        for number, model in enumerate(sold.models, start=1):
            await opened.draft(KATE, f"a whale of {model.id}")
            if len(sold.models) > 1:
                opened.telegram.press_label(KATE, "⚙️")
                await opened.until(lambda id=model.id: opened.button(KATE, id) or opened.button(KATE, f"• {id}"))
                if not opened.button(KATE, f"• {model.id}"):
                    opened.telegram.press_label(KATE, model.id)
                    await opened.until(lambda id=model.id: opened.button(KATE, f"• {id}"))
            if opened.button(KATE, "💰"):
                break  # the welcome is spent
            opened.telegram.press_label(KATE, "▶️")
            await opened.until(lambda n=number: len(opened.films(KATE)) == n)
    assert [job.wish.model for job in opened.videos.created] == [
        model.wire_name for model in sold.models[: len(opened.films(KATE))]
    ]
    assert opened.films(KATE)


def shown() -> list[str]:
    """The catalogues in the page's own text."""
    return [block for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) if "[[models]]" in block]


@pytest.mark.parametrize("text", shown(), ids=lambda text: text.strip().splitlines()[0])
def test_what_the_page_shows_is_a_catalogue(text: str, tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(text, "utf-8")
    assert catalogue.read(tmp_path / "shop.toml").models


def test_the_page_shows_several_backends_at_once() -> None:
    assert any(text.count("[backends.") > 1 for text in shown())


def test_the_page_explains_every_field_and_every_ready_entry() -> None:
    tables = (Catalogue, Backend, Model, SizeOffer, Picture, Expected, Names, Remix, Extend)
    fields = {(field.alias or name) for table in tables for name, field in table.model_fields.items()}
    explained = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert fields - explained == set()
    for path in READY:
        assert f"`protocol/catalogues/{path.name}`" in PAGE
