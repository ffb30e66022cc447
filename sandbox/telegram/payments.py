"""The bot's methods for payments in Telegram Stars. Left out: other currencies, subscriptions, invoice links."""

from collections.abc import Callable
from typing import Any

from sandbox.telegram.content import Desk, markup_of, reply_of
from sandbox.telegram.errors import bad_request
from sandbox.telegram.params import Kind, Params
from sandbox.telegram.sending import TO_CHAT
from sandbox.telegram.shapes import is_array, is_object
from sandbox.telegram.stars import ANSWER_SECONDS
from sandbox.telegram.state import Message

TITLE, DESCRIPTION, PAYLOAD = 32, 255, 128  # characters, characters, bytes
LARGEST_PRICE = 100_000  # Stars; not published for invoices
START_PARAMETER = 64
TRANSACTIONS = 100  # most in one answer
INVOICE = {
    "title": Kind.STRING,
    "description": Kind.STRING,
    "payload": Kind.STRING,
    "provider_token": Kind.STRING,
    "currency": Kind.STRING,
    "prices": Kind.JSON,
    "start_parameter": Kind.STRING,
    "photo_url": Kind.STRING,
}
_QUERY_GONE = "query is too old and response timeout expired or query ID is invalid"


def send_invoice(desk: Desk, params: Params) -> Message:
    """Raises `Refused` for what a bill in Stars cannot be."""
    person = desk.world.reachable(params.chat())
    for name, longest in (("title", TITLE), ("description", DESCRIPTION)):
        text = params.string(name) or ""
        if not 1 <= len(text) <= longest:
            raise bad_request(f"invoice {name} must have 1 to {longest} characters")
    payload = params.string("payload") or ""
    if not 1 <= len(payload.encode()) <= PAYLOAD:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    if params.string("currency") != "XTR":
        raise bad_request("CURRENCY_INVALID" if params.string("provider_token") else "PAYMENT_PROVIDER_INVALID")
    if params.string("provider_token"):
        raise bad_request("STARS_INVOICE_INVALID")
    start = params.string("start_parameter") or ""
    if len(start) > START_PARAMETER or not all(c.isascii() and (c.isalnum() or c in "_-") for c in start):
        raise bad_request("START_PARAM_INVALID")
    total = _total(params.json("prices"))
    invoice = {
        "title": params.string("title"),
        "description": params.string("description"),
        "start_parameter": start,
        "currency": "XTR",
        "total_amount": total,
    }
    content = {"invoice": invoice} | reply_of(desk, params, person.id) | markup_of(desk, params, invoice=True)
    if desk.limits:
        desk.world.flow.send(person.id)
    message = desk.world.post(person, content)
    desk.world.stars.payloads[person.id, message["message_id"]] = payload
    return message


def _total(prices: object) -> int:
    if not is_array(prices) or len(prices) != 1 or not is_object(prices[0]):
        raise bad_request("STARS_INVOICE_INVALID")
    price = prices[0]
    label, amount = price.get("label"), price.get("amount")
    if set(price) != {"label", "amount"} or not isinstance(label, str) or not label.strip():
        raise bad_request("can't parse labeled price")
    if not isinstance(amount, int) or isinstance(amount, bool) or not 1 <= amount <= LARGEST_PRICE:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    return amount


def answer_pre_checkout_query(desk: Desk, params: Params) -> bool:
    """Raises `Refused` for a query that was answered, is older than ten seconds, or never was."""
    checkout = desk.world.stars.checkouts.get(params.string("pre_checkout_query_id") or "")
    old = checkout is None or desk.world.now() - checkout.asked > ANSWER_SECONDS
    if checkout is None or old or checkout.answered_at is not None:
        raise bad_request(_QUERY_GONE)
    error = params.string("error_message")
    if not params.boolean("ok") and not error:
        raise bad_request("error message must be non-empty when the query is refused")
    desk.world.stars.answer(checkout, None if params.boolean("ok") else error)
    return True


def refund_star_payment(desk: Desk, params: Params) -> bool:
    """Raises `Refused` for a charge that is not this person's, or went back already."""
    charge = desk.world.stars.charges.get(params.string("telegram_payment_charge_id") or "")
    if charge is None or charge.person_id != params.integer("user_id"):
        raise bad_request("CHARGE_NOT_FOUND")
    if charge.refunded:
        raise bad_request("CHARGE_ALREADY_REFUNDED")
    desk.world.stars.refund(charge)
    return True


def get_star_transactions(desk: Desk, params: Params) -> dict[str, Any]:
    """Oldest first; `offset` transactions are skipped."""
    offset, limit = params.integer("offset"), params.integer("limit", TRANSACTIONS)
    if offset < 0 or not 1 <= limit <= TRANSACTIONS:
        raise bad_request("limit must be from 1 to 100, and offset not negative")
    return {"transactions": desk.world.stars.transactions[offset : offset + limit]}


def get_my_star_balance(desk: Desk, params: Params) -> dict[str, int]:
    return {"amount": desk.world.stars.balance()}


PAYMENT_METHODS: tuple[tuple[str, Callable[[Desk, Params], Any], dict[str, Kind], tuple[str, ...]], ...] = (
    (
        "sendInvoice",
        send_invoice,
        TO_CHAT | INVOICE,
        ("chat_id", "title", "description", "payload", "currency", "prices"),
    ),
    (
        "answerPreCheckoutQuery",
        answer_pre_checkout_query,
        {"pre_checkout_query_id": Kind.STRING, "ok": Kind.BOOLEAN, "error_message": Kind.STRING},
        ("pre_checkout_query_id", "ok"),
    ),
    (
        "refundStarPayment",
        refund_star_payment,
        {"user_id": Kind.INTEGER, "telegram_payment_charge_id": Kind.STRING},
        ("user_id", "telegram_payment_charge_id"),
    ),
    ("getStarTransactions", get_star_transactions, {"offset": Kind.INTEGER, "limit": Kind.INTEGER}, ()),
    ("getMyStarBalance", get_my_star_balance, {}, ()),
)
"""Name, what it does, its parameters, and those of them that are required."""
