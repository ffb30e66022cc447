"""What a buyer reads when their money has come, and the way back to the film they wanted it for."""

from actors.shop import drafts, offers
from actors.shop.context import Shop
from actors.shop.words import tokens
from protocol.posts import Card
from protocol.texts import Html, say
from storage import drafts as draft_rows
from storage import ledger, posts, users
from storage.drafts import Draft
from storage.orders import Order
from storage.store import Tx


def thank(shop: Shop, tx: Tx, order: Order, repaid: int) -> None:
    """The good news, and the card the tokens were bought for below it, ready to start."""
    language = shop.language_of(tx, order.user_id)
    person = users.get(tx, order.user_id)
    assert person is not None, "an order has its person"
    available = ledger.balance(tx, order.user_id).available
    draft = _film_of(tx, order)
    choice = offers.of_draft(shop, tx, draft) if draft is not None else None
    missing = offers.price(choice, draft) - available if choice is not None and draft is not None else 0
    given = {"tokens": tokens(language, order.tokens), "balance": tokens(language, available)}
    if choice is None:
        lines = [say(language, "paid", **given)]
    elif missing > 0:
        lines = [say(language, "paid-return-short", **given, missing=tokens(language, missing))]
    else:
        lines = [say(language, "paid-return", **given)]
    if repaid > 0:
        lines.append(say(language, "paid-debt", debt=tokens(language, repaid)))
    posts.show(tx, order.user_id, f"paid:{order.id}:{order.version}", Card(html=Html("\n".join(lines))))
    if choice is not None and draft is not None:
        posts.leave_behind(tx, order.user_id, drafts.slot(draft.id))
        drafts.show(shop, tx, person, draft)
    drafts.refresh(shop, tx, person)


def _film_of(tx: Tx, order: Order) -> Draft | None:
    """The card the tokens were bought for; when its words were changed meanwhile, the one that took its place."""
    if order.draft_id is None:
        return None
    draft = draft_rows.get(tx, order.draft_id, user_id=order.user_id)
    if draft is not None and draft.state == "open":
        return draft
    return next((other for other in draft_rows.open_of(tx, order.user_id) if other.id > order.draft_id), None)
