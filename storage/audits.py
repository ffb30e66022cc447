"""Every audit there is, under one name: what `kadr audit`, the daily audit and each backup hold the books against."""

from storage import jobs, ledger, orders, topups
from storage.store import Tx

PARTS = (ledger.audit, jobs.audit, orders.audit, topups.audit)


def everything(tx: Tx) -> list[str]:
    """One sentence for each difference; none when the books are right."""
    return [difference for part in PARTS for difference in part(tx)]
