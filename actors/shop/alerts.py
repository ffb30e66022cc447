"""Alerts to the admins: posts like any other, one for each thing that went wrong."""

from actors.shop.context import Shop
from protocol.posts import Card
from protocol.texts import say
from storage import posts
from storage.store import Tx


def alert(shop: Shop, tx: Tx, key: str, text: str, **arguments: object) -> None:
    """Tell every admin once. The same `key` again replaces the alert in place instead of repeating it."""
    for admin in shop.admins:
        language = shop.language_of(tx, admin)
        posts.show(tx, admin, f"alert:{key}", Card(html=say(language, text, **arguments)))
