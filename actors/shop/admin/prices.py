"""Prices and packages changed while the bot runs: `/price` and `/package`. They outlive a restart and can be reset.

An open card shows the price of the moment it was drawn; its ▶️ carries it, so nobody pays another one unseen.
"""

from pydantic import ValidationError

from actors.shop.admin.desk import Desk, No
from actors.shop.said import Said
from actors.shop.shelf import package_name, price_name
from actors.shop.words import money
from protocol.catalogue import Package
from protocol.texts import Html, say
from storage import audit_log, overrides

DEAREST = 10_000
"""Tokens per second of film: more is a slip of the finger."""
RESET = "reset"


def price(said: Said) -> None:
    """`/price [<model> <size> <tokens per second>|reset]`. Raises `No`."""
    said.reply(price_words(Desk.of(said), said.words))


def price_words(desk: Desk, words: str) -> Html:
    """Change or reset a price, or list all. Raises `No`."""
    match words.split():
        case []:
            return _prices(desk)
        case [model_id, size, value]:
            model = desk.shop.written.model(model_id)
            if model is None:
                known = ", ".join(model.id for model in desk.shop.written.models)
                raise No(say(desk.language, "price-no-model", model=model_id[:60], known=known))
            if size not in model.sizes:
                raise No(say(desk.language, "price-no-size", size=size[:60], known=", ".join(model.sizes)))
            written = model.sizes[size].price
            tokens = None if value == RESET else _number(desk, value, DEAREST)
            _put(desk, price_name(model.id, size), written if tokens is None else tokens, written)
            now = written if tokens is None else tokens
            return say(desk.language, "price-done", model=model.id, size=size, price=desk.tokens(now))
        case _:
            raise No(say(desk.language, "price-usage"))


def _put(desk: Desk, name: str, value: object, written: object) -> None:
    """Lay the value over the catalogue; the written value needs no row."""
    before = overrides.get(desk.tx, name)
    overrides.put(desk.tx, name, None if value == written else value, by=desk.admin)
    desk.shop.shelf.renew(desk.tx)
    kind = name.partition(":")[0]
    audit_log.write(desk.tx, desk.admin, kind, name, before=written if before is None else before, after=value)


def _number(desk: Desk, text: str, most: int) -> int:
    """A whole number from 1 on. Raises `No`."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and 1 <= int(text) <= most):
        raise No(say(desk.language, "price-number", text=text[:60], most=most))
    return int(text)


def _prices(desk: Desk) -> Html:
    lines = [say(desk.language, "price-title")]
    for model in desk.shop.catalogue.models:
        before = desk.shop.written.model(model.id)
        for size, offer in model.sizes.items():
            written = before.sizes[size].price if before is not None else offer.price
            changed = f" ({written})" if written != offer.price else ""
            lines.append(Html(f"<code>{model.id} {size}</code> {offer.price}{changed}"))
    return Html("\n".join([*lines, "", say(desk.language, "price-usage")]))


def package(said: Said) -> None:
    """`/package [<id> <tokens> <kzt> <stars>|<id> reset]`. Raises `No`."""
    said.reply(package_words(Desk.of(said), said.words))


def package_words(desk: Desk, words: str) -> Html:
    """Change or reset a package, or list all. Raises `No`."""
    match words.split():
        case []:
            lines = [say(desk.language, "package-title")]
            lines += [_package_line(desk, package) for package in desk.shop.catalogue.packages]
            return Html("\n".join([*lines, "", say(desk.language, "package-usage")]))
        case [id, "reset"]:
            written = _written(desk, id)
            _put(desk, package_name(id), _values(written), _values(written))
            return say(desk.language, "package-done", package=_package_line(desk, written))
        case [id, tokens, kzt, stars]:
            written = _written(desk, id)
            values = {
                "tokens": _number(desk, tokens, 10**9),
                "kzt": _number(desk, kzt, 10**9),
                "stars": _number(desk, stars, 10**9),
            }
            try:
                changed = Package(id=written.id, label=written.label, **values)
            except ValidationError as error:
                wrong = error.errors()[0]
                field, limit = str(wrong["loc"][0]), wrong.get("ctx", {}).get("le", 0)
                raise No(say(desk.language, "package-too-much", field=field, limit=str(limit))) from None
            _put(desk, package_name(id), values, _values(written))
            return say(desk.language, "package-done", package=_package_line(desk, changed))
        case _:
            raise No(say(desk.language, "package-usage"))


def _written(desk: Desk, id: str) -> Package:
    found = desk.shop.written.package(id)
    if found is None:
        known = ", ".join(package.id for package in desk.shop.written.packages) or "—"
        raise No(say(desk.language, "package-none", package=id[:60], known=known))
    return found


def _values(package: Package) -> dict[str, int]:
    return {"tokens": package.tokens, "kzt": package.kzt, "stars": package.stars}


def _package_line(desk: Desk, package: Package) -> Html:
    return say(
        desk.language,
        "package-line",
        id=package.id,
        tokens=desk.tokens(package.tokens),
        kzt=money(100 * package.kzt, "KZT"),
        stars=money(package.stars, "XTR"),
    )
