"""The Bot API objects Kadr reads, with only the fields it uses (Bot API 10.3). Unknown fields are ignored."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class _Object(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Person(_Object):
    """User."""

    id: int
    is_bot: bool = False
    first_name: str
    username: str | None = None
    language_code: str | None = None


class Chat(_Object):
    """Chat. `type` is private, group, supergroup or channel."""

    id: int
    type: str


class PhotoSize(_Object):
    file_id: str
    file_unique_id: str
    width: int
    height: int
    file_size: int | None = None


class Document(_Object):
    file_id: str
    file_unique_id: str
    file_name: str | None = None
    mime_type: str | None = None
    file_size: int | None = None


class Video(_Object):
    file_id: str
    file_unique_id: str
    width: int
    height: int
    duration: int


class SuccessfulPayment(_Object):
    """A payment went through. `telegram_payment_charge_id` is its name for ever, `total_amount` whole Stars for XTR."""

    currency: str
    total_amount: int
    invoice_payload: str
    telegram_payment_charge_id: str


class RefundedPayment(_Object):
    """A payment went back."""

    currency: str
    total_amount: int
    invoice_payload: str
    telegram_payment_charge_id: str


class PreCheckoutQuery(_Object):
    """The question before a payment: it must be answered within ten seconds."""

    id: str
    sender: Annotated[Person, Field(alias="from")]
    currency: str
    total_amount: int
    invoice_payload: str


class TransactionPartner(_Object):
    """Who is on the other side of a transaction in Stars; `user` and `invoice_payload` where a person pays the bot."""

    type: str
    transaction_type: str | None = None
    user: Person | None = None
    invoice_payload: str | None = None


class StarTransaction(_Object):
    """One line of the bot's Stars. It has a `source` when they came, a `receiver` when they went.

    The id of a payment is its telegram_payment_charge_id; a refund has the id of its payment.
    """

    id: str
    amount: int
    date: int
    source: TransactionPartner | None = None
    receiver: TransactionPartner | None = None


class StarTransactions(_Object):
    transactions: tuple[StarTransaction, ...]


class Message(_Object):
    message_id: int
    date: int
    chat: Chat
    sender: Annotated[Person | None, Field(alias="from")] = None
    text: str | None = None
    caption: str | None = None
    media_group_id: str | None = None
    """The same for all messages of one album, which come one by one."""
    photo: tuple[PhotoSize, ...] = ()
    document: Document | None = None
    video: Video | None = None
    successful_payment: SuccessfulPayment | None = None
    refunded_payment: RefundedPayment | None = None
    entities: tuple[dict[str, Any], ...] = ()
    """As they came: they are handed back to Telegram unread."""
    reply_to_message: "Message | None" = None


class PressedMessage(_Object):
    """Message or InaccessibleMessage under a pressed button."""

    message_id: int
    chat: Chat


class CallbackQuery(_Object):
    """Somebody pressed an inline button."""

    id: str
    sender: Annotated[Person, Field(alias="from")]
    message: PressedMessage | None = None
    data: str | None = None


class BareQuery(_Object):
    id: str


class BarePress(_Object):
    """Of an update only what it takes to answer a pressed button, whatever else is wrong with it."""

    callback_query: BareQuery


class ChatMember(_Object):
    status: str


class ChatMemberUpdated(_Object):
    """In a private chat: the person blocked (`kicked`) or unblocked (`member`) the bot."""

    chat: Chat
    sender: Annotated[Person, Field(alias="from")]
    new_chat_member: ChatMember


class Update(_Object):
    update_id: int
    message: Message | None = None
    callback_query: CallbackQuery | None = None
    pre_checkout_query: PreCheckoutQuery | None = None
    my_chat_member: ChatMemberUpdated | None = None


ALLOWED_UPDATES = ("message", "callback_query", "pre_checkout_query", "my_chat_member")
"""Asked for explicitly: a list that is left out keeps whatever was asked before (Bot API, getUpdates)."""
