"""What must hold: after every commit, at every request, at the end of every life, and when everything is quiet.

Most of it is read from the witnesses (see `witness`) and from what the stand-ins saw, not from the bot's own words:
a bot that miscounts must not be its own judge.
"""

import json
from collections import Counter
from typing import Any

from actors.telegram.requests import as_request
from protocol import posts as content_of
from protocol.job import FINAL, TRANSITIONS
from protocol.order import TRANSITIONS as ORDER_TRANSITIONS
from sandbox.telegram.text import message_caption, message_text
from storage import jobs, ledger, orders
from storage.posts import Post
from storage.store import Tx
from tests.simulation import money, news
from tests.simulation.excuses import LifeEnd, excuse
from tests.simulation.wire import Exchange
from tests.simulation.witness import Seen, Witness
from tests.simulation.world import World

LEGAL_STEPS = frozenset((before.value, after.value) for (before, _), after in TRANSITIONS.items())
LEGAL_ORDER_STEPS = frozenset((before.value, after.value) for (before, _), after in ORDER_TRANSITIONS.items())
HOLD_OF = {"delivered": "captured", "failed": "released", "cancelled": "released"}


class Invariants:
    """Collects what does not hold, as sentences. `broken` is called at the first."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.found: list[str] = []
        self.repeats: Counter[str] = Counter()
        self.life_ends: dict[int, LifeEnd] = {}
        self._witness = Witness(world.database)
        self._recorded: dict[int, int] = {}  # message: post

    def broken(self, sentence: str) -> None:
        if sentence not in self.found:
            self.found.append(sentence)
            self.world.note("violation", sentence)

    # After every commit.

    def after_commit(self) -> None:
        touched: set[int] = set()
        moved = False
        for seen in self._witness.news():
            match seen.kind:
                case "update":
                    self._on_update(seen)
                case "job":
                    touched.add(seen.key)
                    self._on_job(seen)
                case "hold":
                    touched.add(seen.key)
                    moved = True
                    self._on_hold(seen)
                case "post":
                    self._on_post(seen)
                case "order":
                    self._on_order(seen)
                case _:
                    moved = True
        for job_id in sorted(touched):
            self._job_and_hold(job_id)
        if moved:
            self.books()

    def _on_update(self, seen: Seen) -> None:
        match seen.old, seen.new:
            case (None, "new") | ("new", "done"):
                pass
            case "new", "failed":
                [[error]] = self.world.ask("select error from inbox where update_id = ?", seen.key)
                self.broken(f"update {seen.key} was given up: {error}")
            case old, new:
                self.broken(f"update {seen.key} was handled again: {old} -> {new}")

    def _on_job(self, seen: Seen) -> None:
        if (seen.old is None and seen.new != "queued") or (
            seen.old is not None and (seen.old, seen.new) not in LEGAL_STEPS
        ):
            self.broken(f"job {seen.key} went from {seen.old} to {seen.new}")

    def _on_order(self, seen: Seen) -> None:
        if (seen.old is None and seen.new != "draft") or (
            seen.old not in (None, seen.new) and (seen.old, seen.new) not in LEGAL_ORDER_STEPS
        ):
            self.broken(f"order {seen.key} went from {seen.old} to {seen.new}")

    def _on_hold(self, seen: Seen) -> None:
        if (seen.old, seen.new) not in {(None, "open"), ("open", "captured"), ("open", "released")}:
            self.broken(f"the hold of job {seen.key} went from {seen.old} to {seen.new}")
        if seen.new == "captured" and not self.world.films_shown.get(seen.key):
            self.broken(f"job {seen.key} was paid before its film was shown")

    def _on_post(self, seen: Seen) -> None:
        if seen.new is None:
            return
        message_id = int(seen.new)
        if seen.old is not None and message_id != int(seen.old):
            self.broken(f"post {seen.key} was message {seen.old} and is sent again as {message_id}")
        if self._recorded.setdefault(message_id, seen.key) != seen.key:
            self.broken(f"message {message_id} is said to be posts {self._recorded[message_id]} and {seen.key}")

    def _job_and_hold(self, job_id: int) -> None:
        rows = self.world.ask(
            "select jobs.state, jobs.price, holds.state, holds.amount from jobs "
            "left join holds on holds.job_id = jobs.id where jobs.id = ?",
            job_id,
        )
        for state, price, hold, amount in rows:
            if price == 0 and hold is None:
                continue  # a film on the house holds nothing
            if hold != HOLD_OF.get(state, "open") or amount != price:
                self.broken(f"job {job_id} ({price} tokens) is {state} and its hold of {amount} is {hold}")

    def books(self) -> None:
        """Every account against its entries and open holds, added up here once more."""
        posted = dict(self.world.ask("select account, sum(amount) from entries group by account"))
        held = dict(self.world.ask("select account, sum(amount) from holds where state = 'open' group by account"))
        if sum(posted.values()):
            self.broken(f"all entries sum to {sum(posted.values())}")
        for name, cached, reserved in self.world.ask("select name, posted, held from accounts"):
            if (cached, reserved) != (posted.get(name, 0), held.get(name, 0)):
                self.broken(
                    f"{name} is said to have {cached} and hold {reserved}, "
                    f"and has {posted.get(name, 0)} and holds {held.get(name, 0)}"
                )
            if name.startswith("user:") and not 0 <= reserved <= cached:
                self.broken(f"{name} has {cached} and holds {reserved}")
        for transfer, total in self.world.ask(
            "select transfer_id, sum(amount) from entries group by transfer_id having sum(amount) <> 0"
        ):
            self.broken(f"transfer {transfer} sums to {total}")
        for sentence in money.credited_again(self.world):
            self.broken(sentence)

    # At every request.

    def before_request(self, exchange: Exchange) -> None:
        offset = exchange.parameters.get("offset") if exchange.operation == "getUpdates" else None
        if not isinstance(offset, int):
            return
        acknowledged = [item["update_id"] for item in self.world.updates.pending() if item["update_id"] < offset]
        for update_id in acknowledged:
            if not self.world.ask("select 1 from inbox where update_id = ?", update_id):
                self.broken(f"update {update_id} was acknowledged before it was committed")

    def after_request(self, exchange: Exchange) -> None:
        if exchange.operation in ("create", "remix"):
            self._creates()

    def _creates(self) -> None:
        """The backend may be asked once for each job that was ever claimed."""
        asked = Counter((job.wish.prompt, job.wish.model) for job in self.world.videos.created)
        claimed = Counter(
            {
                (prompt, model): number
                for prompt, model, number in self.world.ask(
                    "select prompt, model, count(*) from jobs where submitted_at is not null group by prompt, model"
                )
            }
        )
        for wish, times in asked.items():
            if times > claimed[wish]:
                self.broken(f"the backend made {wish[0]!r} {times} times for {claimed[wish]} jobs")

    # At the end of every life, and of everything.

    def end_of_life(self, number: int, ending: str) -> None:
        self.life_ends[number] = LifeEnd(ending, self.world.clock.now())
        self.books()
        with self.world.engine.connect() as conn, conn.begin():
            tx = Tx(conn, self.world.clock.now())
            for sentence in ledger.audit(tx) + jobs.audit(tx) + orders.audit(tx):
                self.broken(sentence)

    def unquiet(self) -> list[str]:
        """What is still to be done; nothing when the bot is quiet."""
        found = [
            f"job {id} is {state}" for id, state in self.world.ask("select id, state from jobs") if state not in FINAL
        ]
        found += [f"post {id} is due" for (id,) in self.world.ask("select id from posts where state = 'due'")]
        found += [f"query {id} waits" for (id,) in self.world.ask("select query_id from answers")]
        found += [f"update {id} waits" for (id,) in self.world.ask("select update_id from inbox where state = 'new'")]
        found += [f"update {item['update_id']} is at Telegram" for item in self.world.updates.pending()]
        found += news.unheard(self.world)
        found += money.differences(self.world)
        return found

    def at_the_end(self) -> None:
        """Everything is quiet and no fault strikes any more."""
        self._no_update_dropped()
        self._sent_once()
        self._films()
        self._posts()
        self._one_film_one_job()
        for sentence in news.differences(self.world) + money.gifts(self.world):
            self.broken(sentence)

    def _no_update_dropped(self) -> None:
        handled = {id for (id,) in self.world.ask("select update_id from inbox where state = 'done'")}
        for update_id, kept_until in self.world.updates.pushed.items():
            if update_id in handled:
                continue
            if kept_until < self.world.clock.now():
                self.world.note("expired", update_id)
            else:
                self.broken(f"update {update_id} was dropped")
        for id in sorted(handled - set(self.world.updates.pushed)):
            self.broken(f"update {id} was never sent")

    def _sent_once(self) -> None:
        """A message that no post knows was a repeat; there must be a reason why the bot could not know better."""
        for message_id, exchange in self.world.sent.items():
            if message_id in self._recorded:
                continue
            reason = excuse(exchange, self.life_ends[exchange.life], self.world.unwritable)
            if reason is None:
                self.broken(f"message {message_id} ({exchange.operation}) was accepted, heard, and is on no record")
            else:
                self.repeats[reason] += 1
                self.world.note("repeat", message_id, reason)

    def _films(self) -> None:
        for id, state, message_id, user_id in self.world.ask("select id, state, message_id, user_id from jobs"):
            uploads = [exchange for exchange in self.world.films_shown.get(id, []) if exchange.upload]
            messages = [message for exchange in uploads for message in exchange.messages]
            if state == "delivered":
                if message_id not in messages:
                    self.broken(f"job {id} is delivered as message {message_id}, its film was shown as {messages}")
                extra = [message for message in messages if message != message_id and message in self._recorded]
                if extra:
                    self.broken(f"the film of job {id} is on record as {message_id} and as {extra}")
            elif messages and user_id not in self.world.ever_blocked and not self._undeliverable(id):
                self.broken(f"the film of job {id} was shown as {messages}, and the job is {state}")

    def _undeliverable(self, job_id: int) -> bool:
        """Shown, unheard, and then refused: the person has the film and the tokens. The shop's loss, not theirs."""
        return bool(self.world.ask("select 1 from jobs where id = ? and failure = 'undeliverable'", job_id))

    def _posts(self) -> None:
        rows = self.world.ask(
            "select id, chat_id, slot, content, revision, shown_revision, state, message_id from posts order by id"
        )
        for id, chat_id, slot, stored, revision, shown_revision, state, message_id in rows:
            if state == "dead":
                if chat_id not in self.world.ever_blocked and chat_id in self.world.someones:
                    self.broken(f"post {slot} of {chat_id} is dead")
                continue
            if state != "shown" or revision != shown_revision:
                self.broken(f"post {slot} of {chat_id} is {state}, shown {shown_revision} of {revision}")
                continue
            message = self.world.telegram.messages[chat_id].get(message_id)
            if message is None:
                self.broken(f"post {slot} of {chat_id} should be message {message_id}, which does not exist")
                continue
            wanted = self._rendered(Post(id, chat_id, slot, content_of.load(stored), revision, None, 0))
            shown = {name: message.get(name) for name in wanted}
            if shown != wanted:
                self.broken(f"post {slot} of {chat_id} should show {wanted} and shows {shown}")

    def _rendered(self, post: Post) -> dict[str, Any]:
        """The fields of the message as Telegram would show this post."""
        parameters = as_request(post).parameters
        find = self.world.telegram.find_user
        keyboard = parameters.get("reply_markup")  # a form carries it as text
        fields: dict[str, Any] = {"reply_markup": json.loads(keyboard) if isinstance(keyboard, str) else keyboard}
        if "text" in parameters:
            fields |= {"entities": None, **message_text(parameters["text"], "HTML", None, find)}
        elif "caption" in parameters:
            fields |= {"caption_entities": None, **message_caption(parameters["caption"], "HTML", None, find)}
        return fields

    def _one_film_one_job(self) -> None:
        for backend_id, number in self.world.ask(
            "select backend_id, count(*) from jobs where backend_id is not null group by backend_id having count(*) > 1"
        ):
            self.broken(f"{number} jobs are one film at the backend: {backend_id}")
