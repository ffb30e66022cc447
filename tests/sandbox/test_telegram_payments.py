"""Payments in Stars at the stand-in: strict invoices, the question with its ten seconds, refunds, the list."""

from typing import Any

import httpx2
import pytest
import trio
from aiogram.methods import GetMyStarBalance, GetStarTransactions
from aiogram.types import Message, Update
from pydantic import TypeAdapter
from starlette.applications import Starlette
from starlette.routing import Mount
from telegram_bot import ANN, Bot, in_process, make_world
from trio.testing import MockClock

from sandbox.faults import Faults
from sandbox.telegram import PersonCannot, TelegramWorld, people_routes
from sandbox.telegram.stars import ANSWER_SECONDS, Checkout
from sandbox.wire import InProcess
from tests.bot_api import mistakes

INVOICE: dict[str, Any] = {
    "chat_id": ANN,
    "title": "100 tokens",
    "description": "Tokens for films",
    "payload": "K7F3QX",
    "provider_token": "",
    "currency": "XTR",
    "prices": [{"label": "100 tokens", "amount": 250}],
    "start_parameter": "p_K7F3QX",
}
GONE = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@pytest.fixture
def world(autojump_clock: MockClock) -> TelegramWorld:
    return make_world(autojump_clock)


async def asked(world: TelegramWorld, bot: Bot) -> Checkout:
    """An invoice whose pay button was pressed."""
    await bot.call("sendInvoice", **INVOICE)
    return world.stars.pay_newest(ANN)


async def test_an_invoice_is_shown(world: TelegramWorld, autojump_clock: MockClock) -> None:
    message = await in_process(world).call("sendInvoice", **INVOICE)
    assert mistakes("sendInvoice", INVOICE) == []
    assert message["invoice"] == {
        "title": "100 tokens",
        "description": "Tokens for films",
        "start_parameter": "p_K7F3QX",
        "currency": "XTR",
        "total_amount": 250,
    }
    assert Message.model_validate(message).invoice is not None
    assert "K7F3QX" not in str({k: v for k, v in message.items() if k != "invoice"}), "the payload is nobody's to see"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"currency": "KZT"}, "PAYMENT_PROVIDER_INVALID"),
        ({"provider_token": "123:TEST"}, "STARS_INVOICE_INVALID"),
        ({"prices": []}, "STARS_INVOICE_INVALID"),
        ({"prices": INVOICE["prices"] * 2}, "STARS_INVOICE_INVALID"),
        ({"prices": [{"label": "x", "amount": 0}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"prices": [{"label": "x", "amount": 2.5}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"prices": [{"label": "", "amount": 1}]}, "labeled price"),
        ({"prices": [{"amount": 1}]}, "labeled price"),
        ({"payload": "я" * 65}, "INVOICE_PAYLOAD_INVALID"),
        ({"payload": ""}, "payload"),
        ({"title": "x" * 33}, "title must have 1 to 32"),
        ({"description": "x" * 256}, "description must have 1 to 255"),
        ({"start_parameter": "p K"}, "START_PARAM_INVALID"),
        ({"start_parameter": "p" * 65}, "START_PARAM_INVALID"),
        ({"need_name": True}, "need_name"),
        ({"chat_id": 999}, "chat not found"),
        ({"reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "x"}], [{"text": "p", "pay": True}]]}},
         "BUTTON_POS_INVALID"),
    ],
)  # fmt: skip
async def test_what_no_invoice_can_be(
    world: TelegramWorld, autojump_clock: MockClock, wrong: dict[str, Any], says: str
) -> None:
    assert says in await in_process(world).refused("sendInvoice", **(INVOICE | wrong))


async def test_a_payment(world: TelegramWorld, autojump_clock: MockClock) -> None:
    bot = in_process(world)
    checkout = await asked(world, bot)
    [update] = await bot.call("getUpdates")
    query = Update.model_validate(update).pre_checkout_query
    assert query is not None
    assert (query.id, query.currency, query.total_amount) == (checkout.id, "XTR", 250)
    assert query.invoice_payload == "K7F3QX"
    assert await bot.call("answerPreCheckoutQuery", pre_checkout_query_id=query.id, ok=True) is True
    [paid] = await bot.call("getUpdates", offset=update["update_id"] + 1)
    payment = Update.model_validate(paid).message
    assert payment is not None
    assert payment.successful_payment is not None
    assert payment.successful_payment.telegram_payment_charge_id == checkout.charge_id
    assert payment.successful_payment.invoice_payload == "K7F3QX"
    listed = await bot.call("getStarTransactions")
    [line] = TypeAdapter(GetStarTransactions.__returning__).validate_python(listed).transactions
    assert (line.id, line.amount, line.receiver) == (checkout.charge_id, 250, None)
    balance = TypeAdapter(GetMyStarBalance.__returning__).validate_python(await bot.call("getMyStarBalance"))
    assert balance.amount == 250
    with pytest.raises(PersonCannot, match="paid already"):
        world.stars.pay_newest(ANN)


async def test_ten_seconds_and_no_more(world: TelegramWorld, autojump_clock: MockClock) -> None:
    bot = in_process(world)
    checkout = await asked(world, bot)
    await trio.sleep(ANSWER_SECONDS + 0.1)
    assert await bot.refused("answerPreCheckoutQuery", pre_checkout_query_id=checkout.id, ok=True) == GONE
    assert world.stars.failed(checkout)
    assert world.stars.charges == {}


async def test_an_answer_is_given_once(world: TelegramWorld, autojump_clock: MockClock) -> None:
    bot = in_process(world)
    checkout = await asked(world, bot)
    refusal = {"pre_checkout_query_id": checkout.id, "ok": False}
    assert "error message" in await bot.refused("answerPreCheckoutQuery", **refusal)
    await bot.call("answerPreCheckoutQuery", **refusal, error_message="sold out")
    assert world.stars.shown(checkout)["state"] == "failed"
    assert await bot.refused("answerPreCheckoutQuery", pre_checkout_query_id=checkout.id, ok=True) == GONE
    assert await bot.refused("answerPreCheckoutQuery", pre_checkout_query_id="7", ok=True) == GONE
    assert world.stars.charges == {}


async def test_nobody_is_asked_who_did_not_want_to_be(world: TelegramWorld, autojump_clock: MockClock) -> None:
    bot = in_process(world)
    await bot.call("getUpdates", allowed_updates=["message"])
    checkout = await asked(world, bot)
    assert await bot.call("getUpdates") == []
    await trio.sleep(ANSWER_SECONDS + 1)
    assert world.stars.failed(checkout)


async def test_a_refund(world: TelegramWorld, autojump_clock: MockClock) -> None:
    bot = in_process(world)
    checkout = await asked(world, bot)
    await bot.call("answerPreCheckoutQuery", pre_checkout_query_id=checkout.id, ok=True)
    charge = {"user_id": ANN, "telegram_payment_charge_id": checkout.charge_id}
    assert "CHARGE_NOT_FOUND" in await bot.refused("refundStarPayment", **(charge | {"user_id": 8}))
    assert "CHARGE_NOT_FOUND" in await bot.refused("refundStarPayment", user_id=ANN, telegram_payment_charge_id="x")
    assert await bot.call("refundStarPayment", **charge) is True
    assert "CHARGE_ALREADY_REFUNDED" in await bot.refused("refundStarPayment", **charge)
    told = Update.model_validate((await bot.call("getUpdates"))[-1]).message
    assert told is not None
    assert told.refunded_payment is not None
    assert told.refunded_payment.telegram_payment_charge_id == checkout.charge_id
    listed = (await bot.call("getStarTransactions"))["transactions"]
    assert [(line["id"], "source" in line) for line in listed] == [
        (checkout.charge_id, True),
        (checkout.charge_id, False),
    ]
    assert (await bot.call("getMyStarBalance"))["amount"] == 0


async def test_pages_of_the_list(world: TelegramWorld, autojump_clock: MockClock) -> None:
    bot = in_process(world)
    charges = [world.stars.charge(ANN, n, f"order {n}").id for n in range(1, 131)]
    first = (await bot.call("getStarTransactions"))["transactions"]
    rest = (await bot.call("getStarTransactions", offset=100, limit=100))["transactions"]
    assert [line["id"] for line in first + rest] == charges
    assert (await bot.call("getStarTransactions", offset=500))["transactions"] == []
    assert "limit" in await bot.refused("getStarTransactions", limit=101)


async def test_what_the_bot_is_never_told_of_is_in_the_list(world: TelegramWorld, autojump_clock: MockClock) -> None:
    bot = in_process(world)
    world.stars.lose = 1
    world.stars.charge(ANN, 250, "K7F3QX")
    assert await bot.call("getUpdates") == []
    assert len((await bot.call("getStarTransactions"))["transactions"]) == 1
    assert "successful_payment" in world.history(ANN)[-1], "the person has seen it"


async def test_the_page_pays(world: TelegramWorld, autojump_clock: MockClock) -> None:
    routes = Starlette(routes=[Mount("/", routes=people_routes(world, Faults()))])
    page = httpx2.AsyncClient(transport=InProcess(routes), base_url="http://page", timeout=None)
    bot = in_process(world)
    message = await bot.call("sendInvoice", **INVOICE)
    heard: list[dict[str, Any]] = []
    world.listen(lambda _chat, event, body: heard.append(body) if event == "payment" else None)
    pressed = await page.post("/api/pay", json={"person": ANN, "message_id": message["message_id"]})
    checkout_id = pressed.json()["checkout_id"]
    await bot.call("answerPreCheckoutQuery", pre_checkout_query_id=checkout_id, ok=True)
    assert [body["state"] for body in heard] == ["asking", "paid"]
    again = await page.post("/api/pay", json={"person": ANN, "message_id": message["message_id"]})
    assert again.status_code == 409
    nothing = await page.post("/api/pay", json={"person": ANN, "message_id": 999})
    assert nothing.status_code == 409
