"""The small parts of Kaspi: names in receipts, sums that are still free, the room on an admin's card, settings."""

import html
import json
import os
import re
from dataclasses import asdict

import pytest

from actors.commandline.examination import look_at_kaspi
from actors.media.receipt import Fields
from actors.process import rails_of
from actors.settings import SettingsError, load_settings
from actors.shop.context import KaspiAccount, Shop
from actors.shop.rails import kaspi, kaspi_claim, kaspi_view
from actors.shop.rails.kaspi_claim import Claim, same_name
from actors.shop.rails.kaspi_view import View
from protocol import catalogue
from protocol.order import OrderEvent, Rail
from protocol.posts import Photo
from storage import orders, receipts, users
from storage.orders import Order

from .rows import Rows

PRICE = 2490_00


@pytest.mark.parametrize(
    ("shown", "expected", "same"),
    [
        ("Данияр С.", "Данияр Сериков", True),
        ("ДАНИЯР С", "Данияр Сериков", True),
        ("Данияр", "Данияр Сериков", True),
        ("Данияр Сериков", "Данияр С.", True),
        ("ИП «Кадр»", "ИП Кадр", True),
        ("Марат С.", "Данияр Сериков", False),
        ("Данияр А.", "Данияр Сериков", False),
        ("ИП Кадр", "ТОО Кадр", False),
        ("", "Данияр Сериков", True),
    ],
)
def test_a_bank_shortens_names(shown: str, expected: str, same: bool) -> None:
    assert same_name(shown, expected) is same


def waiting(rows: Rows, user_id: int, amount: int = PRICE) -> Order:
    """An order whose rail was just chosen."""
    with rows.tx() as tx:
        order = orders.create(tx, user_id=user_id, package="small", tokens=100)
        return orders.move(tx, order, OrderEvent.OFFER, who="user:1", rail=Rail.KASPI, amount=amount, currency="KZT")


def reserve(rows: Rows, user_id: int) -> int:
    """The sum an order gets, and keeps."""
    order = waiting(rows, user_id)
    with rows.tx() as tx:
        amount = kaspi.free_amount(tx, order)
        orders.change(tx, order, amount=amount)
    return amount


def test_a_hundred_open_orders_have_a_hundred_sums(rows: Rows) -> None:
    rows.person(1)
    sums = [reserve(rows, 1) for _ in range(101)]
    assert len(set(sums)) == 101
    assert set(sums[:99]) == {PRICE + 100 * step for step in range(1, 100)}
    assert sorted(sums)[99:] == [PRICE + 100_00, PRICE + 101_00], "farther away only when all the near ones are taken"


def test_a_sum_that_was_just_free_rests_a_while(rows: Rows) -> None:
    rows.person(1)
    first = reserve(rows, 1)
    with rows.tx() as tx:
        orders.move(tx, orders.get(tx, 1), OrderEvent.CANCEL, who="user:1")
    assert first not in {reserve(rows, 1) for _ in range(98)}
    rows.now += 5 * 86_400
    assert reserve(rows, 1) == first


def card(rows: Rows, fields: Fields, *, refusal: str = "") -> str:
    """What an admin reads, as Telegram counts it."""
    shop = Shop(catalogue.read(), (9,), "ru", kaspi=KaspiAccount(recipient="Данияр Сериков"))
    order = waiting(rows, 1)
    with rows.tx() as tx:
        users.meet(tx, 9, first_name="А" * 60, username=None, telegram_language="ru")
        for number in range(4):
            other = orders.create(tx, user_id=1, package="small", tokens=100)
            told = {"file_unique_id": f"other {number}", "kind": "photo", "state": "wanted"}
            twin = receipts.add(tx, other.id, file_id="x", **told)
            receipts.read(tx, twin.id, sha256="same", number=fields.number, fields="{}")
        receipt = receipts.add(tx, order.id, file_id="x", file_unique_id="mine", kind="photo", state="wanted")
        receipt = receipts.read(tx, receipt.id, sha256="same", number=fields.number, fields=json.dumps(asdict(fields)))
        claim = Claim(expected=PRICE, tokens=100, receipt=receipt.id, claimed_at=tx.now, refusal=refusal)
        content = kaspi_view.content(shop, tx, 9, order, claim, receipt, View.REASONS)
    assert isinstance(content, Photo)
    return html.unescape(re.sub("<[^>]+>", "", content.caption))


def test_a_card_fits_into_a_caption(rows: Rows) -> None:
    """Telegram would refuse a longer one (1024 characters), and the admin would not see the receipt."""
    rows.person(1, name="Ы" * 64, username="x" * 32)
    fields = Fields("9" * 26, 999_999_999_99, 0.0, "<&>" * 27, "no_text")
    said = card(rows, fields)
    assert len(said) <= 1024
    assert "Такой же чек" in said


def test_a_card_shows_what_was_read(rows: Rows) -> None:
    rows.person(1, name="Айгерім", username="aigerim")
    said = card(rows, Fields("QR1", PRICE, rows.now, "Данияр С."))
    assert "2\u202f490 ₸ · № QR1 · 15.01.2027 13:00 · Данияр С." in said
    assert "Айгерім @aigerim" in said
    assert said.count("⚠️ Такой же чек") == 3
    assert "другая сумма" not in said


def test_what_a_receipt_of_another_file_keeps(rows: Rows) -> None:
    """Whoever calls a used receipt a film's frame does not make it new."""
    rows.person(1)
    first, second = waiting(rows, 1), waiting(rows, 1)
    told = {"file_id": "x", "kind": "photo"}
    with rows.tx() as tx:
        used = receipts.add(tx, first.id, file_unique_id="u", state="wanted", **told)
        receipts.read(tx, used.id, sha256="a", number="", fields="{}")
        receipts.add(tx, first.id, file_unique_id="u", state="asked", **told)
        receipts.set_state(tx, used.id, "dropped")
        again = receipts.add(tx, second.id, file_unique_id="u", state="wanted", **told)
        assert receipts.seen_before(tx, again) == [first.id]
        frame = receipts.add(tx, first.id, file_unique_id="f", state="asked", **told)
        receipts.set_state(tx, frame.id, "dropped")
        other = receipts.add(tx, second.id, file_unique_id="f", state="wanted", **told)
        assert receipts.seen_before(tx, other) == [], "a film's frame was never a receipt"


@pytest.mark.parametrize("waits", [[], [60.0, 120.0], [60.0, 600.0, 120.0, 60.0, 9000.0]])
def test_the_usual_wait_is_the_median_of_some(rows: Rows, waits: list[float]) -> None:
    rows.person(1)
    for seconds in waits:
        order = waiting(rows, 1)
        rows.run(orders.move, order, OrderEvent.CLAIM, who="user:1")
        rows.now += seconds
        rows.run(orders.move, order, OrderEvent.REFUSE, who="admin:9")
    assert rows.run(receipts.usual_wait) == (120.0 if len(waits) == 5 else None)


@pytest.fixture
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("KASPI_", "STRIPE_"))]:
        monkeypatch.delenv(name)
    for name, value in {"TELEGRAM_BOT_TOKEN": "1:a", "OPENAI_API_KEY": "x", "ADMIN_USER_ID": "1"}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("_environment")
class TestSettings:
    """Kaspi is offered when there is somewhere to pay."""

    @pytest.mark.parametrize(
        ("name", "value", "offered"),
        [
            ("KASPI_PHONE", "+7 701 123-45-67", True),
            ("KASPI_PHONE", "87011234567", True),
            ("KASPI_PAY_URL", "https://pay.kaspi.kz/pay/abcd1234", True),
            ("KASPI_RECIPIENT", "Данияр С.", False),
            ("KASPI_PHONE", "", False),
        ],
    )
    def test_what_offers_it(self, monkeypatch: pytest.MonkeyPatch, name: str, value: str, offered: bool) -> None:
        monkeypatch.setenv(name, value)
        assert (Rail.KASPI in rails_of(load_settings())) is offered

    @pytest.mark.parametrize(
        ("given", "said", "mended"),
        [
            ({}, "", False),
            ({"KASPI_PHONE": "87011234567", "KASPI_RECIPIENT": "Данияр С."}, "a phone number; to Данияр С.", False),
            ({"KASPI_PAY_URL": "https://pay.kaspi.kz/pay/1"}, "a link; KASPI_RECIPIENT is not set", False),
            ({"KASPI_RECIPIENT": "Данияр С."}, "no way to pay", True),
        ],
    )
    def test_what_the_doctor_says(
        self, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str, mended: bool
    ) -> None:
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        findings = look_at_kaspi(load_settings())
        assert len(findings) == bool(given)
        assert all(said in finding.said and bool(finding.mend) is mended for finding in findings)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("KASPI_PHONE", "Данияр"),
            ("KASPI_PHONE", "+7701"),
            ("KASPI_PHONE", "+7701123456789012345"),
            ("KASPI_PAY_URL", "pay.kaspi.kz/pay/1"),
            ("KASPI_RECIPIENT", "Д" * 101),
        ],
    )
    def test_a_wrong_value_is_named(self, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        with pytest.raises(SettingsError, match=f"^{name} must"):
            load_settings()


def test_a_claim_counts_whole_tokens() -> None:
    claim = Claim(expected=2491_00, tokens=100)
    assert [claim.tokens_for(tenge * 100) for tenge in (2491, 2490, 1, 24, 25, 4982)] == [100, 99, 0, 0, 1, 200]
    assert kaspi_claim.of(waiting_order(claim)) == claim


def waiting_order(claim: Claim) -> Order:
    """An order that remembers this, and nothing else of interest."""
    values: dict[str, object] = dict.fromkeys(Order.__slots__)
    return Order(**{**values, "params": kaspi_claim.stored(claim)})  # type: ignore[arg-type]
