"""Alerts to the admins: what went wrong and what to do about it, told once and not too often.

Rule 1. An alert has a key, which is what went wrong. While it lasts, the same again changes the message in place; after
        `again` seconds it is told anew. Another kind under the same key (it is over, it got worse) is news.
Rule 2. More than `per_hour` of a kind are not told one by one: a summary counts them and shows the latest.
Rule 3. What is critical is always told.
"""

from dataclasses import dataclass
from enum import StrEnum

from actors.shop.context import Shop
from protocol.catalogue import Language
from protocol.posts import Card
from protocol.texts import Html, say
from storage import alerts as rows
from storage import posts
from storage.store import Tx

HOUR = 3600.0
DAY = 86400.0
KEPT_SECONDS = 90 * DAY
"""What has not happened for so long is forgotten, and would be told anew."""


class Severity(StrEnum):
    """How loud an alert is; each has a sign that its text begins with."""

    INFO = "info"  # arrives without a sound
    WARNING = "warning"
    CRITICAL = "critical"


SIGNS = {Severity.INFO: ("✅", "ℹ️"), Severity.WARNING: ("⚠️",), Severity.CRITICAL: ("🔴",)}


@dataclass(frozen=True, slots=True)
class Kind:
    """How alerts of one text are told. `again`: seconds after which one that lasts is told anew; None for never."""

    severity: Severity = Severity.WARNING
    per_hour: int = 6
    again: float | None = None


_ONCE = Kind()
_DAILY = Kind(again=DAY)
_GOOD = Kind(Severity.INFO)
KINDS: dict[str, Kind] = {
    # Films.
    "alert-unknown": _ONCE,
    "alert-undeliverable": _ONCE,
    "alert-refused": _DAILY,
    "alert-moderation": _DAILY,
    "alert-unseen": _DAILY,
    "alert-poller": _ONCE,
    "alert-handler": _ONCE,
    "alert-queue": Kind(again=6 * HOUR),
    "alert-queue-over": _GOOD,
    # Backends and the catalogue.
    "alert-unavailable": _ONCE,
    "alert-unreachable": _ONCE,
    "alert-recovered": _GOOD,
    "alert-retiring": _ONCE,
    "alert-retired": _ONCE,
    # Money.
    "alert-audit": Kind(Severity.CRITICAL, again=DAY),
    "alert-audit-over": _GOOD,
    "alert-paid-again": _ONCE,
    "alert-wrong-amount": _ONCE,
    "alert-payment-unknown": _ONCE,
    "alert-payment-unknown-stripe": _ONCE,
    "alert-invoice-refused": _DAILY,
    "alert-refund-failed": _ONCE,
    "alert-stripe-key": Kind(Severity.CRITICAL, again=DAY),
    "alert-stripe-key-over": _GOOD,
    "alert-stripe-refused": _ONCE,
    "alert-stripe-vanished": _ONCE,
    "alert-stripe-mode": _ONCE,
    "alert-stripe-not-listed": _ONCE,
    "alert-dispute": _ONCE,
    "alert-dispute-refunded": _ONCE,
    "alert-dispute-won": _GOOD,
    "alert-dispute-lost": _ONCE,
    # The machine.
    "alert-backup-failed": _DAILY,
    "alert-backup-again": _GOOD,
    "alert-backup-books": Kind(Severity.CRITICAL, again=DAY),
    "alert-backup-bucket": _DAILY,
    "alert-backup-bucket-again": _GOOD,
    "alert-backup-late": _DAILY,
    "alert-backup-late-over": _GOOD,
    "alert-conflict": Kind(Severity.CRITICAL, again=HOUR),
    "alert-conflict-over": _GOOD,
    "alert-disk": Kind(again=DAY),
    "alert-disk-over": _GOOD,
    "alert-memory": Kind(again=6 * HOUR),
    "alert-memory-over": _GOOD,
    "alert-actor": Kind(per_hour=3, again=HOUR),
    "alert-operator-port": _DAILY,
    "alert-restored": Kind(again=0.0),
    "alert-started": _GOOD,
    "alert-crashed": Kind(per_hour=3),
}
"""Every text that `alert` says; one that is missing here is told like most."""


def alert(shop: Shop, tx: Tx, key: str, text: str, **arguments: object) -> None:
    """Tell every admin: see the rules of this module. `text` is the kind of the alert, `key` what it is about.

    An argument that sounds different in each language is a function of the language.
    """
    kind = KINDS.get(text, _ONCE)
    last = rows.last(tx, key)
    if last is not None and last.kind == text and (kind.again is None or tx.now - last.raised_at < kind.again):
        rows.again(tx, last)
        if not last.held:
            _show(shop, tx, last.id, kind, text, arguments)
        return
    told = rows.count(tx, text, tx.now - HOUR, held=False)
    held = told >= kind.per_hour and kind.severity is not Severity.CRITICAL
    new = rows.add(tx, key, text, held=held)
    if held:
        _summarise(shop, tx, text, arguments)
    else:
        _show(shop, tx, new.id, kind, text, arguments)


def resolve(shop: Shop, tx: Tx, key: str, text: str, **arguments: object) -> None:
    """What was told under `key` is over; nothing happens when nothing was, or when that has been said already."""
    last = rows.last(tx, key)
    if last is None or last.kind == text:
        return
    if last.held:
        rows.add(tx, key, text, held=True)
    else:
        alert(shop, tx, key, text, **arguments)


def _show(shop: Shop, tx: Tx, id: int, kind: Kind, text: str, arguments: dict[str, object]) -> None:
    for admin in shop.admins:
        html = _words(shop.language_of(tx, admin), text, arguments)
        posts.show(tx, admin, f"alert:{id}", Card(html=html, silent=kind.severity is Severity.INFO))


def _words(language: Language, text: str, arguments: dict[str, object]) -> Html:
    said = {name: value(language) if callable(value) else value for name, value in arguments.items()}
    return say(language, text, **said)


def _summarise(shop: Shop, tx: Tx, text: str, arguments: dict[str, object]) -> None:
    """One message for each hour of the clock and kind; its number grows in place."""
    hour = int(tx.now // HOUR)
    held = rows.count(tx, text, hour * HOUR - 1, held=True)
    for admin in shop.admins:
        language = shop.language_of(tx, admin)
        latest = _words(language, text, arguments)
        html = say(language, "alert-more", number=held, latest=latest)
        posts.show(tx, admin, f"alerts:{text}:{hour}"[:64], Card(html=html))
