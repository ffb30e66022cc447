"""One update, handled: who said what, and which function of the shop answers. A function of the transaction alone."""

import re
from contextlib import suppress

from pydantic import ValidationError

from actors.shop import admin, alerts, buttons, commands, wishes
from actors.shop.admin import doors
from actors.shop.context import Shop
from actors.shop.money import checkout
from actors.shop.pressed import Pressed
from actors.shop.rails import kaspi_desk, kaspi_receipts, stars
from actors.shop.said import Said
from protocol.messages import AdminMet, StarsDue
from protocol.posts import Card
from protocol.telegram.types import (
    BarePress,
    CallbackQuery,
    ChatMemberUpdated,
    Document,
    Message,
    Person,
    RefundedPayment,
    SuccessfulPayment,
    Update,
)
from protocol.texts import choose_language, say
from storage import inbox, ledger, posts, users
from storage.inbox import Stored
from storage.store import Tx
from storage.users import User

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif")
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)


class Unreadable(Exception):
    """The update does not look as the Bot API says it does."""


def handle(shop: Shop, tx: Tx, stored: Stored) -> None:
    """Everything one update means. Raises `Unreadable`, or whatever a fault of ours raises."""
    try:
        update = Update.model_validate_json(stored.body)
    except ValidationError as error:
        raise Unreadable(f"{error.error_count()} fields are not as expected") from error
    sender = _sender(update)
    tx.note("update.handled", update_id=stored.update_id, user_id=sender.id if sender else None, what=_what(update))
    if update.message is not None:
        _on_message(shop, tx, stored, update.message)
    elif update.callback_query is not None:
        _on_press(shop, tx, stored, update.callback_query)
    elif update.pre_checkout_query is not None:
        checkout.judge(shop, tx, update.pre_checkout_query, received_at=stored.received_at)
    elif update.my_chat_member is not None:
        _on_membership(tx, update.my_chat_member)


def apologise(shop: Shop, tx: Tx, stored: Stored, error: Exception) -> None:
    """An update that cannot be handled: the person reads one kind sentence, the admins hear of it."""
    inbox.failed(tx, stored.update_id, f"{type(error).__name__}: {error}")
    alerts.alert(
        shop,
        tx,
        f"update:{stored.update_id}",
        "alert-handler",
        update=str(stored.update_id),
        detail=str(error)[:300],
    )
    with suppress(ValidationError):
        pressed = BarePress.model_validate_json(stored.body)
        posts.answer(tx, pressed.callback_query.id, received_at=stored.received_at)
    try:
        update = Update.model_validate_json(stored.body)
    except ValidationError:
        return
    sender = _sender(update)
    if sender is not None and (update.message is None or update.message.chat.type == "private"):
        language = choose_language(sender.language_code, shop.default_language)
        person = users.get(tx, sender.id)
        text = say(shop.language(person) if person is not None else language, "sorry")
        posts.show(tx, sender.id, f"say:{stored.update_id}", Card(html=text))


def _what(update: Update) -> str:
    """What kind of update it is, for the log; nobody's words."""
    if update.message is not None:
        text = update.message.text or ""
        return "command" if text.startswith("/") else "message"
    return next((name for name in ("callback_query", "pre_checkout_query") if getattr(update, name)), "other")


def _sender(update: Update) -> Person | None:
    if update.message is not None:
        return update.message.sender
    return update.callback_query.sender if update.callback_query is not None else None


def _meet(shop: Shop, tx: Tx, person: Person) -> tuple[User, bool]:
    """The person; somebody new gets the welcome tokens, once for ever."""
    user, new = users.meet(
        tx,
        person.id,
        first_name=person.first_name,
        username=person.username,
        telegram_language=person.language_code,
    )
    if new and shop.is_admin(person.id):
        tx.tell(AdminMet(person.id))
    if shop.catalogue.welcome_tokens:
        given = new and ledger.transfer(
            tx,
            key=f"welcome:{person.id}",
            source=ledger.PROMOTION,
            target=ledger.account_of(person.id),
            amount=shop.catalogue.welcome_tokens,
            kind="welcome",
        )
        return user, bool(given)
    return user, new


def _on_message(shop: Shop, tx: Tx, stored: Stored, message: Message) -> None:
    if message.refunded_payment is not None:
        _on_refund(shop, tx, message.refunded_payment)
        return
    if message.chat.type != "private" or message.sender is None or message.sender.is_bot:
        return
    person, new = _meet(shop, tx, message.sender)
    if message.successful_payment is not None:
        _on_payment(shop, tx, person, message.successful_payment, at=float(message.date))
        return
    found = _COMMAND.fullmatch(message.text or "")
    if doors.turned_away(Said(shop, tx, person, new, stored.update_id, ""), found[1].lower() if found else ""):
        return
    if message.text is None:
        said = Said(shop, tx, person, new, stored.update_id, message.caption or "")
        if kaspi_receipts.take(said, message) or wishes.later_of_album(said, message):
            return
        if message.photo:
            largest = max(message.photo, key=lambda size: size.width * size.height)
            wishes.picture(said, largest.file_id, largest.file_size or 0)
        elif message.document and _is_picture(message.document):
            wishes.picture(said, message.document.file_id, message.document.file_size or 0)
        else:
            said.reply(say(said.language, "picture-not_an_image" if message.document else "not-text"))
        return
    if found is None:
        said = Said(shop, tx, person, new, stored.update_id, message.text)
        if (
            shop.is_admin(person.id)
            and not message.text.startswith("/")
            and (admin.typed(said) or kaspi_desk.typed(said))
        ):
            return
        (commands.unknown if message.text.startswith("/") else wishes.prompt)(said)
        return
    name = found[1].lower()
    run = commands.EVERYBODY.get(name)
    if run is None and shop.is_admin(person.id):
        run = admin.ADMINS.get(name)
    (run or commands.unknown)(Said(shop, tx, person, new, stored.update_id, found[2] or "", message))


def _is_picture(document: Document) -> bool:
    """Whether a file says that it is one; some phones send the photos of others without their type."""
    name = (document.file_name or "").lower()
    return (document.mime_type or "").startswith("image/") or name.endswith(PICTURES)


def _on_press(shop: Shop, tx: Tx, stored: Stored, query: CallbackQuery) -> None:
    person, new = _meet(shop, tx, query.sender)
    said = Said(shop, tx, person, new, stored.update_id, "")
    message_id = query.message.message_id if query.message else 0
    buttons.press(Pressed(said, query.id, message_id, stored.received_at), query.data or "")


def _on_payment(shop: Shop, tx: Tx, person: User, payment: SuccessfulPayment, *, at: float) -> None:
    stars.received(
        shop,
        tx,
        payer=person.id,
        charge_id=payment.telegram_payment_charge_id,
        payload=payment.invoice_payload,
        amount=payment.total_amount,
        currency=payment.currency,
        at=at,
    )


def _on_refund(shop: Shop, tx: Tx, payment: RefundedPayment) -> None:
    known = stars.went_back(shop, tx, charge_id=payment.telegram_payment_charge_id, amount=payment.total_amount)
    if not known:
        tx.tell(StarsDue())  # perhaps nobody has told of the payment itself


def _on_membership(tx: Tx, change: ChatMemberUpdated) -> None:
    if change.chat.type != "private":
        return
    gone = change.new_chat_member.status in ("kicked", "left")
    users.change(tx, change.sender.id, gone_at=tx.now if gone else None)
