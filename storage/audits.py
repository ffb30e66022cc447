"""Every audit there is, under one name: what `kadr audit`, the daily audit and each backup hold the books against."""

from collections.abc import Callable

from storage import jobs, ledger, orders, topups
from storage.store import Tx

Part = Callable[[Tx], list[str]]


def _readable(name: str, part: Part) -> Part:
    """The same, but a row that holds what it never could is a difference too, and no end of the audit."""

    def audit(tx: Tx) -> list[str]:
        try:
            return part(tx)
        except (ValueError, TypeError) as error:
            return [f"the {name} cannot be recomputed, a row holds what it never should: {error}"]

    return audit


PARTS: tuple[Part, ...] = (
    _readable("ledger", ledger.audit),
    _readable("jobs", jobs.audit),
    _readable("orders", orders.audit),
    _readable("top-ups", topups.audit),
)


def everything(tx: Tx) -> list[str]:
    """One sentence for each difference; none when the books are right."""
    return [difference for part in PARTS for difference in part(tx)]
