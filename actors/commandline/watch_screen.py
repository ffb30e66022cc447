"""What `kadr watch` draws: one screen of any width from 60 columns on, readable without colours.

Its words are English, like the log's: it is read by whoever runs the bot.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from actors.operator.board import Board
from protocol.feed import (
    ActorChanged,
    AnyEvent,
    JobChanged,
    JobView,
    Logged,
    LogView,
    OrderChanged,
    OrderView,
    PostChanged,
)

WIDE = 100
"""From so many columns on there is room for the model, size and price."""
BAR = 14
STATES = {
    "queued": "yellow",
    "submitting": "yellow",
    "unknown": "magenta",
    "processing": "cyan",
    "ready": "cyan",
    "delivered": "green",
    "failed": "red",
    "cancelled": "dim",
}
LEVELS = {"info": "bold", "warning": "bold yellow", "error": "bold red", "critical": "bold red", "debug": "dim"}
RAILS = {"stars": "Stars", "stripe": "Stripe", "kaspi": "Kaspi"}
LINES_WHEN_ALL = 12
"""Log lines shown where nothing limits the height."""
OPEN_SHOWN = 12
ENDED_SHOWN = 4
ORDERS_SHOWN = 4


class Standing(Protocol):
    """Whether the feed is being heard."""

    address: str
    connected: bool


@dataclass(frozen=True, slots=True)
class Screen:
    """The board as one renderable, as of epoch second `now`."""

    board: Board
    link: Standing
    now: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        signs = Signs.plain() if options.ascii_only else Signs()
        board = self.board
        head = [_head(self, signs), _totals(board), Text()]
        films = [_title("FILMS", width), *_jobs(board, self.now, width, signs)]
        money = [Text(), _title("MONEY", width), *_money(board, signs)]
        house = [Text(), _title("HOUSE", width), *_house(board, self.now, width, signs)]
        above = [*head, *films, *money, *house, Text(), _title("LOG", width)]
        taken = sum(len(console.render_lines(part, options, pad=False)) for part in above)
        room = LINES_WHEN_ALL if not console.is_alt_screen else max(1, (options.height or console.height) - taken - 1)
        yield from above
        for line in list(board.lines)[-room:]:
            yield log_text(line, width)


@dataclass(frozen=True, slots=True)
class Signs:
    """Signs that are drawn; a terminal that knows only ASCII gets others."""

    full: str = "━"
    rest: str = "─"
    dot: str = "●"
    about: str = "≈"
    sep: str = " · "
    number: str = "№"

    @classmethod
    def plain(cls) -> "Signs":
        return cls("#", ".", "*", "~", " - ", "#")


def _head(screen: Screen, signs: Signs) -> Text:
    board = screen.board
    text = Text(no_wrap=True, overflow="ellipsis").append("Kadr ", "bold")
    if screen.link.connected:
        text.append(f"{signs.dot} live", "bold green")
    else:
        text.append(f"{signs.dot} no answer from {screen.link.address}, trying again", "bold red")
    if board.started_at:
        text.append(f"{signs.sep}up {duration(screen.now - board.started_at)}", "default")
    ago = board.totals.polled_ago
    text.append(signs.sep + ("not polled yet" if ago is None else f"polled {duration(ago)} ago"), "default")
    if board.totals.memory:
        text.append(f"{signs.sep}{board.totals.memory / 1e6:.0f} MB", "default")
    for name in (board.release[:7], board.instance):
        if name:
            text.append(f"{signs.sep}{name}", "dim")
    return text


def _totals(board: Board) -> Text:
    totals = board.totals
    parts = [
        _counted(totals.people, "person", "people"),
        f"{totals.queued} queued" + (f" (oldest {duration(totals.queue_age)})" if totals.queued else ""),
        f"{totals.at_backend} at work",
        f"today {_counted(totals.delivered_today, 'film')}, {_counted(totals.tokens_today, 'token')}",
    ]
    text = Text("  ".join(parts), style="default")
    for count, words in (
        (totals.failed_today, "failed"),
        (totals.updates_waiting, "update waits" if totals.updates_waiting == 1 else "updates wait"),
        (totals.posts_due, "due to be shown"),
    ):
        if count:
            text.append(f"  {count} {words}", "yellow")
    if totals.post_lag >= 5:
        text.append(f" (oldest {duration(totals.post_lag)})", "yellow")
    return text


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _title(words: str, width: int) -> Text:
    return Text(f"{words} ", style="bold").append("-" * max(0, width - len(words) - 1), "dim")


def _jobs(board: Board, now: float, width: int, signs: Signs) -> Iterator[RenderableType]:
    open = board.open_jobs
    shown = [*open[:OPEN_SHOWN], *board.ended_jobs[:ENDED_SHOWN]]
    if not shown:
        yield Text("No film is being made.", style="dim")
        return
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, max_width=14, overflow="ellipsis")
    table.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
    if width >= WIDE:
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True, width=BAR)
    table.add_column(no_wrap=True, justify="right", width=5)
    table.add_column(no_wrap=True, justify="right", max_width=14)
    for job in shown:
        cells: list[str | Text] = [Text(f"{signs.number}{job.id}", "dim"), Text(job.who), Text(job.prompt)]
        if width >= WIDE:
            cells += [Text(f"{job.model} {job.seconds} s {job.size}", "dim"), Text(str(job.price), "dim")]
        table.add_row(*cells, *_how_far(job, now, signs))
    yield table
    if len(open) > OPEN_SHOWN:
        every = max(len(open), board.totals.queued + board.totals.at_backend + board.totals.ready)
        yield Text(f"and {every - OPEN_SHOWN} more", style="dim")


def _how_far(job: JobView, now: float, signs: Signs) -> tuple[Text, Text, Text]:
    """The bar, the percent and the time left; or what became of the film, and when."""
    style = STATES.get(job.state, "default")
    if job.ended_at is not None:
        word = job.failure or job.state
        return Text(word[:BAR], style), Text(), Text(f"{duration(now - job.ended_at)} ago", "dim")
    if job.place:
        return Text(f"queued, {job.place}.", style), Text(), Text(f"for {duration(now - job.created_at)}", "dim")
    if job.state != "processing":
        words = {"ready": "uploading", "submitting": "ordering", "unknown": "looking for it"}
        return Text(words.get(job.state, job.state), style), Text(), Text()
    full = round(BAR * job.percent / 100)
    bar = Text(signs.full * full, style).append(signs.rest * (BAR - full), "dim")
    about = signs.about if job.estimated else ""
    left = "any moment" if job.left is None else f"{signs.about} {duration(job.left)}"
    return bar, Text(f"{about}{job.percent}%"), Text(left)


def _money(board: Board, signs: Signs) -> Iterator[RenderableType]:
    rails = Text()
    for rail in board.totals.rails:
        if rails:
            rails.append("   ")
        rails.append(RAILS.get(rail.name, rail.name), "bold")
        rails.append(f" {rail.paid} paid today")
        if rail.amount:
            rails.append(f", {money(rail.amount, rail.currency)}", "green")
        if rail.waiting:
            rails.append(f", {rail.waiting} waiting", "dim")
        if rail.claimed:
            rails.append(f", {rail.claimed} to decide", "yellow")
    yield rails or Text("No rail is set up.", style="dim")
    for order in sorted(board.orders.values(), key=lambda order: order.changed_at, reverse=True)[:ORDERS_SHOWN]:
        yield order_text(order, signs.sep)


def order_text(order: OrderView, sep: str = " · ") -> Text:
    style = {"paid": "green", "claimed": "yellow", "disputed": "red", "refunded": "red"}.get(order.state, "dim")
    text = Text(f"{order.code or order.id}  ", no_wrap=True, overflow="ellipsis")
    text.append(order.state, style)
    amount = f"{sep}{money(order.amount, order.currency)}" if order.amount else ""
    rail = f"{sep}{RAILS.get(order.rail, order.rail)}" if order.rail else ""
    return text.append(f"{sep}{order.who}{sep}{order.tokens} tokens{amount}{rail}")


def _house(board: Board, now: float, width: int, signs: Signs) -> Iterator[RenderableType]:
    for backend in board.totals.backends:
        text = Text(f"{backend.name}: {backend.busy} of {backend.places} places", no_wrap=True, overflow="ellipsis")
        if backend.resting_until > now:
            text.append(f", rests for {duration(backend.resting_until - now)}: {backend.reason}", "red")
        elif backend.reason:
            text.append(f", on trial: {backend.reason}", "yellow")
        yield text
    yield _actors(board, signs)


def _actors(board: Board, signs: Signs) -> Text:
    text = Text()
    for actor in board.actors.values():
        if actor.state == "ended":
            continue
        if text:
            text.append("  ")
        running = actor.state == "running"
        text.append(signs.dot, "green" if running else "bold red")
        words = actor.name if running else f"{actor.name} ({actor.state})"
        text.append(f"\u00a0{words}", "default" if running else "bold red")
        if actor.restarts:
            text.append(f" ×{actor.restarts}", "yellow")
    return text


def log_text(line: LogView, width: int | None = None) -> Text:
    """One line of the log."""
    at = datetime.fromtimestamp(line.at, UTC).astimezone()
    text = Text(no_wrap=width is not None, overflow="ellipsis").append(f"{at:%H:%M:%S} ", "dim")
    text.append(f"{line.event} ", LEVELS.get(line.level, "bold default"))
    said = " ".join([*(f"{name}={value}" for name, value in line.ids.items()), *([line.text] if line.text else [])])
    return text.append(said, "dim" if line.level in ("info", "debug") else "default")


def as_line(event: AnyEvent, now: float) -> Text | None:
    """An event as one line of text, for a pipe; None for one that says nothing there."""
    match event:
        case Logged(line=line):
            return log_text(line)
        case JobChanged(job=job):
            far = " ".join(part.plain for part in _how_far(job, now, Signs()) if part.plain)
            return _stamped(now, f"film №{job.id} {job.who}: {job.state}, {far}")
        case OrderChanged(order=order):
            return _stamped(now, f"order {order_text(order).plain}")
        case ActorChanged(actor=actor):
            return _stamped(now, f"actor {actor.name}: {actor.state}, {actor.restarts} restarts")
        case PostChanged(post=post) if post.state == "dead":
            return _stamped(now, f"post {post.slot} of chat {post.chat_id}: {post.error}")
        case _:
            return None


def _stamped(now: float, words: str) -> Text:
    return Text(f"{datetime.fromtimestamp(now, UTC).astimezone():%H:%M:%S} {words}")


def money(amount: int, currency: str) -> str:
    """Minor units for the eye: Stars are whole, everything else sold here has hundredths."""
    return f"{amount} Stars" if currency.upper() == "XTR" else f"{amount / 100:,.0f} {currency}".replace(",", " ")


def duration(seconds: float) -> str:
    """`12 s`, `5 min`, `3 h 20 min`, `2 d 4 h`."""
    whole = max(0, round(seconds))
    parts: Sequence[tuple[int, str]] = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
    for (unit, name), (smaller, smaller_name) in zip(parts, [*parts[1:], (0, "")], strict=True):
        if whole >= unit:
            rest = (whole % unit) // smaller if unit >= 3600 else 0
            return f"{whole // unit} {name}" + (f" {rest} {smaller_name}" if rest else "")
    return "0 s"
