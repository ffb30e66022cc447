"""Carries a broadcast out: a few posts at a time into the chats, no faster than Telegram and the others allow.

The outbox sends them, so limits, order and retries are its own. Here is only the pace. Requests of the last second are
counted, whoever made them, and a broadcast takes what they leave; while Telegram makes the whole bot wait, it waits.
"""

import structlog
import trio

from actors.mailbox import Mailbox
from actors.shop import broadcast
from actors.shop.broadcast_cards import PACE, show
from actors.shop.context import Shop
from actors.supervisor import Stop
from actors.telegram.flow import Flow
from protocol.messages import ToBroadcaster
from storage import broadcasts
from storage.store import Store, Tx

TICK_SECONDS = 0.2
AT_ONCE = round(PACE * TICK_SECONDS)
ALL_REQUESTS = 25
"""Requests a second, ordinary ones included, above which a broadcast gives way: below Telegram's 30."""
SLOWEST_TICK = 3.2
"""After a flood the ticks double up to this, and halve again after each quiet minute."""
QUIET_SECONDS = 60.0
FRESH, FRESH_SECONDS = 15, 60.0
"""So many posts may be under way for less than a minute; the outbox sends them one by one."""
UNDER_WAY = 60
"""Posts under way in all, those that wait for a chat of their own included."""
CARD_SECONDS = 5.0
LAST_PATIENCE = 300.0
"""Seconds the report waits for posts that Telegram does not take; they are counted when it does."""

log = structlog.get_logger(__name__)


class Broadcaster:
    """The task that carries broadcasts out, one after another."""

    def __init__(self, store: Store, shop: Shop, mailbox: Mailbox[ToBroadcaster], flow: Flow) -> None:
        self._store = store
        self._shop = shop
        self._mailbox = mailbox
        self._flow = flow
        self._tick = TICK_SECONDS
        self._flooded_at = 0.0

    async def run(self, stop: Stop) -> None:
        """Send what waits; a broadcast that was under way when the last process ended goes on."""
        while not stop.asked:
            with stop.until():
                one = await self._store.insist(broadcasts.current)
                if one is None:
                    await self._mailbox.get_all()
                else:
                    log.info("broadcast.sending", broadcast=one.id)
                    await self._send(one.id)

    async def _send(self, broadcast_id: int) -> None:
        """Until it is done or stopped."""
        last = trio.current_time()
        card_at = 0.0
        while True:
            now = trio.current_time()
            if card_due := now >= card_at:
                card_at = now + CARD_SECONDS
            patient = now - last < LAST_PATIENCE
            step = await self._store.insist(
                _step, self._shop, broadcast_id, self._room(now), card_due=card_due, patient=patient
            )
            if step is None:
                log.info("broadcast.ended", broadcast=broadcast_id)
                return
            if step:
                last = now
            await trio.sleep(self._pause())

    def _room(self, now: float) -> int:
        """How many people may be told now."""
        return max(0, min(AT_ONCE, ALL_REQUESTS - self._flow.recent(now)))

    def _pause(self) -> float:
        """Seconds until the next ones."""
        now = trio.current_time()
        flood = self._flow.bot_until - now
        if flood > 0:
            self._tick = min(SLOWEST_TICK, self._tick * 2)
            self._flooded_at = now + flood
            log.warning("broadcast.flood", wait=round(flood, 1), tick=self._tick)
            return flood
        if self._tick > TICK_SECONDS and now - self._flooded_at > QUIET_SECONDS:
            self._tick, self._flooded_at = max(TICK_SECONDS, self._tick / 2), now
        return self._tick


def _step(tx: Tx, shop: Shop, broadcast_id: int, room: int, *, card_due: bool, patient: bool) -> int | None:
    """Tell a few more people; how many, or None when the broadcast has ended."""
    one = broadcasts.find(tx, broadcast_id)
    if one is None or one.state != "sending":
        return None
    under_way, fresh = broadcasts.under_way(tx, one.id, tx.now - FRESH_SECONDS)
    room = min(room, FRESH - fresh, UNDER_WAY - under_way)
    told = broadcast.hand_over(tx, one, room) if room > 0 else 0
    if not told and not (under_way and patient) and not broadcasts.due(tx, one.id, 1):
        broadcast.done(tx, shop, one)
        return None
    if card_due:
        show(shop, tx, one)
    return told
