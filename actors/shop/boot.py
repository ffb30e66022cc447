"""What the admins hear when the bot starts: nothing, unless the release is another or the last one did not stop."""

from datetime import UTC, datetime

from actors.shop.alerts import alert
from actors.shop.context import Shop
from storage import starts
from storage.store import Tx


def begin(tx: Tx, shop: Shop, release: str, recovered: int, *, was_restored: bool = False) -> int:
    """Write down that this run begins; its id. The first start ever is told to nobody.

    A backup is taken of a bot that runs, so a restored database never knows how that run ended.
    """
    now, before = starts.begin(tx, release)
    if was_restored:
        return now.id
    if before is not None and before.ended_at is None:
        at = datetime.fromtimestamp(now.at, UTC).strftime("%Y-%m-%d %H:%M UTC")
        alert(shop, tx, f"start:{now.id}", "alert-crashed", release=release, recovered=recovered, at=at)
    elif before is not None and before.release != release:
        was = before.release
        alert(shop, tx, f"start:{now.id}", "alert-started", release=release, before=was, recovered=recovered)
    return now.id
