"""Double-entry books in whole tokens, with holds.

Rule 1. A transfer moves tokens between accounts by entries that sum to zero; its unique key makes it happen once.
Rule 2. Entries are never changed (triggers of the database refuse it); a mistake is mended by another transfer.
Rule 3. A hold reserves a price for a job. It ends once: captured (the tokens move to revenue) or released.
Rule 4. `posted` and `held` of an account are caches of its entries and its open holds; `audit` recomputes them.
Rule 5. What must be taken back and is spent already becomes a debt: `debt:<id>` goes below zero, and the person's next
        tokens pay it first. Tokens of a disputed payment wait in `disputed:<id>`.
A person's `posted` never goes below `held`: the database itself refuses it.
"""

from dataclasses import dataclass

from sqlalchemy import bindparam, exists, func, insert, select, update

from storage.sql import insert_or_ignore
from storage.store import Tx
from storage.tables import accounts, entries, holds, transfers

REVENUE = "revenue"
PROMOTION = "promotion"
ADJUSTMENT = "adjustment"

DEBT = "debt"
"""The kind of a transfer that pays a debt; its key names what brought the tokens."""
FILM = "film"
"""The kind of a transfer that pays for a film; its key names the job."""


# Built once: building a statement costs twice as much as running it.
_BALANCE = select(accounts.c.posted, accounts.c.held).where(accounts.c.name == bindparam("account"))
_POSTED = select(accounts.c.posted).where(accounts.c.name == bindparam("account"))
_ADD_ENTRY = insert(entries)
_MOVE = (
    update(accounts).where(accounts.c.name == bindparam("account")).values(posted=accounts.c.posted + bindparam("by"))
)
_HOLD = (
    update(accounts)
    .where(accounts.c.name == bindparam("account"), accounts.c.posted - accounts.c.held >= bindparam("by"))
    .values(held=accounts.c.held + bindparam("by"))
)
_ADD_HOLD = insert(holds)
_END_HOLD = (
    update(holds)
    .where(holds.c.job_id == bindparam("job"), holds.c.state == "open")
    .values(state=bindparam("ending"), ended_at=bindparam("now"))
    .returning(holds.c.account, holds.c.amount)
)
_FREE = update(accounts).where(accounts.c.name == bindparam("account")).values(held=accounts.c.held - bindparam("by"))
_MOVE_WHAT_IS_FREE = _MOVE.where(accounts.c.posted - accounts.c.held + bindparam("by") >= 0)


class InsufficientTokens(Exception):
    """The person has fewer tokens free than were asked for."""

    def __init__(self, *, needed: int, available: int) -> None:
        super().__init__(f"{needed} tokens are needed and {available} are free")
        self.needed = needed
        self.available = available


class HoldEnded(Exception):
    """The job's hold was captured or released before, or never was: a fault of ours, never of a person."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Tokens of one person: all of them, those held for running jobs, and those free to spend."""

    posted: int
    held: int

    @property
    def available(self) -> int:
        return self.posted - self.held


def account_of(user_id: int) -> str:
    """The name of a person's account."""
    return f"user:{user_id}"


def debt_of(user_id: int) -> str:
    """The name of the account of what a person owes; below zero, or at it."""
    return f"debt:{user_id}"


def disputed_of(user_id: int) -> str:
    """The name of the account of a person's tokens whose payment is disputed."""
    return f"disputed:{user_id}"


def rail_account(rail: str) -> str:
    """The name of the account from which a rail's purchases are credited; below zero, or at it."""
    return f"rail:{rail}"


def owed(tx: Tx, user_id: int) -> int:
    """Tokens the person owes; 0 for nearly everybody."""
    return -int(tx.conn.execute(_POSTED, {"account": debt_of(user_id)}).scalar_one_or_none() or 0)


def frozen(tx: Tx, user_id: int) -> int:
    """Tokens of the person that wait for the end of a dispute; 0 for nearly everybody."""
    return int(tx.conn.execute(_POSTED, {"account": disputed_of(user_id)}).scalar_one_or_none() or 0)


def balance(tx: Tx, user_id: int) -> Balance:
    """What the person has. Nothing, when they have no account yet."""
    row = tx.conn.execute(_BALANCE, {"account": account_of(user_id)}).one_or_none()
    return Balance(*row) if row else Balance(0, 0)


def transfer(
    tx: Tx,
    *,
    key: str,
    source: str,
    target: str,
    amount: int,
    kind: str,
    memo: str = "",
    actor: int | None = None,
) -> bool:
    """Move `amount` tokens, once per `key`. False when it has happened before, and then nothing changes.

    Tokens that come to a person pay their debt first. Raises `InsufficientTokens` when a person would be left with
    less than is held from them.
    """
    if amount <= 0:
        raise ValueError("a transfer moves a positive number of tokens")
    transfer_id = _begin(tx, key=key, kind=kind, memo=memo, actor=actor)
    if transfer_id is None:
        return False
    _post(tx, transfer_id, source, -amount)
    _post(tx, transfer_id, target, amount)
    if target.startswith("user:"):
        _settle(tx, target, key)
    return True


def _begin(tx: Tx, *, key: str, kind: str, memo: str, actor: int | None) -> int | None:
    """The id of a new transfer; None when there is one with this key already."""
    values = {"key": key, "kind": kind, "memo": memo, "actor": actor, "created_at": tx.now}
    return tx.conn.execute(insert_or_ignore(tx, transfers).returning(transfers.c.id), values).scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class Taken:
    """Tokens that were taken from a person: those that were free, and those that are owed now."""

    free: int
    owed: int


def take(
    tx: Tx,
    *,
    key: str,
    user_id: int,
    target: str,
    amount: int,
    kind: str,
    memo: str = "",
    actor: int | None = None,
) -> Taken | None:
    """Take `amount` tokens from a person, once per `key`; what is not free becomes a debt.

    None when it has happened before, and then nothing changes. Never fails for want of tokens.
    """
    if amount <= 0:
        raise ValueError("what is taken is a positive number of tokens")
    transfer_id = _begin(tx, key=key, kind=kind, memo=memo, actor=actor)
    if transfer_id is None:
        return None
    free = max(0, min(amount, balance(tx, user_id).available))
    if free:
        _post(tx, transfer_id, account_of(user_id), -free)
    if amount > free:
        _post(tx, transfer_id, debt_of(user_id), free - amount)
    _post(tx, transfer_id, target, amount)
    return Taken(free, amount - free)


def reverse(tx: Tx, original: str, *, key: str, kind: str, memo: str = "", actor: int | None = None) -> Taken | None:
    """Undo the credit that has the key `original`, by a transfer of its own. None when that has happened before.

    Raises `LookupError` when there is no such credit to one person.
    """
    rows = tx.conn.execute(
        select(entries.c.account, entries.c.amount)
        .join(transfers, transfers.c.id == entries.c.transfer_id)
        .where(transfers.c.key == original)
        .order_by(entries.c.amount)
    ).all()
    if len(rows) != 2 or not rows[1].account.startswith("user:"):
        raise LookupError(f"{original} is not a credit that can be reversed")
    source, (name, amount) = rows[0].account, rows[1]
    user_id = int(name.partition(":")[2])
    return take(tx, key=key, user_id=user_id, target=source, amount=amount, kind=kind, memo=memo, actor=actor)


def _settle(tx: Tx, name: str, cause: str) -> None:
    """Pay a person's debt from what is free; `cause` is the key of what brought the tokens."""
    user_id = int(name.partition(":")[2])
    debt = owed(tx, user_id)
    if debt <= 0:
        return
    paying = min(debt, balance(tx, user_id).available)
    if paying > 0:
        transfer_id = _begin(tx, key=f"debt:{cause}"[:255], kind=DEBT, memo="", actor=None)
        assert transfer_id is not None, "what brought the tokens happens once"
        _post(tx, transfer_id, name, -paying)
        _post(tx, transfer_id, debt_of(user_id), paying)


def hold(tx: Tx, *, job_id: int, user_id: int, amount: int) -> None:
    """Reserve the price of a job. Raises `InsufficientTokens`."""
    name = account_of(user_id)
    _open_account(tx, name)
    if not tx.conn.execute(_HOLD, {"account": name, "by": amount}).rowcount:
        raise InsufficientTokens(needed=amount, available=balance(tx, user_id).available)
    held = {"job_id": job_id, "account": name, "amount": amount, "state": "open", "created_at": tx.now}
    tx.conn.execute(_ADD_HOLD, held)


def capture(tx: Tx, job_id: int) -> int:
    """The film was delivered: the held tokens become revenue. Returns the amount. Raises `HoldEnded`."""
    name, amount = _end_hold(tx, job_id, "captured")
    transfer(tx, key=_film_key(job_id), source=name, target=REVENUE, amount=amount, kind=FILM)
    return amount


def _film_key(job_id: int) -> str:
    return f"job:{job_id}"


def release(tx: Tx, job_id: int) -> int:
    """The job will not be delivered: the held tokens are free again. Returns the amount. Raises `HoldEnded`."""
    name, amount = _end_hold(tx, job_id, "released")
    _settle(tx, name, _film_key(job_id))
    return amount


def _end_hold(tx: Tx, job_id: int, state: str) -> tuple[str, int]:
    row = tx.conn.execute(_END_HOLD, {"job": job_id, "ending": state, "now": tx.now}).one_or_none()
    if row is None:
        raise HoldEnded(f"job {job_id} has no open hold")
    name, amount = row
    tx.conn.execute(_FREE, {"account": name, "by": amount})
    return name, amount


def _open_account(tx: Tx, name: str) -> None:
    tx.conn.execute(insert_or_ignore(tx, accounts), {"name": name})


def _post(tx: Tx, transfer_id: int, name: str, amount: int) -> None:
    _open_account(tx, name)
    tx.conn.execute(_ADD_ENTRY, {"transfer_id": transfer_id, "account": name, "amount": amount})
    move = _MOVE_WHAT_IS_FREE if amount < 0 and name.startswith("user:") else _MOVE
    if not tx.conn.execute(move, {"account": name, "by": amount}).rowcount:
        row = tx.conn.execute(select(accounts.c.posted, accounts.c.held).where(accounts.c.name == name)).one()
        raise InsufficientTokens(needed=-amount, available=row.posted - row.held)


def audit(tx: Tx) -> list[str]:
    """Recompute everything from the entries; one sentence for each difference, none when the books are right."""
    found: list[str] = []
    total = tx.conn.execute(select(func.coalesce(func.sum(entries.c.amount), 0))).scalar_one()
    if total:
        found.append(f"all entries sum to {total}, not to 0")
    unbalanced = select(entries.c.transfer_id, func.sum(entries.c.amount)).group_by(entries.c.transfer_id)
    for transfer_id, amount in tx.conn.execute(unbalanced.having(func.sum(entries.c.amount) != 0)):
        found.append(f"transfer {transfer_id} sums to {amount}, not to 0")
    posted = dict(
        tx.conn.execute(select(entries.c.account, func.sum(entries.c.amount)).group_by(entries.c.account)).all()
    )
    held = dict(
        tx.conn.execute(
            select(holds.c.account, func.sum(holds.c.amount)).where(holds.c.state == "open").group_by(holds.c.account)
        ).all()
    )
    empty = select(transfers.c.id).where(~exists().where(entries.c.transfer_id == transfers.c.id))
    found += [f"transfer {transfer_id} has no entries" for transfer_id in tx.conn.execute(empty).scalars()]
    rows = tx.conn.execute(select(accounts).order_by(accounts.c.name)).all()
    for name in sorted(posted.keys() - {row.name for row in rows}):
        found.append(f"account {name} is missing, its entries say {posted[name]}")
    for row in rows:
        if row.posted != posted.get(row.name, 0):
            found.append(f"account {row.name} says {row.posted}, its entries say {posted.get(row.name, 0)}")
        if row.held != held.get(row.name, 0):
            found.append(f"account {row.name} says {row.held} held, its open holds say {held.get(row.name, 0)}")
        if row.name.startswith("user:") and row.posted < row.held:
            found.append(f"account {row.name} has {row.posted} and holds {row.held}")
        if row.name.startswith("debt:") and row.posted > 0:
            found.append(f"account {row.name} has {row.posted}, and a debt is never above 0")
        if row.name.startswith("disputed:") and row.posted < 0:
            found.append(f"account {row.name} has {row.posted}, and what is frozen is never below 0")
    return found + _audit_captures(tx)


def _audit_captures(tx: Tx) -> list[str]:
    """A hold is captured exactly when a transfer has moved its tokens to revenue."""
    paid = dict(
        tx.conn.execute(
            select(transfers.c.key, entries.c.amount)
            .join(entries, entries.c.transfer_id == transfers.c.id)
            .where((transfers.c.kind == FILM) & (entries.c.account == REVENUE))
        ).all()
    )
    captured = {
        _film_key(row.job_id): row
        for row in tx.conn.execute(select(holds.c.job_id, holds.c.amount).where(holds.c.state == "captured"))
    }
    found = [
        f"job {row.job_id} is captured with {row.amount}, its transfer says {paid.get(key, 'nothing')}"
        for key, row in captured.items()
        if paid.get(key) != row.amount
    ]
    unheld = sorted(paid.keys() - captured.keys())
    return found + [f"{key.replace(':', ' ')} was paid with {paid[key]} and its hold is not captured" for key in unheld]


def summary(tx: Tx) -> str:
    """What was audited, for the operator's eye."""
    entry_count = tx.conn.execute(select(func.count()).select_from(entries)).scalar_one()
    account_count = tx.conn.execute(select(func.count()).select_from(accounts)).scalar_one()
    hold_count = tx.conn.execute(select(func.count()).select_from(holds).where(holds.c.state == "open")).scalar_one()
    return f"{account_count} accounts, {entry_count} entries, {hold_count} open holds"
