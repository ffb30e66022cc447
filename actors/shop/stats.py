"""`/stats`: today, seven days and thirty in words; the same thirty days as data for a picture that is drawn elsewhere.

Income is what came in, in its own currency. Cost and margin are in USD, as far as the catalogue tells what a film costs
and a token earns: good for seeing a trend, not for the tax office.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from actors.shop import margin
from actors.shop.context import Shop
from actors.shop.margin import Margin, dollars
from actors.shop.said import Said
from actors.shop.words import ASTANA, duration, money
from protocol.catalogue import Language
from protocol.messages import FiguresWanted
from protocol.order import Rail
from protocol.texts import Html, plain, say
from storage import statistics
from storage.statistics import DAY_SECONDS, Day
from storage.store import Tx

DAYS = 30
RAILS = {Rail.STARS: "⭐", Rail.STRIPE: "💳", Rail.KASPI: "🏦"}


@dataclass(slots=True)
class Figures:
    """Some days together. `income` by rail and currency, in minor units; `sold` tokens by rail; `waits` in seconds."""

    new_people: int = 0
    delivered: int = 0
    failed: int = 0
    spent: int = 0
    margin: Margin = field(default_factory=Margin)
    income: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    sold: dict[str, int] = field(default_factory=dict[str, int])
    waits: list[float] = field(default_factory=list[float])

    @property
    def usual_wait(self) -> float:
        """The median."""
        return median(self.waits) if self.waits else 0.0

    @property
    def long_wait(self) -> float:
        """What nine of ten films kept within."""
        return sorted(self.waits)[math.ceil(0.9 * len(self.waits)) - 1] if self.waits else 0.0


def together(shop: Shop, days: Sequence[Day]) -> Figures:
    """Days added up."""
    sum = Figures()
    for day in days:
        sum.new_people += day.new_people
        sum.waits += day.waits
        for made in day.made:
            sum.delivered += made.delivered
            sum.failed += made.failed
            sum.spent += made.tokens
            sum.margin += margin.of_film(
                shop,
                model=made.model,
                size=made.size,
                seconds=made.seconds,
                kind=made.kind,
                tokens=made.tokens,
                made=made.rendered,
            )
        for came in day.income:
            key = (came.rail, came.currency)
            sum.income[key] = sum.income.get(key, 0) + came.amount
            sum.sold[came.rail] = sum.sold.get(came.rail, 0) + came.tokens
    return sum


def _month(tx: Tx) -> list[Day]:
    """Thirty days by the clock of Kazakhstan, today the last."""
    return statistics.days(tx, _first_midnight(tx), DAYS)


def _first_midnight(tx: Tx) -> float:
    """When the month began, in epoch seconds. Kazakhstan does not change its clocks."""
    today = datetime.fromtimestamp(tx.now, ASTANA).replace(hour=0, minute=0, second=0, microsecond=0)
    return today.timestamp() - (DAYS - 1) * DAY_SECONDS


def stats(said: Said) -> None:
    """Answer in words at once; the picture follows when it is drawn."""
    said.reply(in_words(said.tx, said.shop, said.language))
    said.tx.tell(FiguresWanted(said.person.id, said.update_id))


def in_words(tx: Tx, shop: Shop, language: Language) -> Html:
    """Today, this week and this month."""
    days = _month(tx)
    parts = [
        _words(language, plain(language, title), together(shop, days[-count:]))
        for title, count in (("stats-today", 1), ("stats-week", 7), ("stats-month", DAYS))
    ]
    return Html("\n\n".join(parts))


def _words(language: Language, title: str, figures: Figures) -> str:
    came = [
        # The amount of Stars bears their sign already.
        money(amount, currency) if rail == Rail.STARS else f"{RAILS[Rail(rail)]} {money(amount, currency)}"
        for (rail, currency), amount in sorted(figures.income.items())
    ]
    left = figures.margin.left
    share = f"{round(100 * left / figures.margin.income)} %" if figures.margin.income else "–"
    lines = say(
        language,
        "stats-part",
        title=title,
        people=figures.new_people,
        delivered=figures.delivered,
        failed=figures.failed,
        income=" · ".join(came) or "–",
        sold=sum(figures.sold.values()),
        spent=figures.spent,
        cost=dollars(figures.margin.cost),
        margin=dollars(left),
        share=share,
    )
    if not figures.waits:
        return lines
    usual, long = duration(language, figures.usual_wait), duration(language, figures.long_wait)
    return f"{lines}\n{say(language, 'stats-waits', usual=usual, long=long)}"


def picture_of(tx: Tx, shop: Shop, language: Language) -> str:
    """What `actors.upkeep.figures` draws, as JSON: thirty days, with every word it needs."""
    first = _first_midnight(tx)
    days = [together(shop, [day]) for day in _month(tx)]
    words = {
        key.removeprefix("stats-draw-"): plain(language, key)
        for key in (
            "stats-draw-title",
            "stats-draw-films",
            "stats-draw-delivered",
            "stats-draw-failed",
            "stats-draw-income",
            "stats-draw-margin",
            "stats-draw-cost",
            "stats-draw-left",
            "stats-draw-waits",
            "stats-draw-usual",
            "stats-draw-long",
        )
    }
    token_usd = shop.catalogue.token_usd
    return json.dumps(
        {
            "words": words,
            "days": [f"{datetime.fromtimestamp(first + number * DAY_SECONDS, ASTANA):%d.%m}" for number in range(DAYS)],
            "delivered": [day.delivered for day in days],
            "failed": [day.failed for day in days],
            "income": {
                plain(language, f"stats-rail-{rail}"): [day.sold.get(rail, 0) * token_usd for day in days]
                for rail in RAILS
            },
            "cost": [day.margin.cost for day in days],
            "left": [day.margin.left for day in days],
            "usual": [day.usual_wait / 60 if day.waits else None for day in days],
            "long": [day.long_wait / 60 if day.waits else None for day in days],
        },
        ensure_ascii=False,
    )
