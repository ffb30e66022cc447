"""A message to many people, as an admin leads it: preview, whom it goes to, start, stop, and how it goes.

Each person's message is a post in their chat like any other, so nobody hears it out of order or instead of a film. Its
weakness: posts that stand already when a broadcast is stopped are still sent, a second's worth of them.
"""

from actors.shop.broadcast_cards import show
from actors.shop.context import Shop
from actors.shop.pressed import Pressed
from actors.shop.said import Said
from protocol import posts as content_of
from protocol.catalogue import LANGUAGES
from protocol.posts import AnyContent, Copied, Words
from protocol.telegram.types import Message
from protocol.texts import say
from storage import audit_log, broadcasts, posts
from storage.broadcasts import AUDIENCES, Broadcast, Outcome
from storage.posts import Post
from storage.store import Tx

MANY = 1000
"""More people than this are asked about twice."""
HOPELESS = 10
"""So many failures, and more than half of all, end a broadcast: what is wrong with it is wrong for everybody."""
TO_PERSON, PREVIEW = "news", "preview"
"""Slots of posts: what people hear, and what the admin sees of it."""


def broadcast(said: Said) -> None:
    """`/broadcast <text>`, or as an answer to the message that everybody is to see."""
    content = _content(said)
    if content is None:
        said.reply(say(said.language, "broadcast-usage"))
        return
    made = broadcasts.create(said.tx, admin_id=said.person.id, content=content_of.dump(content))
    posts.show(said.tx, said.person.id, f"{PREVIEW}:{made.id}", content)
    show(said.shop, said.tx, made)


def _content(said: Said) -> AnyContent | None:
    message = said.message
    if message is None:
        return None
    if said.words.strip():
        return _words_after_command(message, said.words)
    answered = message.reply_to_message
    return Copied(from_chat=message.chat.id, from_message=answered.message_id) if answered else None


def _words_after_command(message: Message, words: str) -> Words:
    """What stands after the command, with its formatting moved to where it stands now."""
    text = message.text or ""
    start = _units(text[: len(text) - len(words)]) + _units(words[: len(words) - len(words.lstrip())])
    words = words.strip()
    end = _units(words)
    entities: list[dict[str, object]] = []
    for entity in message.entities:
        first = max(0, int(entity["offset"]) - start)
        last = min(end, int(entity["offset"]) + int(entity["length"]) - start)
        if last > first:
            entities.append({**entity, "offset": first, "length": last - first})
    return Words(text=words, entities=tuple(entities))


def _units(text: str) -> int:
    """Telegram counts UTF-16 code units (Bot API, MessageEntity)."""
    return len(text.encode("utf-16-le")) // 2


def press(pressed: Pressed, broadcast_id: int, action: str, version: str) -> None:
    """A button of the card. The caller has made sure that an admin pressed it."""
    said = pressed.said
    one = broadcasts.find(said.tx, broadcast_id)
    if one is None:
        pressed.answer("answer-stale")
        return
    match (one.state, action):
        case ("draft" | "sure", "go" | "yes") if version != str(one.version):
            # Somebody has chosen other people since this card was drawn.
            show(said.shop, said.tx, one)
            pressed.answer("answer-stale")
        case ("draft", "go") | ("sure", "yes"):
            _start(pressed, one)
        case ("draft" | "sure", "no"):
            _change(said, one, state="cancelled", ended_at=said.tx.now)
            pressed.answer()
        case ("draft", "test"):
            posts.show(said.tx, said.person.id, f"{PREVIEW}:{one.id}:{said.update_id}", content_of.load(one.content))
            pressed.answer()
        case ("draft", chosen) if chosen.removeprefix("to-") in AUDIENCES:
            _change(said, one, audience=chosen.removeprefix("to-"))
            pressed.answer()
        case ("draft", chosen) if chosen.removeprefix("in-") in ("", *LANGUAGES):
            _change(said, one, language=chosen.removeprefix("in-"))
            pressed.answer()
        case ("waiting" | "sending", "stop"):
            _change(said, one, state="stopped", ended_at=said.tx.now)
            audit_log.write(said.tx, said.person.id, "broadcast", f"broadcast:{one.id}", after="stopped")
            pressed.answer("broadcast-answer-stopped")
        case _:
            pressed.answer("answer-stale")


def _change(said: Said, one: Broadcast, **values: object) -> None:
    show(said.shop, said.tx, broadcasts.change(said.tx, one.id, **values))


def _start(pressed: Pressed, one: Broadcast) -> None:
    said = pressed.said
    people = broadcasts.counts(said.tx, said.shop.default_language).of(one.audience, one.language)
    if not people:
        pressed.answer("broadcast-answer-nobody", alert=True)
    elif people > MANY and one.state == "draft":
        _change(said, one, state="sure")
        pressed.answer()
    else:
        show(said.shop, said.tx, broadcasts.start(said.tx, one, said.shop.default_language))
        whom = f"{one.audience} {one.language}".strip()
        audit_log.write(said.tx, said.person.id, "broadcast", f"broadcast:{one.id}", after="started", detail=whom)
        pressed.answer("broadcast-answer-started")


# How it goes.


def hand_over(tx: Tx, one: Broadcast, limit: int) -> int:
    """Put the message into the next chats; how many people this settled, 0 when nobody is left."""
    next_people = broadcasts.due(tx, one.id, limit)
    content = content_of.load(one.content) if next_people else None
    here = [person for person, gone in next_people if not gone]
    for person in here:
        assert content is not None, "there is somebody to hear it"
        posts.show(tx, person, f"{TO_PERSON}:{one.id}", content)
    broadcasts.move(tx, one.id, here, "posted")
    broadcasts.move(tx, one.id, [person for person, gone in next_people if gone], "blocked")
    return len(next_people)


def is_news(post: Post) -> bool:
    """Whether this post is what somebody hears of a broadcast."""
    return post.slot.startswith(f"{TO_PERSON}:")


def done(tx: Tx, shop: Shop, one: Broadcast) -> None:
    """Everybody's post stands in their chat, and Telegram has taken what it will take soon."""
    show(shop, tx, broadcasts.change(tx, one.id, state="done", ended_at=tx.now))


def settled(tx: Tx, shop: Shop, post: Post, outcome: Outcome, reason: str = "") -> None:
    """Telegram has taken a post of a broadcast, or never will. The post is forgotten: nobody edits it."""
    kind, number, *_ = post.slot.split(":")
    if kind == PREVIEW:
        if outcome != "sent":
            _cannot_be_shown(tx, shop, int(number), reason)
        return
    if kind != TO_PERSON:
        return
    broadcasts.move(tx, int(number), [post.chat_id], outcome)
    posts.forget(tx, post)
    one = broadcasts.find(tx, int(number))
    assert one is not None, "a post of a broadcast is made by one"
    if one.ended_at is not None:
        show(shop, tx, one)  # the report counts those who were still under way
    elif outcome == "failed":
        tally = broadcasts.tally(tx, one.id)
        if tally.failed >= HOPELESS and tally.failed > tally.sent:
            _break_off(tx, shop, one, reason)


def _cannot_be_shown(tx: Tx, shop: Shop, broadcast_id: int, reason: str) -> None:
    """Not even the admin can be shown it."""
    one = broadcasts.find(tx, broadcast_id)
    if one is not None and one.state in ("draft", "sure"):
        _break_off(tx, shop, one, reason)


def _break_off(tx: Tx, shop: Shop, one: Broadcast, reason: str) -> None:
    show(shop, tx, broadcasts.change(tx, one.id, state="broken", ended_at=tx.now, reason=reason[:300]))
