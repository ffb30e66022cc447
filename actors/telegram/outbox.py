"""Makes Telegram show what the posts say: one request at a time for each chat, chats side by side, for ever.

A send has no key: one whose answer was lost is looked for in its chat before it is repeated (`traces`), and one that a
kill cut off is repeated. Edits and answers repeat harmlessly. A store that is unavailable is waited for: an outbox that
fails cuts off the sends of all its lanes, and forgets what Telegram has just accepted.
"""

import random
from contextlib import nullcontext

import structlog
import trio

from actors.mailbox import Mailbox
from actors.shop.broadcast import is_news
from actors.shop.context import Shop
from actors.shop.shown import cannot_show, shown
from actors.supervisor import Backoff, Stop
from actors.telegram.films_again import FileGone, FilmsAgain
from actors.telegram.flow import Flow
from actors.telegram.requests import Request, Sent, message_of
from actors.telegram.traces import Traces
from protocol.messages import AnswerDue, PostDue, Rescan, ToOutbox
from protocol.posts import Film
from protocol.telegram.client import TelegramClient, TelegramError, TelegramRefused, TelegramUnreachable
from storage import checkouts, posts, users
from storage.checkouts import Checkout
from storage.posts import Answer, Post
from storage.store import Store, Tx

IN_FLIGHT = 30
"""Requests at once: Telegram slows down a bot that has many (the official server's own limits start far above)."""
BACKOFF = Backoff(first=1.0, longest=15.0)
"""How long at most a film that is ready stays away once an outage is over."""
ANSWER_TRIES, ANSWER_TRY_SECONDS = 12, 10.0
"""With the pauses between them they take about as long as Telegram lets a pressed button be answered."""
FAULT_TRIES = 5
"""After so many a fault of ours is taken for the post's own: nobody goes unanswered because of an accident."""
CHECKOUT_BACKOFF = Backoff(first=0.3, longest=1.5)
CHECKOUT_SECONDS, CHECKOUT_TRY_SECONDS = 10.0, 4.0
"""How long Telegram waits for the answer to its question before a payment, and how long one try at it may take."""
LAST_PATIENCE = 3.0
"""Seconds a chat may still wait for its turn once the bot was asked to stop."""

log = structlog.get_logger(__name__)


class Outbox:
    """The task that speaks. A chat with something to show has a lane of its own for as long as it takes."""

    def __init__(
        self,
        telegram: TelegramClient,
        store: Store,
        shop: Shop,
        mailbox: Mailbox[ToOutbox],
        *,
        rng: random.Random,
        flow: Flow | None = None,
        traces: Traces | None = None,
    ) -> None:
        self._telegram = telegram
        self._store = store
        self._shop = shop
        self._mailbox = mailbox
        self._rng = rng
        self._flow = flow or Flow()
        self._traces = traces or Traces(telegram)
        self._in_flight = trio.CapacityLimiter(IN_FLIGHT)
        self._news = trio.Lock()
        """Of a broadcast one message at a time is under way until it is recorded: a kill repeats no second one."""
        self._films_again = FilmsAgain(telegram)
        self._lanes: dict[int, bool] = {}  # chat: whether it was told of more since it last looked
        self._answering: set[str] = set()
        self._done_with: set[str] = set()
        """Of those being answered: the ones whose rows are gone, which a read that began before may still name."""

    async def run(self, stop: Stop) -> None:
        """Show posts and give answers; once asked to stop, finish what is due while that takes no long waiting."""
        self._lanes.clear()
        self._answering.clear()
        self._done_with.clear()
        self._mailbox.rescan()
        async with trio.open_nursery() as nursery:
            while not stop.asked:
                with stop.until():
                    for message in await self._mailbox.get_all():
                        match message:
                            case PostDue(chat_id):
                                self._open_lane(nursery, chat_id, stop)
                            case AnswerDue():
                                await self._open_answers(nursery, stop)
                            case Rescan():
                                for chat_id in await self._store.insist(posts.due_chats):
                                    self._open_lane(nursery, chat_id, stop)
                                await self._open_answers(nursery, stop)
            # What was committed before the stop is still said, as far as the grace allows.
            for chat_id in await self._store.insist(posts.due_chats):
                self._open_lane(nursery, chat_id, stop)
            await self._open_answers(nursery, stop)

    def _open_lane(self, nursery: trio.Nursery, chat_id: int, stop: Stop) -> None:
        if chat_id in self._lanes:
            self._lanes[chat_id] = True
            return
        self._lanes[chat_id] = False
        nursery.start_soon(self._lane, chat_id, stop)

    async def _lane(self, chat_id: int, stop: Stop) -> None:
        """Show this chat's posts in their turn until none is due."""
        try:
            while True:
                self._lanes[chat_id] = False
                post = await self._store.insist(posts.next_due, chat_id)
                if post is None:
                    if not self._lanes[chat_id]:
                        return
                    continue
                wait = self._flow.ready_at(chat_id, trio.current_time()) - trio.current_time()
                if wait > 0:
                    if not await self._patient(wait, stop):
                        return
                    # Progress may have moved on meanwhile: read again, the latest revision wins.
                    continue
                if not await self._tried(post, stop):
                    return
        finally:
            del self._lanes[chat_id]

    @staticmethod
    async def _patient(seconds: float, stop: Stop) -> bool:
        """Wait; False when the bot stops and the rest of the wait is not worth it."""
        deadline = trio.current_time() + seconds
        await stop.sleep(seconds)
        left = deadline - trio.current_time()
        if left > LAST_PATIENCE:
            return False
        await trio.sleep(max(0.0, left))
        return True

    async def _tried(self, post: Post, stop: Stop) -> bool:
        """As `_show`; a fault of ours in one post costs that post in the end, never the lanes of everybody else."""
        try:
            return await self._show(post, stop)
        except Exception as error:
            log.error("outbox.post_failed", chat_id=post.chat_id, slot=post.slot, exc_info=error)
            if post.attempts < FAULT_TRIES - 1:
                await self._store.insist(posts.tried, post)
                return await self._patient(BACKOFF.delay(post.attempts, self._rng), stop)
            await self._store.insist(cannot_show, self._shop, post, f"{type(error).__name__}: {error}")
            return True

    async def _show(self, post: Post, stop: Stop) -> bool:
        """One attempt to show a post. False when the lane should end: nothing more is due, or a stop amid trouble."""
        try:
            async with self._news if is_news(post) else nullcontext():
                now = trio.current_time()
                if self._flow.ready_at(post.chat_id, now) > now:
                    return True  # Telegram asked for patience while this one waited for its turn
                if self._traces.is_lost(post):
                    async with self._in_flight:
                        self._flow.sent(post.chat_id, trio.current_time())
                        found = await self._traces.look(post)
                    if found is None:
                        return True  # what else may be tried is tried in the chat's next turn
                    return await self._record(found.post, found.sent) or self._lanes[post.chat_id]
                async with self._films_again.request(post) as request, self._in_flight:
                    self._flow.sent(post.chat_id, trio.current_time())
                    result = await self._send(post, request)
                return await self._record(post, message_of(result)) or self._lanes[post.chat_id]
        # The place in flight is given back by now: whoever waits out a failure keeps nobody else from speaking.
        except TelegramRefused as error:
            return await self._refused(post, error, stop)
        except TelegramUnreachable as error:
            return await self._back_off(post, error, stop)
        except FileGone as error:
            log.info("outbox.file_gone", chat_id=post.chat_id, slot=post.slot, reason=str(error))
            await self._store.insist(cannot_show, self._shop, post, str(error))
            return True
        except OSError as error:
            await self._store.insist(cannot_show, self._shop, post, f"its file cannot be read: {error.strerror}")
            return True

    async def _send(self, post: Post, request: Request) -> object:
        before = self._traces.newest(post.chat_id)
        try:
            return await self._telegram.call(request.method, request.parameters, uploads=request.uploads)
        except (TelegramRefused, OSError):
            raise
        except BaseException as error:
            unsent = isinstance(error, TelegramUnreachable) and not error.sent
            if post.message_id is None and not unsent:
                self._traces.lost(post, before)
            raise

    async def _record(self, post: Post, sent: Sent | None) -> bool:
        """It is shown; whether more is due in its chat."""
        # Where the answer names no message, it is shown and can never be edited.
        sent = sent or Sent(post.message_id or 0, "")
        self._traces.saw(post.chat_id, sent.message_id)
        more = await self._store.insist(_shown, self._shop, post, sent)
        if isinstance(post.content, Film):
            log.info("film.shown", chat_id=post.chat_id, slot=post.slot, message_id=sent.message_id)
        return more

    async def _refused(self, post: Post, error: TelegramRefused, stop: Stop) -> bool:
        description = error.description.lower()
        now = trio.current_time()
        if error.code == 429:
            self._flow.refused(post.chat_id, error.retry_after, now)
            log.warning("outbox.flood", chat_id=post.chat_id, retry_after=error.retry_after)
            return True
        if error.code >= 500 or error.code in (401, 404, 409):
            return await self._back_off(post, error, stop)
        self._traces.settle(post)
        if error.migrate_to:
            await self._store.insist(posts.move_chat, post.chat_id, error.migrate_to)
            return False
        if "message is not modified" in description:
            await self._record(post, None)
        elif post.message_id is not None and (
            "message to edit not found" in description or "can't be edited" in description
        ):
            await self._store.insist(posts.lost_message, post)
        elif error.code == 403 or "chat not found" in description or "user is deactivated" in description:
            await self._store.insist(_chat_gone, self._shop, post, error.description)
        else:
            log.error("outbox.refused", chat_id=post.chat_id, slot=post.slot, error=str(error))
            await self._store.insist(cannot_show, self._shop, post, error.description)
        return True

    async def _back_off(self, post: Post, error: TelegramError, stop: Stop) -> bool:
        delay = BACKOFF.delay(post.attempts, self._rng)
        log.warning("outbox.weather", chat_id=post.chat_id, slot=post.slot, error=str(error), retry_in=round(delay, 1))
        await self._store.insist(posts.tried, post)
        return await self._patient(delay, stop)

    async def _open_answers(self, nursery: trio.Nursery, stop: Stop) -> None:
        done_with, self._done_with = self._done_with, set()
        answers = await self._store.insist(posts.due_answers)
        due = await self._store.insist(checkouts.due)
        self._answering -= done_with
        for answer in answers:
            if answer.query_id not in self._answering:
                self._answering.add(answer.query_id)
                nursery.start_soon(self._answer, answer, stop)
        for checkout in due:
            if checkout.query_id not in self._answering:
                self._answering.add(checkout.query_id)
                nursery.start_soon(self._check_out, checkout, stop)

    async def _check_out(self, checkout: Checkout, stop: Stop) -> None:
        """Answer Telegram's question before a payment, as often as its deadline allows."""
        may: dict[str, object] = {"ok": False, "error_message": checkout.error} if checkout.error else {"ok": True}
        failures = 0
        try:
            with trio.move_on_after(CHECKOUT_SECONDS):
                while True:
                    try:
                        await self._telegram.call(
                            "answerPreCheckoutQuery",
                            {"pre_checkout_query_id": checkout.query_id, **may},
                            deadline=CHECKOUT_TRY_SECONDS,
                        )
                    except TelegramError as error:
                        if isinstance(error, TelegramRefused) and error.code in (400, 403):
                            log.info("outbox.checkout_dropped", error=str(error))
                            break
                        failures += 1
                        log.warning("outbox.checkout_weather", error=str(error), failures=failures)
                        if not await self._patient(CHECKOUT_BACKOFF.delay(failures - 1, self._rng), stop):
                            return
                    else:
                        break
            await self._store.insist(checkouts.answered, checkout.query_id)
        finally:
            self._done_with.add(checkout.query_id)

    async def _answer(self, answer: Answer, stop: Stop) -> None:
        """Answer one pressed button: a lane of its own, for it must not wait behind posts."""
        parameters: dict[str, object] = {"callback_query_id": answer.query_id}
        if answer.text:
            parameters |= {"text": answer.text, "show_alert": answer.alert}
        failures = 0
        try:
            while True:
                try:
                    await self._telegram.call("answerCallbackQuery", parameters, deadline=ANSWER_TRY_SECONDS)
                except TelegramError as error:
                    refused = isinstance(error, TelegramRefused) and error.code in (400, 403)
                    if not refused and failures < ANSWER_TRIES:
                        failures += 1
                        retry_after = error.retry_after if isinstance(error, TelegramRefused) else 0.0
                        delay = max(retry_after, BACKOFF.delay(failures - 1, self._rng))
                        if await self._patient(delay, stop):
                            continue
                        return
                    log.info("outbox.answer_dropped", error=str(error))
                break
            await self._store.insist(posts.answered, answer.query_id)
        finally:
            self._done_with.add(answer.query_id)


def _shown(tx: Tx, shop: Shop, post: Post, sent: Sent) -> bool:
    shown(tx, shop, post, sent)
    return posts.any_due(tx, post.chat_id)


def _chat_gone(tx: Tx, shop: Shop, post: Post, reason: str) -> None:
    """The person blocked the bot or is gone: nothing of this chat can be shown, and undelivered films are paid back."""
    users.change(tx, post.chat_id, gone_at=tx.now)
    while (due := posts.next_due(tx, post.chat_id)) is not None:
        cannot_show(tx, shop, due, reason)
