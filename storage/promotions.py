"""Promo codes and who used them; who came by whose link. A code is used once by a person, a friend comes once."""

from dataclasses import dataclass

from sqlalchemy import func, insert, select, update

from storage.payment_tables import promo_codes, promo_uses, referrals
from storage.sql import insert_or_ignore
from storage.store import Tx


@dataclass(frozen=True, slots=True)
class Code:
    """A promo code. `most_uses` is None where everybody may use it; times in epoch seconds."""

    code: str
    tokens: int
    uses: int
    most_uses: int | None
    expires_at: float | None
    created_by: int
    created_at: float

    def is_over(self, now: float) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    @property
    def is_used_up(self) -> bool:
        return self.most_uses is not None and self.uses >= self.most_uses


@dataclass(frozen=True, slots=True)
class Referral:
    """A friend who came by somebody's link, and what that has earned."""

    friend_id: int
    referrer_id: int
    at: float
    rewarded_at: float | None
    tokens: int


def create(
    tx: Tx, code: str, *, tokens: int, most_uses: int | None, expires_at: float | None, created_by: int
) -> Code | None:
    """A new code; None when there is one of that name already, which stays as it is."""
    values = {
        "code": code,
        "tokens": tokens,
        "most_uses": most_uses,
        "expires_at": expires_at,
        "created_by": created_by,
        "created_at": tx.now,
    }
    row = tx.conn.execute(insert_or_ignore(tx, promo_codes).returning(promo_codes), values).one_or_none()
    return Code(*row) if row else None


def find(tx: Tx, code: str) -> Code | None:
    """The code, in any case."""
    row = tx.conn.execute(select(promo_codes).where(promo_codes.c.code == code.upper())).one_or_none()
    return Code(*row) if row else None


def newest(tx: Tx, limit: int) -> list[Code]:
    """The codes made last, newest first."""
    query = select(promo_codes).order_by(promo_codes.c.created_at.desc(), promo_codes.c.code).limit(limit)
    return [Code(*row) for row in tx.conn.execute(query)]


def stop(tx: Tx, code: str) -> None:
    """Nobody can use it from now on."""
    tx.conn.execute(update(promo_codes).where(promo_codes.c.code == code).values(expires_at=tx.now))


def use(tx: Tx, code: str, user_id: int) -> bool:
    """Note that the person uses the code; False when they have before, and then nothing changes."""
    values = {"code": code, "user_id": user_id, "at": tx.now}
    if not tx.conn.execute(insert_or_ignore(tx, promo_uses), values).rowcount:
        return False
    tx.conn.execute(update(promo_codes).where(promo_codes.c.code == code).values(uses=promo_codes.c.uses + 1))
    return True


def used(tx: Tx, code: str, user_id: int) -> bool:
    """Whether the person has used this code."""
    mine = (promo_uses.c.code == code) & (promo_uses.c.user_id == user_id)
    return tx.conn.execute(select(promo_uses.c.at).where(mine)).one_or_none() is not None


def came_by(tx: Tx, friend_id: int, referrer_id: int) -> None:
    """Somebody new came by this person's link."""
    tx.conn.execute(insert(referrals).values(friend_id=friend_id, referrer_id=referrer_id, at=tx.now))


def referral_of(tx: Tx, friend_id: int) -> Referral | None:
    """By whose link a person came, if by any."""
    row = tx.conn.execute(select(referrals).where(referrals.c.friend_id == friend_id)).one_or_none()
    return Referral(*row) if row else None


def rewarded(tx: Tx, friend_id: int, tokens: int) -> None:
    """The referrer has got so many tokens for this friend; 0 when they were taken back."""
    tx.conn.execute(
        update(referrals).where(referrals.c.friend_id == friend_id).values(rewarded_at=tx.now, tokens=tokens)
    )


def earned(tx: Tx, referrer_id: int) -> tuple[int, int, int]:
    """How many friends came by a person's link, how many of them have bought, and the tokens that earned."""
    row = tx.conn.execute(
        select(
            func.count(),
            func.count(referrals.c.rewarded_at).filter(referrals.c.tokens > 0),
            func.coalesce(func.sum(referrals.c.tokens), 0),
        ).where(referrals.c.referrer_id == referrer_id)
    ).one()
    return int(row[0]), int(row[1]), int(row[2])
