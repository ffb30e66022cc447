"""Speaks to Stripe through the official SDK: sessions, refunds, disputes and events, or a typed error.

The SDK repeats a request twice when its answer is lost, with the same idempotency key, but has no total deadline: every
request gets one here. It repeats no 429, so whoever calls must have patience of their own.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import stripe
import trio
from pydantic import BaseModel, ValidationError

from protocol.stripe.answers import Charge, Dispute, Event, Refund, Session
from protocol.stripe.errors import (
    StripeBusy,
    StripeError,
    StripeForged,
    StripeForgotten,
    StripeKeyRefused,
    StripeKeyReused,
    StripeRefused,
    StripeUnreachable,
)

A = TypeVar("A", bound=BaseModel)

CALL_SECONDS = 20.0
"""Total for one request with its repetitions: a body that drips must end too."""
READ_SECONDS = 10.0
RETRIES = 2
AT_ONCE = 10
"""Stripe allows 25 requests a second for each endpoint in test mode (docs.stripe.com/rate-limits)."""
PAGE = 100
PAGES = 100
"""Most pages of one list: ten thousand things, more than happen between two looks."""

# The SDK would send how long our requests took along with the next one.
stripe.enable_telemetry = False


def sdk_http() -> stripe.HTTPClient:
    """The SDK's httpx client, which runs on Trio; its own choice may be one that needs asyncio."""
    return stripe.HTTPXClient(timeout=READ_SECONDS)


class StripeClient:
    """One Stripe account, in the mode of its key."""

    def __init__(
        self, http: stripe.HTTPClient, *, key: str, base_url: str | None = None, webhook_secret: str = ""
    ) -> None:
        addresses: Any = {"api": base_url} if base_url else None
        self._http = http
        self._webhook_secret = webhook_secret
        sdk = stripe.StripeClient(key, http_client=http, base_addresses=addresses, max_network_retries=RETRIES)
        self._api = sdk.v1
        self._at_once = trio.CapacityLimiter(AT_ONCE)
        self.livemode = key[3:7] == "live"
        """Whether real money moves: sessions and events of the other mode are none of ours."""

    @property
    def hears(self) -> bool:
        """Whether a webhook may bring events."""
        return bool(self._webhook_secret)

    def heard(self, body: bytes, signature: str) -> Event:
        """The event that a webhook brought. Raises `StripeForged` unless Stripe signed it within five minutes."""
        try:
            stripe.WebhookSignature.verify_header(  # pyright: ignore[reportUnknownMemberType]
                body.decode(), signature, self._webhook_secret, stripe.Webhook.DEFAULT_TOLERANCE
            )
            return Event.model_validate_json(body)
        except (stripe.SignatureVerificationError, UnicodeDecodeError, ValidationError) as error:
            raise StripeForged(f"the webhook was not believed: {type(error).__name__}") from None

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def create_session(self, params: Mapping[str, Any], *, key: str) -> Session:
        """A page to pay at. With the same `key` and `params` it may be asked for again and is made once.

        Raises a `StripeError`, like all of these.
        """
        sessions, options = self._api.checkout.sessions, _options(key)
        return await self._ask(Session, lambda: sessions.create_async(cast("Any", dict(params)), options))

    async def session(self, id: str) -> Session:
        """The session as it is now."""
        return await self._ask(Session, lambda: self._api.checkout.sessions.retrieve_async(id))

    async def expire(self, id: str) -> Session:
        """Nobody can pay it from now on. `StripeRefused` when it is not open any more."""
        return await self._ask(Session, lambda: self._api.checkout.sessions.expire_async(id))

    async def completed_since(self, moment: float) -> list[Session]:
        """Every session that was paid of those created since then, oldest first."""
        asked = {"status": "complete", "created": {"gte": int(moment)}}
        return await self._all(Session, lambda after: self._api.checkout.sessions.list_async(_part(asked, after)))

    async def events_since(self, moment: float, types: Sequence[str]) -> list[Event]:
        """Every event of these types since then, oldest first. Stripe keeps them 30 days, and may list them late."""
        asked = {"types": list(types), "created": {"gte": int(moment)}}
        return await self._all(Event, lambda after: self._api.events.list_async(_part(asked, after)))

    async def charge(self, id: str) -> Charge:
        """A payment, with how much of it was given back."""
        return await self._ask(Charge, lambda: self._api.charges.retrieve_async(id))

    async def charge_of(self, payment_intent: str) -> Charge:
        """The payment that was made for this intent. `StripeRefused` when nobody has paid yet."""
        expand: Any = {"expand": ["latest_charge"]}
        found = await self._ask(_Intent, lambda: self._api.payment_intents.retrieve_async(payment_intent, expand))
        if found.latest_charge is None:
            raise StripeRefused(f"nothing was paid for {payment_intent}")
        if isinstance(found.latest_charge, str):
            return await self.charge(found.latest_charge)
        return found.latest_charge

    async def dispute(self, id: str) -> Dispute:
        """A dispute as it is now."""
        return await self._ask(Dispute, lambda: self._api.disputes.retrieve_async(id))

    async def refund(self, payment_intent: str, *, key: str, order: str, amount: int | None = None) -> Refund:
        """Give back `amount` minor units, or all that is left. `StripeRefused` says why it cannot be."""
        params: Any = {"payment_intent": payment_intent, "metadata": {"order": order}}
        if amount is not None:
            params["amount"] = amount
        return await self._ask(Refund, lambda: self._api.refunds.create_async(params, _options(key)))

    async def refunds_since(self, moment: float) -> list[Refund]:
        """Every refund since then, oldest first."""
        asked = {"created": {"gte": int(moment)}}
        return await self._all(Refund, lambda after: self._api.refunds.list_async(_part(asked, after)))

    async def disputes_since(self, moment: float) -> list[Dispute]:
        """Every dispute that began since then, oldest first."""
        asked = {"created": {"gte": int(moment)}}
        return await self._all(Dispute, lambda after: self._api.disputes.list_async(_part(asked, after)))

    async def look(self) -> None:
        """Ask for what the bot reads, to learn whether the key may: sessions and events."""
        await self._ask(_Page, lambda: self._api.checkout.sessions.list_async({"limit": 1}))
        await self._ask(_Page, lambda: self._api.events.list_async({"limit": 1}))

    async def _all(self, kind: type[A], page: Callable[[str], Awaitable[Any]]) -> list[A]:
        """All parts of a list, oldest first."""
        found: list[A] = []
        after = ""
        for _ in range(PAGES):
            part = await self._ask(_Page, lambda: page(after))  # noqa: B023  # asked before `after` changes
            try:
                found += [kind.model_validate(item) for item in part.data]
            except ValidationError as error:
                raise StripeUnreachable(f"the list holds something that is no {kind.__name__.lower()}") from error
            if not part.has_more or not part.data:
                found.reverse()
                return found
            after = str(part.data[-1].get("id"))
        raise StripeUnreachable(f"the list has more than {PAGES} pages")

    async def _ask(self, kind: type[A], request: Callable[[], Awaitable[Any]]) -> A:
        async with self._at_once:
            try:
                with trio.fail_after(CALL_SECONDS):
                    answer = await request()
            except trio.TooSlowError:
                raise StripeUnreachable(f"no answer within {CALL_SECONDS:g} s") from None
            except stripe.StripeError as error:
                raise _meaning(error) from None
        try:
            return kind.model_validate(answer.to_dict())
        except ValidationError as error:
            raise StripeUnreachable(f"the answer is no {kind.__name__.lower()}: {error.error_count()} fields") from None


class _Page(BaseModel):
    data: list[dict[str, Any]]
    has_more: bool = False


class _Intent(BaseModel):
    latest_charge: Charge | str | None = None


def _part(asked: Mapping[str, Any], after: str) -> Any:
    """The parameters of one part of a list: the newest, or what is older than `after`."""
    return {**asked, "limit": PAGE, "starting_after": after} if after else {**asked, "limit": PAGE}


def _options(key: str) -> Any:
    return {"idempotency_key": key}


def _meaning(error: stripe.StripeError) -> StripeError:
    """What one of the SDK's errors means for us."""
    said = error.user_message or f"HTTP {error.http_status}"
    code = error.code or ""
    match error:
        case stripe.APIConnectionError():
            return StripeUnreachable(f"no answer: {type(error.__cause__).__name__}")
        case stripe.AuthenticationError() | stripe.PermissionError():
            return StripeKeyRefused(said, code=code)
        case stripe.RateLimitError():
            return StripeBusy(said)
        case stripe.IdempotencyError() if error.http_status == 409:
            return StripeBusy(said)
        case stripe.IdempotencyError():
            return StripeKeyReused(said, code=code)
        case stripe.InvalidRequestError() if error.http_status == 404:
            return StripeForgotten(said, code=code)
        case stripe.InvalidRequestError() | stripe.CardError():
            return StripeRefused(said, code=code)
        case _:
            headers = cast("Mapping[str, str]", error.headers or {})
            kept = headers.get("idempotent-replayed") == "true"
            return StripeUnreachable(f"HTTP {error.http_status}: {said}", kept=kept)
