"""The shop day by day: people, films, money, waiting. Everything is read and nothing is written.

A month of it goes through all jobs there are, which takes the writer a tenth of a second for a hundred thousand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, Integer, cast, func, literal_column, select

from protocol.job import JobState
from storage.payment_tables import orders
from storage.store import Tx
from storage.tables import jobs, users

DAY_SECONDS = 86400.0


@dataclass(frozen=True, slots=True)
class Made:
    """Films of one kind that ended on one day: `tokens` were paid for the delivered ones, `rendered` cost us."""

    model: str
    size: str
    seconds: int
    kind: str
    delivered: int
    failed: int
    rendered: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Income:
    """What came in by one rail on one day, without what was refunded since: minor units, and the tokens sold."""

    rail: str
    currency: str
    amount: int
    tokens: int


@dataclass(slots=True)
class Day:
    """One day. `waits` are seconds from the order to the delivered film."""

    new_people: int = 0
    made: list[Made] = field(default_factory=list[Made])
    income: list[Income] = field(default_factory=list[Income])
    waits: list[float] = field(default_factory=list[float])


def days(tx: Tx, since: float, count: int) -> list[Day]:
    """So many days from the midnight `since` (epoch seconds), oldest first."""
    found = [Day() for _ in range(count)]

    def numbered(column: Column[Any]) -> ColumnElement[int]:
        days = (column - since) / DAY_SECONDS
        # PostgreSQL rounds where SQLite cuts off.
        return cast(days if tx.conn.dialect.name == "sqlite" else func.floor(days), Integer).label("day")

    def within(column: Column[Any]) -> ColumnElement[bool]:
        return (column >= since) & (column < since + count * DAY_SECONDS)

    people = select(numbered(users.c.created_at), func.count().label("people")).where(within(users.c.created_at))
    for row in tx.conn.execute(people.group_by(literal_column("day"))):
        found[row.day].new_people = row.people
    _films(tx, found, numbered(jobs.c.ended_at), within(jobs.c.ended_at))
    _income(tx, found, numbered(orders.c.paid_at), within(orders.c.paid_at))
    waited = (jobs.c.ended_at - jobs.c.created_at).label("waited")
    delivered = within(jobs.c.ended_at) & (jobs.c.state == JobState.DELIVERED)
    for number, seconds in tx.conn.execute(select(numbered(jobs.c.ended_at), waited).where(delivered)):
        found[int(number)].waits.append(float(seconds))
    return found


def _films(tx: Tx, found: Sequence[Day], day: ColumnElement[int], within: ColumnElement[bool]) -> None:
    ended = within & jobs.c.state.in_((JobState.DELIVERED, JobState.FAILED))
    kind = (jobs.c.state, jobs.c.model, jobs.c.size, jobs.c.seconds, jobs.c.kind)
    counted = select(
        day, *kind, func.count().label("all"), func.count(jobs.c.ready_at).label("ready"), func.sum(jobs.c.price)
    )
    for number, state, model, size, seconds, how, all, ready, tokens in tx.conn.execute(
        counted.where(ended).group_by(literal_column("day"), *kind)
    ):
        delivered = state == JobState.DELIVERED
        found[number].made.append(
            Made(
                model=model,
                size=size,
                seconds=seconds,
                kind=how,
                delivered=all if delivered else 0,
                failed=0 if delivered else all,
                rendered=ready,
                tokens=int(tokens) if delivered else 0,
            )
        )


def _income(tx: Tx, found: Sequence[Day], day: ColumnElement[int], within: ColumnElement[bool]) -> None:
    amount = func.sum(orders.c.amount - orders.c.refunded_amount)
    tokens = func.sum(orders.c.tokens - orders.c.clawed_tokens)
    query = select(day, orders.c.rail, orders.c.currency, amount, tokens).where(within, orders.c.rail.is_not(None))
    for number, rail, currency, came, sold in tx.conn.execute(
        query.group_by(literal_column("day"), orders.c.rail, orders.c.currency)
    ):
        found[number].income.append(Income(rail, currency, int(came), int(sold)))
