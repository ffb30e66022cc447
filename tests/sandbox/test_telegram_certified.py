"""The stand-in certified from outside: a real aiogram bot works with it, and its methods are the Bot API's.

aiogram runs on asyncio in a thread of its own and knows nothing of the stand-in but its address.
"""

import asyncio
from typing import Any

import aiogram
import aiogram.methods
import pytest
import trio
from aiogram import Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command, CommandStart
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaVideo,
    Message,
    PhotoSize,
    Update,
)
from pydantic import TypeAdapter
from telegram_bot import ANN, MP4, Bot, in_process, make_world, picture, served
from trio.testing import MockClock

from sandbox.faults import Faults
from sandbox.telegram import TelegramWorld, create_app
from sandbox.telegram.methods import METHODS
from sandbox.wire import DropLostConnections
from tests.bot_api import specified

DEADLINE = 60.0  # seconds of real time: importing aiogram alone takes several


class AiogramBot:
    """A small bot: greets, counts presses, sends a film, and sends back what it downloads."""

    def __init__(self, base_url: str, token: str) -> None:
        self._base_url = base_url
        self._token = token
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self.seen: list[Update] = []

    def run(self) -> None:
        asyncio.run(self._main())

    def stop(self) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._stop.set)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        session = AiohttpSession(api=TelegramAPIServer.from_base(self._base_url))
        bot = aiogram.Bot(self._token, session=session, default=DefaultBotProperties(parse_mode="HTML"))
        dispatcher = self._dispatcher()
        async with bot:
            await bot.set_my_commands([BotCommand(command="film", description="a film")])
            polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False))
            await self._stop.wait()
            await dispatcher.stop_polling()
            await polling

    def _dispatcher(self) -> Dispatcher:
        dispatcher = Dispatcher()

        @dispatcher.update.outer_middleware()
        async def keep(handler: Any, update: Update, data: dict[str, Any]) -> Any:
            self.seen.append(update)
            return await handler(update, data)

        dispatcher.message.register(greet, CommandStart())
        dispatcher.message.register(send_film, Command("film"))
        dispatcher.message.register(return_photo, F.photo)
        dispatcher.callback_query.register(count)
        return dispatcher


async def greet(message: Message) -> None:
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="▶️ count", callback_data="1")]])
    assert message.from_user is not None
    await message.reply(f"Hello, <b>{message.from_user.first_name}</b>", reply_markup=keyboard)


async def count(query: CallbackQuery) -> None:
    assert isinstance(query.message, Message)
    await query.answer(f"pressed {query.data}", show_alert=True)
    keyboard = InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text="▶️ count", callback_data=str(int(query.data or "0") + 1))]]
    )
    await query.message.edit_text(f"pressed <i>{query.data}</i>", reply_markup=keyboard)


async def send_film(message: Message, bot: aiogram.Bot) -> None:
    await bot.send_chat_action(message.chat.id, "upload_video")
    sent = await message.answer_video(
        BufferedInputFile(MP4, "film.mp4"),
        duration=8,
        width=720,
        height=1280,
        thumbnail=BufferedInputFile(picture(), "thumbnail.jpg"),
        supports_streaming=True,
        caption="<b>a film</b>",
    )
    assert sent.video is not None
    await sent.edit_caption(caption="ready")
    await sent.edit_media(InputMediaVideo(media=sent.video.file_id, caption="<u>again</u>"))


async def return_photo(message: Message, bot: aiogram.Bot) -> None:
    assert message.photo is not None
    largest: PhotoSize = message.photo[-1]
    data = await bot.download(largest)
    assert data is not None
    await message.answer_document(BufferedInputFile(data.read(), "back.jpg"))


async def test_an_aiogram_bot_works_against_it() -> None:
    world = make_world(MockClock())
    with trio.fail_after(DEADLINE):
        async with (
            served(DropLostConnections(create_app(world, Faults()))) as base_url,
            trio.open_nursery() as nursery,
        ):
            bot = AiogramBot(base_url, world.token)
            nursery.start_soon(trio.to_thread.run_sync, bot.run)
            try:
                await talk(world)
            finally:
                bot.stop()
    assert [update.event_type for update in bot.seen] == [
        "message",
        "callback_query",
        "callback_query",
        "message",
        "message",
    ]
    assert {call.outcome for call in world.log} == {"ok"}


async def talk(world: TelegramWorld) -> None:
    await world.until(lambda: any(call.method == "setMyCommands" for call in world.log))
    assert world.commands_of(ANN) == [{"command": "film", "description": "a film"}]
    said = world.say(ANN, "/start")
    greeting = await newest(world, "text", "Hello, Ann")
    assert greeting["entities"] == [{"type": "bold", "offset": 7, "length": 3}]
    assert greeting["reply_to_message"] == said
    for presses in ("1", "2"):
        query_id = world.press_label(ANN, "▶️")
        counted = await newest(world, "text", f"pressed {presses}")
        assert counted["message_id"] == greeting["message_id"]
        answer = {"text": f"pressed {presses}", "show_alert": True}
        assert world.queries[query_id].answer == answer
    world.say(ANN, "/film")
    film = await newest(world, "caption", "again")
    assert (film["video"]["width"], film["video"]["height"], film["video"]["duration"]) == (720, 1280, 8)
    assert film["video"]["thumbnail"]["width"] == 64
    photo = world.send_photo(ANN, picture(1000, 700))
    await world.until(lambda: "document" in world.history(ANN)[-1])
    back = world.files.get(world.history(ANN)[-1]["document"]["file_id"])
    sent = world.files.get(photo["photo"][-1]["file_id"])
    assert back is not None
    assert sent is not None
    assert back.data == sent.data


async def newest(world: TelegramWorld, field: str, wanted: str) -> dict[str, Any]:
    """The bot's newest message, once its text or caption is the one wanted."""
    await world.until(lambda: [m for m in world.history(ANN) if m["from"]["is_bot"]][-1:] != [])

    def found() -> dict[str, Any] | None:
        last = [message for message in world.history(ANN) if message["from"]["is_bot"]][-1]
        return last if last.get(field) == wanted else None

    message = await world.until(found)
    assert message is not None
    return message


async def test_aiogram_understands_every_answer(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world, limits=False)
    answers: dict[str, Any] = {}

    async def call(name: str, files: dict[str, Any] | None = None, /, **params: Any) -> Any:
        answers[name] = await bot.call(name, files, **params)
        return answers[name]

    await everything(world, call, bot)
    world.block(ANN)
    world.press(ANN, 999, "forged", forged=True)
    for update in await bot.call("getUpdates"):
        understood = Update.model_validate(update)
        assert understood.model_dump(exclude_none=True, mode="json").keys() == update.keys()
    for name, answer in answers.items():
        returned = getattr(aiogram.methods, name[0].upper() + name[1:]).__returning__
        assert TypeAdapter(returned).validate_python(answer) is not None, name
    assert set(answers) == {method.name for method in METHODS.values()}


async def everything(world: TelegramWorld, call: Any, bot: Bot) -> None:
    """Every method once, successfully."""
    film = {"video": ("film.mp4", MP4)}
    for name in (
        "getMe",
        "getUpdates",
        "deleteWebhook",
        "getWebhookInfo",
        "getMyCommands",
        "deleteMyCommands",
    ):
        await call(name)
    await call("setMyCommands", commands=[{"command": "new", "description": "d"}])
    await call("getChat", chat_id=ANN)
    await call("sendChatAction", chat_id=ANN, action="typing")
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": "x"}, {"text": "y", "url": "https://kadr.kz"}]]}
    text = await call("sendMessage", chat_id=ANN, text="a <b>b</b>", parse_mode="HTML", reply_markup=markup)
    await call("sendPhoto", {"photo": ("a.jpg", picture())}, chat_id=ANN)
    await call("sendDocument", {"document": ("a.pdf", b"%PDF")}, chat_id=ANN, thumbnail="")
    video = await call("sendVideo", film, chat_id=ANN, caption="x")
    file_id = video["video"]["file_id"]
    media = {"type": "video", "media": file_id}
    await call("sendMediaGroup", chat_id=ANN, media=[media, media])
    await call("getFile", file_id=file_id)
    await call("copyMessage", chat_id=ANN, from_chat_id=ANN, message_id=text["message_id"])
    message = {"chat_id": ANN, "message_id": text["message_id"]}
    await call("editMessageText", **message, text="c", reply_markup=markup)
    await call("editMessageReplyMarkup", **message)
    await call("editMessageMedia", **message, media=media)
    await call("editMessageCaption", **message, caption="d")
    await call("deleteMessage", **message)
    asked = await bot.call("sendMessage", chat_id=ANN, text="press", reply_markup=markup)
    query_id = world.press(ANN, asked["message_id"], "x")
    await call("answerCallbackQuery", callback_query_id=query_id)
    price = {"label": "100 tokens", "amount": 250}
    await call("sendInvoice", chat_id=ANN, title="t", description="d", payload="p", currency="XTR", prices=[price])
    checkout = world.stars.pay_newest(ANN)
    await call("answerPreCheckoutQuery", pre_checkout_query_id=checkout.id, ok=True)
    await call("refundStarPayment", user_id=ANN, telegram_payment_charge_id=checkout.charge_id)
    await call("getStarTransactions")
    await call("getMyStarBalance")


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_methods_and_parameters_are_those_of_the_bot_api(method: Any) -> None:
    known = specified()[method.name]
    assert set(method.params) <= set(known)
    assert method.required == {name for name, required in known.items() if required}
