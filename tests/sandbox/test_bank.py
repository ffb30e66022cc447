"""The sandbox's bank: receipts that say what they should, and sentences where there is nothing to pay."""

import random

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from telegram_bot import ANN, EPOCH

from actors.media.receipt import Fields, read
from sandbox.bank import BankPanel
from sandbox.receipt import pdf
from sandbox.telegram import TelegramWorld
from sandbox.wire import InProcess


def client(world: TelegramWorld) -> httpx2.AsyncClient:
    panel = BankPanel(world, lambda: EPOCH, random.Random(1))
    app = Starlette(routes=[Mount("/sandbox", routes=panel.routes())])
    return httpx2.AsyncClient(transport=InProcess(app), base_url="http://sandbox.test/sandbox")


def ask_for(world: TelegramWorld, *texts: str) -> None:
    """The bot shows buttons that copy these."""
    keyboard = [[{"text": "📋", "copy_text": {"text": text}}] for text in texts]
    world.post(world.people[ANN], {"text": "pay", "reply_markup": {"inline_keyboard": keyboard}})


def world_of() -> TelegramWorld:
    world = TelegramWorld(now=lambda: EPOCH, random=random.Random(2))
    world.person(ANN, first_name="Ann")
    world.say(ANN, "/start")
    return world


async def test_the_receipt_is_of_the_sum_that_was_asked_for() -> None:
    world = world_of()
    ask_for(world, "+77010000000", "2491")
    async with client(world) as http:
        answer = await http.post("/api/receipt", json={"person": ANN})
        assert answer.json()["tenge"] == 2491
        other = await http.post("/api/receipt", json={"person": ANN, "tenge": 10})
        assert other.json()["tenge"] == 10
    sent = [message["document"] for message in world.history(ANN) if "document" in message]
    assert [document["file_name"] for document in sent] == ["receipt.pdf"] * 2
    fields = [read(stored.data) for document in sent if (stored := world.files.get(document["file_id"]))]
    assert [(found.amount, found.paid_at, found.recipient) for found in fields] == [
        (2491_00, EPOCH, "Данияр С."),
        (10_00, EPOCH, "Данияр С."),
    ]
    assert len({found.number for found in fields}) == 2, "two transfers have two numbers"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"person": ANN}, 409),
        ({"person": 12345}, 404),
        ({"person": "nobody"}, 404),
        ({}, 404),
        ([], 404),
        ({"person": ANN, "tenge": "all"}, 409),
        ({"person": ANN, "tenge": -5}, 409),
    ],
)
async def test_nothing_to_pay(body: object, status: int) -> None:
    async with client(world_of()) as http:
        answer = await http.post("/api/receipt", json=body)
    assert answer.status_code == status


async def test_a_body_that_is_no_json() -> None:
    async with client(world_of()) as http:
        assert (await http.post("/api/receipt", content=b"{")).status_code == 404


def test_every_letter_of_the_three_languages_can_be_read_back() -> None:
    line = "Получатель Әлия Қ."
    assert read(pdf((line, "ӘәҒғҚқҢңӨөҰұҮүҺһІі 1 234 ₸"))) == Fields(amount=1234_00, recipient="Әлия Қ.")
