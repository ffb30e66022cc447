"""What Stripe refuses beyond what types say: ranges, lengths, and parameters that need one another."""

import re
from typing import Any

from sandbox.stripe.refusal import Refusal, invalid, missing

EXPIRES_AFTER = (30 * 60, 24 * 3600)
"""Seconds from the creation of a session (docs.stripe.com/api/checkout/sessions/create, `expires_at`)."""
LEAST = {"kzt": 30_000, "usd": 50, "eur": 50}
"""Minor units that convert to about half a dollar (docs.stripe.com/currencies); KZT has two decimals."""
MOST = 99_999_999
REFERENCE_LENGTH = 200
METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_LENGTH = 50, 40, 500


def check_session(params: dict[str, Any], now: float) -> None:
    """Whether a session can be made of these. Raises `Refusal`."""
    if "mode" not in params:
        raise missing("mode")
    if params["mode"] != "payment" or params.get("ui_mode", "hosted_page") != "hosted_page":
        raise Refusal(400, "This stand-in plays sessions of mode `payment` on the hosted page only.", param="mode")
    if "success_url" not in params:
        raise missing("success_url")
    for name in ("success_url", "cancel_url"):
        if name in params and not re.fullmatch(r"https?://[^\s/]+\S*", params[name]):
            raise invalid("Not a valid URL", name, "url_invalid")
    if len(params.get("client_reference_id", "")) > REFERENCE_LENGTH:
        said = f"Invalid string: {params['client_reference_id'][:9]}…; must be at most {REFERENCE_LENGTH} characters"
        raise invalid(said, "client_reference_id")
    _check_metadata(params.get("metadata", {}), "metadata")
    _check_metadata(params.get("payment_intent_data", {}).get("metadata", {}), "payment_intent_data[metadata]")
    _check_expiry(params.get("expires_at"), now)
    _check_items(params.get("line_items") or [])


def _check_metadata(metadata: dict[str, str], path: str) -> None:
    if len(metadata) > METADATA_KEYS:
        raise invalid(f"Metadata can have up to {METADATA_KEYS} keys.", path)
    for key, value in metadata.items():
        if len(key) > METADATA_KEY_LENGTH:
            raise invalid(f"Metadata keys can have up to {METADATA_KEY_LENGTH} characters.", path)
        if len(value) > METADATA_LENGTH:
            raise invalid(f"Metadata values can have up to {METADATA_LENGTH} characters.", f"{path}[{key}]")


def _check_expiry(expires_at: int | None, now: float) -> None:
    if expires_at is None:
        return
    least, most = EXPIRES_AFTER
    if expires_at < int(now) + least:
        said = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        raise invalid(said, "expires_at")
    if expires_at > int(now) + most:
        said = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        raise invalid(said, "expires_at")


def _check_items(items: list[dict[str, Any]]) -> None:
    if not items:
        raise missing("line_items")
    total, currency = 0, ""
    for number, item in enumerate(items):
        path = f"line_items[{number}]"
        price = item.get("price_data")
        if price is None:
            if "price" in item:
                raise Refusal(404, f"No such price: '{item['price']}'", code="resource_missing", param=f"{path}[price]")
            raise missing(f"{path}[price_data]")
        for name in ("product_data", "unit_amount"):
            if name not in price:
                raise missing(f"{path}[price_data][{name}]")
        if "quantity" not in item:
            raise missing(f"{path}[quantity]")
        if price["unit_amount"] < 0 or item["quantity"] < 1:
            raise invalid("Invalid non-negative integer", path, "parameter_invalid_integer")
        currency = price["currency"].lower()
        if currency not in LEAST:
            said = f"Invalid currency: {currency}. Stripe currently supports these currencies: {', '.join(LEAST)}"
            raise invalid(said, f"{path}[price_data][currency]")
        total += price["unit_amount"] * item["quantity"]
    if total < LEAST[currency]:
        said = "The Checkout Session's total amount must convert to at least 50 cents."
        raise Refusal(400, said, code="amount_too_small")
    if total > MOST:
        raise Refusal(400, f"The Checkout Session's total amount must be no more than {MOST}.", code="amount_too_large")
