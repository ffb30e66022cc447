"""Stripe's lists: newest first, in parts, and filtered by when a thing was created (docs.stripe.com/api/pagination)."""

from collections.abc import Iterable
from typing import Any

from sandbox.stripe.refusal import invalid, no_such

LIST_DEFAULT, LIST_MOST = 10, 100


def created_in(at: int, params: dict[str, Any]) -> bool:
    """Whether a moment is in the range that a list asks for."""
    asked: Any = params.get("created", {})
    if isinstance(asked, int):
        return at == asked
    least = max(asked.get("gte", at), asked.get("gt", at - 1) + 1)
    most = min(asked.get("lte", at), asked.get("lt", at + 1) - 1)
    return bool(least <= at <= most)


def of_payment(things: Iterable[Any], params: dict[str, Any]) -> list[dict[str, Any]]:
    """The refunds or disputes that a list asks for."""
    intent, charge = params.get("payment_intent"), params.get("charge")
    return [
        thing.shown()
        for thing in things
        if intent in (None, thing.payment_intent)
        and charge in (None, thing.charge)
        and created_in(thing.created, params)
    ]


def page_of(url: str, found: list[dict[str, Any]], params: dict[str, Any]) -> dict[str, Any]:
    """A part of a list. `found` is in the order in which things were made. Raises `Refusal`."""
    limit = params.get("limit", LIST_DEFAULT)
    if not 1 <= limit <= LIST_MOST:
        raise invalid(f"Invalid integer: limit must be between 1 and {LIST_MOST}", "limit")
    found.reverse()
    newest_first = sorted(found, key=lambda thing: -int(thing["created"]))  # of one second, the later one first
    ids = [thing["id"] for thing in newest_first]
    after, before = params.get("starting_after"), params.get("ending_before")
    for cursor in (after, before):
        if cursor is not None and cursor not in ids:
            raise no_such("object", cursor)
    if before is not None:
        newer = newest_first[: ids.index(before)]
        return {"object": "list", "data": newer[-limit:], "has_more": len(newer) > limit, "url": url}
    rest = newest_first[ids.index(after) + 1 :] if after is not None else newest_first
    return {"object": "list", "data": rest[:limit], "has_more": len(rest) > limit, "url": url}
