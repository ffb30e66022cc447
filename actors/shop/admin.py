"""Commands of the admins. Whoever is none gets the answer to an unknown command."""

import re
from collections.abc import Callable

from actors.shop import drafts
from actors.shop.commands import Said
from actors.shop.words import tokens
from protocol.posts import Button, Card, Keyboard
from protocol.texts import Html, say
from storage import ledger, posts, users

PAGE = 10
SEARCH_BYTES = 40
"""A button's data has 64 bytes; a page button carries the search it belongs to."""
LARGEST_TOPUP = 100_000
"""More than this at once is a slip of the finger."""


def users_page(said: Said, search: str, page: int) -> tuple[Html, Keyboard]:
    """One page of people, and the buttons that lead to its neighbours."""
    found, total = users.search(said.tx, search, limit=PAGE, offset=page * PAGE)
    if not found:
        return say(said.language, "users-none"), ()
    lines = [say(said.language, "users-title", total=total)]
    for person in found:
        handle = f" @{person.username}" if person.username else ""
        days = int((said.tx.now - person.seen_at) // 86400)
        lines.append(
            say(
                said.language,
                "users-line",
                id=str(person.id),
                name=person.first_name + handle,
                balance=tokens(said.language, ledger.balance(said.tx, person.id).available),
                seen=say(said.language, "users-seen", days=days),
            )
        )
    kept = search.encode()[:SEARCH_BYTES].decode(errors="ignore")
    arrows: list[Button] = []
    if page > 0:
        arrows.append(Button(text="⬅️", data=f"u:{page - 1}:{kept}"))
    if (page + 1) * PAGE < total:
        arrows.append(Button(text="➡️", data=f"u:{page + 1}:{kept}"))
    return Html("\n".join(lines)), ((tuple(arrows),) if arrows else ())


def list_users(said: Said) -> None:
    said.reply(*users_page(said, said.words.strip(), 0))


def topup(said: Said) -> None:
    """`/topup <id|@name> <±tokens> [reason]`: the books change once for each message of the admin."""
    match = re.fullmatch(r"(@?\w+)\s+([+-]?\d{1,12})(?:\s+(.+))?", said.words.strip(), re.DOTALL)
    amount = int(match[2]) if match else 0
    if match is None or amount == 0:
        said.reply(say(said.language, "topup-usage"))
        return
    if abs(amount) > LARGEST_TOPUP:
        said.reply(say(said.language, "topup-too-many", limit=tokens(said.language, LARGEST_TOPUP)))
        return
    person = users.find(said.tx, match[1])
    if person is None:
        said.reply(say(said.language, "topup-unknown", who=match[1]))
        return
    account = ledger.account_of(person.id)
    source, target = (ledger.ADJUSTMENT, account) if amount > 0 else (account, ledger.ADJUSTMENT)
    try:
        with said.tx.savepoint():
            ledger.transfer(
                said.tx,
                key=f"topup:{said.update_id}",
                source=source,
                target=target,
                amount=abs(amount),
                kind="topup",
                memo=match[3] or "",
                actor=said.person.id,
            )
    except ledger.InsufficientTokens as short:
        free = tokens(said.language, short.available)
        said.reply(say(said.language, "topup-below", name=person.first_name, balance=free))
        return
    available = ledger.balance(said.tx, person.id).available
    sign = "+" if amount > 0 else "−"
    said.reply(
        say(
            said.language,
            "topup-done",
            name=person.first_name,
            id=str(person.id),
            change=f"{sign}{tokens(said.language, abs(amount))}",
            balance=tokens(said.language, available),
        )
    )
    language = said.shop.language(person)
    notice = say(
        language,
        "topup-notice-plus" if amount > 0 else "topup-notice-minus",
        amount=tokens(language, abs(amount)),
        balance=tokens(language, available),
    )
    posts.show(said.tx, person.id, f"topup:{said.update_id}", Card(html=notice))
    drafts.refresh(said.shop, said.tx, person)


ADMINS: dict[str, Callable[[Said], None]] = {
    "users": list_users,
    "topup": topup,
}
