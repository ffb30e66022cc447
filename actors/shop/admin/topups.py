"""Tokens given and taken by admins: `/topup`, its buttons, and the way back.

A small sum moves at once and can be undone with one press; a large one waits for ✅, a very large one for two. Which
press counts is decided by the row's state, which the button carries: a button of another state is stale.
"""

import re

from actors.shop import drafts
from actors.shop.admin.desk import Desk, No, name_of, signed
from actors.shop.pressed import Pressed
from actors.shop.said import Said
from actors.shop.words import excerpt, tokens
from protocol.posts import Button, Card, Keyboard
from protocol.texts import Html, plain, say
from storage import audit_log, ledger, posts, topups, users
from storage.topups import Topup
from storage.users import User

AT_ONCE = 10_000
"""Tokens that need no question: what they are worth is less than the question's time, and they can be undone."""
ASKED_TWICE = 50_000
"""Above this, one ✅ is not enough."""
LARGEST = 100_000
"""More than this at once is a slip of the finger."""
UNDO_SECONDS = 86400.0
REASON_LIMIT = 300
"""Characters of a reason."""

_WORDS = re.compile(r"(@?\w+)\s+([+-]?\d{1,12})(?:\s+(.+))?", re.DOTALL)


def slot(topup: Topup) -> str:
    """Where the card of a top-up stands in the chat of its admin, and its notice in the chat of the person."""
    return topup.key


def understood(desk: Desk, words: str) -> tuple[User, int, str]:
    """Whom, how many tokens and why. Raises `No`."""
    match = _WORDS.fullmatch(words.strip())
    amount = int(match[2]) if match else 0
    if match is None or amount == 0:
        raise No(say(desk.language, "topup-usage"))
    if abs(amount) > LARGEST:
        raise No(say(desk.language, "topup-too-many", limit=desk.tokens(LARGEST)))
    return desk.person(match[1]), amount, (match[3] or "").strip()[:REASON_LIMIT]


def begin(desk: Desk, person: User, amount: int, reason: str, *, sure: bool = False) -> Topup:
    """Move a small sum at once; a large one is asked about first, unless the admin is sure. Raises `No`."""
    _affordable(desk, person, amount)
    topup = topups.create(desk.tx, user_id=person.id, amount=amount, reason=reason, admin=desk.admin)
    return _move(desk, person, topup) if sure or abs(amount) <= AT_ONCE else topup


def _affordable(desk: Desk, person: User, amount: int) -> None:
    available = ledger.balance(desk.tx, person.id).available
    if available + amount < 0:
        raise No(say(desk.language, "topup-below", name=person.first_name, balance=desk.tokens(available)))


def _move(desk: Desk, person: User, topup: Topup) -> Topup:
    """The books change, the person is told, the log knows who did it. Raises `No`."""
    before = ledger.balance(desk.tx, person.id).available
    _affordable(desk, person, topup.amount)
    _transfer(desk, topup, topup.key, topup.amount, topup.reason)
    done = topups.change(desk.tx, topup.id, state="done", done_at=desk.tx.now)
    _tell(desk, person, topup.amount, slot(topup))
    _log(desk, "topup", topup, before)
    return done


def _transfer(desk: Desk, topup: Topup, key: str, amount: int, memo: str) -> None:
    account = ledger.account_of(topup.user_id)
    source, target = (ledger.ADJUSTMENT, account) if amount > 0 else (account, ledger.ADJUSTMENT)
    moved = ledger.transfer(
        desk.tx,
        key=key,
        source=source,
        target=target,
        amount=abs(amount),
        kind="topup",
        memo=memo,
        actor=desk.admin,
    )
    assert moved, "the state of the row lets it happen once"


def _tell(desk: Desk, person: User, amount: int, in_slot: str) -> None:
    """The person reads of it, and no open card of theirs says otherwise."""
    language = desk.shop.language(person)
    available = ledger.balance(desk.tx, person.id).available
    notice = say(
        language,
        "topup-notice-plus" if amount > 0 else "topup-notice-minus",
        amount=tokens(language, abs(amount)),
        balance=tokens(language, available),
    )
    chat_slot = f"{in_slot}:notice" if person.id == desk.admin else in_slot
    posts.show(desk.tx, person.id, chat_slot, Card(html=notice))
    drafts.refresh(desk.shop, desk.tx, person)


def _log(desk: Desk, what: str, topup: Topup, before: int) -> None:
    after = ledger.balance(desk.tx, topup.user_id).available
    detail = f"{topup.amount:+d}{f': {topup.reason}' if topup.reason else ''}"
    audit_log.write(
        desk.tx, desk.admin, what, f"user:{topup.user_id}", before=before, after=after, detail=f"{topup.key} {detail}"
    )


def confirm(desk: Desk, topup: Topup) -> Topup:
    """One ✅. Raises `No`."""
    if topup.state == "asked" and abs(topup.amount) > ASKED_TWICE:
        return topups.change(desk.tx, topup.id, state="asked_again")
    return _move(desk, _person(desk, topup), topup)


def undo(desk: Desk, topup: Topup) -> Topup:
    """Move the tokens back, by an entry of its own. Raises `No` when it is too late or the tokens are spent."""
    if topup.done_at is None or desk.tx.now - topup.done_at > UNDO_SECONDS:
        raise No(say(desk.language, "topup-undo-late"))
    person = _person(desk, topup)
    before = ledger.balance(desk.tx, person.id).available
    _affordable(desk, person, -topup.amount)
    _transfer(desk, topup, topup.undo_key, -topup.amount, f"↩️ {topup.reason}".strip())
    undone = topups.change(desk.tx, topup.id, state="undone")
    _tell(desk, person, -topup.amount, f"{slot(topup)}:undo")
    _log(desk, "topup-undo", topup, before)
    return undone


def _person(desk: Desk, topup: Topup) -> User:
    person = users.get(desk.tx, topup.user_id)
    assert person is not None, "a top-up is of somebody the bot has met"
    return person


def told(desk: Desk, topup: Topup) -> Html:
    """What the card of a top-up says."""
    person = _person(desk, topup)
    available = ledger.balance(desk.tx, person.id).available
    shared = {
        "name": name_of(person) if topup.state.startswith("asked") else person.first_name,
        "id": str(person.id),
        "change": signed(desk.language, topup.amount),
        "balance": desk.tokens(available),
    }
    match topup.state:
        case "asked":
            text = say(desk.language, "topup-asked", after=desk.tokens(available + topup.amount), **shared)
        case "asked_again":
            text = say(desk.language, "topup-asked-again", after=desk.tokens(available + topup.amount), **shared)
        case "done":
            text = say(desk.language, "topup-done", **shared)
        case "undone":
            text = say(desk.language, "topup-undone", **shared)
        case _:
            text = say(desk.language, "topup-refused", **shared)
    if topup.reason:
        text = Html(f"{text}\n{say(desk.language, 'admin-reason', reason=excerpt(topup.reason, REASON_LIMIT))}")
    return text


def card(desk: Desk, topup: Topup) -> Card:
    """The top-up as its admin sees it, with what can be done about it."""

    def button(key: str, action: str) -> Button:
        return Button(text=plain(desk.language, key), data=f"a:t:{topup.id}:{topup.state}:{action}")

    keyboard: Keyboard = ()
    if topup.state.startswith("asked"):
        keyboard = ((button("button-topup-yes", "yes"), button("button-topup-no", "no")),)
    elif topup.state == "done":
        row = [button("button-undo", "undo")]
        if not topup.reason:
            row.append(button("button-reason", "why"))
        keyboard = (tuple(row),)
    return Card(html=told(desk, topup), keyboard=keyboard)


def topup(said: Said) -> None:
    """`/topup <id|@name> <±tokens> [reason]`: the books change once for each message of the admin."""
    desk = Desk.of(said)
    propose(said, *understood(desk, said.words))


def propose(said: Said, person: User, amount: int, reason: str) -> None:
    """Begin a top-up and show its card to the admin. Raises `No`."""
    desk = Desk.of(said)
    begun = begin(desk, person, amount, reason)
    posts.show(desk.tx, said.person.id, slot(begun), card(desk, begun))


def press(pressed: Pressed, topup_id: int, state: str, action: str) -> None:
    """A button of a top-up's card. Raises `No`."""
    desk = Desk.of(pressed.said)
    found = topups.get(desk.tx, topup_id)
    if found is None or found.admin != desk.admin or found.state != state:
        pressed.answer("answer-stale")
        return
    waits = found.state.startswith("asked")
    match action:
        case "yes" if waits:
            changed = confirm(desk, found)
        case "no" if waits:
            changed = topups.change(desk.tx, found.id, state="refused")
        case "undo" if found.state == "done":
            changed = undo(desk, found)
        case "why" if found.state == "done":
            ask_for(pressed.said, f"why:{found.id}", "topup-why")
            changed = found
        case _:
            pressed.answer("answer-stale")
            return
    posts.show(desk.tx, pressed.said.person.id, slot(found), card(desk, changed))
    pressed.answer()


def ask_for(said: Said, what: str, key: str, **arguments: object) -> None:
    """The admin's next words, if they come soon, are the answer to this question."""
    users.change(said.tx, said.person.id, asked=f"a:{int(said.tx.now)}:{what}")
    said.reply(say(said.language, key, **arguments))


def give_reason(said: Said, topup_id: int) -> None:
    """The reason of a top-up that was made without one: to its row and to the log, for the ledger is never changed."""
    desk = Desk.of(said)
    found = topups.get(desk.tx, topup_id)
    if found is None or found.admin != desk.admin or found.reason:
        said.reply(say(said.language, "answer-stale"))
        return
    changed = topups.change(desk.tx, topup_id, reason=said.words.strip()[:REASON_LIMIT])
    audit_log.write(
        desk.tx, desk.admin, "topup-reason", f"user:{found.user_id}", detail=f"{found.key}: {changed.reason}"
    )
    posts.show(desk.tx, said.person.id, slot(found), card(desk, changed))
    said.reply(say(said.language, "topup-why-done"))


def typed_amount(said: Said, user_id: int) -> None:
    """How many tokens somebody whose card was open is to get, and perhaps why. Raises `No`."""
    propose(said, *understood(Desk.of(said), f"{user_id} {said.words.strip()}"))
