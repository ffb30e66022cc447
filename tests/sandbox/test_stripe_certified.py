"""The Stripe stand-in certified from outside: the official SDK works with it, and what it refuses Stripe refuses."""

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import httpx2
import pytest
import stripe
import trio
from hypercorn.config import Config
from hypercorn.trio import serve
from trio.testing import MockClock

from sandbox.faults import Fault, FaultKind, Faults
from sandbox.stripe import StripeWorld, create_app
from sandbox.stripe.api import KEY_SECONDS
from sandbox.stripe.wire import InProcessHttp
from sandbox.wire import DropLostConnections, InProcess

START = 1_800_000_000.0
KEY = "sk_test_sandbox"


@dataclass
class Desk:
    """The official client, beside the account that it talks to."""

    world: StripeWorld
    faults: Faults
    sdk: stripe.StripeClient
    params: dict[str, Any] = field(default_factory=lambda: an_order())

    @property
    def sessions(self) -> Any:
        return self.sdk.v1.checkout.sessions

    async def create(self, key: str | None = None, **changed: Any) -> Any:
        options: Any = {"idempotency_key": key} if key else None
        return await self.sessions.create_async({**self.params, **changed}, options)

    def plan(self, operation: str, kind: FaultKind, *, times: int = 1, seconds: float = 0.0) -> None:
        self.faults.plan(Fault("stripe", operation, kind, times, seconds))


def an_order(**changed: Any) -> dict[str, Any]:
    """What a shop asks for."""
    price = {"currency": "kzt", "unit_amount": 249_000, "product_data": {"name": "100 tokens"}}
    return {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "allowed_payment_method_types": ["card"],
        "adaptive_pricing": {"enabled": False},
        "success_url": "https://t.me/kadr_bot?start=p_K7F3QX",
        "client_reference_id": "K7F3QX",
        "metadata": {"order": "K7F3QX"},
        "payment_intent_data": {"metadata": {"order": "K7F3QX"}},
        "locale": "ru",
        **changed,
    }


def a_desk(http: stripe.HTTPClient, world: StripeWorld, faults: Faults, url: str, *, key: str = KEY) -> Desk:
    sdk = stripe.StripeClient(key, http_client=http, base_addresses={"api": url}, max_network_retries=0)  # type: ignore[typeddict-item]
    return Desk(world, faults, sdk)


@pytest.fixture
def desk() -> Desk:
    world = StripeWorld(now=lambda: START + trio.current_time(), random=random.Random(7))
    faults = Faults()
    return a_desk(InProcessHttp(InProcess(create_app(world, faults))), world, faults, "http://stripe.test")


# A purchase


async def test_a_session_is_paid_at_its_page_and_says_so(desk: Desk, autojump_clock: MockClock) -> None:
    session = await desk.create(expires_at=int(START) + 3600)
    assert (session.status, session.payment_status, session.mode) == ("open", "unpaid", "payment")
    assert (session.amount_total, session.currency, session.livemode) == (249_000, "kzt", False)
    assert (session.client_reference_id, session.metadata.to_dict()) == ("K7F3QX", {"order": "K7F3QX"})
    assert len(session.id) == 66
    assert session.url == f"http://stripe.test/c/pay/{session.id}"
    payment = desk.world.pay(session.id)
    paid = await desk.sessions.retrieve_async(session.id)
    assert (paid.status, paid.payment_status, paid.payment_intent, paid.url) == ("complete", "paid", payment.id, None)
    intent = await desk.sdk.v1.payment_intents.retrieve_async(payment.id)
    assert (intent.amount_received, intent.metadata.to_dict()) == (249_000, {"order": "K7F3QX"})
    charge = await desk.sdk.v1.charges.retrieve_async(cast("str", intent.latest_charge))
    assert (charge.amount, charge.amount_refunded, charge.paid) == (249_000, 0, True)


async def test_an_expired_session_cannot_be_paid(desk: Desk, autojump_clock: MockClock) -> None:
    by_time = await desk.create(expires_at=int(START) + 1800)
    by_hand = await desk.create()
    assert (await desk.sessions.expire_async(by_hand.id)).status == "expired"
    await trio.sleep(1801)
    assert (await desk.sessions.retrieve_async(by_time.id)).status == "expired"
    for session in (by_time, by_hand):
        with pytest.raises(Exception, match="expired"):
            desk.world.pay(session.id)
        with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
            await desk.sessions.expire_async(session.id)


async def test_a_paid_session_cannot_be_expired(desk: Desk, autojump_clock: MockClock) -> None:
    session = await desk.create()
    desk.world.pay(session.id)
    with pytest.raises(stripe.InvalidRequestError, match="a status of complete"):
        await desk.sessions.expire_async(session.id)


async def test_sessions_are_listed_newest_first_in_pages(desk: Desk, autojump_clock: MockClock) -> None:
    made = []
    for number in range(7):
        made.append((await desk.create(client_reference_id=str(number))).id)
        await trio.sleep(10)
    for id in made[2:]:
        desk.world.pay(id)
    page = await desk.sessions.list_async({"status": "complete", "limit": 2, "created": {"gte": int(START) + 25}})
    assert [session.id for session in page.data] == [made[6], made[5]]
    assert page.has_more
    assert [session.id async for session in page.auto_paging_iter()] == made[:2:-1]
    oldest_first = await desk.sessions.list_async({"limit": 3, "ending_before": made[1]})
    assert [session.id async for session in oldest_first.auto_paging_iter()] == made[2:]


# Parameters


REFUSED: list[tuple[dict[str, Any], str | None, str]] = [
    ({"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types"),
    ({"colour": "red"}, "parameter_unknown", "colour"),
    ({"mode": "gift"}, None, "mode"),
    ({"locale": "kk"}, None, "locale"),
    ({"allowed_payment_method_types": ["kaspi"]}, None, "allowed_payment_method_types[0]"),
    ({"allowed_payment_method_types": "card"}, None, "allowed_payment_method_types"),
    ({"expires_at": "tomorrow"}, "parameter_invalid_integer", "expires_at"),
    ({"expires_at": int(START) + 1700}, None, "expires_at"),
    ({"expires_at": int(START) + 86_500}, None, "expires_at"),
    ({"adaptive_pricing": {"enabled": "perhaps"}}, "parameter_invalid_boolean", "adaptive_pricing[enabled]"),
    ({"adaptive_pricing": "off"}, None, "adaptive_pricing"),
    ({"success_url": ""}, "parameter_invalid_empty", "success_url"),
    ({"success_url": "t.me/kadr"}, "url_invalid", "success_url"),
    ({"client_reference_id": "x" * 201}, None, "client_reference_id"),
    ({"metadata": {"order": "x" * 501}}, None, "metadata[order]"),
    ({"line_items": []}, "parameter_missing", "line_items"),
    ({"line_items": [{"quantity": 1}]}, "parameter_missing", "line_items[0][price_data]"),
    (
        {"line_items": [{"price_data": {"unit_amount": 1, "product_data": {"name": "x"}}, "quantity": 1}]},
        "parameter_missing",
        "line_items[0][price_data][currency]",
    ),
    (
        {"line_items": [{"price_data": {"currency": "kzt", "unit_amount": 249_000}, "quantity": 1}]},
        "parameter_missing",
        "line_items[0][price_data][product_data]",
    ),
    (
        {"line_items": [{"price_data": {"currency": "kzt", "amount": 249_000}, "quantity": 1}]},
        "parameter_unknown",
        "line_items[0][price_data][amount]",
    ),
]


@pytest.mark.parametrize(("changed", "code", "param"), REFUSED, ids=[f"{p}-{c}" for _, c, p in REFUSED])
async def test_what_stripe_would_not_take(
    desk: Desk, autojump_clock: MockClock, changed: dict[str, Any], code: str | None, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await desk.create(**changed)
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)
    assert desk.world.sessions == {}


async def test_too_little_is_refused(desk: Desk, autojump_clock: MockClock) -> None:
    price = {"currency": "kzt", "unit_amount": 100, "product_data": {"name": "x"}}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await desk.create(line_items=[{"price_data": price, "quantity": 1}])
    assert refused.value.code == "amount_too_small"


async def test_lists_have_parameters_of_their_own(desk: Desk, autojump_clock: MockClock) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="status: must be one of complete, expired, or open"):
        await desk.sessions.list_async({"status": "paid"})
    with pytest.raises(stripe.InvalidRequestError, match="limit must be between 1 and 100"):
        await desk.sessions.list_async({"limit": 101})
    with pytest.raises(stripe.InvalidRequestError, match="up to 20 types"):
        await desk.sdk.v1.events.list_async({"types": [f"a.{n}" for n in range(21)]})


async def test_a_session_nobody_made_is_not_found(desk: Desk, autojump_clock: MockClock) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=r"No such checkout\.session: 'cs_test_nothing'") as refused:
        await desk.sessions.retrieve_async("cs_test_nothing")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


async def test_live_and_test_mode_do_not_see_each_other(desk: Desk, autojump_clock: MockClock) -> None:
    session = await desk.create()
    live = a_desk(desk.sdk._requestor._client, desk.world, desk.faults, "http://stripe.test", key="rk_live_x")
    with pytest.raises(stripe.InvalidRequestError, match="No such"):
        await live.sessions.retrieve_async(session.id)
    assert (await live.create()).livemode
    assert len((await live.sessions.list_async({})).data) == 1


async def test_keys_are_looked_at(desk: Desk, autojump_clock: MockClock) -> None:
    desk.world.forbidden.add("events.list")
    with pytest.raises(stripe.PermissionError):
        await desk.sdk.v1.events.list_async({})
    desk.world.revoked = True
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        await desk.create()


# Idempotency


async def test_the_same_key_gives_the_same_session(desk: Desk, autojump_clock: MockClock) -> None:
    first = await desk.create(key="order:1")
    desk.world.pay(first.id)
    again = await desk.create(key="order:1")
    assert again.to_dict() == first.to_dict()  # as it was answered then: still open
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert len(desk.world.sessions) == 1
    await trio.sleep(KEY_SECONDS)
    await trio.sleep(1)
    assert (await desk.create(key="order:1")).id != first.id


async def test_the_same_key_with_other_parameters_is_an_error(desk: Desk, autojump_clock: MockClock) -> None:
    await desk.create(key="order:1")
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        await desk.create(key="order:1", locale="auto")


async def test_a_refused_request_leaves_its_key_free(desk: Desk, autojump_clock: MockClock) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        await desk.create(key="order:1", colour="red")
    assert (await desk.create(key="order:1")).status == "open"


# Refunds, disputes and events


async def paid(desk: Desk) -> Any:
    return desk.world.pay((await desk.create()).id)


async def test_refunds_add_up(desk: Desk, autojump_clock: MockClock) -> None:
    payment = await paid(desk)
    refunds = desk.sdk.v1.refunds
    part = await refunds.create_async({"payment_intent": payment.id, "amount": 100_000})
    assert (part.amount, part.status, part.charge) == (100_000, "succeeded", payment.charge_id)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        await refunds.create_async({"payment_intent": payment.id, "amount": 200_000})
    assert (await refunds.create_async({"charge": payment.charge_id})).amount == 149_000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await refunds.create_async({"payment_intent": payment.id})
    assert refused.value.code == "charge_already_refunded"
    charge = await desk.sdk.v1.charges.retrieve_async(payment.charge_id)
    assert (charge.amount_refunded, charge.refunded) == (249_000, True)
    assert len((await refunds.list_async({"payment_intent": payment.id})).data) == 2


async def test_a_disputed_payment_cannot_be_refunded(desk: Desk, autojump_clock: MockClock) -> None:
    payment = await paid(desk)
    dispute = desk.world.dispute(payment)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await desk.sdk.v1.refunds.create_async({"payment_intent": payment.id})
    assert refused.value.code == "charge_disputed"
    desk.world.close_dispute(dispute, "lost")
    assert (await desk.sdk.v1.disputes.retrieve_async(dispute.id)).status == "lost"
    assert len((await desk.sdk.v1.disputes.list_async({"charge": payment.charge_id})).data) == 1


async def types(desk: Desk, *wanted: str) -> list[str]:
    page = await desk.sdk.v1.events.list_async({"types": list(wanted)} if wanted else {})
    return [event.type async for event in page.auto_paging_iter()]


async def test_events_tell_what_happened_but_late(desk: Desk, autojump_clock: MockClock) -> None:
    desk.world.event_delay = 60.0
    payment = await paid(desk)
    assert await types(desk) == []
    await trio.sleep(60)
    assert await types(desk) == ["checkout.session.completed", "payment_intent.succeeded", "charge.succeeded"]
    desk.world.refund(payment, 1000)
    desk.world.close_dispute(desk.world.dispute(payment), "won")
    await trio.sleep(60)
    told = ("charge.refunded", "charge.dispute.created", "charge.dispute.closed")
    assert sorted(await types(desk, *told)) == sorted(told)
    page = await desk.sdk.v1.events.list_async({"type": "charge.refunded", "created": {"gte": int(START) + 60}})
    assert [event.data.object["amount_refunded"] for event in page.data] == [1000]
    assert (await desk.sdk.v1.events.retrieve_async(page.data[0].id)).type == "charge.refunded"


# Faults


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.RATE_LIMIT, stripe.RateLimitError),
        (FaultKind.LOCKED, stripe.RateLimitError),
        (FaultKind.SERVER_ERROR, stripe.APIError),
        (FaultKind.KEPT_ERROR, stripe.APIError),
        (FaultKind.LOSE_REQUEST, stripe.APIConnectionError),
        (FaultKind.LOSE_ANSWER, stripe.APIConnectionError),
        (FaultKind.MALFORMED, stripe.APIError),
    ],
)
async def test_faults_are_what_the_sdk_knows(
    desk: Desk, autojump_clock: MockClock, kind: FaultKind, error: type[Exception]
) -> None:
    desk.plan("sessions.create", kind)
    with pytest.raises(error):
        await desk.create(key="order:1")
    acted = kind in (FaultKind.LOSE_ANSWER, FaultKind.MALFORMED)
    assert len(desk.world.sessions) == acted
    if kind is FaultKind.KEPT_ERROR:
        with pytest.raises(stripe.APIError) as again:
            await desk.create(key="order:1")
        assert cast("Any", again.value.headers)["idempotent-replayed"] == "true"
    else:
        await desk.create(key="order:1")
        assert len(desk.world.sessions) == 1


async def test_a_body_that_drips_and_one_that_is_late_arrive_in_the_end(desk: Desk, autojump_clock: MockClock) -> None:
    for kind in (FaultKind.DRIP, FaultKind.SLOW):
        desk.plan("sessions.create", kind, seconds=30)
        before = trio.current_time()
        assert (await desk.create()).status == "open"
        assert trio.current_time() - before == pytest.approx(30, abs=1)


async def test_a_session_can_vanish(desk: Desk, autojump_clock: MockClock) -> None:
    session = await desk.create()
    desk.plan("sessions.retrieve", FaultKind.FORGET)
    with pytest.raises(stripe.InvalidRequestError, match="No such"):
        await desk.sessions.retrieve_async(session.id)


# Over a socket, with the SDK's own client


@asynccontextmanager
async def served(world: StripeWorld, faults: Faults) -> AsyncIterator[str]:
    config = Config()
    config.bind = ["127.0.0.1:0"]
    config.loglevel = "CRITICAL"
    stopping = trio.Event()
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            app = cast("Any", DropLostConnections(create_app(world, faults)))
            (address,) = await nursery.start(partial(serve, app, config, shutdown_trigger=stopping.wait))
            yield str(address)
            stopping.set()


@pytest.mark.filterwarnings("ignore:Use 'content:DeprecationWarning")  # what the SDK does with httpx
async def test_the_hosted_page_over_real_http() -> None:
    world, faults = StripeWorld(now=lambda: START, random=random.Random(7)), Faults()
    async with served(world, faults) as url:
        http = stripe.HTTPXClient(timeout=5)
        desk = a_desk(http, world, faults, url)
        session = await desk.create(cancel_url="https://t.me/kadr_bot")
        async with httpx2.AsyncClient(trust_env=False) as browser:
            page = await browser.get(session.url)
            assert "2\N{NARROW NO-BREAK SPACE}490.00 KZT" in page.text
            assert "test mode" in page.text
            assert 'href="https://t.me/kadr_bot"' in page.text
            declined = await browser.post(session.url, data={"action": "decline"})
            assert "declined" in declined.text
            assert (await desk.sessions.retrieve_async(session.id)).payment_status == "unpaid"
            paid = await browser.post(session.url, data={"action": "pay"})
            assert (paid.status_code, paid.headers["location"]) == (303, "https://t.me/kadr_bot?start=p_K7F3QX")
            assert "Thank you" in (await browser.post(session.url, data={"action": "pay"})).text
            assert len(world.payments) == 1
            assert (await browser.get(f"{url}/c/pay/cs_test_nothing")).status_code == 404
        assert (await desk.sessions.retrieve_async(session.id)).payment_status == "paid"
        desk.plan("sessions.create", FaultKind.LOSE_ANSWER)
        with pytest.raises(stripe.APIConnectionError):
            await desk.create(key="lost")
        found = (await desk.create(key="lost")).id
        assert list(world.sessions) == [session.id, found]
        await http.close_async()  # type: ignore[no-untyped-call]


async def test_a_spoilt_form_is_refused(desk: Desk, autojump_clock: MockClock) -> None:
    async with httpx2.AsyncClient(transport=InProcess(create_app(desk.world, desk.faults))) as web:
        headers = {"authorization": f"Bearer {KEY}"}
        for body in ("a[b=1", "a=1&a[b]=2"):
            answer = await web.post("http://stripe.test/v1/refunds", content=body, headers=headers)
            assert answer.status_code == 400
            assert json.loads(answer.text)["error"]["type"] == "invalid_request_error"
        answer = await web.get("http://stripe.test/v1/balance")
        assert answer.status_code == 401
        assert (await web.get("http://stripe.test/v1/coupons", headers=headers)).status_code == 404
