"""Tokens given away: promo codes, and a reward for whose friend has bought for the first time. All through the ledger.

Weak point: nothing keeps one human from being several Telegram accounts, so a code worth much needs a small limit, and
a referral pays only after money has come.
"""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from actors.shop import drafts
from actors.shop.words import ASTANA, astana, tokens
from protocol.order import OrderState
from protocol.posts import Button, Card, Keyboard
from protocol.texts import Html, plain, say
from storage import audit_log, ledger, marks, orders, posts, promotions, users
from storage.promotions import Code
from storage.sql import row_id

if TYPE_CHECKING:
    from actors.shop.context import Shop
    from actors.shop.said import Said
    from storage.orders import Order
    from storage.store import Tx

PROMO_PREFIX, REFERRAL_PREFIX = "promo_", "r_"
"""Of start parameters, which have 64 characters of A-Z a-z 0-9 _ - (Bot API, deep linking)."""
BOT_NAME = "bot_username"
"""The mark under which the bot's own name is kept."""
LARGEST_GIFT = 100_000
LISTED = 20
_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{2,31}")
_NEW = re.compile(r"new\s+(\S+)\s+(\d{1,9})(?:\s+(\d{1,9}|-))?(?:\s+(\S+))?", re.I)
_STOP = re.compile(r"stop\s+(\S+)", re.I)
WORDS = frozenset({"NEW", "LIST", "STOP"})
"""No codes: an admin's `/promo` means something by them."""


def promo(said: "Said") -> None:
    """`/promo CODE` for everybody.

    For admins also `/promo new CODE tokens [limit|-] [30d|2027-01-31]`, `/promo list` and `/promo stop CODE`.
    """
    words = said.words.strip()
    if said.shop.is_admin(said.person.id) and words.partition(" ")[0].upper() in WORDS:
        _administer(said, words)
    elif not words:
        said.reply(say(said.language, "promo-admin-usage" if said.shop.is_admin(said.person.id) else "promo-usage"))
    else:
        redeem(said, words)


def started(said: "Said") -> bool:
    """Whether `/start` came with a parameter of ours that leaves nothing more to say; a friend is greeted as usual."""
    word = said.words.strip()
    if word.startswith(PROMO_PREFIX):
        redeem(said, word.removeprefix(PROMO_PREFIX))
        return True
    if word.startswith(REFERRAL_PREFIX):
        _came_by_link(said, word.removeprefix(REFERRAL_PREFIX))
    return False


def redeem(said: "Said", typed: str) -> None:
    """Give what the code is worth, once to each person while it lasts."""
    language, tx, person = said.language, said.tx, said.person
    word = typed.strip().upper()
    code = promotions.find(tx, word) if _CODE.fullmatch(word) else None
    if code is None:
        said.reply(say(language, "promo-unknown"))
    elif promotions.used(tx, code.code, person.id):
        said.reply(say(language, "promo-again", code=code.code, balance=said.available()))
    elif code.is_over(tx.now):
        said.reply(say(language, "promo-over", code=code.code))
    elif code.is_used_up:
        said.reply(say(language, "promo-used-up", code=code.code))
    else:
        promotions.use(tx, code.code, person.id)
        ledger.transfer(
            tx,
            key=f"promo:{code.code}:{person.id}",
            source=ledger.PROMOTION,
            target=ledger.account_of(person.id),
            amount=code.tokens,
            kind="promo",
            memo=code.code,
        )
        said.reply(say(language, "promo-done", tokens=tokens(language, code.tokens), balance=said.available()))
        drafts.refresh(said.shop, tx, person)


def _administer(said: "Said", words: str) -> None:
    if (new := _NEW.fullmatch(words)) is not None:
        _create(said, new[1].upper(), int(new[2]), new[3] or "-", new[4] or "-")
    elif (over := _STOP.fullmatch(words)) is not None:
        _stop(said, over[1])
    elif words.upper() == "LIST":
        _list(said)
    else:
        said.reply(say(said.language, "promo-admin-usage"))


def _create(said: "Said", name: str, amount: int, limit: str, until: str) -> None:
    language = said.language
    expires_at = None if until == "-" else _moment(said.tx.now, until)
    if not _CODE.fullmatch(name) or name in WORDS:
        said.reply(say(language, "promo-bad-code"))
    elif not 0 < amount <= LARGEST_GIFT:
        said.reply(say(language, "promo-bad-tokens", limit=tokens(language, LARGEST_GIFT)))
    elif until != "-" and (expires_at is None or expires_at <= said.tx.now):
        said.reply(say(language, "promo-bad-time"))
    else:
        most = int(limit) if limit != "-" and int(limit) > 0 else None
        made = promotions.create(
            said.tx, name, tokens=amount, most_uses=most, expires_at=expires_at, created_by=said.person.id
        )
        if made is None:
            said.reply(say(language, "promo-exists", code=name))
            return
        what = f"{amount} tokens, {limit}, {until}"
        audit_log.write(said.tx, said.person.id, "promo-new", f"promo:{name}", after=what)
        link = _link(said, PROMO_PREFIX + name) or f"/promo {name}"
        said.reply(say(language, "promo-made", line=_line(said, made), link=link))


def _moment(now: float, until: str) -> float | None:
    """`30d` from now, or the end of a day of Astana like `2027-01-31`; None for anything else."""
    if (days := re.fullmatch(r"(\d{1,4})d", until, re.I)) is not None:
        return now + int(days[1]) * 86400.0
    try:
        day = datetime.strptime(until, "%Y-%m-%d").replace(tzinfo=ASTANA)
    except ValueError:
        return None
    return (day + timedelta(days=1)).timestamp()


def _stop(said: "Said", name: str) -> None:
    code = promotions.find(said.tx, name)
    if code is None:
        said.reply(say(said.language, "promo-unknown"))
        return
    promotions.stop(said.tx, code.code)
    audit_log.write(said.tx, said.person.id, "promo-stop", f"promo:{code.code}")
    said.reply(say(said.language, "promo-stopped", code=code.code))


def _list(said: "Said") -> None:
    codes = promotions.newest(said.tx, LISTED)
    if not codes:
        said.reply(say(said.language, "promo-none"))
        return
    said.reply(Html("\n".join(_line(said, code) for code in codes)))


def _line(said: "Said", code: Code) -> Html:
    language = said.language
    until = astana(code.expires_at) if code.expires_at is not None else "∞"
    limit = str(code.most_uses) if code.most_uses is not None else "∞"
    given = tokens(language, code.tokens)
    return say(language, "promo-line", code=code.code, tokens=given, used=str(code.uses), limit=limit, until=until)


def _came_by_link(said: "Said", number: str) -> None:
    """Only who was never here before came by a friend's link."""
    referrer = row_id(number)
    if referrer is None or referrer == said.person.id or not said.new:
        return
    if users.get(said.tx, referrer) is not None and promotions.referral_of(said.tx, said.person.id) is None:
        promotions.came_by(said.tx, said.person.id, referrer)


def invite(said: "Said") -> None:
    """`/invite`: the person's own link, and what it has earned so far."""
    language = said.language
    reward = said.shop.catalogue.promotions.referral_tokens
    if not reward:
        said.reply(say(language, "invite-off"))
        return
    friends, buyers, earned = promotions.earned(said.tx, said.person.id)
    link = _link(said, f"{REFERRAL_PREFIX}{said.person.id}")
    html = say(
        language,
        "invite",
        reward=tokens(language, reward),
        link=link or f"/start {REFERRAL_PREFIX}{said.person.id}",
        friends=friends,
        buyers=buyers,
        earned=tokens(language, earned),
    )
    share: Keyboard = ((Button(text=plain(language, "button-copy-link"), copies=link),),) if link else ()
    said.reply(html, share)


def _link(said: "Said", parameter: str) -> str:
    """A link that opens this bot with a start parameter; empty while we do not know our own name."""
    name = marks.read(said.tx, BOT_NAME)
    return f"https://t.me/{name}?start={parameter}" if name else ""


def bought(shop: "Shop", tx: "Tx", order: "Order") -> None:
    """An order was paid: if it is its buyer's first and a friend has sent them, the friend earns the reward, once."""
    referral = promotions.referral_of(tx, order.user_id)
    reward = shop.catalogue.promotions.referral_tokens
    if referral is None or referral.rewarded_at is not None or not reward or orders.paid_before(tx, order):
        return
    friend = users.get(tx, order.user_id)
    name = friend.first_name[:40] if friend else ""
    given = ledger.transfer(
        tx,
        key=_reward_key(order.user_id),
        source=ledger.PROMOTION,
        target=ledger.account_of(referral.referrer_id),
        amount=reward,
        kind="referral",
        memo=name,
    )
    if given:
        promotions.rewarded(tx, order.user_id, reward)
        _tell(shop, tx, referral.referrer_id, order.user_id, "referral-earned", friend=name, reward=reward)


def gave_back(shop: "Shop", tx: "Tx", order: "Order") -> None:
    """A purchase came to nothing: a reward that rests on no other purchase is taken back, once."""
    referral = promotions.referral_of(tx, order.user_id)
    others = (other for other in orders.of_user(tx, order.user_id, limit=500) if other.id != order.id)
    if referral is None or not referral.tokens or any(other.stands is OrderState.PAID for other in others):
        return
    key = f"{_reward_key(order.user_id)}:back"
    if ledger.reverse(tx, _reward_key(order.user_id), key=key, kind="referral") is not None:
        promotions.rewarded(tx, order.user_id, 0)
        _tell(shop, tx, referral.referrer_id, order.user_id, "referral-lost", reward=referral.tokens)


def _reward_key(friend_id: int) -> str:
    return f"referral:{friend_id}"


def _tell(shop: "Shop", tx: "Tx", referrer: int, friend_id: int, text: str, *, reward: int, **arguments: str) -> None:
    person = users.get(tx, referrer)
    if person is None:
        return
    language = shop.language(person)
    balance = tokens(language, ledger.balance(tx, referrer).available)
    html = say(language, text, reward=tokens(language, reward), balance=balance, **arguments)
    posts.show(tx, referrer, f"{text}:{friend_id}", Card(html=html))
    drafts.refresh(shop, tx, person)
