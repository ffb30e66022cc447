"""Small phrases with numbers in them: amounts, times, bars, excerpts."""

from functools import lru_cache

from protocol.catalogue import Language
from protocol.texts import plain

BAR_CELLS = 10
EXCERPT = 160
"""Characters of a prompt that a card or caption shows; captions hold 1024 in all."""


@lru_cache(maxsize=4096)
def tokens(language: Language, amount: int) -> str:
    """`21 токен`, `5 tokens`."""
    return plain(language, "tokens", n=amount)


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


def bar(percent: int) -> str:
    """Ten cells, filled from the left."""
    filled = percent * BAR_CELLS // 100
    return "▰" * filled + "▱" * (BAR_CELLS - filled)
