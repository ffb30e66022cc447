"""Our client of Stripe: what each answer means, how long a request may take, and whom a webhook is believed."""

import json
import random
import time

import httpx2
import pytest
import stripe
import trio
from trio.testing import MockClock

from protocol.stripe.answers import Event, Session
from protocol.stripe.client import CALL_SECONDS, StripeClient
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
from sandbox.faults import Fault, FaultKind, Faults
from sandbox.stripe import StripeWorld, create_app
from sandbox.stripe.webhook import signed
from sandbox.stripe.wire import InProcessHttp
from sandbox.wire import InProcess

START = 1_800_000_000.0
SECRET = "whsec_unit"


class Counter:
    """The client beside the account it asks."""

    def __init__(self, key: str = "sk_live_unit") -> None:
        self.world = StripeWorld(now=lambda: START + trio.current_time(), random=random.Random(3))
        self.faults = Faults()
        http = InProcessHttp(InProcess(create_app(self.world, self.faults)))
        self.client = StripeClient(http, key=key, base_url="http://stripe.test", webhook_secret=SECRET)

    def plan(self, operation: str, kind: FaultKind, *, times: int = 1, seconds: float = 0.0) -> None:
        self.faults.plan(Fault("stripe", operation, kind, times, seconds))

    async def create(self, key: str = "k", code: str = "K7F3QX", **changed: object) -> Session:
        price = {"currency": "kzt", "unit_amount": 249_000, "product_data": {"name": "100 tokens"}}
        params = {
            "mode": "payment",
            "line_items": [{"price_data": price, "quantity": 1}],
            "success_url": "https://t.me/bot",
            "client_reference_id": code,
            "payment_intent_data": {"metadata": {"order": code}},
        }
        return await self.client.create_session(params | changed, key=key)


async def test_a_session_is_read(autojump_clock: MockClock) -> None:
    counter = Counter()
    session = await counter.create()
    assert (session.status, session.is_paid, session.is_over, session.order) == ("open", False, False, "K7F3QX")
    assert (session.amount_total, session.currency, session.livemode) == (249_000, "kzt", True)
    payment = counter.world.pay(session.id)
    paid = await counter.client.session(session.id)
    assert (paid.is_paid, paid.payment_intent, paid.url) == (True, payment.id, None)
    charge = await counter.client.charge_of(payment.id)
    assert (charge.id, charge.amount_refunded, charge.metadata["order"]) == (payment.charge_id, 0, "K7F3QX")
    refund = await counter.client.refund(payment.id, key="r", order="K7F3QX", amount=49_000)
    assert (refund.amount, refund.status) == (49_000, "succeeded")
    assert (await counter.client.charge(payment.charge_id)).amount_refunded == 49_000
    assert [r.id for r in await counter.client.refunds_since(START)] == [refund.id]
    dispute = counter.world.dispute(payment, inquiry=True)
    assert (await counter.client.dispute(dispute.id)).is_inquiry
    assert [d.id for d in await counter.client.disputes_since(START)] == [dispute.id]


async def test_lists_are_whole_and_in_the_order_of_time(autojump_clock: MockClock) -> None:
    counter = Counter()
    made: list[str] = []
    for number in range(230):
        made.append((await counter.create(key=f"k{number}")).id)
        counter.world.pay(made[-1])
        await trio.sleep(2)
    assert [session.id for session in await counter.client.completed_since(START)] == made
    assert counter.world.requests["sessions.list"] == 3
    late = await counter.client.completed_since(START + 400)
    assert [session.id for session in late] == made[200:]
    await trio.sleep(10)
    events = await counter.client.events_since(START, ["checkout.session.completed"])
    assert [event.about("id") for event in events] == made


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.RATE_LIMIT, StripeBusy),
        (FaultKind.LOCKED, StripeBusy),
        (FaultKind.SERVER_ERROR, StripeUnreachable),
        (FaultKind.LOSE_REQUEST, StripeUnreachable),
        (FaultKind.LOSE_ANSWER, StripeUnreachable),
        (FaultKind.MALFORMED, StripeUnreachable),
    ],
)
async def test_bad_weather_has_its_names(autojump_clock: MockClock, kind: FaultKind, error: type[StripeError]) -> None:
    counter = Counter()
    counter.plan("sessions.create", kind, times=3)
    with pytest.raises(error):
        await counter.create()
    assert len(counter.world.sessions) <= 1  # its repetitions carry the same key


async def test_a_lost_answer_is_asked_for_again_with_the_same_key(autojump_clock: MockClock) -> None:
    counter = Counter()
    counter.plan("sessions.create", FaultKind.LOSE_ANSWER, times=2)
    session = await counter.create()
    assert list(counter.world.sessions) == [session.id]
    assert counter.world.requests["sessions.create"] == 3


@pytest.mark.parametrize("kind", [FaultKind.SLOW, FaultKind.DRIP])
async def test_no_request_lasts_longer_than_its_deadline(autojump_clock: MockClock, kind: FaultKind) -> None:
    counter = Counter()
    counter.plan("sessions.list", kind, seconds=300)
    before = trio.current_time()
    with pytest.raises(StripeUnreachable, match="within 20 s"):
        await counter.client.completed_since(START)
    assert trio.current_time() - before == pytest.approx(CALL_SECONDS)


async def test_a_failure_that_stripe_keeps_is_known_as_such(autojump_clock: MockClock) -> None:
    counter = Counter()
    counter.plan("sessions.create", FaultKind.KEPT_ERROR)
    with pytest.raises(StripeUnreachable) as first:
        await counter.create()
    assert not first.value.kept
    with pytest.raises(StripeUnreachable) as again:
        await counter.create()
    assert again.value.kept
    assert (await counter.create(key="another")).status == "open"


async def test_refusals_have_stripe_s_words(autojump_clock: MockClock) -> None:
    counter = Counter()
    with pytest.raises(StripeRefused, match=r"Received unknown parameter: colour") as refused:
        await counter.create(colour="red")
    assert refused.value.code == "parameter_unknown"
    await counter.create()
    with pytest.raises(StripeKeyReused):
        await counter.create(locale="auto")
    with pytest.raises(StripeForgotten, match="No such checkout"):
        await counter.client.session("cs_live_nothing")
    counter.world.forbidden.add("events.list")
    with pytest.raises(StripeKeyRefused, match="permissions"):
        await counter.client.look()
    counter.world.revoked = True
    with pytest.raises(StripeKeyRefused, match="Invalid API Key") as unknown:
        await counter.client.look()
    assert "sk_live_unit" not in str(unknown.value)


async def test_what_is_cancelled_leaves_the_pool_whole(autojump_clock: MockClock) -> None:
    counter = Counter()
    counter.plan("sessions.list", FaultKind.SLOW, times=50, seconds=15)
    async with trio.open_nursery() as nursery:
        for _ in range(50):
            nursery.start_soon(counter.client.completed_since, START)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    counter.faults.clear()
    with trio.fail_after(1):
        assert await counter.client.completed_since(START) == []


def test_the_mode_is_the_key_s() -> None:
    assert Counter("rk_live_x").client.livemode
    assert not Counter("sk_test_x").client.livemode


# The webhook


def an_event() -> tuple[bytes, dict[str, str]]:
    world = StripeWorld(now=time.time, random=random.Random(3))
    world.create(
        {"line_items": [{"price_data": {"unit_amount": 1, "currency": "kzt", "product_data": {"name": "x"}}}],
         "success_url": "https://t.me/x"},
        livemode=True,
        page="https://x",
    )  # fmt: skip
    world.pay(next(iter(world.sessions)))
    return signed(world.events[-1], SECRET)


def test_a_signed_event_is_believed() -> None:
    body, headers = an_event()
    event = Counter().client.heard(body, headers["stripe-signature"])
    assert isinstance(event, Event)
    assert (event.type, event.about("object")) == ("checkout.session.completed", "checkout.session")


def test_a_forged_event_is_not() -> None:
    body, headers = an_event()
    client, good = Counter().client, headers["stripe-signature"]
    old = int(time.time()) - 400
    stale = stripe.WebhookSignature.generate_signature_header(body.decode(), SECRET, old)
    strange = stripe.WebhookSignature.generate_signature_header(body.decode(), "whsec_other", int(time.time()))
    empty = stripe.WebhookSignature.generate_signature_header("{}", SECRET, int(time.time()))
    forged = [(body, ""), (body, "t=1,v1=00"), (body, stale), (body, strange), (body + b" ", good), (b"{}", empty)]
    forged += [(b"\xff", good), (body, "nonsense"), (json.dumps({}).encode(), good)]
    for sent, signature in forged:
        with pytest.raises(StripeForged):
            client.heard(sent, signature)


async def test_answers_that_make_no_sense(autojump_clock: MockClock) -> None:
    def nonsense(request: httpx2.Request) -> httpx2.Response:
        body = {"object": "list", "data": [{"id": 1}]} if request.method == "GET" else {"id": None}
        return httpx2.Response(200, json=body, request=request)

    client = StripeClient(InProcessHttp(httpx2.MockTransport(nonsense)), key="sk_live_x", base_url="http://stripe.test")
    with pytest.raises(StripeUnreachable, match="no session"):
        await client.create_session({}, key="k")
    with pytest.raises(StripeUnreachable, match="no event"):
        await client.events_since(START, ["a"])
