"""Purchases, with an append-only trail of everything that happened to them.

Amounts of money are in minor units of the order's currency (tiyn, Stars); tokens are whole. Every change of an order
raises its `version`, which buttons on admins' cards carry: one that was drawn before is refused.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update

from protocol.order import OPEN, OrderEvent, OrderState, Rail, after, code_of
from storage import ledger
from storage.payment_tables import order_events, orders, stars_payments
from storage.store import Tx
from storage.tables import entries, transfers

LIFETIME_SECONDS = 24 * 3600.0
"""How long an order may be paid, unless its rail says otherwise."""
CLOCK = "clock"
"""Who expires an order."""


@dataclass(frozen=True, slots=True)
class Order:
    """One purchase. `amount` in minor units of `currency`; both are empty until a rail is chosen."""

    id: int
    code: str
    user_id: int
    state: str
    rail: str | None
    package: str
    tokens: int
    amount: int
    currency: str
    draft_id: int | None
    created_at: float
    expires_at: float
    paid_at: float | None
    refunded_amount: int
    clawed_tokens: int
    frozen_tokens: int
    external_id: str | None
    payment_id: str | None
    params: str | None
    next_check_at: float | None
    checks: int
    version: int

    @property
    def stands(self) -> OrderState:
        return OrderState(self.state)

    @property
    def way(self) -> Rail | None:
        """The rail that was chosen."""
        return Rail(self.rail) if self.rail else None


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the trail: who did what, in which state the order was before and after."""

    id: int
    order_id: int
    at: float
    who: str
    event: str
    before: str
    after: str
    detail: str


def person_is(user_id: int) -> str:
    """Who did it: the buyer."""
    return f"user:{user_id}"


def admin_is(user_id: int) -> str:
    """Who did it: an admin."""
    return f"admin:{user_id}"


def rail_is(rail: Rail | str) -> str:
    """Who did it: the rail, as it told us."""
    return f"rail:{rail}"


def create(tx: Tx, *, user_id: int, package: str, tokens: int, draft_id: int | None = None) -> Order:
    """A new order, whose rail is not chosen yet."""
    order_id: int = tx.conn.execute(
        insert(orders)
        .values(
            user_id=user_id,
            state=OrderState.DRAFT,
            package=package,
            tokens=tokens,
            amount=0,
            draft_id=draft_id,
            created_at=tx.now,
            expires_at=tx.now + LIFETIME_SECONDS,
        )
        .returning(orders.c.id)
    ).scalar_one()
    row = tx.conn.execute(
        update(orders).where(orders.c.id == order_id).values(code=code_of(order_id)).returning(orders)
    ).one()
    order = Order(*row)
    _write(tx, order, person_is(user_id), "create", order.stands, f"{package}: {tokens} tokens")
    return order


def get(tx: Tx, order_id: int) -> Order:
    """The order of that id. Raises `LookupError`."""
    row = tx.conn.execute(select(orders).where(orders.c.id == order_id)).one_or_none()
    if row is None:
        raise LookupError(f"there is no order {order_id}")
    return Order(*row)


def find(tx: Tx, order_id: int, *, user_id: int | None = None) -> Order | None:
    """The order of that id; with `user_id` only when it is that person's."""
    query = select(orders).where(orders.c.id == order_id)
    if user_id is not None:
        query = query.where(orders.c.user_id == user_id)
    row = tx.conn.execute(query).one_or_none()
    return Order(*row) if row else None


def by_code(tx: Tx, code: str) -> Order | None:
    """The order with that code, in any case."""
    row = tx.conn.execute(select(orders).where(orders.c.code == code.strip().upper())).one_or_none()
    return Order(*row) if row else None


def by_external(tx: Tx, rail: Rail, external_id: str) -> Order | None:
    """The order the rail knows by this name."""
    there = (orders.c.rail == rail) & (orders.c.external_id == external_id)
    row = tx.conn.execute(select(orders).where(there)).one_or_none()
    return Order(*row) if row else None


def by_payment(tx: Tx, payment_id: str) -> Order | None:
    """The order with that second name of the rail's (Stripe's payment intent)."""
    query = select(orders).where(orders.c.payment_id == payment_id).order_by(orders.c.id.desc()).limit(1)
    row = tx.conn.execute(query).one_or_none()
    return Order(*row) if row else None


def open_of(tx: Tx, user_id: int, states: Collection[OrderState] = OPEN) -> list[Order]:
    """The person's orders in these states, newest first."""
    mine = (orders.c.user_id == user_id) & orders.c.state.in_(states)
    return [Order(*row) for row in tx.conn.execute(select(orders).where(mine).order_by(orders.c.id.desc()))]


def of_user(tx: Tx, user_id: int, *, limit: int = 20) -> list[Order]:
    """The person's orders of every state, newest first."""
    query = select(orders).where(orders.c.user_id == user_id).order_by(orders.c.id.desc()).limit(limit)
    return [Order(*row) for row in tx.conn.execute(query)]


def in_states(tx: Tx, states: Collection[OrderState], rail: Rail | None = None) -> list[Order]:
    """Everybody's orders in these states, oldest first; of one rail only, if it is named."""
    query = select(orders).where(orders.c.state.in_(states))
    if rail is not None:
        query = query.where(orders.c.rail == rail)
    return [Order(*row) for row in tx.conn.execute(query.order_by(orders.c.id))]


def paid_between(tx: Tx, begin: float, end: float, *, limit: int) -> list[Order]:
    """Everybody's purchases that were paid from `begin` on and before `end` (epoch seconds), oldest first."""
    there = (orders.c.paid_at >= begin) & (orders.c.paid_at < end)
    query = select(orders).where(there).order_by(orders.c.paid_at, orders.c.id).limit(limit)
    return [Order(*row) for row in tx.conn.execute(query)]


def overdue(tx: Tx) -> list[Order]:
    """Orders nobody has paid in time: drafts and waiting ones, of every rail."""
    late = orders.c.state.in_((OrderState.DRAFT, OrderState.WAITING)) & (orders.c.expires_at <= tx.now)
    return [Order(*row) for row in tx.conn.execute(select(orders).where(late).order_by(orders.c.id))]


def paid_before(tx: Tx, order: Order) -> bool:
    """Whether the person has had another order credited before."""
    other = (orders.c.user_id == order.user_id) & (orders.c.id != order.id) & (orders.c.paid_at.is_not(None))
    return bool(tx.conn.execute(select(func.count()).select_from(orders).where(other)).scalar_one())


def change(tx: Tx, order: Order, **values: Any) -> Order:
    """Set columns of one order; the order as it is then, one version later. Its state is moved, never set."""
    if "state" in values:
        raise ValueError("an order's state is moved by an event")
    row = tx.conn.execute(
        update(orders).where(orders.c.id == order.id).values(**values, version=orders.c.version + 1).returning(orders)
    ).one()
    return Order(*row)


def move(tx: Tx, order: Order, event: OrderEvent, *, who: str, detail: str = "", **values: Any) -> Order:
    """Let the event happen to the order, and write it down. Raises `IllegalOrderTransition`."""
    before = get(tx, order.id).stands
    state = after(before, event)
    row = tx.conn.execute(
        update(orders)
        .where(orders.c.id == order.id)
        .values(state=state, version=orders.c.version + 1, **values)
        .returning(orders)
    ).one()
    moved = Order(*row)
    _write(tx, moved, who, event, before, detail)
    return moved


def note(tx: Tx, order: Order, event: str, *, who: str, detail: str = "") -> None:
    """Write something down that does not move the order."""
    state = get(tx, order.id).stands
    _write(tx, order, who, event, state, detail, stays=True)


def _write(tx: Tx, order: Order, who: str, event: str, before: OrderState, detail: str, *, stays: bool = False) -> None:
    tx.conn.execute(
        insert(order_events).values(
            order_id=order.id,
            at=tx.now,
            who=who,
            event=event,
            before=before,
            after=before if stays else order.state,
            detail=detail[:1000],
        )
    )
    state = str(before if stays else order.stands)
    ids = {"order_id": order.id, "user_id": order.user_id}
    tx.note("order.moved", **ids, who=who, what=str(event), was=str(before), state=state)


def trail(tx: Tx, order_id: int) -> list[Happened]:
    """Everything that happened to the order, oldest first."""
    query = select(order_events).where(order_events.c.order_id == order_id).order_by(order_events.c.id)
    return [Happened(*row) for row in tx.conn.execute(query)]


PURCHASE, UNDO = "purchase", "undo"
"""Kinds of transfers: an order's credit, and its reversal after a mistaken approval. Their memo is the order's code."""


def audit(tx: Tx) -> list[str]:
    """Hold orders against the books, their trail and what Telegram told; one sentence for each difference."""
    every = [Order(*row) for row in tx.conn.execute(select(orders).order_by(orders.c.id))]
    return [*_audit_books(tx, every), *_audit_trail(tx, every), *_audit_stars(tx, every)]


def _audit_books(tx: Tx, every: list[Order]) -> list[str]:
    found: list[str] = []
    moved = (
        select(transfers.c.memo, entries.c.account, func.sum(entries.c.amount))
        .join(entries, entries.c.transfer_id == transfers.c.id)
        .where(entries.c.account.like("rail:%") | entries.c.account.like("disputed:%"))
        .group_by(transfers.c.memo, entries.c.account)
    )
    books = {(memo, account): int(amount) for memo, account, amount in tx.conn.execute(moved)}
    counted = select(transfers.c.memo, transfers.c.kind, func.count()).where(transfers.c.kind.in_((PURCHASE, UNDO)))
    times = {
        (memo, kind): int(n) for memo, kind, n in tx.conn.execute(counted.group_by(transfers.c.memo, transfers.c.kind))
    }
    owners = _owners(tx)
    for order in every:
        credited = order.paid_at is not None
        expected = order.tokens - order.clawed_tokens if credited else 0
        came = -books.pop((order.code, f"rail:{order.rail}"), 0)
        frozen = books.pop((order.code, ledger.disputed_of(order.user_id)), 0)
        credits = times.pop((order.code, PURCHASE), 0) - times.pop((order.code, UNDO), 0)
        if came != expected:
            found.append(f"order {order.code} should have brought {expected} tokens, its entries say {came}")
        if frozen != order.frozen_tokens:
            found.append(f"order {order.code} has {order.frozen_tokens} tokens frozen, its entries say {frozen}")
        if credits != int(credited):
            found.append(f"order {order.code} is {order.state} and was credited {credits} times")
        if others := owners.get(order.code, set()) - {str(order.user_id)}:
            found.append(
                f"order {order.code} is user {order.user_id}'s and was credited to {', '.join(sorted(others))}"
            )
        if credited != (order.stands in (OrderState.PAID, OrderState.REFUNDED, OrderState.DISPUTED)):
            found.append(f"order {order.code} is {order.state}, and its payment says otherwise")
        if credited and order.stands is OrderState.REFUNDED and order.clawed_tokens != order.tokens:
            found.append(
                f"order {order.code} is refunded and {order.clawed_tokens} of {order.tokens} tokens were taken"
            )
    for (memo, account), amount in sorted(books.items()):
        if amount:
            found.append(
                f"account {account} was moved by {amount} tokens for {memo or 'nothing'}, which is no order of it"
            )
    return found


def _owners(tx: Tx) -> dict[str, set[str]]:
    """Whose accounts each order's credit went to."""
    query = (
        select(transfers.c.memo, entries.c.account)
        .join(entries, entries.c.transfer_id == transfers.c.id)
        .where(transfers.c.kind == PURCHASE, entries.c.account.like("user:%") | entries.c.account.like("debt:%"))
    )
    found: dict[str, set[str]] = {}
    for memo, account in tx.conn.execute(query):
        found.setdefault(memo, set()).add(account.partition(":")[2])
    return found


def _audit_trail(tx: Tx, every: list[Order]) -> list[str]:
    newest = select(func.max(order_events.c.id)).group_by(order_events.c.order_id)
    query = select(order_events.c.order_id, order_events.c.after).where(order_events.c.id.in_(newest))
    told: dict[int, str] = dict(tx.conn.execute(query).all())
    return [
        f"order {order.code} is {order.state}, its trail says {told.get(order.id, 'nothing')}"
        for order in every
        if told.get(order.id) != order.state
    ]


def _audit_stars(tx: Tx, every: list[Order]) -> list[str]:
    """Each payment in Stars that was credited belongs to one paid order, and the other way round."""
    credited = select(stars_payments).where(stars_payments.c.outcome == "credited")
    payments = {row.charge_id: row for row in tx.conn.execute(credited)}
    found: list[str] = []
    for order in every:
        if order.rail != Rail.STARS or order.paid_at is None:
            continue
        payment = payments.pop(order.external_id or "", None)
        if payment is None:
            found.append(f"order {order.code} is paid in Stars, and no payment {order.external_id} is known")
        elif (payment.order_id, payment.amount) != (order.id, order.amount):
            found.append(f"order {order.code} and its payment {order.external_id} differ")
    return found + [f"payment {charge_id} in Stars is credited to no order" for charge_id in payments]
