"""What the live feed says: one JSON object per WebSocket message, each with its number, told apart by `kind`.

A reader gets a `snapshot` first, or, when it names the last number it saw and that is not too long ago, only what came
since. Later events replace what an earlier one said of the same job, order, post or actor, so applying one twice does
no harm. No secret is ever in it, and of a prompt only the beginning.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

PROMPT_BEGINNING = 48
"""Characters of a prompt that are shown."""
TOO_SLOW = 4008
"""Close code of a reader that fell behind. Codes from 4000 on are an application's own (RFC 6455, 7.4.2)."""
GOING_AWAY = 1001
"""Close code when the bot stops (RFC 6455, 7.4.1)."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")  # an older reader ignores what is new


class JobView(_Value):
    """A job as an operator sees it. Times are epoch seconds, the price whole tokens, `left` seconds (None: late)."""

    id: int
    state: str
    user_id: int
    who: str
    prompt: str
    model: str
    backend: str
    seconds: int
    size: str
    price: int
    place: int = 0  # in the queue, from 1; 0 for a job that does not wait
    percent: int = 0
    estimated: bool = True
    left: float | None = None
    created_at: float
    ended_at: float | None = None
    failure: str = ""


class OrderView(_Value):
    """A purchase. `amount` in minor units of `currency`."""

    id: int
    code: str
    state: str
    user_id: int
    who: str
    rail: str
    tokens: int
    amount: int
    currency: str
    changed_at: float


class PostView(_Value):
    """A post that Telegram does not show yet as it should, or has just been brought to do so."""

    id: int
    chat_id: int
    slot: str
    state: str
    attempts: int = 0
    changed_at: float
    error: str = ""


class ActorView(_Value):
    """One child of the supervisor: `running`, `restarting`, `ended`. `restarts` within its window of time."""

    name: str
    state: str
    restarts: int = 0


class RailView(_Value):
    """A way money comes in, today. `amount` in minor units of `currency`."""

    name: str
    currency: str = ""
    waiting: int = 0
    claimed: int = 0
    paid: int = 0
    amount: int = 0


class BackendView(_Value):
    """A video backend: places taken and allowed; `resting_until` is an epoch second while its breaker is open."""

    name: str
    busy: int = 0
    places: int = 0
    resting_until: float = 0.0
    reason: str = ""


class Totals(_Value):
    """The shop in numbers. `…_today` counts from the operator's midnight in UTC; ages in seconds, memory in bytes."""

    people: int = 0
    queued: int = 0
    at_backend: int = 0
    ready: int = 0
    delivered_today: int = 0
    failed_today: int = 0
    tokens_today: int = 0
    queue_age: float = 0.0
    updates_waiting: int = 0
    posts_due: int = 0
    post_lag: float = 0.0
    polled_ago: float | None = None
    memory: int = 0
    rails: tuple[RailView, ...] = ()
    backends: tuple[BackendView, ...] = ()


class LogView(_Value):
    """One line of the log. `ids` says what it is about: update, job, order, actor and the like."""

    at: float
    level: str
    event: str
    ids: dict[str, str] = Field(default_factory=dict[str, str])
    text: str = ""


class _Event(_Value):
    seq: int = 0


class JobChanged(_Event):
    kind: Literal["job"] = "job"
    job: JobView


class OrderChanged(_Event):
    kind: Literal["order"] = "order"
    order: OrderView


class PostChanged(_Event):
    kind: Literal["post"] = "post"
    post: PostView


class ActorChanged(_Event):
    kind: Literal["actor"] = "actor"
    actor: ActorView


class TotalsChanged(_Event):
    kind: Literal["totals"] = "totals"
    totals: Totals


class Logged(_Event):
    kind: Literal["log"] = "log"
    line: LogView


class Snapshot(_Event):
    """Everything at once, as of event number `seq`. Readers forget what they knew before."""

    kind: Literal["snapshot"] = "snapshot"
    at: float
    started_at: float
    release: str = ""
    instance: str = ""
    totals: Totals = Totals()
    jobs: tuple[JobView, ...] = ()
    orders: tuple[OrderView, ...] = ()
    posts: tuple[PostView, ...] = ()
    actors: tuple[ActorView, ...] = ()
    lines: tuple[LogView, ...] = ()


Change = JobChanged | OrderChanged | PostChanged | ActorChanged | TotalsChanged | Logged
AnyEvent = Snapshot | Change
Event = Annotated[AnyEvent, Field(discriminator="kind")]
_event: TypeAdapter[AnyEvent] = TypeAdapter(Event)


def dump(event: AnyEvent) -> str:
    """The event as it travels."""
    return event.model_dump_json()


def load(message: str | bytes) -> AnyEvent:
    """The event that `dump` wrote. Raises pydantic's `ValidationError` for anything else."""
    return _event.validate_json(message)
