"""Small phrases with numbers in them: amounts, times, bars, excerpts."""

import unicodedata
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from protocol.catalogue import Language
from protocol.texts import plain

ASTANA = timezone(timedelta(hours=5))
"""All of Kazakhstan has had UTC+5 since 2024-03-01."""
MORNING, NIGHT = 8, 23
"""Hours of Astana between which nobody sleeps."""
BAR_CELLS = 10
UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn"})
"""Categories of Unicode that show nothing by themselves: spaces, joiners, signs of direction, accents."""
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that are drawn as nothing."""
EXCERPT = 160
"""Characters of a prompt that a card or caption shows; captions hold 1024 in all."""


def money(amount: int, currency: str) -> str:
    """`2 490 ₸` from tiyn, `250 ⭐` from Stars; thousands apart by a narrow no-break space."""
    if currency == "XTR":
        return f"{_grouped(amount)} ⭐"
    whole, rest = divmod(amount, 100)
    written = _grouped(whole) + (f",{rest:02}" if rest else "")
    return f"{written} ₸" if currency == "KZT" else f"{written} {currency}"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


@lru_cache(maxsize=4096)
def tokens(language: Language, amount: int) -> str:
    """`21 токен`, `5 tokens`."""
    return plain(language, "tokens", n=amount)


def visible(text: str) -> bool:
    """Whether there is anything to see in it."""
    return any(unicodedata.category(char) not in UNSEEN and char not in BLANKS for char in text)


def excerpt(prompt: str, limit: int = EXCERPT) -> str:
    """The beginning of a prompt, cut between words when it is long."""
    line = " ".join(prompt.split())
    if len(line) <= limit:
        return line
    cut = line[:limit]
    head, space, _ = cut.rpartition(" ")
    shown = head if space and len(head) > limit // 2 else cut
    return (shown.rstrip(" ,.;:-–") or shown) + "…"


def duration(language: Language, seconds: float) -> str:
    """A rounded time: to 5 s below a minute, to 10 s below five, else to minutes."""
    short = max(5, 5 * round(seconds / 5))
    if short < 60:
        return plain(language, "duration-seconds", seconds=short)
    if seconds < 300:
        minutes, rest = divmod(10 * round(seconds / 10), 60)
        if rest:
            return plain(language, "duration-both", minutes=minutes, seconds=rest)
        return plain(language, "duration-minutes", minutes=minutes)
    return plain(language, "duration-minutes", minutes=round(seconds / 60))


def astana(moment: float) -> str:
    """`23.11.2026 14:05` in the time of Astana, from epoch seconds."""
    return f"{datetime.fromtimestamp(moment, ASTANA):%d.%m.%Y %H:%M}"


def by_day(moment: float) -> float:
    """The moment, or the next morning of Astana when it falls into the night there (epoch seconds)."""
    local = datetime.fromtimestamp(moment, ASTANA)
    if MORNING <= local.hour < NIGHT:
        return moment
    hours = (MORNING - local.hour) % 24
    return local.replace(minute=0, second=0, microsecond=0).timestamp() + hours * 3600.0


def bar(percent: int) -> str:
    """Ten cells, filled from the left."""
    filled = percent * BAR_CELLS // 100
    return "▰" * filled + "▱" * (BAR_CELLS - filled)
