"""Reply markups, checked the way Telegram checks them."""

from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.html import checked_url
from sandbox.telegram.shapes import is_array, is_object

CALLBACK_DATA_LIMIT = 64  # bytes
COPY_TEXT_LIMIT = 256  # characters
BUTTONS_LIMIT = 100  # per message; not in the documentation, seen in use

_ACTIONS = ("callback_data", "url", "copy_text", "pay")  # of the many kinds, those this stand-in can press
_LOOKS = ("text", "style", "icon_custom_emoji_id", "disabled")
_STYLES = ("danger", "success", "primary")
_OTHER_MARKUPS = ("keyboard", "remove_keyboard", "force_reply")


def check_markup(markup: object, *, strict: bool, invoice: bool = False) -> dict[str, Any] | None:
    """The inline keyboard that stays with a message, if there is one. Raises `Refused` (400)."""
    if not is_object(markup):
        raise bad_request("object expected as reply markup")
    if not markup:
        return None
    if "inline_keyboard" not in markup:
        if any(name in markup for name in _OTHER_MARKUPS):
            return None
        raise bad_request("can't parse reply keyboard markup JSON object")
    if strict and len(markup) > 1:
        raise bad_request(f"unknown fields beside inline_keyboard: {', '.join(sorted(markup))}")
    rows = _array(markup["inline_keyboard"], 'Field "inline_keyboard" must be of type Array')
    keyboard = [
        [_button(button, strict=strict, invoice=invoice) for button in _array(row, "Inline keyboard row")]
        for row in rows
    ]
    keyboard = [row for row in keyboard if row]
    if sum(len(row) for row in keyboard) > BUTTONS_LIMIT:
        raise bad_request("reply markup is too long")
    pay_places = [(r, c) for r, row in enumerate(keyboard) for c, button in enumerate(row) if button.get("pay")]
    if pay_places and pay_places != [(0, 0)]:
        raise bad_request("BUTTON_POS_INVALID")
    return {"inline_keyboard": keyboard} if keyboard else None


def _array(value: object, what: str) -> list[Any]:
    if not is_array(value):
        raise bad_request(f"can't parse inline keyboard: {what} must be an Array")
    return value


def _button(value: object, *, strict: bool, invoice: bool) -> dict[str, Any]:
    if not is_object(value):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    button = value
    unknown = sorted(set(button) - set(_ACTIONS) - set(_LOOKS))
    if unknown and strict:
        raise bad_request(f"can't parse inline keyboard button: unknown field {unknown[0]!r}")
    text = button.get("text")
    if not isinstance(text, str) or not text.strip():
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be a non-empty String')
    actions = [name for name in _ACTIONS if name in button]
    if not actions:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if strict and len(actions) > 1:
        raise bad_request(f"can't parse inline keyboard button: both {actions[0]} and {actions[1]}")
    if button.get("style", "primary") not in _STYLES:
        raise bad_request("can't parse inline keyboard button: invalid style specified")
    kept = {name: button[name] for name in (*_LOOKS, actions[0]) if name in button}
    return kept | {actions[0]: _action(actions[0], button[actions[0]], invoice=invoice)}


def _action(name: str, value: object, *, invoice: bool) -> object:
    match name:
        case "callback_data":
            if not isinstance(value, str) or not 1 <= len(value.encode()) <= CALLBACK_DATA_LIMIT:
                raise bad_request("BUTTON_DATA_INVALID")
        case "url":
            url = checked_url(value) if isinstance(value, str) else None
            if url is None:
                raise bad_request(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
            return url
        case "copy_text":
            text = value.get("text") if is_object(value) else None
            if not isinstance(text, str) or not 1 <= len(text) <= COPY_TEXT_LIMIT:
                raise bad_request("BUTTON_COPY_TEXT_INVALID")
        case _:
            if not invoice:
                raise bad_request("BUTTON_TYPE_INVALID")  # a pay button belongs to an invoice
    return value
