"""What `kadr watch` draws: at 80 columns, without colours, with odd names, in ASCII."""

import io
from dataclasses import dataclass

import pytest
from rich.console import Console

from actors.commandline.watch import reachable
from actors.commandline.watch_screen import Screen, as_line, duration, money
from actors.operator.board import Board
from actors.settings import WatchSettings
from protocol.feed import (
    ActorChanged,
    ActorView,
    AnyEvent,
    BackendView,
    JobChanged,
    JobView,
    Logged,
    LogView,
    OrderChanged,
    OrderView,
    PostChanged,
    PostView,
    RailView,
    Snapshot,
    Totals,
    TotalsChanged,
)

NOW = 1_800_000_000.0


@dataclass
class Link:
    address: str = "127.0.0.1:8765"
    connected: bool = True


def job(id: int, state: str, **more: object) -> JobChanged:
    values: dict[str, object] = {
        "user_id": 101,
        "who": "@kate",
        "prompt": "a golden eagle glides over the snowy peaks…",
        "model": "sora-2",
        "backend": "default",
        "seconds": 8,
        "size": "1280x720",
        "price": 60,
        "created_at": NOW - 90,
    }
    return JobChanged(job=JobView.model_validate({"id": id, "state": state, **values, **more}))


def busy() -> Board:
    board = Board()
    totals = Totals(
        people=312,
        queued=2,
        at_backend=2,
        queue_age=75,
        failed_today=1,
        delivered_today=57,
        tokens_today=1240,
        posts_due=3,
        post_lag=9,
        polled_ago=12,
        memory=118_000_000,
        rails=(
            RailView(name="stars", currency="XTR", paid=3, amount=750),
            RailView(name="kaspi", currency="KZT", claimed=1, paid=2, amount=498_000),
        ),
        backends=(
            BackendView(name="default", busy=4, places=4),
            BackendView(name="spare", places=2, resting_until=NOW + 120, reason="no funds"),
        ),
    )
    events: list[AnyEvent] = [
        Snapshot(at=NOW, started_at=NOW - 8000, release="54e890a0123", instance="srv-1", totals=totals),
        job(17, "processing", percent=52, estimated=False, left=61),
        job(18, "processing", percent=96, estimated=True, left=None),
        job(19, "queued", place=1, who="Айгерім", prompt="Таң атқанда Алматы маңында бүркіт қалықтайды, баяу"),
        job(20, "queued", place=2, who="A very long name that goes on"),
        job(15, "delivered", ended_at=NOW - 30),
        job(16, "failed", ended_at=NOW - 3700, failure="moderation"),
        OrderChanged(
            order=OrderView(
                id=1, code="K7F3QX", state="claimed", user_id=1, who="@boris", rail="kaspi", tokens=100, amount=249_000,
                currency="KZT", changed_at=NOW - 5,
            )
        ),
        ActorChanged(actor=ActorView(name="outbox", state="running")),
        ActorChanged(actor=ActorView(name="intake", state="restarting", restarts=3)),
        ActorChanged(actor=ActorView(name="menu", state="ended")),
        Logged(line=LogView(at=NOW, level="info", event="job.moved", ids={"job_id": "17"}, text="state=processing")),
        Logged(line=LogView(at=NOW, level="error", event="actor.failed", text="x" * 300)),
    ]  # fmt: skip
    for event in events:
        board.apply(event)
    return board


def drawn(board: Board, *, width: int = 80, encoding: str = "utf-8", colours: bool = False, **link: object) -> str:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    console = Console(
        file=out,
        width=width,
        force_terminal=colours,
        color_system="truecolor" if colours else None,
        legacy_windows=False,
    )
    console.print(Screen(board, Link(**link), now=NOW))  # type: ignore[arg-type]
    out.seek(0)
    return out.read()


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_it_keeps_within_its_columns(width: int) -> None:
    lines = drawn(busy(), width=width).splitlines()
    assert max(len(line) for line in lines) <= width
    assert not any("\x1b" in line for line in lines)


def test_what_is_to_be_seen_is_there() -> None:
    screen = drawn(busy(), width=130)
    for words in (
        "● live", "up 2 h 13 min", "polled 12 s ago", "118 MB", "54e890a", "312 people", "2 queued (oldest 1 min)",
        "57 films, 1240 tokens", "1 failed", "3 due to be shown", "@kate", "52%", "≈ 1 min", "≈96%", "any moment",
        "№17",
        "queued, 1.", "for 1 min", "Айгерім", "moderation", "1 h 1 min ago", "delivered",
        "Stars 3 paid today, 750 Stars", "Kaspi 2 paid today, 4 980 KZT, 1 to decide", "K7F3QX  claimed",
        "default: 4 of 4 places",
        "spare: 0 of 2 places, rests for 2 min: no funds", "●\u00a0outbox", "intake (restarting) ×3",
        "job.moved job_id=17", "actor.failed",
    ):  # fmt: skip
        assert words in screen, words
    assert "menu" not in screen
    assert screen.index("№17") < screen.index("№19") < screen.index("№20") < screen.index("№15")


def test_the_bar_is_as_long_as_the_film_is_done() -> None:
    [line] = [line for line in drawn(busy()).splitlines() if "№17" in line]
    assert (line.count("━"), line.count("─")) == (7, 7)


def test_a_break_is_said() -> None:
    assert "no answer from 127.0.0.1:8765, trying again" in drawn(busy(), connected=False)


def test_nothing_is_a_picture_too() -> None:
    screen = drawn(Board())
    assert "No film is being made." in screen
    assert "No rail is set up." in screen


def test_many_films_are_counted() -> None:
    board = Board()
    for id in range(40):
        board.apply(job(id, "processing", percent=10, left=5))
    board.apply(TotalsChanged(totals=Totals(at_backend=9000, queued=1000)))
    assert "and 9988 more" in drawn(board)


def test_one_is_not_many() -> None:
    board = Board()
    board.apply(TotalsChanged(totals=Totals(people=1, delivered_today=1, tokens_today=1, updates_waiting=1)))
    screen = drawn(board, width=130)
    for words in ("1 person", "today 1 film, 1 token", "1 update waits"):
        assert words in screen
        assert f"{words}s" not in screen


def test_a_terminal_that_knows_only_ascii() -> None:
    board = Board()
    board.apply(job(1, "processing", percent=50, left=10, prompt="a cat"))
    assert "#######......." in drawn(board, encoding="ascii")


def test_in_a_pipe_events_are_lines() -> None:
    said = [line.plain[9:] for event in (
        job(1, "delivered", ended_at=NOW - 5),
        OrderChanged(order=OrderView(
            id=1, code="K7F3QX", state="paid", user_id=1, who="@b", rail="stars", tokens=100, amount=250,
            currency="XTR", changed_at=NOW,
        )),
        ActorChanged(actor=ActorView(name="outbox", state="restarting", restarts=1)),
        PostChanged(post=PostView(id=1, chat_id=5, slot="job:1", state="dead", changed_at=NOW, error="blocked")),
    ) if (line := as_line(event, NOW)) is not None]  # fmt: skip
    assert said == [
        "film №1 @kate: delivered, delivered 5 s ago",
        "order K7F3QX  paid · @b · 100 tokens · 250 Stars · Stars",
        "actor outbox: restarting, 1 restarts",
        "post job:1 of chat 5: blocked",
    ]
    quiet = PostChanged(post=PostView(id=1, chat_id=5, slot="job:1", state="shown", changed_at=NOW))
    assert as_line(quiet, NOW) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (-5, "0 s"), (59.4, "59 s"), (60, "1 min"), (3599, "59 min"), (3660, "1 h 1 min"), (90000, "1 d 1 h")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_money() -> None:
    assert money(250, "XTR") == "250 Stars"
    assert money(249_000, "KZT") == "2 490 KZT"


@pytest.mark.parametrize(
    ("address", "found"),
    [("127.0.0.1:8765", "127.0.0.1:8765"), ("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80")],
)
def test_a_bot_that_listens_everywhere_is_found_here(address: str, found: str) -> None:
    assert reachable(WatchSettings.model_construct(operator_addr=address)) == found
