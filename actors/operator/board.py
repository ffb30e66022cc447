"""The shop as the feed has told it so far: what a snapshot is made of, and what a reader of the feed keeps."""

from collections import deque
from typing import TypeVar

from protocol.feed import (
    ActorChanged,
    ActorView,
    AnyEvent,
    JobChanged,
    JobView,
    Logged,
    LogView,
    OrderChanged,
    OrderView,
    PostChanged,
    PostView,
    Snapshot,
    Totals,
    TotalsChanged,
)
from protocol.job import FINAL

V = TypeVar("V")

ENDED_JOBS = 12
ENDED_ORDERS = 12
SHOWN_POSTS = 12
"""How many of those that are over are kept, for the eye."""
LINES = 200
_OVER = frozenset(str(state) for state in FINAL)
_OPEN_ORDERS = frozenset({"draft", "waiting", "claimed", "disputed"})


class Board:
    """Applies events in their order. The newest of what is over is kept, the rest forgotten."""

    def __init__(self) -> None:
        self.seq = 0
        self.started_at = 0.0
        self.release = ""
        self.instance = ""
        self.totals = Totals()
        self.jobs: dict[int, JobView] = {}
        self.orders: dict[int, OrderView] = {}
        self.posts: dict[int, PostView] = {}
        self.actors: dict[str, ActorView] = {}
        self.lines: deque[LogView] = deque(maxlen=LINES)

    def apply(self, event: AnyEvent) -> None:
        self.seq = event.seq
        match event:
            case Snapshot():
                self._begin_anew(event)
            case JobChanged(job=job):
                self.jobs.pop(job.id, None)
                self.jobs[job.id] = job
                _forget(self.jobs, [id for id, one in self.jobs.items() if one.state in _OVER], ENDED_JOBS)
            case OrderChanged(order=order):
                self.orders.pop(order.id, None)
                self.orders[order.id] = order
                over = [id for id, one in self.orders.items() if one.state not in _OPEN_ORDERS]
                _forget(self.orders, over, ENDED_ORDERS)
            case PostChanged(post=post):
                self.posts.pop(post.id, None)
                self.posts[post.id] = post
                _forget(self.posts, [id for id, one in self.posts.items() if one.state != "due"], SHOWN_POSTS)
            case ActorChanged(actor=actor):
                self.actors[actor.name] = actor
            case TotalsChanged(totals=totals):
                self.totals = totals
            case Logged(line=line):
                self.lines.append(line)

    def _begin_anew(self, snapshot: Snapshot) -> None:
        self.started_at, self.release, self.instance = snapshot.started_at, snapshot.release, snapshot.instance
        self.totals = snapshot.totals
        self.jobs = {job.id: job for job in snapshot.jobs}
        self.orders = {order.id: order for order in snapshot.orders}
        self.posts = {post.id: post for post in snapshot.posts}
        self.actors = {actor.name: actor for actor in snapshot.actors}
        self.lines = deque(snapshot.lines, maxlen=LINES)

    def snapshot(self, at: float) -> Snapshot:
        """Everything, at epoch second `at`."""
        return Snapshot(
            seq=self.seq,
            at=at,
            started_at=self.started_at,
            release=self.release,
            instance=self.instance,
            totals=self.totals,
            jobs=tuple(self.jobs.values()),
            orders=tuple(self.orders.values()),
            posts=tuple(self.posts.values()),
            actors=tuple(self.actors.values()),
            lines=tuple(self.lines),
        )

    @property
    def open_jobs(self) -> list[JobView]:
        """Jobs that are not over: those at work by their age, then the queue in its order."""
        running = [job for job in self.jobs.values() if job.state not in _OVER]
        return sorted(running, key=lambda job: (job.place > 0, job.place, job.id))

    @property
    def ended_jobs(self) -> list[JobView]:
        """Jobs that are over, the last one first."""
        over = [job for job in self.jobs.values() if job.state in _OVER]
        return sorted(over, key=lambda job: job.ended_at or 0.0, reverse=True)


def _forget(kept: dict[int, V], over: list[int], most: int) -> None:
    for key in over[:-most]:
        del kept[key]
