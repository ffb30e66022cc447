"""A wanted refund on its way: what the rails' actors tell of it, and what the admin who asked reads."""

from actors.shop import alerts
from actors.shop.context import Shop
from actors.shop.words import money
from protocol.order import Rail
from protocol.posts import Card
from protocol.texts import say
from storage import posts, refunds, users
from storage.refunds import Refund
from storage.store import Tx


def show(shop: Shop, tx: Tx, refund: Refund, text: str) -> None:
    """Where the refund stands, to the admin who asked for it."""
    if refund.asked_by is None:
        return
    language = shop.language_of(tx, refund.asked_by)
    html = say(
        language,
        text,
        price=money(refund.amount, refund.currency),
        name=name_of(tx, refund.user_id),
        id=str(refund.user_id),
    )
    posts.show(tx, refund.asked_by, slot(refund), Card(html=html))


def slot(refund: Refund) -> str:
    """Where the admin who asked reads of it."""
    return f"refund:{refund.id}:{refund.round}"


def name_of(tx: Tx, user_id: int) -> str:
    """What to call the person, who may be somebody the bot has never met."""
    person = users.get(tx, user_id)
    return person.first_name if person else "?"


def next_due(tx: Tx, rail: Rail) -> float:
    """Seconds until a wanted refund of the rail is to be tried; infinite when none is wanted."""
    waiting = refunds.first_due(tx, rail)
    return max(0.0, waiting - tx.now) if waiting is not None else float("inf")


def done(tx: Tx, shop: Shop, refund: Refund) -> None:
    """The rail has paid back. What that means for the order is the rail's to tell the till."""
    if refund.state != "done":
        refunds.ended(tx, refund, done=True)
    show(shop, tx, refund, "refund-done")


def failed(tx: Tx, shop: Shop, refund: Refund, reason: str) -> None:
    """The rail will not pay back: nothing was taken from anybody, and the admins are told why."""
    refunds.ended(tx, refund, done=False, detail=reason)
    show(shop, tx, refund, "refund-failed")
    alerts.alert(
        shop,
        tx,
        f"refund:{refund.id}:{refund.round}",
        "alert-refund-failed",
        price=money(refund.amount, refund.currency),
        who=str(refund.user_id),
        payment=refund.external_id,
        detail=reason[:300],
    )
