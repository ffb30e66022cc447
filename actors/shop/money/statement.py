"""`/balance`: what a person has, and how it came to that: a statement with pages, and the whole of it as a file.

Dates are Kazakhstan's, which has one time zone without summer time since March 2024 (UTC+5).
"""

import csv
import io
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from actors.shop.words import excerpt, tokens
from protocol.catalogue import Language
from protocol.posts import Button, Card, Document, Keyboard
from protocol.texts import Html, plain, say
from storage import ledger, posts, statement
from storage.statement import Line

if TYPE_CHECKING:
    from actors.shop.pressed import Pressed
    from actors.shop.said import Said

PAGE = 8
LAST_PAGE = 10_000
MOST_LINES = 5000
"""In a file: some 300 KB, which Telegram and every table program takes."""
ZONE = timezone(timedelta(hours=5))
KINDS = frozenset(
    {
        "welcome",
        "topup",
        "film",
        "purchase",
        "refund",
        "refund-failed",
        "dispute",
        "dispute-won",
        "undo",
        "debt",
        "promo",
        "referral",
    }
)
"""Kinds of transfers that have words of their own."""


def card(said: "Said", number: int = 0) -> Card:
    """The balance, a page of the statement below it, and the ways on."""
    language, tx, person = said.language, said.tx, said.person
    lines, total = statement.page(tx, person.id, limit=PAGE, offset=number * PAGE)
    body: list[str] = [_head(said)]
    if lines:
        body.append("\n".join(_line(language, line) for line in lines))
    arrows: list[Button] = []
    if number > 0:
        arrows.append(Button(text="⬅️", data=f"st:{number - 1}"))
    if (number + 1) * PAGE < total:
        arrows.append(Button(text="➡️", data=f"st:{number + 1}"))
    file = Button(text=plain(language, "button-statement"), data="st:file")
    buy = Button(text=plain(language, "button-buy"), data="buy")
    keyboard: Keyboard = (*((tuple(arrows),) if arrows else ()), (buy, file) if lines else (buy,))
    return Card(html="\n\n".join(body), keyboard=keyboard)


def _head(said: "Said") -> Html:
    """The balance before any other number; then what films hold, and what is owed or frozen."""
    language, tx, person = said.language, said.tx, said.person
    now = ledger.balance(tx, person.id)
    available = tokens(language, now.available)
    parts = [
        say(language, "balance-held", balance=available, held=tokens(language, now.held))
        if now.held
        else say(language, "balance", balance=available)
    ]
    if (owed := ledger.owed(tx, person.id)) > 0:
        parts.append(say(language, "balance-debt", debt=tokens(language, owed)))
    if (frozen := ledger.frozen(tx, person.id)) > 0:
        parts.append(say(language, "balance-frozen", frozen=tokens(language, frozen)))
    return Html("\n".join(parts))


def _line(language: Language, line: Line) -> Html:
    when = datetime.fromtimestamp(line.at, ZONE)
    return say(
        language,
        "statement-line",
        date=f"{when:%d.%m.%y}",
        amount=f"{line.amount:+d}".replace("-", "−"),
        what=what(language, line),
    )


def what(language: Language, line: Line) -> str:
    """What the tokens came from or went to, in words."""
    if line.job_id is not None:
        return plain(language, "statement-film", number=line.job_id, prompt=excerpt(line.prompt, 40))
    if line.kind == "refund" and line.amount > 0:
        return plain(language, "statement-film-refund", memo=line.memo)
    kind = line.kind if line.kind in KINDS else "other"
    words = plain(language, f"statement-{kind}")
    return f"{words}: {excerpt(line.memo, 60)}" if line.memo else words


def show(said: "Said") -> None:
    """The answer to /balance."""
    first = card(said)
    said.reply(Html(first.html), first.keyboard)


def press(pressed: "Pressed", what: str) -> None:
    """Another page, or the file."""
    if what == "file":
        _send_file(pressed)
        pressed.answer()
    elif what.isascii() and what.isdecimal() and int(what[:9]) <= LAST_PAGE:
        pressed.change(card(pressed.said, int(what[:9])))
        pressed.answer()
    else:
        pressed.answer("answer-stale")


def _send_file(pressed: "Pressed") -> None:
    said = pressed.said
    lines, total = statement.page(said.tx, said.person.id, limit=MOST_LINES)
    caption = say(said.language, "statement-file", lines=min(total, MOST_LINES))
    text = as_csv(said.language, lines, ledger.balance(said.tx, said.person.id).posted)
    document = Document(caption=caption, text=text, file_name="kadr.csv", mime_type="text/csv")
    posts.show(said.tx, said.person.id, f"say:{said.update_id}", document)


def as_csv(language: Language, lines: list[Line], balance: int) -> str:
    """The lines, newest first, as a table programs open as one: with a byte order mark, and semicolons between."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([plain(language, f"column-{name}") for name in ("time", "what", "tokens", "balance")])
    for line in lines:
        when = datetime.fromtimestamp(line.at, ZONE)
        writer.writerow([f"{when:%Y-%m-%d %H:%M:%S}", _harmless(what(language, line)), line.amount, balance])
        balance -= line.amount
    return "\ufeff" + out.getvalue()


def _harmless(cell: str) -> str:
    """A cell that begins like a formula would be run by table programs (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
