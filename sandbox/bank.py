"""The buyer's bank in the sandbox: makes the receipt of the transfer that their chat asks for, and sends it.

It reads what a buyer can read, the sum behind the newest copy button, and moves no money anywhere.
"""

import json
import random
import re
from collections.abc import Callable
from typing import Any, cast

import trio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.telegram.state import PersonCannot, TelegramWorld

RECIPIENT = "Данияр Сериков"
PAY_URL = "https://pay.kaspi.kz/pay/sandbox1"
PHONE = "+77010000000"
_SUM = re.compile(r"\d{2,8}")
"""What a copy button holds: whole tenge, and shorter than a phone number."""


class BankPanel:
    """One route: a person sends the receipt of what they were asked to transfer."""

    def __init__(self, world: TelegramWorld, now: Callable[[], float], chance: random.Random) -> None:
        self._world = world
        self._now = now
        self._random = chance

    def routes(self) -> list[Route]:
        """`/api/receipt`: a POST of `{"person": …}`, with `"tenge"` where another sum is to be named."""
        return [Route("/api/receipt", self._send, methods=["POST"])]

    async def _send(self, request: Request) -> Response:
        from sandbox.receipt import kaspi_receipt  # half a second of font tools that nobody else needs

        try:
            parsed: object = await request.json()
        except json.JSONDecodeError:
            parsed = None
        body = cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else {}
        person = self._world.people.get(int(body["person"])) if str(body.get("person", "")).isdecimal() else None
        if person is None:
            raise HTTPException(404, "no such person")
        tenge = body.get("tenge") or self._asked_for(person.id)
        if not isinstance(tenge, int) or not 0 < tenge < 10**8:
            raise HTTPException(409, "Nothing to pay by Kaspi is open in this chat.")
        made = await trio.to_thread.run_sync(
            lambda: kaspi_receipt(
                tenge=tenge,
                number=str(self._random.randrange(10**10, 10**11)),
                moment=self._now(),
                recipient="Данияр С.",
                payer=person.first_name,
            )
        )
        try:
            message = self._world.send_document(person.id, made, "receipt.pdf", "application/pdf")
        except PersonCannot as error:
            raise HTTPException(409, str(error)) from error
        return JSONResponse({"message_id": message["message_id"], "tenge": tenge})

    def _asked_for(self, person_id: int) -> int:
        """The sum the newest message with one asks this person for; 0 when there is none."""
        for message in reversed(self._world.history(person_id)):
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            for text in (button.get("copy_text", {}).get("text", "") for row in rows for button in row):
                if _SUM.fullmatch(text):
                    return int(text)
        return 0
