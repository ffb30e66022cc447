"""From a seed to a plan: who comes, what breaks, and when the process dies. A plan is a list that can be made shorter.

Every item has a label (`p0`, `f3`, `c1`, ...), and everything a person does is drawn from a generator of their own, so
leaving items out changes as little as possible in the others. That is what shrinking lives on.
"""

import random
from collections.abc import Collection
from dataclasses import dataclass, field

from sandbox.faults import FaultKind

Kinds = tuple[FaultKind, ...]
K = FaultKind

EVERYWHERE: Kinds = (K.RATE_LIMIT, K.SERVER_ERROR, K.SLOW, K.LOSE_REQUEST, K.LOSE_ANSWER, K.MALFORMED)
STRIPE: Kinds = (K.RATE_LIMIT, K.SERVER_ERROR, K.SLOW, K.LOSE_REQUEST, K.LOSE_ANSWER, K.LOCKED)
OPERATIONS: dict[tuple[str, str], Kinds] = {
    ("telegram", "getUpdates"): (*EVERYWHERE, K.CONFLICT),
    ("telegram", "sendMessage"): EVERYWHERE,
    ("telegram", "editMessageText"): EVERYWHERE,
    ("telegram", "sendVideo"): EVERYWHERE,
    ("telegram", "answerCallbackQuery"): EVERYWHERE,
    ("telegram", "setMyCommands"): EVERYWHERE,
    ("telegram", "sendInvoice"): EVERYWHERE,
    ("telegram", "answerPreCheckoutQuery"): EVERYWHERE,
    ("telegram", "getStarTransactions"): EVERYWHERE,
    ("telegram", "refundStarPayment"): EVERYWHERE,
    ("telegram", "getFile"): EVERYWHERE,
    ("telegram", "download"): EVERYWHERE,
    ("telegram", "sendPhoto"): EVERYWHERE,
    ("stripe", "sessions.create"): (*STRIPE, K.KEPT_ERROR),
    ("stripe", "sessions.retrieve"): STRIPE,
    ("stripe", "sessions.list"): STRIPE,
    ("stripe", "sessions.expire"): STRIPE,
    ("stripe", "events.list"): STRIPE,
    ("stripe", "refunds.create"): (*STRIPE, K.KEPT_ERROR),
    ("videos", "create"): (*EVERYWHERE, K.REFUSE, K.FAIL_HALFWAY, K.FORGET),
    ("videos", "retrieve"): (*EVERYWHERE, K.FORGET),
    ("videos", "content"): EVERYWHERE,
    ("videos", "list"): EVERYWHERE,
}
WEIGHTS = {"create": 12, "sendVideo": 5, "sendMessage": 3, "content": 3}
"""Where a fault hurts most, it strikes more often; once elsewhere."""
MOMENTS = ("", "", "getUpdates", "sendMessage", "sendVideo", "create", "content")
"""After which request a disk may become full: what the bot has just learned must then wait to be written down."""
PAYERS = ("star_buyer", "card_buyer", "kaspi_buyer", "promo_hunter")
MAKERS = ("photographer", "director")
TEMPERS = (
    "patient",
    "double_presser",
    "canceler",
    "blocker",
    "junk_sender",
    "polyglot",
    "admin",
    *MAKERS,
    *PAYERS,
    *PAYERS,
)
NEEDS_ADMIN = {"kaspi_buyer": 0.8, "promo_hunter": 0.6, "star_buyer": 0.3, "card_buyer": 0.3}
"""Who gets nothing without an admin, or much with one: how likely one comes as well."""
MANNERS = ("openai, content behind a redirect", "litellm", "vllm-omni", "sglang")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person of some temper, who first writes `at` seconds after the start."""

    at: float
    temper: str
    language: str


@dataclass(frozen=True, slots=True)
class Breakage:
    """A service misbehaves: the next `times` requests of this operation meet this fault."""

    at: float
    service: str
    operation: str
    kind: FaultKind
    times: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Crash:
    """The process dies at the `points`-th boundary after `at`, and starts again after `gap` seconds.

    Its clock is then `skew` seconds off: machines that start again are not always right about the time.
    """

    at: float
    points: int
    gap: float
    skew: float = 0.0


@dataclass(frozen=True, slots=True)
class Terminate:
    """SIGTERM, and a new process after `gap` seconds: what every deployment does."""

    at: float
    gap: float


@dataclass(frozen=True, slots=True)
class DiskFull:
    """For a while the database cannot grow (`pages`), or refuses to commit.

    It begins when the next request of operation `after` is answered, or at once when that is empty.
    """

    at: float
    seconds: float
    pages: bool
    after: str = ""


@dataclass(frozen=True, slots=True)
class Suspension:
    """The whole machine stands still; to the process its clock jumps forward."""

    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Mischief:
    """An actor raises what nobody expects: in the next such request, before or after the service acted."""

    at: float
    service: str
    operation: str
    acted: bool


Item = Visitor | Breakage | Crash | Terminate | DiskFull | Suspension | Mischief
LETTERS: dict[type[Item], str] = {
    Visitor: "p",
    Breakage: "f",
    Crash: "c",
    Terminate: "t",
    DiskFull: "d",
    Suspension: "s",
    Mischief: "m",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything about one simulation that is not code."""

    seed: int
    hours: float
    items: dict[str, Item]
    speed: float = 1.0
    concurrency: int = 4
    manners: str = "openai"
    welcome: int = 200
    real_films: bool = False
    latency: float = 0.0
    made_from: bool = False
    items_in_all: int = field(default=0, compare=False)

    @property
    def pause(self) -> float:
        """Seconds that people leave between two visits, on average."""
        return min(600.0, self.hours * 3600.0 / 4)

    def only(self, labels: Collection[str]) -> "Plan":
        """The same plan with these items alone."""
        kept = {label: item for label, item in self.items.items() if label in labels}
        return Plan(
            self.seed,
            self.hours,
            kept,
            self.speed,
            self.concurrency,
            self.manners,
            self.welcome,
            self.real_films,
            self.latency,
            self.made_from,
            self.items_in_all or len(self.items),
        )

    @property
    def command(self) -> str:
        """What replays it."""
        shrunk = self.items_in_all and self.items_in_all != len(self.items)
        keep = f" --keep {','.join(self.items)}" if shrunk else ""
        return f"python -m tests.simulation --seed {self.seed} --hours {self.hours:g}{keep} --trace"


def label(items: list[Item]) -> dict[str, Item]:
    """Items by their labels."""
    counts = dict.fromkeys(LETTERS.values(), 0)
    labelled: dict[str, Item] = {}
    for item in items:
        letter = LETTERS[type(item)]
        labelled[f"{letter}{counts[letter]}"] = item
        counts[letter] += 1
    return labelled


QUICK_HOURS = 0.1


def draw(seed: int, *, hours: float = QUICK_HOURS) -> Plan:
    """The plan of a seed. How rough the weather is differs between seeds: some are calm, some have everything."""
    rng = random.Random(f"plan {seed}")
    length = hours * 3600.0
    items: list[Item] = list(_visitors(rng, hours))

    def some(most: float) -> range:
        return range(round(rng.uniform(0, most) * rng.choice((0.0, 0.5, 1.0)) * max(1.0, hours)))

    items += [_breakage(rng, length) for _ in some(12)]
    items += [
        Crash(rng.uniform(0, length), int(rng.expovariate(1 / 12)), rng.uniform(1, 120), _skew(rng)) for _ in some(4)
    ]
    items += [Terminate(rng.uniform(0, length), rng.uniform(1, 60)) for _ in some(1.5)]
    items += [
        DiskFull(rng.uniform(0, length), rng.uniform(1, 90), rng.random() < 0.3, rng.choice(MOMENTS)) for _ in some(3)
    ]
    items += [Suspension(rng.uniform(0, length), rng.uniform(10, 1200)) for _ in some(1.5)]
    for _ in some(3):
        service, operation = rng.choice(list(OPERATIONS))
        items.append(Mischief(rng.uniform(0, length), service, operation, rng.random() < 0.5))
    manners = rng.choice((*("openai",) * 6, *MANNERS))
    return Plan(
        seed,
        hours,
        label(items),
        speed=rng.choice((1.0, 2.0, 4.0) if hours >= 0.5 else (4.0, 10.0)),
        concurrency=rng.choice((1, 2, 4)),
        manners=manners,
        welcome=rng.choice((40, 200)),
        real_films=rng.random() < 0.03,
        latency=rng.choice((0.0, 0.05, 0.5)),
        made_from=manners.startswith("openai") and rng.random() < 0.7,
    )


def _visitors(rng: random.Random, hours: float) -> list[Visitor]:
    least, most = (2, 8) if hours >= 2 else (1, 4) if hours >= 0.5 else (1, 2)
    tempers = [rng.choice(TEMPERS) for _ in range(rng.randint(least, most))]
    if "admin" not in tempers and any(rng.random() < NEEDS_ADMIN.get(temper, 0.0) for temper in tempers):
        tempers += ["admin"] * rng.choice((1, 1, 2))
    soon = min(hours, 1.0) * 3600.0 / 4
    return [Visitor(rng.uniform(0, soon), temper, rng.choice(("ru", "kk", "en", "de"))) for temper in tempers]


def _breakage(rng: random.Random, length: float) -> Breakage:
    weights = [WEIGHTS.get(operation, 1) for _, operation in OPERATIONS]
    [((service, operation), kinds)] = rng.choices(list(OPERATIONS.items()), weights)
    kind = rng.choice(kinds)
    seconds = rng.choice((0.5, 3.0, 20.0, 200.0)) if kind is K.SLOW else float(rng.randint(1, 40))
    # A fault that stays hits whoever asks often; whoever asks once for each film would sell nothing.
    times = rng.choice((1, 1, 1, 2, 3, 8)) if operation in WEIGHTS else rng.choice((1, 1, 2, 3, 8, 40))
    # Whoever orders once must be met by what waits for an order.
    until = length * (0.3 if operation == "create" else 0.8)
    return Breakage(rng.uniform(0, until), service, operation, kind, times, seconds)


def _skew(rng: random.Random) -> float:
    return rng.choice((0.0, 0.0, 0.0, -90.0, -5.0, 30.0, 3600.0))
