"""What a chat should show: the content of posts and of answers to pressed buttons. Telegram's words stay outside."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Button(_Value):
    """One inline button, which does one of three things (Bot API, InlineKeyboardButton).

    `data` comes back when it is pressed: 1-64 bytes. `url` is opened. `copies` is put on the clipboard: 1-256
    characters (Bot API, CopyTextButton).
    """

    text: str
    data: str = ""
    url: str = ""
    copies: str = ""

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if [bool(self.data), bool(self.url), bool(self.copies)].count(True) != 1:
            raise ValueError("a button has either data, a url or something to copy")
        return self


Keyboard = tuple[tuple[Button, ...], ...]


class Card(_Value):
    """A text message in Telegram's HTML, with its buttons. A silent one makes no sound when it arrives.

    `place` is the one in a line that the text tells, 0 when it tells none: the next text must not tell a larger one.
    """

    kind: Literal["card"] = "card"
    html: str
    keyboard: Keyboard = ()
    silent: bool = False
    place: int = 0


class Film(_Value):
    """A video message. `path` is the file on our disk; `file_id`, once known, saves the upload.

    Width and height in pixels, `seconds` whole (Bot API, sendVideo). `thumbnail` is a path to a JPEG or empty. A film
    that is too large for one message has `parts`, each a post of its own; then its other fields are those of the whole.
    `document_id` sends the same once more as a file: Telegram takes no video's id for that (Bot API, "Sending files").
    """

    kind: Literal["film"] = "film"
    caption: str
    path: str
    width: int
    height: int
    seconds: int
    thumbnail: str = ""
    file_id: str = ""
    document_id: str = ""
    keyboard: Keyboard = ()
    parts: "tuple[Film, ...]" = ()

    @property
    def pieces(self) -> "tuple[Film, ...]":
        """What is sent: the parts, or the film itself."""
        return self.parts or (self,)


class Photo(_Value):
    """A picture with a caption and buttons: a JPEG on our disk, needed for the first showing, or a known file id."""

    kind: Literal["photo"] = "photo"
    caption: str
    path: str = ""
    file_id: str = ""
    keyboard: Keyboard = ()


class Document(_Value):
    """Any file with a caption (0-1024 characters) and buttons (Bot API, sendDocument; 50 MB at most).

    It lies at `path` on our disk, needed only for the first showing, or it is the `text` given here (keep that short:
    it is stored with the post), or Telegram has it already as `file_id`; then name and type are those it has there.
    When nothing lies at `path` any more, it is fetched from Telegram as `fetch_id` (Bot API, getFile; 20 MB at most).
    """

    kind: Literal["document"] = "document"
    caption: str = ""
    path: str = ""
    text: str = ""
    file_id: str = ""
    fetch_id: str = ""
    file_name: str = "file"
    mime_type: str = "application/octet-stream"
    keyboard: Keyboard = ()


class Invoice(_Value):
    """A bill in Telegram Stars, with Telegram's own button to pay it (Bot API, sendInvoice). Its words never change.

    `title` 1-32 characters, `description` 1-255, `payload` 1-128 bytes that come back with the payment, `amount` whole
    Stars. With a `start_parameter` a forwarded copy leads to the bot, so that nobody else can pay it.
    """

    kind: Literal["invoice"] = "invoice"
    title: str
    description: str
    payload: str
    label: str
    amount: int
    start_parameter: str
    keyboard: Keyboard = ()


class Words(_Value):
    """A text message with its formatting as Telegram describes it: nothing is lost on the way through our hands.

    Each entity is a MessageEntity as it came; its offset and length count UTF-16 code units.
    """

    kind: Literal["words"] = "words"
    text: str
    entities: tuple[dict[str, Any], ...] = ()
    keyboard: Keyboard = ()


class Copied(_Value):
    """A copy of a message that stands in another chat (Bot API, copyMessage)."""

    kind: Literal["copied"] = "copied"
    from_chat: int
    from_message: int
    keyboard: Keyboard = ()


AnyContent = Card | Film | Photo | Document | Invoice | Words | Copied
Content = Annotated[AnyContent, Field(discriminator="kind")]
_content: TypeAdapter[AnyContent] = TypeAdapter(Content)


def dump(content: AnyContent) -> str:
    """The stored form: JSON with a stable order of keys, so that equal contents are equal strings."""
    return content.model_dump_json(exclude_defaults=False)


def load(stored: str) -> AnyContent:
    """The content that `dump` stored. Raises pydantic's `ValidationError` for anything else."""
    return _content.validate_json(stored)
