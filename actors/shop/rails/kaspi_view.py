"""What an admin's card of a Kaspi order shows: the receipt itself, what speaks for and against it, and buttons."""

import html
import re
from enum import StrEnum

from actors.shop.context import Shop
from actors.shop.rails import kaspi_claim
from actors.shop.rails.kaspi_claim import Claim
from actors.shop.words import astana, duration, excerpt, money, tokens
from protocol.catalogue import Language
from protocol.order import OrderState
from protocol.posts import AnyContent, Button, Card, Document, Keyboard, Photo
from protocol.texts import Html, plain, say
from storage import posts, users
from storage.orders import Order
from storage.receipts import Receipt
from storage.store import Tx

UNDO_SECONDS = 24 * 3600.0
CAPTION = 1000
"""Characters a file's caption shows, of 1024 (Bot API, sendDocument)."""
WAITS_LONG = 20 * 60.0
"""Seconds after which a card says how long the buyer has waited."""
REASONS = ("nomoney", "used", "notreceipt", "unreadable")
"""Why a receipt is refused, when an admin does not write it in their own words."""
PAYABLE = frozenset({OrderState.CLAIMED, OrderState.REFUSED, OrderState.EXPIRED, OrderState.CANCELLED})
"""Money that came is credited, however late an admin finds it."""

_TAG = re.compile("<[^>]+>")


class View(StrEnum):
    """The sides of a card."""

    CARD = "card"
    CONFIRM = "confirm"
    REASONS = "reasons"
    UNDO = "undo"


def slot(order: Order, receipt: Receipt) -> str:
    """Where the card is shown in each admin's chat: one for each receipt, because a message keeps its file."""
    return f"kaspi:{order.id}:{receipt.id}"


def deciders(shop: Shop, order: Order) -> tuple[int, ...]:
    """The admins who may decide: nobody decides about their own money, unless there is nobody else."""
    others = tuple(admin for admin in shop.admins if admin != order.user_id)
    return others or shop.admins


def may_undo(tx: Tx, order: Order, claim: Claim) -> bool:
    """Whether an approval can still be taken back."""
    fresh = tx.now - claim.decided_at < UNDO_SECONDS
    return order.stands is OrderState.PAID and not order.clawed_tokens and bool(claim.decided_by) and fresh


def content(shop: Shop, tx: Tx, admin: int, order: Order, claim: Claim, receipt: Receipt, view: View) -> AnyContent:
    """The card as this admin sees it. It stays a text where Telegram would not take the file."""
    language = shop.language_of(tx, admin)
    price, bought = money(claim.expected, "KZT"), tokens(language, claim.tokens)
    head = [
        say(language, "desk-title", code=order.code, price=price, tokens=bought),
        _as_read(language, receipt),
        kaspi_claim.history(tx, language, order),
    ]
    doubts = list(kaspi_claim.doubts(shop, tx, language, order, claim, receipt))
    foot = _standing(tx, language, order, claim, view)
    words = Html("\n".join([*head, *doubts, *foot]))
    while doubts and _length(words) > CAPTION:
        doubts.pop()  # the gravest are first
        words = Html("\n".join([*head, *doubts, *foot]))
    keyboard = _keyboard(tx, language, admin, order, claim, view)
    if isinstance(posts.current(tx, admin, slot(order, receipt)), Card):
        return Card(html=words, keyboard=keyboard)
    if receipt.kind == "photo":
        return Photo(caption=words, file_id=receipt.file_id, keyboard=keyboard)
    return Document(caption=words, file_id=receipt.file_id, keyboard=keyboard)


def as_text(content: AnyContent) -> Card | None:
    """The card without its file, for when Telegram does not take that; None for what has none."""
    if isinstance(content, Photo | Document):
        return Card(html=content.caption, keyboard=content.keyboard)
    return None


def reworded(content: AnyContent, words: Html) -> AnyContent:
    """The same message with other words, and without buttons."""
    name = "html" if isinstance(content, Card) else "caption"
    return content.model_copy(update={name: words, "keyboard": ()})


def _as_read(language: Language, receipt: Receipt) -> Html:
    """What the receipt says, as far as it could be read."""
    fields = kaspi_claim.fields_of(receipt)
    known = [
        money(fields.amount, "KZT") if fields.amount is not None else "",
        f"№ {fields.number}" if fields.number else "",
        astana(fields.paid_at) if fields.paid_at is not None else "",
        fields.recipient,
    ]
    if any(known):
        return say(language, "desk-read", fields=" · ".join(part for part in known if part))
    return say(language, "desk-look")


def _standing(tx: Tx, language: Language, order: Order, claim: Claim, view: View) -> list[Html]:
    """The last lines: a question of the desk, or how it was decided."""
    decided = {"who": name_of(tx, claim.decided_by), "time": astana(claim.decided_at)} if claim.decided_by else {}
    match order.stands:
        case _ if view is View.CONFIRM:
            return [say(language, "desk-confirm", price=money(claim.asked, "KZT"))]
        case _ if view is View.REASONS:
            return [say(language, "desk-why")]
        case _ if view is View.UNDO:
            return [say(language, "desk-undo", tokens=tokens(language, order.tokens))]
        case OrderState.CLAIMED if claim.first_admin:
            name, price = name_of(tx, claim.first_admin), money(claim.first_amount, "KZT")
            return [say(language, "desk-first", who=name, price=price)]
        case OrderState.PAID if decided:
            bought = tokens(language, order.tokens)
            return [say(language, "desk-paid", price=money(order.amount, "KZT"), tokens=bought, **decided)]
        case OrderState.REFUSED if decided:
            why = reason(language, claim.refusal)
            why = why if isinstance(why, Html) else excerpt(why)
            return [say(language, "desk-refused", reason=why, **decided)]
        case OrderState.CLAIMED:
            waited = tx.now - claim.claimed_at
            return [say(language, "desk-waits", time=duration(language, waited))] if waited > WAITS_LONG else []
        case state:
            return [say(language, "desk-over", state=say(language, f"order-state-{state}"))]


def _length(text: Html) -> int:
    """Characters Telegram counts: without markup."""
    return len(html.unescape(_TAG.sub("", text)))


def name_of(tx: Tx, admin: int) -> str:
    """What an admin is called."""
    person = users.get(tx, admin)
    return person.first_name[:40] if person else str(admin)


def reason(language: Language, refusal: str) -> Html | str:
    """A reason of the list in the reader's language, or the admin's own words."""
    if refusal in REASONS or refusal == "undone":
        return say(language, f"kaspi-reason-{refusal}")
    return refusal


def _keyboard(tx: Tx, language: Language, admin: int, order: Order, claim: Claim, view: View) -> Keyboard:
    def button(key: str, action: str, rest: str = "", **arguments: object) -> Button:
        after = f".{rest}" if rest else ""
        data = f"o:{order.id}:{action}:{order.version}{after}"
        return Button(text=plain(language, key, **arguments), data=data)

    amount = claim.asked
    price = money(amount, "KZT")
    back = (button("button-desk-back", "back"),)
    match view:
        case View.CONFIRM:
            return ((button("button-desk-yes", "yes", str(amount // 100), price=price),), back)
        case View.REASONS:
            reasons = tuple((button(f"button-desk-{name}", "why", name),) for name in REASONS)
            return (*reasons, (button("button-desk-typed", "why", "typed"),), back)
        case View.UNDO:
            return ((button("button-desk-undo-yes", "undo"),), back)
        case View.CARD:
            pass
    if may_undo(tx, order, claim):
        return ((button("button-desk-undo", "un"),),)
    if order.stands not in PAYABLE:
        return ()
    refuse = (button("button-desk-no", "no"),) if order.stands is OrderState.CLAIMED else ()
    if claim.first_admin == admin:
        return (refuse,) if refuse else ()
    other = (button("button-desk-amount", "am"),)
    return ((button("button-desk-ok", "ok", price=price),), (*other, *refuse))
