"""Posts in the real store: people change what a chat should show while the outbox is half-way through showing it."""

from functools import partial
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from protocol.messages import PostDue
from protocol.posts import Card
from storage import posts
from storage.posts import Post
from tests.simulation.bench import Bench

CHATS = (7, 8)
chats = st.sampled_from(CHATS)
slots = st.sampled_from(("draft:1", "job:1", "say:1"))
texts = st.sampled_from(("a", "b", "c"))
wishes = st.tuples(chats, slots, texts)


class Chat(RuleBasedStateMachine):
    """The model is Telegram: which message shows what. `hand` is what the outbox has sent and not yet recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.wanted: dict[tuple[int, str], str] = {}
        self.telegram: dict[int, str] = {}
        self.known: dict[tuple[int, str], int] = {}
        self.dead: set[tuple[int, str]] = set()
        self.hand: dict[int, tuple[Post, int]] = {}
        self.repeats = 0

    def teardown(self) -> None:
        self._come_to_rest()
        self.bench.close()

    @rule(batch=st.lists(wishes, min_size=1, max_size=4), refused=st.integers(0, 4).map(lambda n: n == 0))
    def people_want(self, batch: list[tuple[int, str, str]], refused: bool) -> None:
        calls = [partial(posts.show, chat_id=c, slot=s, content=Card(html=text)) for c, s, text in batch]
        self.bench.told.clear()
        self.bench.commit(calls, refused=refused)
        if refused:
            assert self.bench.told == []
            return
        news = [(c, s, text) for c, s, text in batch]
        due: list[int] = []
        for chat, slot, text in news:
            if self.wanted.get((chat, slot)) != text:
                due.append(chat)
                self.dead.discard((chat, slot))
            self.wanted[chat, slot] = text
        assert self.bench.told == [PostDue(chat) for chat in due]

    @rule(chat=chats)
    def the_outbox_sends(self, chat: int) -> None:
        """One request at a time in a chat; an edit changes a message, a send makes one."""
        if chat in self.hand:
            return
        post = self.bench.read(posts.next_due, chat)
        if post is None:
            return
        assert isinstance(post.content, Card)
        message_id = post.message_id or len(self.telegram) + 1
        self.telegram[message_id] = post.content.html
        self.hand[chat] = (post, message_id)

    @rule(chat=chats, refused=st.booleans())
    def the_outbox_records(self, chat: int, refused: bool) -> None:
        if chat not in self.hand:
            return
        post, message_id = self.hand[chat]
        self.bench.commit([partial(posts.shown, post=post, message_id=message_id)], refused=refused)
        if not refused:
            del self.hand[chat]
            self.known[chat, post.slot] = message_id

    @rule(chat=chats)
    def the_process_dies(self, chat: int) -> None:
        """What was sent and not recorded will be sent again."""
        if chat in self.hand:
            post, message_id = self.hand.pop(chat)
            self.repeats += post.message_id is None and message_id in self.telegram

    @rule(chat=chats)
    def telegram_refuses(self, chat: int) -> None:
        post = self.bench.read(posts.next_due, chat)
        if post is not None and chat not in self.hand:
            self.bench.commit([partial(posts.dead, post=post, error="no")])
            self.dead.add((chat, post.slot))

    @invariant()
    def nothing_that_differs_is_forgotten(self) -> None:
        for chat in CHATS:
            due = self.bench.read(posts.next_due, chat) is not None
            differs = any(
                self.telegram.get(self.known.get((chat, slot), 0)) != text and (chat, slot) not in self.dead
                for (owner, slot), text in self.wanted.items()
                if owner == chat and (chat not in self.hand or self.hand[chat][0].slot != slot)
            )
            assert due or not differs
            assert (chat in self.bench.read(posts.due_chats)) is due

    def _come_to_rest(self) -> None:
        """With nobody wanting more, every chat shows what it should, and no message more than the repeats."""
        for chat in CHATS:
            while True:
                self.the_outbox_records(chat, refused=False)
                self.the_outbox_sends(chat)
                if chat not in self.hand:
                    break
        for key, text in self.wanted.items():
            if key not in self.dead:
                assert self.telegram[self.known[key]] == text, key
        assert len(self.telegram) <= len(self.wanted) + self.repeats


TestChatInTheStore = Chat.TestCase
TestChatInTheStore.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)


def test_the_turn_of_a_chat_is_kept() -> None:
    bench = Bench()
    calls: list[Any] = [partial(posts.show, chat_id=7, slot=slot, content=Card(html="x")) for slot in ("b", "a", "c")]
    bench.commit(calls)
    seen: list[str] = []
    while (post := bench.read(posts.next_due, 7)) is not None:
        seen.append(post.slot)
        bench.commit([partial(posts.shown, post=post, message_id=len(seen))])
    bench.close()
    assert seen == ["b", "a", "c"]
