"""Files people send while a Kaspi order waits: is it the receipt, or the first frame of a film?

A PDF is a receipt. A picture without words is one too, while its sender is expected to pay. A picture with words may
be either, so its sender is asked: words to a first frame are a prompt.
"""

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from actors.media.receipt import MAX_BYTES
from actors.shop import wishes
from actors.shop.money import order_cards
from actors.shop.rails import kaspi
from protocol.order import CREDITED, OrderState, Rail
from protocol.posts import Card, Keyboard
from protocol.telegram.types import Message
from protocol.texts import plain, say
from storage import orders, receipts, users
from storage.orders import Order
from storage.sql import row_id

if TYPE_CHECKING:
    from actors.shop.pressed import Pressed
    from actors.shop.said import Said

LATE_SECONDS = 14 * 86400.0
"""For so long a PDF is taken for an order that has expired, or was cancelled or refused."""
_A_RECEIPT = re.compile(r"чек|квитанц|оплат|перев[её]л|kaspi|каспи|түбіртек|төле|receipt|paid", re.I)


class File:
    """What a message brings: the file, and whether it is a PDF or a picture."""

    def __init__(self, message: Message) -> None:
        self.kind = "photo" if message.photo else "document"
        self.file_id = self.unique_id = ""
        self.size = 0
        self.pdf = self.picture = False
        if message.photo:
            largest = max(message.photo, key=lambda size: size.width * size.height)
            self.file_id, self.unique_id, self.size = largest.file_id, largest.file_unique_id, largest.file_size or 0
            self.picture = True
        elif message.document:
            document = message.document
            self.file_id, self.unique_id, self.size = document.file_id, document.file_unique_id, document.file_size or 0
            mime, name = document.mime_type or "", (document.file_name or "").lower()
            self.pdf = mime == "application/pdf" or name.endswith(".pdf")
            self.picture = not self.pdf and (mime.startswith("image/") or name.endswith((".heic", ".heif")))

    @property
    def largest(self) -> int:
        """How many bytes it may have."""
        return MAX_BYTES if self.pdf else wishes.PICTURE_BYTES


def take(said: "Said", message: Message) -> bool:
    """Whether this message brings a receipt, or perhaps one; then it is dealt with. A film's picture is not."""
    if not message.photo and not message.document:
        return False
    file = File(message)
    asked_for = _asked_for(said)
    order = asked_for or _order_of(said, pdf=file.pdf)
    if order is None:
        return False
    if not file.pdf and not file.picture:
        said.reply(say(said.language, "kaspi-not-a-receipt", code=order.code))
        return True
    if file.size > file.largest:
        said.reply(say(said.language, "kaspi-too-large", code=order.code))
        return True
    words = said.words.strip()
    sure = file.pdf or asked_for is not None or not words or _A_RECEIPT.search(words) or order.code in words.upper()
    if file.picture and order.stands is OrderState.CLAIMED and asked_for is None:
        sure = False  # one has come already: the next picture may well be a film's
    if sure:
        _received(said, order, file)
    else:
        _ask(said, order, file)
    return True


def _asked_for(said: "Said") -> Order | None:
    """The order whose receipt the person was just asked for."""
    verb, _, number = (said.person.asked or "").partition(":")
    if verb != "receipt" or (id := row_id(number)) is None:
        return None
    order = orders.find(said.tx, id, user_id=said.person.id)
    if order is None or order.stands in CREDITED or order.created_at < said.tx.now - LATE_SECONDS:
        return None
    return order


def _order_of(said: "Said", *, pdf: bool) -> Order | None:
    """The order a file may be for: one that waits, else one that was refused; for a PDF also one that is over."""
    mine = [order for order in orders.of_user(said.tx, said.person.id) if order.way is Rail.KASPI]
    late = said.tx.now - LATE_SECONDS
    for states in (
        {OrderState.WAITING},
        {OrderState.CLAIMED},
        {OrderState.REFUSED},
        {OrderState.EXPIRED, OrderState.CANCELLED} if pdf else set[OrderState](),
    ):
        found = next((order for order in mine if order.stands in states and order.created_at > late), None)
        if found is not None:
            return found
    return None


def _received(said: "Said", order: Order, file: File) -> None:
    receipt = receipts.add(
        said.tx, order.id, file_id=file.file_id, file_unique_id=file.unique_id, kind=file.kind, state="wanted"
    )
    users.change(said.tx, said.person.id, asked=None)
    kaspi.claim(said.shop, said.tx, said.person, order, receipt.id)


def _ask(said: "Said", order: Order, file: File) -> None:
    kept = json.dumps({"words": said.words, "size": file.size})
    receipt = receipts.add(
        said.tx,
        order.id,
        file_id=file.file_id,
        file_unique_id=file.unique_id,
        kind=file.kind,
        state="asked",
        fields=kept,
    )
    yes = order_cards.button(order, plain(said.language, "button-is-receipt"), f"rc:{receipt.id}")
    no = order_cards.button(order, plain(said.language, "button-is-frame"), f"fr:{receipt.id}")
    keyboard: Keyboard = ((yes,), (no,))
    said.reply(say(said.language, "kaspi-which", code=order.code), keyboard)


def press(pressed: "Pressed", order: Order, action: str, value: str) -> bool:
    """The sender says what the picture is. False for another button."""
    if action not in ("rc", "fr"):
        return False
    said = pressed.said
    receipt = receipts.get(said.tx, row_id(value) or 0)
    if receipt is None or receipt.order_id != order.id or receipt.state != "asked":
        pressed.answer("answer-stale")
        return True
    if action == "fr":
        kept = json.loads(receipt.fields or "{}")
        receipts.set_state(said.tx, receipt.id, "dropped")
        pressed.change(Card(html=say(said.language, "kaspi-was-frame")))
        wishes.picture(replace(said, words=str(kept.get("words", ""))), receipt.file_id, int(kept.get("size", 0)))
    elif order.stands in CREDITED:
        pressed.answer("answer-paid")
        return True
    else:
        receipts.set_state(said.tx, receipt.id, "wanted")
        pressed.change(Card(html=say(said.language, "kaspi-was-receipt", code=order.code)))
        kaspi.claim(said.shop, said.tx, said.person, order, receipt.id)
    pressed.answer()
    return True
