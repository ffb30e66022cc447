"""What a chat should show: the content of posts and of answers to pressed buttons. Telegram's words stay outside."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Button(_Value):
    """One inline button. `data` comes back when it is pressed: 1-64 bytes (Bot API, InlineKeyboardButton)."""

    text: str
    data: str


Keyboard = tuple[tuple[Button, ...], ...]


class Card(_Value):
    """A text message in Telegram's HTML, with its buttons."""

    kind: Literal["card"] = "card"
    html: str
    keyboard: Keyboard = ()


class Film(_Value):
    """A video message. `path` is the file on our disk; `file_id`, once known, saves the upload.

    Width and height in pixels, `seconds` whole (Bot API, sendVideo). `thumbnail` is a path to a JPEG or empty.
    """

    kind: Literal["film"] = "film"
    caption: str
    path: str
    width: int
    height: int
    seconds: int
    thumbnail: str = ""
    file_id: str = ""
    as_file: bool = False
    keyboard: Keyboard = ()


class Photo(_Value):
    """A picture with a caption and buttons. `path` is a JPEG on our disk, needed only for the first showing."""

    kind: Literal["photo"] = "photo"
    caption: str
    path: str
    keyboard: Keyboard = ()


AnyContent = Card | Film | Photo
Content = Annotated[AnyContent, Field(discriminator="kind")]
_content: TypeAdapter[AnyContent] = TypeAdapter(Content)


def dump(content: AnyContent) -> str:
    """The stored form: JSON with a stable order of keys, so that equal contents are equal strings."""
    return content.model_dump_json(exclude_defaults=False)


def load(stored: str) -> AnyContent:
    """The content that `dump` stored. Raises pydantic's `ValidationError` for anything else."""
    return _content.validate_json(stored)
