"""The catalogue: what it offers, and that a mistake ends in a sentence that names the place."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from protocol import catalogue
from protocol.catalogue import LANGUAGES, RETIRING_DAYS, Catalogue, CatalogueError, frame
from protocol.videos.dialects import shape_of

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


def test_a_range_of_any_size_is_answered_with_a_sentence(tmp_path: Path) -> None:
    for longest in (10**6, 10**20):
        with pytest.raises(CatalogueError, match=r"seconds"):
            read(tmp_path, WHOLE.replace("[4, 8]", f"{{ from = 1, to = {longest} }}"))


PACKAGE = """
[[packages]]
id = "small"
tokens = 100
kzt = 2490
stars = 250
"""


def test_packages(tmp_path: Path) -> None:
    shop = read(tmp_path, WHOLE + PACKAGE + PACKAGE.replace("small", "large").replace("100", "1000"))
    assert [(package.id, package.tokens) for package in shop.packages] == [("small", 100), ("large", 1000)]
    small = shop.package("small")
    assert small is not None
    assert (small.kzt, small.stars, small.label) == (2490, 250, None)
    assert shop.package("medium") is None
    assert read(tmp_path, WHOLE).packages == ()


def test_the_packaged_packages_get_cheaper_by_the_token() -> None:
    packages = catalogue.read().packages
    assert len(packages) >= 3
    for price in ("kzt", "stars"):
        each = [getattr(package, price) / package.tokens for package in packages]
        assert each == sorted(each, reverse=True)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("tokens = 100", "tokens = 0"), ["line 25", "packages.0.tokens", "greater than 0"]),
        (("kzt = 2490", "kzt = 24.90"), ["line 26", "packages.0.kzt", "integer"]),
        (("stars = 250", ""), ["packages.0.stars", "required"]),
        (("stars = 250", "stars = 250\ngold = 1"), ["line 28", "packages.0.gold", "there is no such field", "stars"]),
        (('id = "small"', 'id = "a:b"'), ["line 24", "packages.0.id"]),
        (("stars = 250", "stars = 250\n" + PACKAGE), ["two packages are called 'small'"]),
    ],
)
def test_a_mistake_in_a_package(tmp_path: Path, change: tuple[str, str], says: list[str]) -> None:
    with pytest.raises(CatalogueError) as caught:
        read(tmp_path, WHOLE + PACKAGE.replace(*change))
    assert all(word in str(caught.value) for word in says), str(caught.value)


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
        (change("concurrency = 2", "concurrency = true"), ["line 4", "backends.default.concurrency", "integer"]),
        (change("concurrency = 2", f"concurrency = {10**20}"), ["line 4", "backends.default.concurrency", "less than"]),
        (change('en = "One"', 'en = " "'), ["line 11", "models.0.label.en", "needs words"]),
        (change("concurrency = 2", "speed = 2"), ["line 4", "backends.default.speed", "concurrency"]),
        (change("concurrency = 2", 'dialect = "klingon"'), ["line 4", "backends.default.dialect", "'openai'"]),
        (change("concurrency = 2", 'base_url = "ftp://x"'), ["line 4", "backends.default.base_url"]),
        (change("concurrency = 2", 'key = "lower case"'), ["line 4", "backends.default.key"]),
        (change('id = "one"', 'id = "a b"'), ["line 7", "models.0.id"]),
        (change('id = "one"', f'id = "{"x" * 33}"'), ["line 7", "models.0.id", "32"]),
        (change('id = "one"\n', ""), ["line 6", "models.0.id", "required"]),
        (change('id = "one"', 'id = "one"\nbackend = "none"'), ["line 8", "0.backend", "'none'", "default"]),
        (change("[4, 8]", "[]"), ["line 8", "models.0.seconds", "at least 1"]),
        (change("[4, 8]", "[0]"), ["line 8", "models.0.seconds.0", "greater than 0"]),
        (change("[4, 8]", "{ from = 4 }"), ["line 8", "models.0.seconds", "required"]),
        (change("base = 45", "base = 0"), ["line 9", "models.0.expected.base", "greater than 0"]),
        (change('kk = "Бір"\n', ""), ["line 10", "models.0.label.kk", "required"]),
        (change("720x1280 = 5", '"720" = 5'), ["models.0.sizes", "'720' is not a size like 1280x720"]),
        (change("720x1280 = 5", "720x1280 = 0"), ["line 19", "models.0.sizes.720x1280", "greater than 0"]),
        (change("720x1280 = 5", "720x1280 = { cost = 1 }"), ["line 19", "720x1280.price", "required"]),
        (change('made_from = "1280x720"', 'made_from = "1x1"'), ["line 21", "made_from", "is not a size"]),
        (change('made_from = "1280x720"', 'made_from = "1024x1792"'),
         ["line 21", "models.0.sizes.1280x1280", "does not render 1024x1792", "it renders: 720x1280, 1280x720"]),
        (change('made_from = "1280x720"', 'made_from = "1280x1280"'), ["line 21", "models.0", "does not render"]),
        (change("1280x1280 = {", "1281x1281 = {"), ["line 21", "models.0.sizes.1281x1281", "even sides"]),
        (lambda: WHOLE + WHOLE[WHOLE.index("[[models]]") :], ["line 23", "models.1.id", "two models are called 'one'"]),
        (change("[4, 8]", "[4, 8, 4]"), ["line 8", "models.0.seconds", "4 stands here twice"]),
        (change("[4, 8]", "8"), ["line 8", "models.0.seconds", "a list"]),
        (change("[4, 8]", "{ from = 9, to = 4 }"), ["line 8", "models.0.seconds", "1 to 40"]),
        (change("[4, 8]", "{ from = 1, to = 2_000_000_000 }"), ["line 8", "models.0.seconds", "1 to 40"]),
        (change("[4, 8]", '[4, 8]\nimage = "optional"'), ["line 9", "models.0.image", "its fields: max_bytes, price"]),
        (change("[4, 8]", '[4, 8]\nimage = { must = 1 }'), ["line 9", "models.0.image.must", "max_bytes, price"]),
        (change("[4, 8]", '[4, 8]\nretires = "soon"'), ["line 9", "models.0.retires", "a date like 2027-01-31"]),
        (change("720x1280 = 5", "720x1280 = true"), ["line 19", "models.0.sizes.720x1280", "cost, made_from, price"]),
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


def test_a_windows_editor_s_mark_at_the_beginning(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(WHOLE, "utf-8-sig")
    assert catalogue.read(tmp_path / "shop.toml").models


def test_a_key_in_the_place_of_its_name_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="an environment variable like OPENAI_API_KEY") as caught:
        read(tmp_path, WHOLE.replace("concurrency = 2", 'key = "sk-secret"'))
    assert "sk-secret" not in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"none\.toml cannot be read: No such file"):
        catalogue.read(tmp_path / "none.toml")
    with pytest.raises(CatalogueError, match="cannot be read: Is a directory"):
        catalogue.read(tmp_path)
    (tmp_path / "latin.toml").write_bytes("# é".encode("latin-1"))
    with pytest.raises(CatalogueError, match="is not UTF-8 text"):
        catalogue.read(tmp_path / "latin.toml")


SIZES = """[models.sizes]
720x1280 = 5
1280x720 = { price = 6, cost = 0.1 }
1280x1280 = { price = 7, made_from = "1280x720" }
"""


SHAPES = WHOLE.replace(SIZES, "[models.resolutions]\n480p = 3\n720p = { price = 5, cost = 0.1 }\n").replace(
    "seconds = [4, 8]", 'seconds = [4, 8]\nshapes = ["16:9", "9:16", "1:1"]'
)


def test_shapes_in_resolutions_become_sizes(tmp_path: Path) -> None:
    [model] = read(tmp_path, SHAPES).models
    assert list(model.sizes) == ["854x480", "480x854", "480x480", "1280x720", "720x1280", "720x720"]
    assert model.price(size="480x854", seconds=4) == 12
    assert model.cost(size="1280x720", seconds=4) == pytest.approx(0.4)
    assert model.sizes_as == "shape"
    assert [shape_of(size)["aspect_ratio"] for size in model.sizes] == ["16:9", "9:16", "1:1"] * 2
    assert [shape_of(size)["resolution"] for size in model.sizes] == ["480p"] * 3 + ["720p"] * 3


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("480p = 3", "480 = 3"), "'480' is not a resolution like 720p"),
        (('"16:9"', '"wide"'), "'wide' is not a shape like 16:9"),
        (('shapes = ["16:9", "9:16", "1:1"]', ""), "either `sizes`, or `shapes` (a list) and `resolutions` (a table)"),
        (("480p = 3", "480p = 0"), "greater than 0"),
    ],
)
def test_a_mistake_in_shapes(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    with pytest.raises(CatalogueError, match=re.escape(complaint)):
        read(tmp_path, SHAPES.replace(*change))


def test_films_made_from_others_have_terms_of_their_own(tmp_path: Path) -> None:
    terms = "seconds = [4, 8]\nremix = true\nextend = { seconds = [4, 20], price = 9, cost = 0.5, longest = 30 }"
    [model] = read(tmp_path, WHOLE.replace("seconds = [4, 8]", terms)).models
    assert model.price(size="1280x720", seconds=8, kind="remix") == 48  # the size's own price
    assert model.price(size="1280x720", seconds=8, kind="extend") == 72
    assert model.cost(size="1280x720", seconds=4, kind="remix") == pytest.approx(0.4)
    assert model.cost(size="1280x720", seconds=4, kind="extend") == pytest.approx(2)
    assert [model.added(whole) for whole in (4, 10, 11, 26, 27)] == [(4, 20), (4, 20), (4,), (4,), ()]


@pytest.mark.parametrize("words", ["", "remix = false\nextend = false"])
def test_nothing_is_made_from_films_unless_it_is_said(tmp_path: Path, words: str) -> None:
    [model] = read(tmp_path, WHOLE.replace("seconds = [4, 8]", f"seconds = [4, 8]\n{words}")).models
    assert (model.remix, model.extend, model.added(4)) == (None, None, ())


def test_an_extension_may_offer_the_lengths_of_the_model(tmp_path: Path) -> None:
    [model] = read(tmp_path, WHOLE.replace("seconds = [4, 8]", "seconds = [4, 8]\nextend = true")).models
    assert model.added(4) == (4, 8)
