"""What the desk writes down: the exact request once, and a credit only where everything matches."""

import random
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from actors.shop.context import Shop
from actors.shop.rails import stripe, stripe_steps
from actors.shop.rails.stripe import page_of
from actors.shop.rails.stripe_steps import Sender
from protocol import catalogue
from protocol.order import OrderEvent, OrderState, Rail
from protocol.stripe.answers import Session
from storage import ledger, orders, posts, users
from storage.engine import open_engine
from storage.migrate import upgrade
from storage.orders import Order

from .rows import Rows

KATE, ADMIN = 103, 1
LIVE = Sender("kadr_bot", livemode=True, key="key-1")


class Counter:
    """Books with one order that waits for its page."""

    def __init__(self, folder: Path, language: str = "en") -> None:
        engine = open_engine(f"sqlite:///{folder}/bot.db")
        upgrade(engine)
        self.rows = Rows(engine)
        self.shop = Shop(catalogue.read(), (ADMIN,), "ru", rails=(Rail.STARS, Rail.STRIPE))
        self.rows.run(users.meet, KATE, first_name="Kate", username=None, telegram_language=language)
        with self.rows.tx() as tx:
            order = orders.create(tx, user_id=KATE, package="s", tokens=100)
            order = orders.move(
                tx, order, OrderEvent.OFFER, who="user", rail=Rail.STRIPE, amount=249_000, currency="KZT"
            )
            person = users.get(tx, KATE)
            assert person is not None
            stripe.offer(self.shop, tx, person, order)
        self.id = order.id

    @property
    def order(self) -> Order:
        return self.rows.run(orders.get, self.id)

    @property
    def balance(self) -> int:
        return self.rows.run(ledger.balance, KATE).available

    def prepare(self, sender: Sender = LIVE) -> stripe.Page | None:
        return self.rows.run(stripe_steps.prepare, self.shop, self.id, sender)

    def session(self, **changed: Any) -> Session:
        """A session as Stripe would show it, paid."""
        page = page_of(self.order)
        shown = {
            "id": "cs_live_1",
            "status": "complete",
            "payment_status": "paid",
            "mode": "payment",
            "livemode": True,
            "currency": "kzt",
            "amount_total": 249_000,
            "client_reference_id": self.order.code,
            "metadata": page.params.get("metadata", {}),
            "payment_intent": "pi_1",
            "url": "https://checkout.stripe.test/1",
            "created": self.rows.now,
        }
        return Session.model_validate(shown | changed)

    def met(self, key_is_live: bool = True, /, **changed: Any) -> None:
        self.rows.run(stripe_steps.met, self.shop, self.session(**changed), livemode=key_is_live)

    def alerts(self) -> str:
        slots = self.rows.sql(f"select slot from posts where chat_id = {ADMIN}")
        with self.rows.tx() as tx:
            return "\n".join(str(posts.current(tx, ADMIN, slot)) for (slot,) in slots)


@pytest.fixture
def counter(tmp_path: Path) -> Generator[Counter]:
    made = Counter(tmp_path)
    yield made
    made.rows.engine.dispose()


def test_the_request_is_exact_and_stays_as_it_was(counter: Counter) -> None:
    page = counter.prepare()
    assert page is not None
    order = counter.order
    about = {"order": order.code, "user": str(KATE), "shop": "kadr"}
    assert page.params == {
        "mode": "payment",
        "line_items": [
            {
                "price_data": {
                    "currency": "kzt",
                    "unit_amount": 249_000,
                    "product_data": {"name": "100 tokens · Kadr"},
                },
                "quantity": 1,
            }
        ],
        "allowed_payment_method_types": ["card"],
        "adaptive_pricing": {"enabled": False},
        "locale": "auto",
        "success_url": f"https://t.me/kadr_bot?start=p_{order.code}",
        "cancel_url": "https://t.me/kadr_bot",
        "client_reference_id": order.code,
        "metadata": {**about, "key": "key-1"},
        "payment_intent_data": {"metadata": about},
        "expires_at": int(order.expires_at),
    }
    counter.rows.now += 600
    assert counter.prepare(Sender("renamed_bot", livemode=True, key="key-2")) == page


@pytest.mark.parametrize(("language", "locale"), [("ru", "ru"), ("kk", "ru"), ("en", "auto")])
def test_the_page_speaks_what_the_buyer_reads(tmp_path: Path, language: str, locale: str) -> None:
    counter = Counter(tmp_path, language)
    page = counter.prepare()
    assert page is not None
    assert page.params["locale"] == locale
    counter.rows.engine.dispose()


def test_another_mode_begins_anew(counter: Counter) -> None:
    """The operator changed the key before the page was made: nobody has seen one of the old mode."""
    counter.prepare(Sender("kadr_bot", livemode=False, key="key-test"))
    page = counter.prepare()
    assert page is not None
    assert (page.key, page.livemode, page.params["metadata"]["key"]) == ("key-1", True, "key-1")


def test_a_key_with_a_remembered_failure_is_replaced_everywhere(counter: Counter) -> None:
    first = counter.prepare()
    counter.rows.run(stripe_steps.another_key, counter.id, Sender("kadr_bot", livemode=True, key="key-2"))
    second = counter.prepare()
    assert first is not None
    assert second is not None
    assert (second.key, second.params["metadata"]["key"]) == ("key-2", "key-2")
    assert {**second.params, "metadata": first.params["metadata"]} == first.params


def test_too_late_for_a_page_is_the_end(counter: Counter) -> None:
    counter.prepare()
    counter.rows.now = counter.order.expires_at - 30 * 60
    assert counter.prepare() is None
    assert counter.order.stands is OrderState.CANCELLED


def test_what_matches_is_credited_once(counter: Counter) -> None:
    counter.prepare()
    for _ in range(3):
        counter.met()
    assert counter.balance == 100
    assert (counter.order.stands, counter.order.payment_id) == (OrderState.PAID, "pi_1")
    assert counter.rows.run(orders.audit) == []


@pytest.mark.parametrize(
    ("key_is_live", "changed"),
    [
        (True, {"livemode": False}),
        (False, {"livemode": True}),
        (False, {"livemode": False}),
        (True, {"mode": "setup"}),
        (True, {"mode": "subscription"}),
        (True, {"payment_status": "unpaid"}),
        (True, {"payment_status": "no_payment_required"}),
        (True, {"status": "open"}),
        (True, {"status": "expired"}),
        (True, {"currency": "usd"}),
        (True, {"currency": None}),
        (True, {"amount_total": 248_999}),
        (True, {"amount_total": None}),
        (True, {"client_reference_id": "AAAAAA"}),
        (True, {"metadata": {"key": "another"}}),
        (True, {"metadata": None}),
    ],
)
def test_what_does_not_match_is_not(counter: Counter, key_is_live: bool, changed: dict[str, Any]) -> None:
    counter.prepare()
    for _ in range(2):
        counter.met(key_is_live, **changed)
    assert counter.balance == 0
    assert counter.order.paid_at is None
    if "livemode" in changed:
        assert counter.alerts().count(counter.order.code) == 1
        assert "cs_live_1" in counter.alerts()


def test_a_page_that_was_made_after_the_cancel_is_to_be_closed(counter: Counter) -> None:
    counter.prepare()
    counter.rows.run(orders.move, counter.order, OrderEvent.CANCEL, who="user", next_check_at=None)
    open_one = counter.session(status="open", payment_status="unpaid", payment_intent=None)
    counter.rows.run(stripe_steps.created, counter.shop, counter.id, open_one)
    assert counter.order.next_check_at == counter.rows.now
    assert counter.order.stands is OrderState.CANCELLED


def test_looks_become_fewer_and_end(counter: Counter) -> None:
    counter.prepare()
    open_one = counter.session(status="open", payment_status="unpaid", payment_intent=None)
    counter.rows.run(stripe_steps.created, counter.shop, counter.id, open_one)
    began, looks = counter.rows.now, 0
    while (due := counter.order.next_check_at) is not None:
        counter.rows.now = due + random.Random(looks).random()
        counter.met(status="open", payment_status="unpaid")  # told by somebody else: plans nothing
        counter.rows.run(stripe_steps.met, counter.shop, open_one, livemode=True, looked=True)
        looks += 1
    assert looks == len(stripe_steps.LOOKS)
    assert counter.rows.now - began == pytest.approx(stripe_steps.LOOKS[-1], abs=2)
    assert counter.order.checks == looks
