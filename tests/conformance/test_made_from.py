"""Remix and extend on every server that knows them: under the first id, in its own words for what it refuses."""

from pathlib import Path

import pytest
from trio.testing import MockClock

from protocol.catalogue import Catalogue, CatalogueError, Extend, Remix, read
from sandbox.videos import LITELLM, NEWAPI, OPENAI
from tests.conformance.servers import SERVERS, Server
from tests.town import KATE, Town

ABLE = [server for server in SERVERS if server.manners in (OPENAI, LITELLM, NEWAPI)]


def selling(server: Server) -> Catalogue:
    sold = server.catalogue()
    making = {"remix": Remix(), "extend": None if server.manners.no_extend else Extend()}
    models = tuple(model.model_copy(update=making) for model in sold.models)
    return sold.model_copy(update={"models": models, "welcome_tokens": 100})


@pytest.mark.parametrize("server", ABLE, ids=lambda server: server.name)
async def test_a_film_is_changed_and_continued(server: Server, tmp_path: Path, autojump_clock: MockClock) -> None:
    town = Town(tmp_path, shop=selling(server))
    town.videos.manners = server.manners
    async with town.bot():
        await town.order(KATE, "a whale")
        await town.until(lambda: town.says(KATE, "✅"))
        await town.until(lambda: town.button(KATE, "🎲"))
        town.telegram.press_label(KATE, "🎲")
        await town.until(lambda: town.says(KATE, "A new version of film № 1"))
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: len(town.films(KATE)) == 2)
        first, second = town.videos.created
        assert second.remixed_from == first.id
        if server.manners.no_extend:
            assert not town.button(KATE, "➕")
        else:
            town.telegram.press_label(KATE, "➕")
            await town.until(lambda: town.says(KATE, "Film № 2 continued"))
            town.telegram.press_label(KATE, "▶️")
            await town.until(lambda: len(town.films(KATE)) == 3)
            assert town.films(KATE)[2]["video"]["duration"] == 8
    assert town.audit() == []
    town.engine.dispose()


@pytest.mark.parametrize("dialect", ["vllm-omni", "sglang", "openrouter"])
def test_a_catalogue_cannot_promise_it_elsewhere(dialect: str, tmp_path: Path) -> None:
    page = tmp_path / "shop.toml"
    packaged = (Path(__file__).parents[2] / "protocol/catalogue.toml").read_text("utf-8")
    page.write_text(
        packaged.replace('dialect = "openai"', f'dialect = "{dialect}"').replace("deadline = 1800", "remix = true")
    )
    with pytest.raises(CatalogueError, match=f"speaks {dialect}; these dialects can: openai, litellm, gateway"):
        read(page)
