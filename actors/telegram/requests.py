"""A post as a Bot API request, and what its answer tells."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from protocol.posts import Button, Card, Copied, Document, Film, Invoice, Keyboard, Photo, Words
from protocol.telegram.body import Upload
from storage.posts import Post


@dataclass(frozen=True, slots=True)
class Request:
    """One method call."""

    method: str
    parameters: Mapping[str, Any]
    uploads: Mapping[str, Upload] = field(default_factory=dict[str, Upload])


@dataclass(frozen=True, slots=True)
class Sent:
    """What Telegram made of it: the message, and for a file the file id that sends it again for free."""

    message_id: int
    file_id: str


def as_request(post: Post) -> Request:
    """How to make Telegram show this post: a send, or an edit of what it shows already."""
    if post.message_id:
        return _edit(post, post.message_id)
    match post.content:
        case Card() as card:
            parameters: dict[str, Any] = {
                "chat_id": post.chat_id,
                "text": card.html,
                "parse_mode": "HTML",
                "link_preview_options": {"is_disabled": True},
            }
            if card.silent:
                parameters["disable_notification"] = True
            return Request("sendMessage", parameters | markup_of(card.keyboard))
        case Film() as film:
            return _send_film(post.chat_id, film)
        case Photo() as photo:
            return _send_photo(post.chat_id, photo)
        case Document() as document:
            return _send_document(post.chat_id, document)
        case Invoice() as invoice:
            return _send_invoice(post.chat_id, invoice)
        case Words() as words:
            return Request("sendMessage", {"chat_id": post.chat_id} | _words(words))
        case Copied() as copied:
            source = {"from_chat_id": copied.from_chat, "message_id": copied.from_message}
            return Request("copyMessage", {"chat_id": post.chat_id, **source} | markup_of(copied.keyboard))


def _words(words: Words) -> dict[str, Any]:
    entities = {"entities": list(words.entities)} if words.entities else {}
    return {"text": words.text, "link_preview_options": {"is_disabled": True}, **entities} | markup_of(words.keyboard)


def _edit(post: Post, message_id: int) -> Request:
    target = {"chat_id": post.chat_id, "message_id": message_id, "parse_mode": "HTML"}
    match post.content:
        case Card() as card:
            parameters = {**target, "text": card.html, "link_preview_options": {"is_disabled": True}}
            return Request("editMessageText", parameters | markup_of(card.keyboard))
        case Film() | Photo() | Document() as media:
            return Request("editMessageCaption", {**target, "caption": media.caption} | markup_of(media.keyboard))
        case Words() as words:
            return Request("editMessageText", {"chat_id": post.chat_id, "message_id": message_id} | _words(words))
        case Invoice() as invoice:
            target = {"chat_id": post.chat_id, "message_id": message_id}
            return Request("editMessageReplyMarkup", target | markup_of(invoice.keyboard))
        case Copied() as copied:
            # What it says is the other message's; only its buttons are ours.
            target = {"chat_id": post.chat_id, "message_id": message_id}
            return Request("editMessageReplyMarkup", target | markup_of(copied.keyboard))


def _send_invoice(chat_id: int, invoice: Invoice) -> Request:
    """In Stars: no provider, exactly one price, no tax or delivery (Bot API, sendInvoice)."""
    parameters: dict[str, Any] = {
        "chat_id": chat_id,
        "title": invoice.title,
        "description": invoice.description,
        "payload": invoice.payload,
        "provider_token": "",
        "currency": "XTR",
        "prices": [{"label": invoice.label, "amount": invoice.amount}],
        "start_parameter": invoice.start_parameter,
    }
    return Request("sendInvoice", parameters | markup_of(invoice.keyboard))


def _send_photo(chat_id: int, photo: Photo) -> Request:
    parameters: dict[str, Any] = {"chat_id": chat_id, "caption": photo.caption, "parse_mode": "HTML"}
    if photo.file_id:
        return Request("sendPhoto", {**parameters, "photo": photo.file_id, **markup_of(photo.keyboard)})
    uploads = {"photo": Upload(Path(photo.path), "picture.jpg", "image/jpeg")}
    return Request("sendPhoto", parameters | _form_markup(photo.keyboard), uploads)


def _send_document(chat_id: int, document: Document) -> Request:
    parameters: dict[str, Any] = {"chat_id": chat_id, "caption": document.caption, "parse_mode": "HTML"}
    if document.file_id:
        return Request("sendDocument", {**parameters, "document": document.file_id, **markup_of(document.keyboard)})
    source = document.text.encode() if document.text else Path(document.path)
    uploads = {"document": Upload(source, document.file_name, document.mime_type)}
    parameters["disable_content_type_detection"] = True  # else Telegram makes a video of a film
    return Request("sendDocument", parameters | _form_markup(document.keyboard), uploads)


def _send_film(chat_id: int, film: Film) -> Request:
    parameters: dict[str, Any] = {"chat_id": chat_id, "caption": film.caption, "parse_mode": "HTML"}
    if film.file_id:
        return Request("sendVideo", {**parameters, "video": film.file_id, **markup_of(film.keyboard)})
    parameters |= {
        "width": film.width,
        "height": film.height,
        "duration": film.seconds,
        "supports_streaming": True,
    }
    uploads = {"video": Upload(Path(film.path), "film.mp4", "video/mp4")}
    if film.thumbnail:
        uploads["thumbnail"] = Upload(Path(film.thumbnail), "thumbnail.jpg", "image/jpeg")
    return Request("sendVideo", parameters | _form_markup(film.keyboard), uploads)


def markup_of(keyboard: Keyboard) -> dict[str, Any]:
    """Buttons as a parameter of a request; empty where there are none."""
    if not keyboard:
        return {}
    return {"reply_markup": {"inline_keyboard": [[_button(button) for button in row] for row in keyboard]}}


def _button(button: Button) -> dict[str, Any]:
    if button.url:
        return {"text": button.text, "url": button.url}
    if button.copies:
        return {"text": button.text, "copy_text": {"text": button.copies}}
    return {"text": button.text, "callback_data": button.data}


def _form_markup(keyboard: Keyboard) -> dict[str, str]:
    """The same inside a form, where every value is text."""
    return {name: json.dumps(value, ensure_ascii=False) for name, value in markup_of(keyboard).items()}


def message_of(result: object) -> Sent | None:
    """The message in the answer of a send or an edit, when it names one."""
    if not isinstance(result, Mapping):
        return None
    fields = cast("Mapping[str, Any]", result)
    message_id = fields.get("message_id")
    if not isinstance(message_id, int):
        return None
    video = fields.get("video") or fields.get("document") or fields.get("animation")
    file_id: Any = cast("Mapping[str, Any]", video).get("file_id") if isinstance(video, Mapping) else None
    return Sent(message_id, file_id if isinstance(file_id, str) else "")
