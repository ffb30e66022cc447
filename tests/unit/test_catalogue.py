"""The catalogue: what it offers, and that a mistake ends in a sentence that names the place."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from protocol import catalogue
from protocol.catalogue import LANGUAGES, RETIRING_DAYS, Catalogue, CatalogueError, frame

WHOLE = """\
welcome_tokens = 40

[backends.default]
concurrency = 2

[[models]]
id = "one"
seconds = [4, 8]
expected = { base = 45, per_second = 10 }
[models.label]
en = "One"
ru = "Один"
kk = "Бір"
[models.note]
en = "fast"
ru = "быстрая"
kk = "жылдам"
[models.sizes]
720x1280 = 5
1280x720 = { price = 6, cost = 0.1 }
1280x1280 = { price = 7, made_from = "1280x720" }
"""


def read(folder: Path, text: str) -> Catalogue:
    path = folder / "shop.toml"
    path.write_text(text, "utf-8")
    return catalogue.read(path)


def test_the_packaged_catalogue_can_be_sold_from() -> None:
    shop = catalogue.read()
    assert [model.id for model in shop.models[:2]] == ["sora-2", "sora-2-pro"]
    for model in shop.models:
        assert model.backend in shop.backends
        assert all(model.label.in_(language) and model.note.in_(language) for language in LANGUAGES)
    cheapest = min(
        model.price(size=size, seconds=seconds)
        for model in shop.models
        for size in model.sizes
        for seconds in model.seconds
    )
    assert shop.welcome_tokens >= cheapest, "the welcome is a film"


def test_what_a_model_offers(tmp_path: Path) -> None:
    shop = read(tmp_path, WHOLE)
    model = shop.model("one")
    assert model is not None
    assert shop.model("two") is None
    assert model.price(size="720x1280", seconds=8) == 40
    assert model.cost(size="1280x720", seconds=8) == pytest.approx(0.8)
    assert model.expected_seconds(8) == 125
    assert (model.native("1280x1280"), model.native("720x1280")) == ("1280x720", "720x1280")
    assert model.wire_name == "one"
    assert read(tmp_path, WHOLE.replace('id = "one"', 'id = "one"\nupstream = "vendor/one"')).models[0].wire_name == (
        "vendor/one"
    )
    assert frame("720x1280") == (720, 1280)


def test_lengths_may_be_a_range(tmp_path: Path) -> None:
    shop = read(tmp_path, WHOLE.replace("[4, 8]", "{ from = 4, to = 12, step = 4 }"))
    assert shop.models[0].seconds == (4, 8, 12)


def test_a_picture_may_cost_more(tmp_path: Path) -> None:
    text = WHOLE.replace("seconds =", 'image = { use = "optional", price = 3 }\nseconds =')
    model = read(tmp_path, text).models[0]
    assert [model.price(size="720x1280", seconds=4, picture=picture) for picture in (False, True)] == [20, 23]


def test_a_model_retires(tmp_path: Path) -> None:
    model = read(tmp_path, WHOLE.replace("seconds =", "retires = 2027-01-31\nseconds =")).models[0]
    last = date(2027, 1, 31)
    assert model.is_sold(last - timedelta(days=1))
    assert not model.is_sold(last)
    assert model.is_retiring(last - timedelta(days=RETIRING_DAYS))
    assert not model.is_retiring(last - timedelta(days=RETIRING_DAYS + 1))
    assert not read(tmp_path, WHOLE).models[0].is_retiring(last)


def change(old: str, new: str) -> Callable[[], str]:
    assert WHOLE.count(old) >= 1
    return lambda: WHOLE.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (change("[4, 8]", "[4, 8"), ["is not TOML", "line 9"]),
        (change("= 40", "= -1"), ["line 1", "welcome_tokens", "greater than or equal to 0"]),
        (change("welcome_tokens", "welcome"), ["line 1", "welcome", "there is no such field", "welcome_tokens"]),
        (change("concurrency = 2", "concurrency = 0"), ["line 4", "backends.default.concurrency", "greater than 0"]),
        (change("concurrency = 2", "speed = 2"), ["line 4", "backends.default.speed", "concurrency"]),
        (change("concurrency = 2", 'dialect = "klingon"'), ["line 4", "backends.default.dialect", "'openai'"]),
        (change("concurrency = 2", 'base_url = "ftp://x"'), ["line 4", "backends.default.base_url"]),
        (change("concurrency = 2", 'key = "lower case"'), ["line 4", "backends.default.key"]),
        (change('id = "one"', 'id = "a b"'), ["line 7", "models.0.id"]),
        (change('id = "one"', f'id = "{"x" * 33}"'), ["line 7", "models.0.id", "32"]),
        (change('id = "one"\n', ""), ["line 6", "models.0.id", "required"]),
        (change('id = "one"', 'id = "one"\nbackend = "none"'), ["'one'", "'none'", "default"]),
        (change("[4, 8]", "[]"), ["line 8", "models.0.seconds", "at least 1"]),
        (change("[4, 8]", "[0]"), ["line 8", "models.0.seconds.0", "greater than 0"]),
        (change("[4, 8]", "{ from = 4 }"), ["line 8", "models.0.seconds", "required"]),
        (change("base = 45", "base = 0"), ["line 9", "models.0.expected.base", "greater than 0"]),
        (change('kk = "Бір"\n', ""), ["line 10", "models.0.label.kk", "required"]),
        (change("720x1280 = 5", '"720" = 5'), ["models.0.sizes", "'720' is not a size like 1280x720"]),
        (change("720x1280 = 5", "720x1280 = 0"), ["line 19", "models.0.sizes.720x1280", "greater than 0"]),
        (change("720x1280 = 5", "720x1280 = { cost = 1 }"), ["line 19", "720x1280.price", "required"]),
        (change('made_from = "1280x720"', 'made_from = "1x1"'), ["line 21", "made_from", "is not a size"]),
        (change('made_from = "1280x720"', 'made_from = "1024x1792"'), ["models.0", "1280x1280", "1024x1792"]),
        (change('made_from = "1280x720"', 'made_from = "1280x1280"'), ["models.0", "does not render"]),
        (lambda: WHOLE + WHOLE[WHOLE.index("[[models]]") :], ["two models are called 'one'"]),
        (lambda: "", ["line 1", "backends", "required"]),
        (lambda: "models = 5\n[backends.default]", ["line 1", "models"]),
        (lambda: "[[backends]]", ["line 1", "backends"]),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_that_names_the_place(
    tmp_path: Path, text: Callable[[], str], says: list[str]
) -> None:
    with pytest.raises(CatalogueError) as caught:
        read(tmp_path, text())
    sentence = str(caught.value)
    assert sentence.startswith(f"{tmp_path}/shop.toml")
    assert "\n" not in sentence
    for word in says:
        assert word in sentence


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"none\.toml cannot be read: No such file"):
        catalogue.read(tmp_path / "none.toml")
    with pytest.raises(CatalogueError, match="cannot be read: Is a directory"):
        catalogue.read(tmp_path)
    (tmp_path / "latin.toml").write_bytes("# é".encode("latin-1"))
    with pytest.raises(CatalogueError, match="is not UTF-8 text"):
        catalogue.read(tmp_path / "latin.toml")
