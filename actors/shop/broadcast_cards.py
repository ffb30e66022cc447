"""What an admin sees of a broadcast: whom it may go to, how it goes, and how it ended."""

from actors.shop.context import Shop
from actors.shop.words import bar, duration
from protocol.catalogue import LANGUAGES, Language
from protocol.posts import Button, Card, Keyboard
from protocol.texts import plain, say
from storage import broadcasts, posts
from storage.broadcasts import AUDIENCES, Broadcast, Counts, Tally
from storage.store import Tx

PACE = 20.0
"""People a second: Telegram takes about 30 messages a second of one bot (Bots FAQ), and the films need room too."""
CARD = "broadcast"
"""The slot of the card, before its number."""
ENDED = {"done": "broadcast-done", "stopped": "broadcast-stopped", "broken": "broadcast-broken"}


def show(shop: Shop, tx: Tx, one: Broadcast) -> None:
    """The admin's card, as things stand."""
    language = shop.language_of(tx, one.admin_id)
    posts.show(tx, one.admin_id, f"{CARD}:{one.id}", card(shop, tx, one, language))


def card(shop: Shop, tx: Tx, one: Broadcast, language: Language) -> Card:
    """What an admin sees of a broadcast, and what can be done about it."""
    match one.state:
        case "draft":
            counts = broadcasts.counts(tx, shop.default_language)
            whom = _people(language, counts.of(one.audience, one.language))
            html = say(language, "broadcast-draft", number=one.id, people=whom)
            return Card(html=html, keyboard=_choices(counts, one, language))
        case "sure":
            people = broadcasts.counts(tx, shop.default_language).of(one.audience, one.language)
            time = duration(language, people / PACE)
            html = say(language, "broadcast-sure", number=one.id, people=_people(language, people), time=time)
            return Card(html=html, keyboard=(_decision(one, language, "yes"),))
        case "waiting":
            html = say(
                language, "broadcast-waiting", number=one.id, people=_people(language, broadcasts.tally(tx, one.id).all)
            )
            return Card(html=html, keyboard=((_stop(one, language),),))
        case "sending":
            tally = broadcasts.tally(tx, one.id)
            percent = 100 * (tally.all - tally.due - tally.posted) // max(1, tally.all)
            left = duration(language, (tally.due + tally.posted) / PACE)
            html = say(
                language,
                "broadcast-sending",
                number=one.id,
                bar=bar(percent),
                percent=percent,
                left=left,
                **_numbers(tally),
            )
            return Card(html=html, keyboard=((_stop(one, language),),))
        case "cancelled":
            return Card(html=say(language, "broadcast-cancelled", number=one.id))
        case _:
            return _report(tx, one, language)


def _report(tx: Tx, one: Broadcast, language: Language) -> Card:
    """How it ended: `done`, `stopped` by an admin, or `broken` off."""
    tally = broadcasts.tally(tx, one.id)
    time = duration(language, (one.ended_at or tx.now) - (one.started_at or one.ended_at or tx.now))
    html = say(language, ENDED[one.state], number=one.id, time=time, reason=one.reason, **_numbers(tally))
    return Card(html=html)


def _people(language: Language, number: int) -> str:
    return plain(language, "people-count", n=number)


def _numbers(tally: Tally) -> dict[str, int]:
    return {
        "all": tally.all,
        "sent": tally.sent,
        "blocked": tally.blocked,
        "failed": tally.failed,
        "rest": tally.due,
        "way": tally.posted,
    }


def _button(one: Broadcast, text: str, action: str) -> Button:
    return Button(text=text, data=f"b:{one.id}:{action}:{one.version}")


def _stop(one: Broadcast, language: Language) -> Button:
    return _button(one, plain(language, "broadcast-button-stop"), "stop")


def _decision(one: Broadcast, language: Language, action: str) -> tuple[Button, ...]:
    start = _button(one, plain(language, "broadcast-button-start"), action)
    return (start, _button(one, plain(language, "broadcast-button-drop"), "no"))


def _choices(counts: Counts, one: Broadcast, language: Language) -> Keyboard:
    def choice(text: str, action: str, *, chosen: bool) -> Button:
        return _button(one, f"• {text}" if chosen else text, action)

    audiences: list[Button] = []
    for audience in AUDIENCES:
        text = plain(language, f"broadcast-to-{audience}", n=counts.of(audience, one.language))
        audiences.append(choice(text, f"to-{audience}", chosen=audience == one.audience))
    languages = [choice(plain(language, "broadcast-any-language"), "in-", chosen=not one.language)]
    for code in LANGUAGES:
        text = f"{code} · {counts.of(one.audience, code)}"
        languages.append(choice(text, f"in-{code}", chosen=code == one.language))
    test = _button(one, plain(language, "broadcast-button-test"), "test")
    return (
        *(tuple(audiences[i : i + 2]) for i in range(0, len(audiences), 2)),
        *(tuple(languages[i : i + 2]) for i in range(0, len(languages), 2)),
        (test,),
        _decision(one, language, "go"),
    )
