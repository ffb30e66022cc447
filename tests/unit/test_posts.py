"""Posts: the latest revision wins, each in its turn, and nothing is shown twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from protocol.messages import AnswerDue, PostDue
from protocol.posts import Button, Card, Film, dump, load
from storage import posts
from storage.posts import ANSWER_SECONDS, Answer, Post

from .rows import NOW, Rows, fresh

CHAT = 7
KEYBOARD = ((Button(text="▶️ go", data="d:1:go"),),)


def show(rows: Rows, slot: str, html: str, chat: int = CHAT) -> None:
    rows.run(posts.show, chat, slot, Card(html=html))


def due(rows: Rows, chat: int = CHAT) -> Post:
    post = rows.run(posts.next_due, chat)
    assert post is not None
    return post


def sent(rows: Rows, message_id: int, chat: int = CHAT) -> str:
    """Telegram shows what is due; its slot."""
    post = due(rows, chat)
    rows.run(posts.shown, post, message_id)
    return post.slot


def nothing_due(rows: Rows, chat: int = CHAT) -> bool:
    return rows.run(posts.next_due, chat) is None


def test_a_post_is_due_until_it_is_shown(rows: Rows) -> None:
    show(rows, "say:1", "hello")
    assert rows.messages == [PostDue(CHAT)]
    post = due(rows)
    assert post == Post(post.id, CHAT, "say:1", Card(html="hello"), 1, None, 0)
    rows.run(posts.shown, post, 50)
    assert nothing_due(rows)
    assert rows.run(posts.due_chats) == []


def test_what_is_shown_already_is_not_shown_again(rows: Rows) -> None:
    show(rows, "say:1", "hello")
    sent(rows, 50)
    rows.messages.clear()
    show(rows, "say:1", "hello")
    assert nothing_due(rows)
    assert rows.messages == []


def test_an_edit_names_the_message(rows: Rows) -> None:
    show(rows, "job:1", "10 %")
    sent(rows, 50)
    show(rows, "job:1", "20 %")
    post = due(rows)
    assert (post.message_id, post.revision, post.content) == (50, 2, Card(html="20 %"))


def test_only_the_latest_revision_is_shown(rows: Rows) -> None:
    for percent in range(5):
        show(rows, "job:1", f"{percent} %")
    assert due(rows).content == Card(html="4 %")
    sent(rows, 50)
    assert nothing_due(rows)


def test_a_change_during_the_sending_is_shown_next(rows: Rows) -> None:
    show(rows, "job:1", "10 %")
    on_its_way = due(rows)
    show(rows, "job:1", "20 %")
    rows.run(posts.shown, on_its_way, 50)
    assert due(rows).message_id == 50
    assert due(rows).content == Card(html="20 %")


def test_a_refusal_of_an_old_revision_does_not_kill_the_new_one(rows: Rows) -> None:
    show(rows, "job:1", "<broken")
    on_its_way = due(rows)
    show(rows, "job:1", "fine")
    rows.run(posts.dead, on_its_way, "can't parse entities")
    assert due(rows).content == Card(html="fine")


def test_a_dead_post_is_due_again_when_it_changes(rows: Rows) -> None:
    show(rows, "job:1", "one")
    rows.run(posts.dead, due(rows), "blocked")
    assert nothing_due(rows)
    show(rows, "job:1", "one")
    assert nothing_due(rows)
    show(rows, "job:1", "two")
    assert due(rows).content == Card(html="two")


def test_posts_of_a_chat_have_their_turns(rows: Rows) -> None:
    for slot in ("say:1", "draft:1", "say:2"):
        show(rows, slot, slot)
    show(rows, "say:1", "changed before anybody saw it: its turn stays")
    assert [sent(rows, 50), sent(rows, 51)] == ["say:1", "draft:1"]
    show(rows, "draft:1", "an edit waits behind what is still to be sent")
    show(rows, "say:3", "say:3")
    assert [sent(rows, n) for n in (52, 51, 53)] == ["say:2", "draft:1", "say:3"]


def test_chats_have_posts_of_their_own(rows: Rows) -> None:
    show(rows, "job:1", "one", chat=7)
    rows.now += 1
    show(rows, "job:1", "one", chat=8)
    rows.now += 1
    show(rows, "job:1", "two", chat=7)
    assert rows.run(posts.due_chats) == [8, 7]
    sent(rows, 50, chat=8)
    assert rows.run(posts.due_chats) == [7]
    assert due(rows, 7).message_id is None


def test_attempts_are_counted_until_it_is_shown_or_changes(rows: Rows) -> None:
    show(rows, "job:1", "one")
    for _ in range(3):
        rows.run(posts.tried, due(rows))
    assert due(rows).attempts == 3
    show(rows, "job:1", "two")
    assert due(rows).attempts == 0


def test_a_message_that_was_deleted_is_sent_anew(rows: Rows) -> None:
    show(rows, "job:1", "one")
    sent(rows, 50)
    show(rows, "job:1", "two")
    rows.run(posts.lost_message, due(rows))
    assert due(rows).message_id is None


def test_retiring_takes_the_buttons_only(rows: Rows) -> None:
    rows.run(posts.show, CHAT, "draft:1", Card(html="a card", keyboard=KEYBOARD))
    sent(rows, 50)
    rows.run(posts.retire, CHAT, "draft:1")
    assert due(rows).content == Card(html="a card")
    sent(rows, 50)
    rows.run(posts.retire, CHAT, "draft:1")
    rows.run(posts.retire, CHAT, "draft:99")
    assert nothing_due(rows)


def test_a_message_can_be_shown_differently_by_its_id(rows: Rows) -> None:
    show(rows, "say:1", "page 1")
    sent(rows, 50)
    rows.run(posts.show_message, CHAT, 50, Card(html="page 2"))
    assert (due(rows).slot, due(rows).content) == ("say:1", Card(html="page 2"))
    sent(rows, 50)
    rows.run(posts.show_message, CHAT, 51, Card(html="not mine"))
    rows.run(posts.show_message, 8, 50, Card(html="not theirs"))
    assert rows.run(posts.due_chats) == []
    assert rows.run(posts.current, CHAT, "say:1") == Card(html="page 2")


def test_messages_without_an_id_are_nobody_s(rows: Rows) -> None:
    """0 stands for a message whose id Telegram did not say; a press without a message says the same."""
    for slot in ("say:1", "say:2"):
        show(rows, slot, slot)
        sent(rows, 0)
    rows.run(posts.show_message, CHAT, 0, Card(html="whose?"))
    assert nothing_due(rows)


def test_posts_move_with_a_chat(rows: Rows) -> None:
    show(rows, "say:1", "hello", chat=-5)
    rows.messages.clear()
    rows.run(posts.move_chat, -5, -100500)
    assert rows.messages == [PostDue(-100500)]
    assert rows.run(posts.due_chats) == [-100500]


def test_posts_of_a_chat_that_moved_follow_for_ever(rows: Rows) -> None:
    """Whoever writes to the old id goes on writing to it: its slots are those of the new one."""
    show(rows, "job:1", "starting", chat=-5)
    rows.run(posts.move_chat, -5, -100500)
    sent(rows, 77, chat=-100500)
    show(rows, "job:1", "ready", chat=-5)
    show(rows, "film:1", "film", chat=-5)
    rows.run(posts.move_chat, -5, -100500)
    assert rows.run(posts.due_chats) == [-100500]
    edit = due(rows, -100500)
    assert (edit.slot, edit.message_id, edit.content) == ("job:1", 77, Card(html="ready"))
    sent(rows, 77, chat=-100500)
    assert sent(rows, 78, chat=-100500) == "film:1"


film = Film(caption="<b>x</b>", path="/films/1.mp4", width=720, height=1280, seconds=4, keyboard=KEYBOARD)


@pytest.mark.parametrize("content", [Card(html=""), Card(html="қ & <b>", keyboard=KEYBOARD), film])
def test_content_survives_its_stored_form(rows: Rows, content: Card | Film) -> None:
    assert load(dump(content)) == content
    rows.run(posts.show, CHAT, "x", content)
    assert rows.run(posts.current, CHAT, "x") == content
    assert rows.run(posts.current, CHAT, "y") is None


@pytest.mark.parametrize("stored", ["{}", '{"kind":"song"}', '{"kind":"card","html":"x","extra":1}', "x"])
def test_nothing_else_is_content(stored: str) -> None:
    with pytest.raises(ValidationError):
        load(stored)


# What a chat sees, whatever happens.

steps = st.lists(
    st.tuples(st.just("show"), st.sampled_from("abc"), st.integers(0, 4))
    | st.tuples(st.sampled_from(["take", "accept", "refuse", "lose"]), st.just(""), st.just(0)),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_a_chat_comes_to_show_what_it_should(plan: list[tuple[str, str, int]]) -> None:
    """An outbox that is interrupted anywhere: each slot has one message at most, and shows the latest in the end."""
    with fresh() as rows:
        wanted: dict[str, int] = {}
        screen: dict[int, tuple[str, int]] = {}
        taken: list[Post] = []

        def accept() -> None:
            post = taken.pop()
            message_id = post.message_id or len(screen) + 1
            assert isinstance(post.content, Card)
            assert screen.get(message_id) != (post.slot, int(post.content.html)), "shown twice"
            screen[message_id] = (post.slot, int(post.content.html))
            rows.run(posts.shown, post, message_id)

        for step, slot, value in [*plan, *[("take", "", 0), ("accept", "", 0)] * 8]:
            match step:
                case "show" if wanted.get(slot) != value:
                    wanted[slot] = value
                    show(rows, slot, str(value))
                case "take" if not taken and (post := rows.run(posts.next_due, CHAT)) is not None:
                    if screen.get(post.message_id or 0) != (post.slot, int(getattr(post.content, "html", ""))):
                        taken.append(post)
                    else:  # it changed, and changed back: Telegram says that nothing is modified
                        rows.run(posts.shown, post, post.message_id or 0)
                case "accept" if taken:
                    accept()
                case "refuse" if taken:
                    rows.run(posts.tried, taken.pop())
                case "lose":
                    taken.clear()
                case _:
                    continue
        assert nothing_due(rows)
        assert dict(screen.values()) == wanted
        assert len(screen) == len(wanted)


# Answers.


def test_a_press_is_answered_once_and_the_most_urgent_first(rows: Rows) -> None:
    rows.run(posts.answer, "late", "hello", received_at=NOW)
    rows.run(posts.answer, "early", alert=True, received_at=NOW - 9)
    rows.run(posts.answer, "late", "again", received_at=NOW)
    assert rows.messages == [AnswerDue()] * 3
    early = Answer("early", "", True, NOW - 9 + ANSWER_SECONDS)
    late = Answer("late", "hello", False, NOW + ANSWER_SECONDS)
    assert rows.run(posts.due_answers) == [early, late]
    rows.run(posts.answered, "early")
    assert rows.run(posts.due_answers) == [late]


def test_an_answer_that_comes_too_late_is_not_given(rows: Rows) -> None:
    rows.run(posts.answer, "q", "hello", received_at=NOW)
    rows.now += ANSWER_SECONDS - 0.5
    assert len(rows.run(posts.due_answers)) == 1
    rows.now += 0.5
    assert rows.run(posts.due_answers) == []
    rows.now -= 100
    assert rows.run(posts.due_answers) == []


def test_an_answer_is_cut_to_what_telegram_takes(rows: Rows) -> None:
    rows.run(posts.answer, "q", "қ" * 500, received_at=NOW)
    assert rows.run(posts.due_answers)[0].text == "қ" * 200
