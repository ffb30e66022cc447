"""Who may come in: bans, and the maintenance during which nobody starts a film. Admins always may.

What runs already goes on: a banned person's films are delivered, and money that comes is credited.
"""

from actors.shop.admin.desk import Desk, No
from actors.shop.context import Shop
from actors.shop.pressed import Pressed
from actors.shop.said import Said
from protocol.posts import Card
from protocol.texts import Html, say
from storage import audit_log, bans, flags, posts
from storage.store import Tx
from storage.users import User

TOLD_AGAIN_SECONDS = 3600.0
"""How often at most a banned person reads that they are."""
OPEN_TO_BANNED = frozenset({"paysupport"})
"""Commands that help also somebody who is shut out: their money may be with us."""
SENTENCE_LIMIT = 180
"""An answer to a pressed button has 200 characters (Bot API, answerCallbackQuery)."""


def may_ban(desk: Desk, person: User) -> None:
    """Raises `No` for an admin."""
    if desk.shop.is_admin(person.id):
        raise No(say(desk.language, "ban-admin", name=person.first_name))


def shut_out(desk: Desk, person: User, reason: str) -> None:
    """Ban. Raises `No`."""
    may_ban(desk, person)
    if not bans.ban(desk.tx, person.id, reason=reason[:300], by=desk.admin):
        raise No(say(desk.language, "ban-already", name=person.first_name))
    audit_log.write(desk.tx, desk.admin, "ban", f"user:{person.id}", before="open", after="banned", detail=reason)


def let_in(desk: Desk, person: User) -> None:
    """Unban; the person is told that they may come again. Raises `No`."""
    if not bans.unban(desk.tx, person.id):
        raise No(say(desk.language, "ban-none", name=person.first_name))
    audit_log.write(desk.tx, desk.admin, "unban", f"user:{person.id}", before="banned", after="open")
    language = desk.shop.language(person)
    version = audit_log.version(desk.tx, f"user:{person.id}")
    posts.show(desk.tx, person.id, f"unbanned:{version}", Card(html=say(language, "unbanned")))


def ban(said: Said) -> None:
    """`/ban <id|@name> [reason]`. Raises `No`."""
    desk = Desk.of(said)
    said.reply(ban_words(desk, said.words))


def ban_words(desk: Desk, words: str) -> Html:
    """Ban as a line of words says; the sentence about it. Raises `No`."""
    who, reason = _first(words)
    if not who:
        raise No(say(desk.language, "ban-usage"))
    person = desk.person(who)
    shut_out(desk, person, reason)
    return say(desk.language, "ban-done", name=person.first_name, id=str(person.id))


def _first(words: str) -> tuple[str, str]:
    """The first word and what follows it, perhaps on another line."""
    first, rest = (*words.split(maxsplit=1), "", "")[:2]
    return first, rest.strip()


def unban(said: Said) -> None:
    """`/unban <id|@name>`. Raises `No`."""
    said.reply(unban_words(Desk.of(said), said.words))


def unban_words(desk: Desk, words: str) -> Html:
    """Unban as a line of words says; the sentence about it. Raises `No`."""
    who = words.strip()
    if not who:
        raise No(say(desk.language, "unban-usage"))
    person = desk.person(who)
    let_in(desk, person)
    return say(desk.language, "unban-done", name=person.first_name, id=str(person.id))


def turned_away(said: Said, command: str = "") -> bool:
    """Whether whoever wrote this is banned; then they read one kind sentence, once an hour at most."""
    ban = _ban_of(said)
    if ban is None or command in OPEN_TO_BANNED:
        return False
    if said.tx.now - ban.told_at >= TOLD_AGAIN_SECONDS:
        bans.told(said.tx, said.person.id)
        said.reply(say(said.language, "banned"))
    return True


def press_turned_away(pressed: Pressed) -> bool:
    """The same for a pressed button, which is always answered."""
    if _ban_of(pressed.said) is None:
        return False
    pressed.answer("answer-banned", alert=True)
    return True


def _ban_of(said: Said) -> bans.Ban | None:
    return None if said.shop.is_admin(said.person.id) else bans.of(said.tx, said.person.id)


def maintenance(said: Said) -> None:
    """`/maintenance on|off [sentence]`. Raises `No`."""
    said.reply(maintenance_words(Desk.of(said), said.words))


def maintenance_words(desk: Desk, words: str) -> Html:
    """Switch the maintenance as a line of words says, or tell how it stands. Raises `No`."""
    order, sentence = _first(words)
    sentence = " ".join(sentence.split())
    now = flags.get(desk.tx, flags.MAINTENANCE)
    match order.lower():
        case "":
            if now is None:
                return say(desk.language, "maintenance-is-off")
            return say(desk.language, "maintenance-is-on", ago=desk.ago(now.set_at), sentence=_sentence(desk, now))
        case "on":
            if len(sentence) > SENTENCE_LIMIT:
                raise No(say(desk.language, "maintenance-long", length=len(sentence), limit=SENTENCE_LIMIT))
            _switch(desk, now, sentence)
            on = flags.Flag(sentence, desk.tx.now)
            return say(desk.language, "maintenance-on", sentence=_sentence(desk, on))
        case "off":
            _switch(desk, now, None)
            return say(desk.language, "maintenance-off")
        case _:
            raise No(say(desk.language, "maintenance-usage"))


def _switch(desk: Desk, before: flags.Flag | None, sentence: str | None) -> None:
    flags.switch(desk.tx, flags.MAINTENANCE, sentence)
    was = "off" if before is None else f"on {before.value}"
    now = "off" if sentence is None else f"on {sentence}"
    audit_log.write(desk.tx, desk.admin, "maintenance", "shop", before=was.strip(), after=now.strip())


def _sentence(desk: Desk, flag: flags.Flag) -> str:
    return flag.value or say(desk.language, "maintenance-sentence")


def closed(shop: Shop, tx: Tx, person: User) -> flags.Flag | None:
    """The maintenance, when it keeps this person from starting a film."""
    return None if shop.is_admin(person.id) else flags.get(tx, flags.MAINTENANCE)


def sent_home(pressed: Pressed) -> bool:
    """Whether a maintenance keeps whoever pressed ▶️ from starting; they read why, and nothing is charged."""
    said = pressed.said
    flag = closed(said.shop, said.tx, said.person)
    if flag is None:
        return False
    sentence = flag.value or say(said.language, "maintenance-sentence")
    # The answer is seen for a moment; the message can be read again. One for each maintenance and person.
    slot = f"maintenance:{int(flag.set_at)}"
    posts.show(said.tx, said.person.id, slot, Card(html=say(said.language, "maintenance-notice", sentence=sentence)))
    pressed.answer("answer-maintenance", alert=True, sentence=sentence)
    return True
