"""Kaspi, the admins' side: the card with the receipt, and what its buttons do. The first decision wins.

Every button carries the order's version, so one drawn before the last change is refused. An approval takes two steps,
and from a sum of the catalogue on two admins. Weak point: all of it rests on an admin looking into the bank's
application; the receipt shown here can be forged in seconds.
"""

import re
from typing import TYPE_CHECKING

from actors.shop.context import Shop
from actors.shop.money import order_cards, till
from actors.shop.rails import kaspi_claim, kaspi_view
from actors.shop.rails.kaspi_claim import Claim
from actors.shop.rails.kaspi_view import View
from actors.shop.words import money, tokens
from protocol.order import OrderEvent, OrderState, Rail
from protocol.posts import Button, Card
from protocol.texts import Html, plain, say
from storage import audit_log, orders, posts, receipts, users
from storage.orders import Order
from storage.sql import row_id
from storage.store import Tx

if TYPE_CHECKING:
    from actors.shop.pressed import Pressed
    from actors.shop.said import Said

TENGE = 100
"""Minor units."""
LARGEST_TENGE = 10_000_000
UNDO_SECONDS = kaspi_view.UNDO_SECONDS
_SUM = re.compile(r"(\d[\d \u00a0\u202f]{0,14})(?:[.,]00)?\s*(?:₸|тг|тенге|теңге|kzt)?\.?", re.I)


def show(shop: Shop, tx: Tx, order: Order, *, anew: bool = False) -> None:
    """Make every admin's card say how the order stands; `anew` puts it at the end of their chats."""
    claim = kaspi_claim.of(order)
    receipt = receipts.get(tx, claim.receipt) if claim.receipt else None
    if receipt is None:
        return
    slot = kaspi_view.slot(order, receipt)
    for admin in kaspi_view.deciders(shop, order):
        if anew:
            _leave_behind(shop, tx, admin, order, slot)
        elif posts.current(tx, admin, slot) is None:
            continue
        posts.show(tx, admin, slot, kaspi_view.content(shop, tx, admin, order, claim, receipt, View.CARD))


def _leave_behind(shop: Shop, tx: Tx, admin: int, order: Order, slot: str) -> None:
    """What was shown of this order before says that it goes on below."""
    language = shop.language_of(tx, admin)
    for old in {kaspi_view.slot(order, receipt) for receipt in receipts.of_order(tx, order.id)} | {slot}:
        content = posts.current(tx, admin, old)
        if content is not None:
            posts.show(tx, admin, old, kaspi_view.reworded(content, say(language, "desk-moved", code=order.code)))
    posts.leave_behind(tx, admin, slot)


def press(pressed: "Pressed", order: Order, action: str, value: str) -> bool:
    """A button of the card, pressed by an admin. False for anybody else, and for buttons that are not ours."""
    said = pressed.said
    if not said.shop.is_admin(said.person.id):
        return False
    version, _, rest = value.partition(".")
    if action not in ("ok", "yes", "am", "no", "why", "un", "undo", "back"):
        return False
    if said.person.id not in kaspi_view.deciders(said.shop, order):
        pressed.answer("desk-own", alert=True)
    elif version != str(order.version):
        _refresh(pressed, order)
        pressed.answer("desk-stale", alert=True)
    else:
        _act(pressed, order, action, rest)
    return True


def _refresh(pressed: "Pressed", order: Order) -> None:
    """The card under a stale button says how things stand now."""
    if _is_reply(pressed, order):
        pressed.change(Card(html=say(pressed.said.language, "desk-moved", code=order.code)))
    show(pressed.said.shop, pressed.said.tx, order)


def _act(pressed: "Pressed", order: Order, action: str, rest: str) -> None:
    claim = kaspi_claim.of(order)
    payable = order.stands in kaspi_view.PAYABLE
    match action:
        case "ok" if payable:
            _turn(pressed, order, View.CONFIRM)
        case "yes" if payable and (amount := _amount(claim, rest)):
            _approve(pressed, order, claim, amount)
        case "am" if payable:
            _ask(pressed, order, "amount", "desk-type-amount")
        case "no" if order.stands is OrderState.CLAIMED:
            _turn(pressed, order, View.REASONS)
        case "why" if order.stands is OrderState.CLAIMED and rest == "typed":
            _ask(pressed, order, "reason", "desk-type-reason")
        case "why" if order.stands is OrderState.CLAIMED and rest in kaspi_view.REASONS:
            refuse(pressed.said, order, rest)
            pressed.answer("desk-refused-answer")
        case "un" if kaspi_view.may_undo(pressed.said.tx, order, claim):
            _turn(pressed, order, View.UNDO)
        case "undo" if kaspi_view.may_undo(pressed.said.tx, order, claim):
            _undo(pressed, order)
        case "back":
            _refresh(pressed, order)
            pressed.answer()
        case _:
            _refresh(pressed, order)
            pressed.answer("desk-stale", alert=True)


def _amount(claim: Claim, tenge: str) -> int:
    """The sum a button names, in tiyn; what was expected when it names none, 0 when it makes no sense."""
    if not tenge:
        return claim.expected
    whole = int(tenge) if tenge.isascii() and tenge.isdecimal() and len(tenge) < 10 else 0
    return whole * TENGE if whole <= LARGEST_TENGE else 0


def _turn(pressed: "Pressed", order: Order, view: View) -> None:
    """Another side of this admin's card; the others' stay."""
    said = pressed.said
    claim = kaspi_claim.of(order)
    receipt = receipts.get(said.tx, claim.receipt)
    assert receipt is not None, "a card has its receipt"
    slot = kaspi_view.slot(order, receipt)
    content = kaspi_view.content(said.shop, said.tx, said.person.id, order, claim, receipt, view)
    posts.show(said.tx, said.person.id, slot, content)
    pressed.answer()


def _is_reply(pressed: "Pressed", order: Order) -> bool:
    """Whether the button is not on the card but on a question below it."""
    said = pressed.said
    receipt = receipts.get(said.tx, kaspi_claim.of(order).receipt)
    return receipt is None or posts.message_of(said.tx, said.person.id, kaspi_view.slot(order, receipt)) != (
        pressed.message_id
    )


def _approve(pressed: "Pressed", order: Order, claim: Claim, amount: int) -> None:
    said = pressed.said
    tx, admin = said.tx, said.person.id
    bought = claim.tokens_for(amount)
    if bought < 1:
        pressed.answer("desk-too-little", alert=True)
        return
    reply = _is_reply(pressed, order)
    others = set(kaspi_view.deciders(said.shop, order)) - {admin}
    agreed = claim.first_admin in others and claim.first_amount == amount
    if _needs_second(said.shop, order, amount) and not agreed:
        # Another sum than the first admin's begins anew: two must have seen the same money.
        first = claim.model_copy(update={"first_admin": admin, "first_amount": amount})
        order = orders.change(tx, order, params=kaspi_claim.stored(first))
        orders.note(tx, order, "approve", who=orders.admin_is(admin), detail=f"{amount} KZT, the first of two")
        _log(said, "kaspi-first", order, detail=f"{amount // TENGE} KZT")
        _close_reply(pressed, order, reply)
        show(said.shop, tx, order)
        pressed.answer("desk-first-answer", alert=True)
        return
    decided = claim.model_copy(
        update={"decided_by": admin, "decided_at": tx.now, "credits": claim.credits + 1, "refusal": ""}
    )
    if amount != claim.expected:
        orders.note(tx, order, "amount", who=orders.admin_is(admin), detail=f"{claim.expected} -> {amount} KZT")
    order = orders.change(tx, order, amount=amount, tokens=bought, params=kaspi_claim.stored(decided))
    external_id = kaspi_claim.external_id(order, claim)
    who = orders.admin_is(admin)
    till.paid(said.shop, tx, order, external_id=external_id, amount=amount, currency="KZT", who=who)
    order = orders.get(tx, order.id)
    _log(said, "kaspi-approve", order, detail=f"{amount // TENGE} KZT, +{bought} tokens")
    _close_reply(pressed, order, reply)
    show(said.shop, tx, order)
    pressed.answer("desk-approved-answer", tokens=tokens(said.language, bought))


def _needs_second(shop: Shop, order: Order, amount: int) -> bool:
    threshold = shop.catalogue.kaspi.second_admin_from * TENGE
    return 0 < threshold <= amount and len(kaspi_view.deciders(shop, order)) > 1


def _close_reply(pressed: "Pressed", order: Order, reply: bool) -> None:
    """A question below the card is answered: it has no buttons any more."""
    if reply:
        pressed.change(Card(html=say(pressed.said.language, "desk-done", code=order.code)))


def refuse(said: "Said", order: Order, reason: str) -> None:
    """No money came, or not for this: the person reads why, and may send another receipt."""
    shop, tx = said.shop, said.tx
    claim = kaspi_claim.of(order).model_copy(
        update={
            "refusal": reason,
            "decided_by": said.person.id,
            "decided_at": tx.now,
            "first_admin": 0,
            "first_amount": 0,
        }
    )
    order = orders.move(
        tx,
        order,
        OrderEvent.REFUSE,
        who=orders.admin_is(said.person.id),
        detail=reason,
        params=kaspi_claim.stored(claim),
        next_check_at=None,
    )
    _log(said, "kaspi-refuse", order, detail=reason)
    show(shop, tx, order)
    till.show_ended(shop, tx, order)
    language = shop.language_of(tx, order.user_id)
    html = say(language, "kaspi-refused", code=order.code, reason=kaspi_view.reason(language, reason))
    again = order_cards.button(order, plain(language, "button-check"), "check")
    posts.show(tx, order.user_id, f"kaspi-said:{order.id}:{order.version}", Card(html=html, keyboard=((again,),)))


def _undo(pressed: "Pressed", order: Order) -> None:
    said = pressed.said
    who = orders.admin_is(said.person.id)
    if not till.undone(said.shop, said.tx, order, who=who, actor=said.person.id, reason="undo"):
        pressed.answer("desk-stale", alert=True)
        return
    order = orders.get(said.tx, order.id)
    claim = kaspi_claim.of(order).model_copy(
        update={
            "refusal": "undone",
            "decided_by": said.person.id,
            "decided_at": said.tx.now,
            "first_admin": 0,
            "first_amount": 0,
        }
    )
    order = orders.change(said.tx, order, amount=claim.expected, tokens=claim.tokens, params=kaspi_claim.stored(claim))
    _log(said, "kaspi-undo", order, detail=money(order.amount, "KZT"))
    show(said.shop, said.tx, order)
    pressed.answer("desk-undone-answer")


def _log(said: "Said", what: str, order: Order, *, detail: str) -> None:
    audit_log.write(said.tx, said.person.id, what, f"order:{order.id}", after=order.state, detail=detail)


def _ask(pressed: "Pressed", order: Order, what: str, text: str) -> None:
    """Ask the admin for words; the next thing they type is the answer."""
    said = pressed.said
    users.change(said.tx, said.person.id, asked=f"kaspi:{what}:{order.id}:{order.version}")
    said.reply(say(said.language, text, code=order.code))
    pressed.answer()


def typed(said: "Said") -> bool:
    """Whether these words were asked for by the desk; then they are taken."""
    match (said.person.asked or "").split(":"):
        case ["kaspi", what, number, version] if said.shop.is_admin(said.person.id):
            order = orders.find(said.tx, row_id(number) or 0)
        case _:
            return False
    users.change(said.tx, said.person.id, asked=None)
    if order is None or order.way is not Rail.KASPI or str(order.version) != version:
        said.reply(say(said.language, "desk-moved", code=order.code if order else number))
    elif what == "reason":
        refuse(said, order, said.words.strip()[:300] or "unreadable")
        said.reply(say(said.language, "desk-done", code=order.code))
    else:
        _typed_amount(said, order)
    return True


def _typed_amount(said: "Said", order: Order) -> None:
    """The sum that really came: what it buys, and a second look before anything is credited."""
    found = _SUM.fullmatch(said.words.strip())
    tenge = int(re.sub(r"\D", "", found[1])) if found else 0
    claim = kaspi_claim.of(order)
    if not 0 < tenge <= LARGEST_TENGE or claim.tokens_for(tenge * TENGE) < 1:
        users.change(said.tx, said.person.id, asked=said.person.asked)
        said.reply(say(said.language, "desk-amount-wrong", code=order.code))
        return
    amount = tenge * TENGE
    html: Html = say(
        said.language,
        "desk-confirm-amount",
        code=order.code,
        came=money(amount, "KZT"),
        expected=money(claim.expected, "KZT"),
        tokens=tokens(said.language, claim.tokens_for(amount)),
    )
    yes = Button(
        text=plain(said.language, "button-desk-yes", price=money(amount, "KZT")),
        data=f"o:{order.id}:yes:{order.version}.{tenge}",
    )
    back = Button(text=plain(said.language, "button-desk-back"), data=f"o:{order.id}:back:{order.version}")
    said.reply(html, ((yes,), (back,)))
