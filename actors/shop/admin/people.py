"""People for the admins: `/users` in pages, searched and narrowed, and a card of each person with what can be done."""

from collections.abc import Mapping

from actors.shop.admin import doors, films, topups
from actors.shop.admin.desk import Desk, local_date, midnight, name_of
from actors.shop.commands import SIGNS
from actors.shop.pressed import Pressed
from actors.shop.said import Said
from actors.shop.words import excerpt, money, tokens
from protocol.job import JobState
from protocol.posts import Button, Card, Keyboard
from protocol.texts import Html, plain, say
from storage import audit_log, bans, jobs, ledger, people, users
from storage.people import FILTERS
from storage.users import User

PAGE = 10
SEARCH_BYTES = 40
"""A button's data has 64 bytes; a page button carries the search it belongs to."""
LAST_FILMS = 3
GIFTS = (50, 100, 500)
"""Tokens that one press on a person's card gives."""

LOOKS = ("open", "show", "films")
"""Presses that change nothing: no button of theirs is stale."""


def list_users(said: Said) -> None:
    """`/users [search]`."""
    page = users_page(Desk.of(said), said.words.strip(), "all", 0)
    said.reply(Html(page.html), page.keyboard)


def users_page(desk: Desk, search: str, narrowed: str, page: int) -> Card:
    """One page of people, with a button to each, to other filters and to the neighbour pages."""
    found, total = people.search(
        desk.tx, search, narrowed, midnight=midnight(desk.tx.now), limit=PAGE, offset=page * PAGE
    )
    kept = search.encode()[:SEARCH_BYTES].decode(errors="ignore")

    def button(text: str, number: int, filter: str) -> Button:
        return Button(text=text, data=f"u:{number}:{FILTERS.index(filter)}:{kept}")

    filters = [
        button(
            f"{'• ' if name == narrowed else ''}{plain(desk.language, f'users-filter-{name}')}",
            0,
            name,
        )
        for name in FILTERS
    ]
    rows: list[tuple[Button, ...]] = [tuple(filters[:3]), tuple(filters[3:5]), tuple(filters[5:])]
    if not found:
        # A search that found nobody needs no filters; a filter that found nobody needs the way back.
        return Card(html=say(desk.language, "users-none"), keyboard=tuple(rows) if narrowed != "all" else ())
    lines = [say(desk.language, "users-title", total=total), *(_line(desk, person) for person in found)]
    cards = [Button(text=f"👤 {excerpt(person.first_name, 24)}", data=f"a:u:{person.id}:open") for person in found]
    arrows: list[Button] = []
    if page > 0:
        arrows.append(button("⬅️", page - 1, narrowed))
    if (page + 1) * PAGE < total:
        arrows.append(button("➡️", page + 1, narrowed))
    keyboard = [tuple(cards[start : start + 2]) for start in range(0, len(cards), 2)]
    keyboard += rows
    if arrows:
        keyboard.append(tuple(arrows))
    return Card(html=Html("\n".join(lines)), keyboard=tuple(keyboard))


def _line(desk: Desk, person: User) -> Html:
    line = say(
        desk.language,
        "users-line",
        id=str(person.id),
        name=name_of(person),
        balance=desk.tokens(ledger.balance(desk.tx, person.id).available),
        seen=_seen(desk, person),
    )
    return Html(f"🚫 {line}") if bans.of(desk.tx, person.id) else line


def _seen(desk: Desk, person: User) -> str:
    return say(desk.language, "users-seen", days=int((desk.tx.now - person.seen_at) // 86400))


def user(said: Said) -> None:
    """`/user <id|@name>`: the card of one person. Raises `No`."""
    who = said.words.strip()
    if not who or " " in who:
        said.reply(say(said.language, "user-usage"))
        return
    desk = Desk.of(said)
    card = person_card(desk, desk.person(who))
    said.reply(Html(card.html), card.keyboard)


def person_card(desk: Desk, person: User) -> Card:
    """Everything an admin asks about a person, and what can be done for them."""
    return Card(html=about(desk, person), keyboard=_keyboard(desk, person))


def about(desk: Desk, person: User) -> Html:
    language, tx = desk.language, desk.tx
    balance, account = ledger.balance(tx, person.id), people.account(tx, person.id)
    lines = [
        say(
            language,
            "user-card",
            name=name_of(person),
            id=str(person.id),
            language=desk.shop.language(person),
            since=local_date(person.created_at),
            seen=desk.ago(person.seen_at),
            balance=desk.tokens(balance.available),
            held=desk.tokens(balance.held),
            delivered=account.count(JobState.DELIVERED),
            failed=account.count(JobState.FAILED),
            work=account.at_work,
            spent=desk.tokens(account.spent),
            orders=account.orders,
            paid=_money(account.paid) or "0",
        )
    ]
    if owed := ledger.owed(tx, person.id):
        lines.append(say(language, "user-owes", debt=desk.tokens(owed)))
    if ban := bans.of(tx, person.id):
        lines.append(say(language, "user-banned", ago=desk.ago(ban.at), reason=ban.reason or "—"))
    if person.gone_at is not None:
        lines.append(say(language, "user-gone", ago=desk.ago(person.gone_at)))
    lines += [
        say(
            language,
            "videos-line",
            sign=SIGNS[job.stands],
            number=job.id,
            seconds=job.seconds,
            prompt=excerpt(job.prompt, 60),
        )
        for job in jobs.of_user(tx, person.id, limit=LAST_FILMS)
    ]
    return Html("\n".join(lines))


def _money(paid: Mapping[str, int]) -> str:
    """`2 490 ₸ · 250 ⭐`, from minor units by currency."""
    return " · ".join(money(amount, currency) for currency, amount in sorted(paid.items()))


def _keyboard(desk: Desk, person: User, *, sure: bool = False) -> Keyboard:
    version = audit_log.version(desk.tx, f"user:{person.id}")

    def button(text: str, action: str) -> Button:
        return Button(text=text, data=f"a:u:{person.id}:{action}:{version}")

    def named(key: str, action: str) -> Button:
        return button(plain(desk.language, key), action)

    if sure:
        return ((named("button-ban-yes", "ban-yes"), named("button-ban-no", "show")),)
    gifts = [button(f"+{amount}", f"gift-{amount}") for amount in GIFTS]
    lock = named("button-unban", "unban") if bans.of(desk.tx, person.id) else named("button-ban", "ban")
    return (
        tuple(gifts),
        (named("button-gift-other", "gift"), named("button-films", "films")),
        (lock, named("button-refresh", "show")),
    )


def press(pressed: Pressed, user_id: int, action: str, version: str) -> None:
    """A button of a person's card. Raises `No`."""
    desk = Desk.of(pressed.said)
    person = users.get(desk.tx, user_id)
    if person is None:
        pressed.answer("answer-stale")
        return
    if action not in LOOKS and version != str(audit_log.version(desk.tx, f"user:{user_id}")):
        # Something was done since the card was drawn: it must be seen before more is done.
        pressed.change(person_card(desk, person))
        pressed.answer("answer-stale")
        return
    match action.split("-"):
        case ["open"]:
            card = person_card(desk, person)
            pressed.said.reply(Html(card.html), card.keyboard)
        case ["films"]:
            page = films.jobs_page(desk, "all", 0, person.id)
            pressed.said.reply(Html(page.html), page.keyboard)
        case ["show"]:
            pressed.change(person_card(desk, person))
        case ["gift"]:
            name = tokens(desk.language, topups.AT_ONCE)
            topups.ask_for(pressed.said, f"gift:{user_id}", "user-gift", name=person.first_name, limit=name)
        case ["gift", amount] if amount in [str(gift) for gift in GIFTS]:
            topups.propose(pressed.said, person, int(amount), "")
            pressed.change(person_card(desk, person))
        case ["ban"]:
            doors.may_ban(desk, person)
            pressed.change(Card(html=about(desk, person), keyboard=_keyboard(desk, person, sure=True)))
        case ["ban", "yes"]:
            doors.shut_out(desk, person, "")
            pressed.change(person_card(desk, person))
        case ["unban"]:
            doors.let_in(desk, person)
            pressed.change(person_card(desk, person))
        case _:
            pressed.answer("answer-stale")
            return
    pressed.answer()


def press_page(pressed: Pressed, page: int, narrowed: int, search: str) -> None:
    """Another page or filter of `/users`."""
    name = FILTERS[narrowed] if narrowed < len(FILTERS) else "all"
    pressed.change(users_page(Desk.of(pressed.said), search, name, page))
    pressed.answer()
