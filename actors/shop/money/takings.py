"""`/payments`: an admin's table of a month's purchases, to hold against the bank, Stripe and Telegram line by line.

A purchase stands in the month in which it was paid, with what has gone back of it by now.
"""

import csv
import io
import re
from datetime import datetime

from actors.shop.said import Said
from actors.shop.words import ASTANA
from protocol.posts import Document
from protocol.texts import say
from storage import orders, posts
from storage.orders import Order

MOST = 5000
"""Lines of a file: some 500 KB, which Telegram and every table program takes."""
COLUMNS = ("paid_at", "order", "rail", "currency", "amount", "returned", "tokens", "taken_back", "state", "user_id")
PAYMENT = ("payment", "second_id")
"""The rail's own names: Telegram's charge; Stripe's session and payment intent; Kaspi's is the order's code."""
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


def show(said: Said) -> None:
    """`/payments`, of this month of Astana, or `/payments 2026-10`."""
    words = said.words.strip() or f"{datetime.fromtimestamp(said.tx.now, ASTANA):%Y-%m}"
    month = _MONTH.fullmatch(words)
    if month is None:
        said.reply(say(said.language, "payments-usage"))
        return
    year, number = int(month[1]), int(month[2])
    begin = datetime(year, number, 1, tzinfo=ASTANA)
    end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=ASTANA)
    found = orders.paid_between(said.tx, begin.timestamp(), end.timestamp(), limit=MOST + 1)
    if not found:
        said.reply(say(said.language, "payments-none", month=words))
        return
    cut = len(found) > MOST
    caption = say(said.language, "payments-cut" if cut else "payments-file", month=words, lines=len(found[:MOST]))
    document = Document(caption=caption, text=as_csv(found[:MOST]), file_name=f"kadr-{words}.csv", mime_type="text/csv")
    posts.show(said.tx, said.person.id, f"say:{said.update_id}", document)


def as_csv(found: list[Order]) -> str:
    """The purchases as a table programs open as one: with a byte order mark, and semicolons between."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow((*COLUMNS, *PAYMENT))
    for order in found:
        paid = datetime.fromtimestamp(order.paid_at or 0.0, ASTANA)
        writer.writerow(
            (
                f"{paid:%Y-%m-%d %H:%M:%S}",
                order.code,
                order.rail,
                order.currency,
                _whole(order.amount, order.currency),
                _whole(order.refunded_amount, order.currency),
                order.tokens,
                order.clawed_tokens,
                order.state,
                order.user_id,
                order.external_id or "",
                order.payment_id or "",
            )
        )
    return "\ufeff" + out.getvalue()


def _whole(amount: int, currency: str) -> str:
    """Stars are whole; of tenge the tiyn are written only where there are any."""
    if currency == "XTR" or amount % 100 == 0:
        return str(amount if currency == "XTR" else amount // 100)
    return f"{amount // 100},{amount % 100:02}"
