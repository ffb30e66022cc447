"""Tells the admins of models that will soon be, or are, no longer sold: each time one more date is passed, once."""

from actors.shop import alerts, offers
from actors.shop.context import Shop
from protocol.catalogue import RETIRING_DAYS
from storage.store import Tx

NOTICES = (RETIRING_DAYS, 7, 3, 1, 0)
"""Days before the retirement at which the admins are told; at 0 the model is off the cards."""


def warn(tx: Tx, shop: Shop) -> None:
    """May be called as often as one likes: a notice that was given is not given again, also after a restart."""
    today = offers.today(tx)
    for model in shop.catalogue.models:
        if model.retires is None or not model.is_retiring(today):
            continue
        left = max(0, (model.retires - today).days)
        notice = min(days for days in NOTICES if days >= left)
        text = "alert-retiring" if left else "alert-retired"
        alerts.alert(shop, tx, f"retires:{model.id}:{notice}", text, model=model.id, date=model.retires.isoformat())
