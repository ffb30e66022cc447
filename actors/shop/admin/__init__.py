"""What admins do: commands and buttons of their own. Whoever is none gets the answer to an unknown command.

Buttons begin with `a:` or `u:`. A deed that cannot be done raises `No`, and its sentence is what the admin reads.
"""

import html
import re
from collections.abc import Callable

from actors.shop import backup, broadcast, stats
from actors.shop.admin import doors, films, log, people, prices, topups
from actors.shop.admin.desk import No
from actors.shop.money import refunding, takings
from actors.shop.pressed import Pressed
from actors.shop.said import Said
from storage import posts, users
from storage.sql import row_id

ANSWER_SECONDS = 600.0
"""How long an admin may think about what they were asked for; later words are a film's again."""
LAST_PAGE = 1_000_000


def press(pressed: Pressed, data: str) -> None:
    """Do what an admin's button says. Whoever calls has made sure that it is an admin's press."""
    try:
        _press(pressed, data)
    except No as no:
        sentence = html.unescape(re.sub("<[^>]+>", "", no.sentence))
        tx, query = pressed.said.tx, pressed.query_id
        posts.answer(tx, query, sentence, alert=True, received_at=pressed.received_at)


def _press(pressed: Pressed, data: str) -> None:
    match data.split(":", 4):
        case ["u", page, narrowed, *search] if _small(page) and _small(narrowed):
            people.press_page(pressed, int(page), int(narrowed), ":".join(search))
        case ["a", "js", page, group, user] if _small(page) and _small(group):
            films.press_page(pressed, int(page), int(group), user)
        case ["a", "u", number, action, *version] if (id := row_id(number)) is not None:
            people.press(pressed, id, action, version[0] if version else "")
        case ["a", "j", number, action, *version] if (id := row_id(number)) is not None:
            films.press(pressed, id, action, version[0] if version else "")
        case ["a", "r", number, version, action] if (id := row_id(number)) is not None:
            refunding.press(pressed, id, version, action)
        case ["a", "t", number, state, action] if (id := row_id(number)) is not None:
            topups.press(pressed, id, state, action)
        case _:
            pressed.answer("answer-stale")


def _small(number: str) -> bool:
    return number.isascii() and number.isdecimal() and len(number) < 8 and int(number) <= LAST_PAGE


def typed(said: Said) -> bool:
    """Whether these words were asked for by one of the admins' questions; then they are taken."""
    match (said.person.asked or "").split(":"):
        case ["a", since, what, number] if (id := row_id(number)) is not None:
            users.change(said.tx, said.person.id, asked=None)
            if said.tx.now - float(since) > ANSWER_SECONDS:
                return False
        case _:
            return False
    match what:
        case "why":
            topups.give_reason(said, id)
        case "gift":
            _told(topups.typed_amount, said, id)
        case _:
            return False
    return True


def _told(deed: Callable[..., None], said: Said, *arguments: object) -> None:
    """Do it; where it cannot be done, say why."""
    try:
        deed(said, *arguments)
    except No as no:
        said.reply(no.sentence)


def _command(deed: Callable[[Said], None]) -> Callable[[Said], None]:
    return lambda said: _told(deed, said)


ADMINS: dict[str, Callable[[Said], None]] = {
    "users": people.list_users,
    "user": _command(people.user),
    "topup": _command(topups.topup),
    "jobs": films.list_jobs,
    "job": _command(films.job),
    "ban": _command(doors.ban),
    "unban": _command(doors.unban),
    "maintenance": _command(doors.maintenance),
    "price": _command(prices.price),
    "package": _command(prices.package),
    "log": log.show,
    "backup": backup.command,
    "broadcast": broadcast.broadcast,
    "stats": stats.stats,
    "refund": refunding.refund,
    "payments": takings.show,
}
