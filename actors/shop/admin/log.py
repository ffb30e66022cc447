"""`/log`: what admins did, newest first."""

from actors.shop.admin.desk import Desk, clock_time
from actors.shop.said import Said
from actors.shop.words import excerpt
from protocol.texts import Html, say
from storage import audit_log
from storage.audit_log import Logged

USUAL, MOST = 20, 100
ROOM = 3900
"""Characters of a message that are filled; Telegram takes 4096."""


def show(said: Said) -> None:
    """`/log [n]`."""
    said.reply(log_words(Desk.of(said), said.words))


def log_words(desk: Desk, words: str) -> Html:
    """The newest entries, as many as the words say and one message holds."""
    number = words.strip()
    limit = min(MOST, max(1, int(number))) if number.isdecimal() and len(number) < 6 else USUAL
    entries = audit_log.latest(desk.tx, limit=limit)
    if not entries:
        return say(desk.language, "log-empty")
    text = str(say(desk.language, "log-title"))
    for entry in entries:
        line = _line(desk, entry)
        if len(text) + len(line) > ROOM:
            break
        text += "\n" + line
    return Html(text)


def _line(desk: Desk, entry: Logged) -> Html:
    change = f"{entry.before} → {entry.after}" if entry.before or entry.after else ""
    return say(
        desk.language,
        "log-line",
        time=clock_time(entry.at),
        admin=str(entry.admin) if entry.admin is not None else "kadr admin",
        what=entry.what,
        subject=entry.subject,
        detail=excerpt(" · ".join(part for part in (change, entry.detail) if part), 150) or "—",
    )
