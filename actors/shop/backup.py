"""What the shop says and remembers of backups: when the next one is due, who asked for one, and how it went.

What is remembered lies in the database itself, so a restored one thinks that its last backup was the one before.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from actors.shop import alerts
from actors.shop.context import Shop
from actors.shop.said import Said
from protocol.messages import BackupWanted
from protocol.posts import Card, Document
from protocol.texts import say
from storage import audit_log, marks, posts
from storage.store import Tx

STATE, WANTED = "backup:state", "backup:wanted"
DAY = 86400.0
RETRY_SECONDS = 1800.0
"""After a nightly backup that failed."""
CHAT_BYTES = 45_000_000
"""Telegram takes files of 50 MB from a bot (Bot API, sendDocument)."""


@dataclass(frozen=True, slots=True)
class State:
    """Moments in epoch seconds: since when backups are made, of the last good one, and of the last that failed."""

    since: float
    done_at: float | None = None
    failed_at: float | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was tried out: its file, bytes, when it was taken (epoch seconds), and what the audits say of it.

    `to_chat` says whether it may be sent to the admins: else it is not encrypted and nobody has allowed that.
    """

    path: Path
    size: int
    taken_at: float
    differences: Sequence[str]
    encrypted: bool
    to_chat: bool

    @property
    def goes_to_chat(self) -> bool:
        return self.to_chat and self.size <= CHAT_BYTES


@dataclass(frozen=True, slots=True)
class Wanted:
    """An admin's `/backup`, and the update that brought it."""

    update_id: int
    admin_id: int


def command(said: Said) -> None:
    """`/backup`: one is made now, and the answer changes to what became of it."""
    if said.tx.conn.dialect.name != "sqlite":
        said.reply(say(said.language, "backup-not-sqlite"))
        return
    waiting = [*wanted(said.tx), Wanted(said.update_id, said.person.id)]
    _store_wanted(said.tx, waiting)
    audit_log.write(said.tx, said.person.id, "backup", "database")
    said.reply(say(said.language, "backup-begun"))
    said.tx.tell(BackupWanted())


def wanted(tx: Tx) -> list[Wanted]:
    """Admins who wait for a backup."""
    return [Wanted(*pair) for pair in json.loads(marks.read(tx, WANTED) or "[]")]


def _store_wanted(tx: Tx, waiting: Sequence[Wanted]) -> None:
    marks.keep(tx, WANTED, json.dumps([[one.update_id, one.admin_id] for one in waiting]))


def state(tx: Tx) -> State | None:
    """How it stands with backups; None where none are made."""
    stored = marks.read(tx, STATE)
    return None if stored is None else State(**json.loads(stored))


def _store_state(tx: Tx, state: State) -> None:
    marks.keep(tx, STATE, json.dumps(asdict(state)))


def backup_age(tx: Tx) -> float | None:
    """Seconds since the last good backup, or since the bot began to make any; None where none are made."""
    now = state(tx)
    return None if now is None else tx.now - (now.done_at or now.since)


def begin(tx: Tx) -> None:
    """Backups are made from now on, if they were not before."""
    if state(tx) is None:
        _store_state(tx, State(since=tx.now))


def due_at(tx: Tx, hour: int) -> float:
    """When the next nightly backup should be made (epoch seconds): at this hour (UTC), or after a failure sooner."""
    now = state(tx) or State(since=tx.now)
    last = now.done_at or now.since
    tonight = last - last % DAY + hour * 3600.0
    due = tonight if tonight > last else tonight + DAY
    if now.failed_at is not None:
        due = max(due, now.failed_at + RETRY_SECONDS)
    return due


def made(tx: Tx, shop: Shop, made: Made, *, nightly: bool, kept: Sequence[str]) -> None:
    """Tell whoever waits; a nightly one goes to the first admin. `kept` are the files that lie in the folder now."""
    before = state(tx) or State(since=tx.now)
    _store_state(tx, State(since=before.since, done_at=made.taken_at))
    if made.differences:
        count, first = str(len(made.differences)), made.differences[0]
        alerts.alert(shop, tx, "backup", "alert-backup-books", count=count, first=first)
    else:
        alerts.resolve(shop, tx, "backup", "alert-backup-again")
    for one in wanted(tx):
        _report(tx, shop, made, one, len(kept))
    _store_wanted(tx, [])
    if nightly and made.goes_to_chat:
        _send(tx, shop, made, shop.admins[0])


def _report(tx: Tx, shop: Shop, made: Made, one: Wanted, copies: int) -> None:
    language = shop.language_of(tx, one.admin_id)
    if made.goes_to_chat:
        what = "backup-made-sent"
    elif made.to_chat:
        what = "backup-made-large"
    else:
        what = "backup-made-sealed" if made.encrypted else "backup-made-plain"
    stay = say(language, "backup-copies", copies=copies)
    text = say(language, what, name=made.path.name, megabytes=_megabytes(made.size), stay=stay)
    posts.show(tx, one.admin_id, f"say:{one.update_id}", Card(html=text))
    if made.goes_to_chat:
        _send(tx, shop, made, one.admin_id)


def _send(tx: Tx, shop: Shop, made: Made, admin: int) -> None:
    caption = say(shop.language_of(tx, admin), "backup-caption", megabytes=_megabytes(made.size))
    content = Document(caption=caption, path=str(made.path), file_name=made.path.name)
    posts.show(tx, admin, f"backup:{made.path.name.partition('.')[0]}", content)


def _megabytes(size: int) -> str:
    return f"{max(size / 1e6, 0.1):.1f}"


def failed(tx: Tx, shop: Shop, reason: str, *, nightly: bool) -> None:
    """Tell whoever waits that there is none; of a nightly one, tell every admin."""
    for one in wanted(tx):
        language = shop.language_of(tx, one.admin_id)
        text = say(language, "backup-failed", reason=reason)
        posts.show(tx, one.admin_id, f"say:{one.update_id}", Card(html=text))
    _store_wanted(tx, [])
    if nightly:
        before = state(tx) or State(since=tx.now)
        _store_state(tx, State(before.since, before.done_at, failed_at=tx.now, failures=before.failures + 1))
        alerts.alert(shop, tx, "backup", "alert-backup-failed", reason=reason)


def not_sent(tx: Tx, shop: Shop, name: str, reason: str) -> None:
    """The backup is made and lies on the disk, and the bucket would not take it."""
    alerts.alert(shop, tx, "backup-bucket", "alert-backup-bucket", name=name, reason=reason)


def sent_away(tx: Tx, shop: Shop) -> None:
    """The bucket took the backup; it is told where it had not taken the one before."""
    alerts.resolve(shop, tx, "backup-bucket", "alert-backup-bucket-again")
