"""The sandbox plays every server there is a dialect for, and can be told another one while it runs."""

import httpx2
import pytest

from protocol.videos.dialects import DIALECTS
from sandbox.standins import StandIns
from sandbox.videos.panel import PLAYED
from sandbox.wire import InProcess


def test_every_dialect_has_its_server() -> None:
    assert set(PLAYED) == set(DIALECTS)


async def test_the_server_is_changed_over_http() -> None:
    stand_ins = StandIns(dialect="sglang")
    heard: list[str] = []
    stand_ins.manners.listen(heard.append)
    async with httpx2.AsyncClient(transport=InProcess(stand_ins.app()), base_url="http://sandbox.test") as page:
        shown = (await page.get("/sandbox/api/manners")).json()
        assert shown == {"dialect": "sglang", "dialects": list(DIALECTS)}
        changed = await page.post("/sandbox/api/manners", json={"dialect": "openrouter"})
        assert changed.json()["dialect"] == "openrouter"
        for wrong in ({"dialect": "klingon"}, {"dialect": 5}, {}, []):
            assert (await page.post("/sandbox/api/manners", json=wrong)).status_code == 400
        assert (await page.post("/sandbox/api/manners", content=b"{")).status_code == 400
    assert stand_ins.videos.manners is PLAYED["openrouter"]
    assert heard == ["sglang", "openrouter"]


def test_a_server_nobody_knows() -> None:
    with pytest.raises(KeyError):
        StandIns(dialect="klingon")
