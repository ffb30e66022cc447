"""Posts: what each chat should show. The outbox makes Telegram match; the latest revision wins.

A post is (chat, slot): `say:…` is said once, `draft:12`, `job:17` and `film:17` live on and are edited in place.
Posts of one chat are shown in the order of their `turn`.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, case, delete, exists, func, insert, select, update

from protocol import posts as content_of
from protocol.messages import AnswerDue, PostDue
from protocol.posts import AnyContent, Document
from storage.sql import insert_or_ignore
from storage.store import Tx
from storage.tables import answers, posts

ANSWER_SECONDS = 150.0
"""How long Telegram lets a callback query be answered."""


# Built once: building a statement costs twice as much as running it, and these run for every message.
_IN_SLOT = select(posts.c.id, posts.c.content, posts.c.revision, posts.c.message_id, posts.c.turn).where(
    posts.c.chat_id == bindparam("chat"), posts.c.slot == bindparam("its_slot")
)
_LAST_TURN = select(func.coalesce(func.max(posts.c.turn), 0)).where(posts.c.chat_id == bindparam("chat"))
_ADD = insert(posts).values(revision=1, state="due", turn=_LAST_TURN.scalar_subquery() + 1)
_CHANGE = (
    update(posts)
    .where(posts.c.id == bindparam("post"))
    .values(
        content=bindparam("new_content"),
        revision=bindparam("new_revision"),
        state="due",
        turn=bindparam("new_turn"),
        changed_at=bindparam("now"),
        attempts=0,
    )
)
_NEXT_DUE = (
    select(
        posts.c.id,
        posts.c.chat_id,
        posts.c.slot,
        posts.c.content,
        posts.c.revision,
        posts.c.message_id,
        posts.c.attempts,
    )
    .where(posts.c.chat_id == bindparam("chat"), posts.c.state == "due")
    .order_by(posts.c.turn)
    .limit(1)
)
_ANY_DUE = select(exists().where(posts.c.chat_id == bindparam("chat"), posts.c.state == "due"))
_DUE_CHATS = (
    select(posts.c.chat_id)
    .where(posts.c.state == "due")
    .group_by(posts.c.chat_id)
    .order_by(func.min(posts.c.changed_at), posts.c.chat_id)
)
_TOO_LATE = delete(answers).where(answers.c.deadline <= bindparam("now"))
_ANSWERS = select(answers).order_by(answers.c.deadline, answers.c.query_id)
_ANSWERED = delete(answers).where(answers.c.query_id == bindparam("query"))
_FORGET = delete(posts).where(posts.c.id == bindparam("post"))
_SHOWN = (
    update(posts)
    .where(posts.c.id == bindparam("post"))
    .values(
        shown_revision=bindparam("shown"),
        message_id=bindparam("message"),
        attempts=0,
        error=None,
        state=case((posts.c.revision == bindparam("shown"), "shown"), else_=posts.c.state),
    )
)


@dataclass(frozen=True, slots=True)
class Post:
    """One post that is due: `message_id` is what Telegram shows it as already, if at all."""

    id: int
    chat_id: int
    slot: str
    content: AnyContent
    revision: int
    message_id: int | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say to whoever pressed a button. The text has at most 200 characters; `deadline` in epoch seconds."""

    query_id: str
    text: str
    alert: bool
    deadline: float


def show(tx: Tx, chat_id: int, slot: str, content: AnyContent) -> None:
    """The slot of this chat should show this. Nothing happens when it already does."""
    stored = content_of.dump(content)
    row = tx.conn.execute(_IN_SLOT, {"chat": chat_id, "its_slot": slot}).one_or_none()
    if row is not None and row.content == stored:
        return
    if row is None:
        new = {"chat_id": chat_id, "slot": slot, "content": stored, "created_at": tx.now, "changed_at": tx.now}
        tx.conn.execute(_ADD, {"chat": chat_id, **new})
    else:
        # A post nobody has seen keeps its turn; an edit of a shown one waits behind what is still to be sent.
        turn = row.turn if row.message_id is None else _next_turn(tx, chat_id)
        new = {"new_content": stored, "new_revision": row.revision + 1, "new_turn": turn, "now": tx.now}
        tx.conn.execute(_CHANGE, {"post": row.id, **new})
    tx.tell(PostDue(chat_id))


def show_message(tx: Tx, chat_id: int, message_id: int, content: AnyContent) -> None:
    """The post that Telegram shows as this message should show this instead. Nothing when there is none."""
    if not message_id:
        return  # a message whose id nobody knows
    there = (posts.c.chat_id == chat_id) & (posts.c.message_id == message_id)
    slot = tx.conn.execute(select(posts.c.slot).where(there)).scalar_one_or_none()
    if slot is not None:
        show(tx, chat_id, slot, content)


def retire(tx: Tx, chat_id: int, slot: str) -> None:
    """Take the buttons off a post; what it says stays as it was."""
    content = current(tx, chat_id, slot)
    if content is not None:
        show(tx, chat_id, slot, content.model_copy(update={"keyboard": ()}))


def message_of(tx: Tx, chat_id: int, slot: str) -> int:
    """The message Telegram shows the slot as; 0 while nobody has seen it."""
    there = (posts.c.chat_id == chat_id) & (posts.c.slot == slot)
    return int(tx.conn.execute(select(posts.c.message_id).where(there)).scalar_one_or_none() or 0)


def rename(tx: Tx, chat_id: int, slot: str, new: str) -> None:
    """The message of one slot belongs to another from now on, which has none yet."""
    tx.conn.execute(update(posts).where((posts.c.chat_id == chat_id) & (posts.c.slot == slot)).values(slot=new))


def leave_behind(tx: Tx, chat_id: int, slot: str) -> None:
    """What the slot shows stays where it is, without buttons; what it shows next is a new message below."""
    there = (posts.c.chat_id == chat_id) & (posts.c.slot == slot)
    row = tx.conn.execute(select(posts.c.id, posts.c.message_id).where(there)).one_or_none()
    if row is None or row.message_id is None:
        return  # nobody has seen it yet
    behind = f"was:{row.id}"
    tx.conn.execute(update(posts).where(posts.c.id == row.id).values(slot=behind))
    retire(tx, chat_id, behind)


def current(tx: Tx, chat_id: int, slot: str) -> AnyContent | None:
    """What the slot should show now."""
    there = (posts.c.chat_id == chat_id) & (posts.c.slot == slot)
    stored = tx.conn.execute(select(posts.c.content).where(there)).scalar_one_or_none()
    return content_of.load(stored) if stored is not None else None


def _next_turn(tx: Tx, chat_id: int) -> int:
    return int(tx.conn.execute(_LAST_TURN, {"chat": chat_id}).scalar_one()) + 1


def due_chats(tx: Tx) -> list[int]:
    """Chats with something to show, the longest waiting first."""
    return list(tx.conn.execute(_DUE_CHATS).scalars())


def next_due(tx: Tx, chat_id: int) -> Post | None:
    """The post of this chat whose turn it is."""
    row = tx.conn.execute(_NEXT_DUE, {"chat": chat_id}).one_or_none()
    if row is None:
        return None
    return Post(
        row.id,
        row.chat_id,
        row.slot,
        content_of.load(row.content),
        row.revision,
        row.message_id,
        row.attempts,
    )


def any_due(tx: Tx, chat_id: int) -> bool:
    """Whether this chat has something to show."""
    return bool(tx.conn.execute(_ANY_DUE, {"chat": chat_id}).scalar_one())


def shown(tx: Tx, post: Post, message_id: int) -> None:
    """Telegram shows this revision as that message. A newer revision stays due."""
    tx.conn.execute(_SHOWN, {"post": post.id, "shown": post.revision, "message": message_id})


def lost_message(tx: Tx, post: Post) -> None:
    """The message was deleted at Telegram: the post is sent anew."""
    tx.conn.execute(update(posts).where(posts.c.id == post.id).values(message_id=None))


def dead(tx: Tx, post: Post, error: str) -> None:
    """Telegram will never show this revision. A newer one stays due."""
    this = (posts.c.id == post.id) & (posts.c.revision == post.revision)
    tx.conn.execute(update(posts).where(this).values(state="dead", error=error))


def withdraw(tx: Tx, chat_id: int, slots: Collection[str]) -> None:
    """What nobody has seen yet of these slots is not to be shown any more."""
    unsent = (posts.c.chat_id == chat_id) & posts.c.slot.in_(slots) & (posts.c.state == "due")
    tx.conn.execute(update(posts).where(unsent & posts.c.message_id.is_(None)).values(state="dead", error="withdrawn"))


def waiting(tx: Tx, chat_id: int, prefix: str) -> list[str]:
    """Slots of this chat that begin so and that nobody has seen yet."""
    unsent = (posts.c.chat_id == chat_id) & (posts.c.state == "due") & posts.c.message_id.is_(None)
    there = unsent & posts.c.slot.startswith(prefix, autoescape=True)
    return list(tx.conn.execute(select(posts.c.slot).where(there).order_by(posts.c.turn)).scalars())


def due_documents(tx: Tx) -> list[Document]:
    """The files that are to be sent."""
    query = select(posts.c.content).where((posts.c.state == "due") & posts.c.slot.startswith("file:"))
    contents = [content_of.load(stored) for stored in tx.conn.execute(query).scalars()]
    return [content for content in contents if isinstance(content, Document)]


def unseen(tx: Tx, chat_id: int, slots: Collection[str]) -> int:
    """How many of these slots Telegram has not shown yet."""
    seen = (posts.c.chat_id == chat_id) & posts.c.slot.in_(slots) & (posts.c.shown_revision > 0)
    return len(slots) - int(tx.conn.execute(select(func.count()).where(seen)).scalar_one())


def forget(tx: Tx, post: Post) -> None:
    """Nobody will ever change this post: its row goes, what Telegram shows stays."""
    tx.conn.execute(_FORGET, {"post": post.id})


def tried(tx: Tx, post: Post) -> None:
    """One more attempt failed; the post stays due."""
    tx.conn.execute(update(posts).where(posts.c.id == post.id).values(attempts=posts.c.attempts + 1))


def move_chat(tx: Tx, old: int, new: int) -> None:
    """A chat became another: its posts follow (Bot API, ResponseParameters.migrate_to_chat_id).

    What was said since to its old id is what the slot of the new one shows from now on.
    """
    its_slots = select(posts.c.slot).where(posts.c.chat_id == new)
    again = (posts.c.chat_id == old) & posts.c.slot.in_(its_slots)
    for row in tx.conn.execute(delete(posts).where(again).returning(posts.c.slot, posts.c.content)).all():
        show(tx, new, row.slot, content_of.load(row.content))
    tx.conn.execute(update(posts).where(posts.c.chat_id == old).values(chat_id=new))
    tx.tell(PostDue(new))


def answer(tx: Tx, query_id: str, text: str = "", *, alert: bool = False, received_at: float) -> None:
    """Answer a pressed button, while Telegram still takes an answer."""
    values = {
        "query_id": query_id,
        "text": text[:200],
        "alert": alert,
        "deadline": received_at + ANSWER_SECONDS,
    }
    tx.conn.execute(insert_or_ignore(tx, answers), values)
    tx.tell(AnswerDue())


def due_answers(tx: Tx) -> list[Answer]:
    """Answers to give, the most urgent first. Those past their deadline are dropped."""
    tx.conn.execute(_TOO_LATE, {"now": tx.now})
    return [Answer(*row) for row in tx.conn.execute(_ANSWERS)]


def answered(tx: Tx, query_id: str) -> None:
    """The answer was given, or cannot be given any more."""
    tx.conn.execute(_ANSWERED, {"query": query_id})
