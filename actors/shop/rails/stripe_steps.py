"""What the Stripe desk writes down at each step: functions of a transaction that believe Stripe only where all matches.

A session is met on several ways (its own look, the list of paid ones, an event); `met` is the one function for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from actors.shop import alerts
from actors.shop.context import Shop
from actors.shop.money import disputes, purchase, repayments, till
from actors.shop.rails.stripe import SESSION_SECONDS, Page, is_waiting, keep, page_of, show
from actors.shop.words import money, tokens
from protocol.catalogue import Language
from protocol.order import CREDITED, Rail
from protocol.posts import Card
from protocol.stripe.answers import Charge, Dispute, Session
from protocol.texts import plain, say
from storage import marks, orders, posts, refunds, sessions, users
from storage.orders import Order
from storage.refunds import Refund
from storage.sql import row_id
from storage.store import Tx

LOOKS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1500, 1800)
"""Seconds after the link was shown at which the session is looked at. Stripe grants 500 reads for each payment, over
thirty days (docs.stripe.com/rate-limits); the list of paid sessions finds who pays later."""
LEAST_SECONDS = 31 * 60.0
"""A session is made with half an hour to live at least; a minute is for clocks that differ."""
MARGIN_SECONDS = 3600.0
LOCALES = {"ru": "ru", "kk": "ru"}
"""Stripe's page speaks no Kazakh; `auto` would greet most people here in English."""
OURS = "kadr"
"""In the metadata: an account may sell other things too, and their sessions are none of ours."""
SESSIONS_MARK = "stripe:sessions"
LISTED_SECONDS = 600.0
"""A payment that was credited is surely in Stripe's list by then."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who asks Stripe: the bot's user name for the way back, whether money is real, and a fresh key."""

    bot: str
    livemode: bool
    key: str


def prepare(tx: Tx, shop: Shop, order_id: int, sender: Sender) -> Page | None:
    """The exact request for an order's page: committed now, sent after, and never changed. None when not wanted."""
    order = orders.get(tx, order_id)
    if not is_waiting(order) or order.external_id is not None:
        orders.change(tx, order, next_check_at=None)
        return None
    if order.expires_at - tx.now < LEAST_SECONDS:
        refused(tx, shop, order_id, "no answer came in time")
        return None
    page = page_of(order)
    if page.key and page.livemode is sender.livemode:
        return page
    params = _params(shop.language_of(tx, order.user_id), order, sender)
    page = Page(key=sender.key, livemode=sender.livemode, params=params)
    keep(tx, order, page)
    return page


def another_key(tx: Tx, order_id: int, sender: Sender) -> None:
    """Stripe remembers a failure for this key and would only repeat it. Nobody has seen a page made with it."""
    order = orders.get(tx, order_id)
    page = page_of(order)
    metadata = {**page.params["metadata"], "key": sender.key}
    keep(tx, order, page.model_copy(update={"key": sender.key, "params": {**page.params, "metadata": metadata}}))


def _params(language: Language, order: Order, sender: Sender) -> dict[str, Any]:
    """What Checkout is asked for (docs.stripe.com/api/checkout/sessions/create)."""
    bot = f"https://t.me/{sender.bot}"
    about = {"order": order.code, "user": str(order.user_id), "shop": OURS}
    name = plain(language, "stripe-product", tokens=tokens(language, order.tokens))
    price = {"currency": order.currency.lower(), "unit_amount": order.amount, "product_data": {"name": name}}
    return {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        # Cards only: their payments succeed or fail at once. `payment_method_types` is refused since 2026-09-30.
        "allowed_payment_method_types": ["card"],
        # Else Stripe would show, and take, another currency.
        "adaptive_pricing": {"enabled": False},
        "locale": LOCALES.get(language, "auto"),
        # A start parameter has 64 characters at most, and Stripe's own ids have 66.
        "success_url": f"{bot}?start=p_{order.code}",
        "cancel_url": bot,
        "client_reference_id": order.code,
        "metadata": {**about, "key": sender.key},
        # A session's metadata does not reach the payment, where refunds and disputes are found.
        "payment_intent_data": {"metadata": about},
        "expires_at": int(order.expires_at),
    }


def created(tx: Tx, shop: Shop, order_id: int, session: Session) -> None:
    """Stripe has made the page. An order that was cancelled meanwhile lets it expire."""
    order = orders.get(tx, order_id)
    if order.stands in CREDITED:
        return
    page = page_of(order).model_copy(update={"url": session.url or "", "shown_at": tx.now, "trouble": False})
    due = tx.now + LOOKS[0] if is_waiting(order) else tx.now
    order = keep(tx, order, page, external_id=session.id, next_check_at=due)
    orders.note(tx, order, "session", who=orders.rail_is(Rail.STRIPE), detail=session.id)
    if is_waiting(order):
        show(shop, tx, order)


def postpone(tx: Tx, shop: Shop, order_id: int, seconds: float, *, tell: bool) -> None:
    """Stripe did not answer: again later. `tell`: it lasts, and the person should know why there is no link."""
    order = orders.get(tx, order_id)
    if order.stands in CREDITED:
        return
    page = page_of(order)
    if tell and is_waiting(order) and not page.url and not page.trouble:
        order = keep(tx, order, page.model_copy(update={"trouble": True}))
        show(shop, tx, order)
    orders.change(tx, order, next_check_at=tx.now + seconds)


def refused(tx: Tx, shop: Shop, order_id: int, detail: str) -> None:
    """There will be no page: nothing was charged, and there are other ways to pay."""
    order = orders.get(tx, order_id)
    orders.note(tx, order, "refused_by_stripe", who=orders.rail_is(Rail.STRIPE), detail=detail)
    alerts.alert(shop, tx, f"stripe:{order.id}", "alert-stripe-refused", code=order.code, detail=detail[:300])
    _give_up(tx, shop, order, "stripe-refused", detail)


def vanished(tx: Tx, shop: Shop, order_id: int, detail: str) -> None:
    """Stripe does not know the session any more: the key of another account, or of the other mode."""
    order = orders.get(tx, order_id)
    if not is_waiting(order):
        orders.change(tx, order, next_check_at=None)
        return
    session = order.external_id or ""
    orders.note(tx, order, "vanished", who=orders.rail_is(Rail.STRIPE), detail=session)
    alerts.alert(shop, tx, f"stripe:{order.id}", "alert-stripe-vanished", code=order.code, session=session)
    _give_up(tx, shop, order, "stripe-vanished", detail)


def _give_up(tx: Tx, shop: Shop, order: Order, text: str, detail: str) -> None:
    if is_waiting(order):
        purchase.cancel(shop, tx, order, who=orders.rail_is(Rail.STRIPE), detail=detail)
        html = say(shop.language_of(tx, order.user_id), text, code=order.code)
        posts.show(tx, order.user_id, f"stripe:{order.id}", Card(html=html))
    orders.change(tx, order, next_check_at=None)


def met(tx: Tx, shop: Shop, session: Session, *, livemode: bool, looked: bool = False, closed: bool = False) -> None:
    """A session as Stripe shows it now. `looked`: it was looked at for its own sake, so the next look is planned.

    `closed`: it was asked to expire, and nothing more is wanted of it.
    """
    order = _order_of(tx, session)
    if order is None:
        if session.is_paid and (session.metadata or {}).get("shop") == OURS:
            _nobody_s(tx, shop, session)
        return
    if session.is_paid:
        _paid(tx, shop, order, session, livemode=livemode)
    elif session.is_over:
        if is_waiting(order):
            purchase.expire(shop, tx, order)
        orders.change(tx, order, next_check_at=None)
    elif closed:
        orders.change(tx, order, next_check_at=None)
    elif looked:
        _looked_in_vain(tx, shop, order)


def met_all(tx: Tx, shop: Shop, found: Sequence[Session], *, livemode: bool) -> None:
    """Sessions of the list of paid ones."""
    for session in found:
        met(tx, shop, session, livemode=livemode)


def compared(tx: Tx, shop: Shop, found: Sequence[Session], *, since: float, livemode: bool) -> None:
    """Hold the books against the list of paid sessions made after `since` (epoch seconds): each credit has its own."""
    listed = {session.id for session in found if session.is_paid}
    for order in sessions.credited_since(tx, since + MARGIN_SECONDS):
        young = tx.now - (order.paid_at or 0.0) < LISTED_SECONDS
        if order.external_id in listed or young or page_of(order).livemode is not livemode:
            continue
        log.error("stripe.not_listed", order=order.code, session=order.external_id)
        key = f"stripe-listed:{order.id}"
        price = money(order.amount, order.currency)
        session = order.external_id or ""
        alerts.alert(shop, tx, key, "alert-stripe-not-listed", code=order.code, price=price, session=session)


def _order_of(tx: Tx, session: Session) -> Order | None:
    """The order this very session was made for. One of the same code, of a database that is gone, is another's."""
    known = orders.by_external(tx, Rail.STRIPE, session.id)
    if known is not None:
        return known
    order = orders.by_code(tx, session.order) if session.order else None
    if order is None or order.way is not Rail.STRIPE or order.external_id is not None:
        return None
    # Its answer was lost, and it is found in the list: the key says that it is ours.
    page = page_of(order)
    return order if page.key and (session.metadata or {}).get("key") == page.key else None


def _paid(tx: Tx, shop: Shop, order: Order, session: Session, *, livemode: bool) -> None:
    """Credit it if the mode, the kind, the currency and the amount are what was asked for."""
    if order.stands in CREDITED:
        return
    if session.livemode is not livemode or page_of(order).livemode is not livemode:
        _other_mode(tx, shop, order, session)
        return
    if session.mode != "payment":
        log.error("stripe.other_kind", order=order.code, mode=session.mode)
        return
    till.paid(
        shop,
        tx,
        order,
        external_id=session.id,
        payment_id=session.payment_intent or "",
        amount=session.amount_total or 0,
        currency=(session.currency or "").upper(),
    )
    orders.change(tx, order, next_check_at=None)


def _other_mode(tx: Tx, shop: Shop, order: Order, session: Session) -> None:
    """Play money for a real order, or the other way round: nobody is credited, and the admins look into it."""
    orders.change(tx, order, next_check_at=None)
    if any(line.event == "other_mode" for line in orders.trail(tx, order.id)):
        return
    orders.note(tx, order, "other_mode", who=orders.rail_is(Rail.STRIPE), detail=session.id)
    alerts.alert(shop, tx, f"stripe:{order.id}", "alert-stripe-mode", code=order.code, session=session.id)


def _nobody_s(tx: Tx, shop: Shop, session: Session) -> None:
    """Money for an order that is not in the books, as after a restored backup."""
    who = (session.metadata or {}).get("user", "?")
    price = money(session.amount_total or 0, (session.currency or "").upper())
    person = users.get(tx, row_id(who) or 0)
    if person is not None:
        html = say(shop.language(person), "payment-unknown", price=price)
        posts.show(tx, person.id, f"stripe:{session.id}"[:50], Card(html=html))
    alerts.alert(
        shop,
        tx,
        f"stripe:{session.id}"[:50],
        "alert-payment-unknown-stripe",
        who=who,
        price=price,
        payload=session.order,
        payment=session.payment_intent or session.id,
    )


def _looked_in_vain(tx: Tx, shop: Shop, order: Order) -> None:
    """Nothing was paid yet: plan the next look, and answer whoever asked for this one."""
    if not is_waiting(order):
        return  # it was cancelled while we looked, and its page waits to be closed
    page = page_of(order)
    since = tx.now - page.shown_at
    later = next((page.shown_at + after for after in LOOKS if after > since), None)
    order = orders.change(tx, order, checks=order.checks + 1, next_check_at=later)
    if page.asked_at:
        show(shop, tx, order, unpaid=True)


def looked_at_list(tx: Tx, shop: Shop, order_ids: Sequence[int]) -> None:
    """The list of paid sessions was read instead of each session: who was not in it has not paid."""
    for order_id in order_ids:
        order = orders.get(tx, order_id)
        if is_waiting(order) and order.next_check_at is not None and order.next_check_at <= tx.now:
            _looked_in_vain(tx, shop, order)


def paid_since(tx: Tx) -> float:
    """From when on sessions are listed: whoever paid since the last time had a page no older than this."""
    kept = marks.read(tx, SESSIONS_MARK)
    last = min(float(kept), tx.now) if kept else tx.now
    return last - SESSION_SECONDS - MARGIN_SECONDS


# Refunds and disputes


def order_of_charge(tx: Tx, payment_intent: str | None, code: str = "") -> Order | None:
    """The order that a payment was made for, by the payment or by the code in its metadata."""
    order = orders.by_payment(tx, payment_intent) if payment_intent else None
    if order is None and code:
        order = orders.by_code(tx, code)
    return order if order is not None and order.way is Rail.STRIPE else None


def charged(tx: Tx, shop: Shop, order_id: int, charge: Charge, event_id: str = "") -> None:
    """A payment as Stripe shows it now: what went back is taken back, and what did not after all is given again."""
    order = orders.get(tx, order_id)
    total = charge.amount_refunded + disputes.taken_by_banks(tx, order)
    if order.payment_id == charge.payment_intent and charge.currency.upper() == order.currency:
        # The version makes the key fresh; that it happens once is seen to by the amount.
        key = f"{charge.id}:{total}:{order.version}"
        if total > order.refunded_amount:
            till.refunded(shop, tx, order, total_refunded=total, key=key)
        elif till.refund_failed(shop, tx, order, total_refunded=total, key=key):
            _may_be_asked_again(tx, shop, order)
    if event_id:
        sessions.seen(tx, event_id)


def _may_be_asked_again(tx: Tx, shop: Shop, order: Order) -> None:
    """The refund that an admin asked for is not done after all."""
    refund = refunds.of_payment(tx, Rail.STRIPE, order.external_id or "")
    if refund is not None and refund.state == "done":
        repayments.failed(tx, shop, refund, "the bank has sent the money back to Stripe")


def disputed(tx: Tx, shop: Shop, order_id: int, dispute: Dispute, event_id: str = "") -> None:
    """A dispute as it stands: freeze, give back or take away. An inquiry moves no money, so it freezes nothing."""
    order = orders.get(tx, order_id)
    # It may name its charge only; then that has led to this order.
    if dispute.payment_intent in (None, order.payment_id) and not dispute.is_inquiry:
        amount = dispute.amount if dispute.currency.upper() == order.currency else None
        match dispute.status:
            case "won" | "prevented":
                disputes.won(shop, tx, order, key=dispute.id)
            case "lost":
                disputes.opened(shop, tx, order, key=dispute.id, amount=amount)  # when its beginning was never seen
                disputes.lost(shop, tx, order, key=dispute.id, amount=amount)
            case _:
                disputes.opened(shop, tx, order, key=dispute.id, amount=amount)
    if event_id:
        sessions.seen(tx, event_id)


def repaid(tx: Tx, shop: Shop, refund: Refund, order_id: int, charge: Charge) -> None:
    """The refund an admin wanted was made."""
    charged(tx, shop, order_id, charge)
    repayments.done(tx, shop, refund)


def key_refused(tx: Tx, shop: Shop, detail: str) -> None:
    """Stripe does not take our key: nobody can pay by card until the operator has mended it."""
    alerts.alert(shop, tx, "stripe:key", "alert-stripe-key", detail=detail[:300])


def key_works(tx: Tx, shop: Shop) -> None:
    """Stripe takes our key (again)."""
    alerts.resolve(shop, tx, "stripe:key", "alert-stripe-key-over")
