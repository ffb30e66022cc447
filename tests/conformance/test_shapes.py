"""A model sold by shapes and resolutions is asked for in these words, and the film is of that size."""

from pathlib import Path

import pytest
from trio.testing import MockClock

from protocol import catalogue
from sandbox.videos import LITELLM, OPENROUTER, Manners
from tests.town import KATE, Town

PAGE = """
welcome_tokens = 40

[backends.default]
dialect = "{dialect}"

[[models]]
id = "sora-2"
seconds = [4]
shapes = ["16:9", "9:16"]
resolutions = {{ 480p = 3, 720p = {{ price = 5, cost = 0.30 }} }}
expected = {{ base = 60 }}
label = {{ en = "Sora 2", ru = "Sora 2", kk = "Sora 2" }}
note = {{ en = "with sound", ru = "со звуком", kk = "дыбысымен" }}
"""


@pytest.mark.parametrize(("manners", "dialect"), [(LITELLM, "litellm"), (OPENROUTER, "openrouter")])
async def test_it_is_asked_for_in_the_servers_words(
    tmp_path: Path, autojump_clock: MockClock, manners: Manners, dialect: str
) -> None:
    (tmp_path / "shop.toml").write_text(PAGE.format(dialect=dialect), "utf-8")
    town = Town(tmp_path, shop=catalogue.read(tmp_path / "shop.toml"))
    town.videos.manners = manners
    async with town.bot():
        await town.draft(KATE, "a whale")
        assert town.says(KATE, "854x480", "12 tokens")
        town.telegram.press_label(KATE, "⚙️")
        await town.until(lambda: town.button(KATE, "720x1280"))
        town.telegram.press_label(KATE, "720x1280")
        await town.until(lambda: town.says(KATE, "20 tokens"))
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: town.films(KATE))
    assert town.videos.created[0].wish.size == "720x1280"
    assert town.audit() == []
    town.engine.dispose()
