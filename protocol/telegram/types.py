"""The Bot API objects Kadr reads, with only the fields it uses (Bot API 10.3). Unknown fields are ignored."""

from typing import Annotated

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


class Message(_Object):
    message_id: int
    date: int
    chat: Chat
    sender: Annotated[Person | None, Field(alias="from")] = None
    text: str | None = None
    caption: str | None = None
    photo: tuple[PhotoSize, ...] = ()
    document: Document | None = None
    video: Video | None = None


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
    my_chat_member: ChatMemberUpdated | None = None


ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member")
"""Asked for explicitly: a list that is left out keeps whatever was asked before (Bot API, getUpdates)."""
