"""Telegram's question before a payment in Stars: may this be paid? It is judged while the update is taken in.

So it waits behind nothing: neither a full inbox nor the posts of any chat. Should that fail, the update stays in the
inbox and the conversation judges it.
"""

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from actors.shop.context import Shop
from actors.shop.rails import stars
from protocol.telegram.types import PreCheckoutQuery
from protocol.texts import plain
from storage import bans, checkouts, inbox
from storage.store import Tx, is_weather

KIND = "pre_checkout_query"

log = structlog.get_logger(__name__)


def take_in(tx: Tx, shop: Shop, batch: Sequence[dict[str, Any]]) -> None:
    """Keep a batch of updates, and judge the questions among them in the same transaction."""
    inbox.accept(tx, batch)
    for item in batch:
        if KIND not in item:
            continue
        update_id = item["update_id"]
        try:
            with tx.savepoint():
                if inbox.is_new(tx, update_id):
                    judge(shop, tx, PreCheckoutQuery.model_validate(item[KIND]), received_at=tx.now)
                    inbox.done(tx, update_id)
        except Exception as error:
            if isinstance(error, DBAPIError) and is_weather(error):
                raise
            log.error("checkout.failed", update_id=update_id, exc_info=error)


def judge(shop: Shop, tx: Tx, query: PreCheckoutQuery, *, received_at: float) -> None:
    """Answer one question from the books alone."""
    payer = query.sender.id
    if bans.of(tx, payer) is not None and not shop.is_admin(payer):
        # Money that comes all the same is credited; but whoever is shut out is not let pay.
        checkouts.answer(tx, query.id, plain(shop.language_of(tx, payer), "answer-banned"), received_at=received_at)
        return
    error = stars.objection(
        shop,
        tx,
        payer=query.sender.id,
        payload=query.invoice_payload,
        amount=query.total_amount,
        currency=query.currency,
    )
    checkouts.answer(tx, query.id, error, received_at=received_at)
    log.info("checkout.judged", order=query.invoice_payload[:20], person=query.sender.id, objection=error)
