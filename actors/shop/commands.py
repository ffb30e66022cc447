"""Commands and plain words of everybody. Each answer is a post; nothing is said twice for one update."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from actors.shop import cards, drafts, offers, work
from actors.shop.context import Shop
from actors.shop.words import excerpt, tokens
from protocol.catalogue import Language
from protocol.job import JobState
from protocol.posts import Button, Card, Keyboard
from protocol.texts import Html, plain, say
from storage import drafts as draft_rows
from storage import jobs, ledger, pictures, posts, users
from storage.store import Tx
from storage.users import User

FILMS_SHOWN = 10
PICTURE_BYTES = 20 * 1024 * 1024
"""The largest file a bot can fetch (Bot API, getFile)."""
SIGNS = {
    JobState.QUEUED: "⏳",
    JobState.SUBMITTING: "⏳",
    JobState.UNKNOWN: "⏳",
    JobState.PROCESSING: "⏳",
    JobState.READY: "⏳",
    JobState.DELIVERED: "✅",
    JobState.FAILED: "✖️",
    JobState.CANCELLED: "✖️",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said: who, in which update, and the words after the command."""

    shop: Shop
    tx: Tx
    person: User
    new: bool
    update_id: int
    words: str

    @property
    def language(self) -> Language:
        return self.shop.language(self.person)

    def reply(self, html: Html, keyboard: Keyboard = ()) -> None:
        """Answer this update in its chat, once."""
        posts.show(self.tx, self.person.id, f"say:{self.update_id}", Card(html=html, keyboard=keyboard))

    def available(self) -> str:
        return tokens(self.language, ledger.balance(self.tx, self.person.id).available)


def start(said: Said) -> None:
    key = "start-new" if said.new and said.shop.catalogue.welcome_tokens else "start-again"
    said.reply(
        say(
            said.language,
            key,
            name=said.person.first_name,
            balance=said.available(),
            **{"example-prompt": say(said.language, "example-prompt")},
        )
    )


def new(said: Said) -> None:
    if said.words:
        prompt(said)
    else:
        users.change(said.tx, said.person.id, asked=None)
        said.reply(say(said.language, "new-film"))


def prompt(said: Said) -> None:
    """Words alone: the text of a new film, or the new text of one that is being edited."""
    text = said.words.strip()
    limit = max(model.prompt_limit for model in said.shop.catalogue.models)
    if len(text) > limit:
        model = said.shop.catalogue.models[0].label.in_(said.language)
        said.reply(say(said.language, "prompt-too-long", length=len(text), limit=limit, model=model))
        return
    if drafts.begin(said.shop, said.tx, said.person, text, _asked_for(said)) is None:
        said.reply(say(said.language, "nothing-on-sale"))


def _asked_for(said: Said) -> int | None:
    """What these words were asked for: a new text of a card, or the text of a picture. The picture's id, if any."""
    verb, _, number = (said.person.asked or "").partition(":")
    if not number.isdecimal():
        return None
    users.change(said.tx, said.person.id, asked=None)
    if verb == "picture":
        return int(number)
    draft = draft_rows.get(said.tx, int(number), user_id=said.person.id)
    if draft is None:
        return None
    if draft.state == "open":
        # The new text stands at the end of the chat, so the card moves there: the old one is closed.
        draft_rows.change(said.tx, draft.id, state="closed")
        posts.retire(said.tx, said.person.id, drafts.slot(draft.id))
    return draft.picture_id


def picture(said: Said, file_id: str, size_bytes: int) -> None:
    """A picture, the first frame of a film; its caption is the prompt, else the next words are."""
    if not offers.models(said.shop, said.tx, picture=True):
        said.reply(say(said.language, "not-photo"))
    elif size_bytes > PICTURE_BYTES:
        said.reply(say(said.language, "picture-too_large_file"))
    else:
        wanted = pictures.want(said.tx, said.person.id, file_id)
        users.change(said.tx, said.person.id, asked=f"picture:{wanted.id}")
        if said.words.strip():
            person = users.get(said.tx, said.person.id)
            assert person is not None
            prompt(replace(said, person=person))
        else:
            said.reply(say(said.language, "picture-words"))


def balance(said: Said) -> None:
    now = ledger.balance(said.tx, said.person.id)
    available = tokens(said.language, now.available)
    if now.held:
        said.reply(say(said.language, "balance-held", balance=available, held=tokens(said.language, now.held)))
    else:
        said.reply(say(said.language, "balance", balance=available))


def videos(said: Said) -> None:
    mine = jobs.of_user(said.tx, said.person.id, limit=FILMS_SHOWN)
    if not mine:
        said.reply(say(said.language, "videos-none"))
        return
    lines = [
        say(
            said.language,
            "videos-line",
            sign=SIGNS[job.stands],
            number=job.id,
            seconds=job.seconds,
            prompt=excerpt(job.prompt, 60),
        )
        for job in mine
    ]
    buttons = [
        Button(text=plain(said.language, "button-film", number=job.id), data=f"j:{job.id}:film")
        for job in mine
        if job.stands is JobState.DELIVERED
    ]
    rows = tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
    said.reply(Html("\n".join([say(said.language, "videos"), *lines])), rows)


def cancel(said: Said) -> None:
    """Everything that has not started: open cards, queued jobs, and a text that was asked for."""
    shop, tx, person, language = said.shop, said.tx, said.person, said.language
    users.change(tx, person.id, asked=None)
    queued = jobs.of_user(tx, person.id, [JobState.QUEUED])
    refund = sum(work.cancel(shop, tx, job) for job in queued)
    open_drafts = draft_rows.open_of(tx, person.id)
    for draft in open_drafts:
        drafts.close(shop, tx, person, draft)
    lines: list[str] = []
    if queued:
        lines.append(say(language, "cancel-done", refund=tokens(language, refund), balance=said.available()))
    elif open_drafts:
        lines.append(say(language, "cancel-drafts", balance=said.available()))
    at_work = jobs.of_user(tx, person.id, [JobState.SUBMITTING, JobState.UNKNOWN, JobState.PROCESSING, JobState.READY])
    if at_work:
        lines.append(say(language, "cancel-at-work", numbers=", ".join(str(job.id) for job in reversed(at_work))))
    said.reply(Html("\n".join(lines)) if lines else say(language, "cancel-nothing"))


def lang(said: Said) -> None:
    card = cards.language_card(said.language)
    said.reply(Html(card.html), card.keyboard)


def help_(said: Said) -> None:
    said.reply(say(said.language, "help"))


def terms(said: Said) -> None:
    said.reply(say(said.language, "terms"))


def _with_admin(said: Said, key: str) -> None:
    admin = say(said.language, "admin-contact", id=str(said.shop.admins[0]))
    said.reply(say(said.language, key, admin=admin, user_id=str(said.person.id), balance=said.available()))


def paysupport(said: Said) -> None:
    _with_admin(said, "paysupport")


def buy(said: Said) -> None:
    _with_admin(said, "buy-by-admin")


def unknown(said: Said) -> None:
    said.reply(say(said.language, "unknown-command"))


EVERYBODY: dict[str, Callable[[Said], None]] = {
    "start": start,
    "new": new,
    "videos": videos,
    "balance": balance,
    "buy": buy,
    "cancel": cancel,
    "lang": lang,
    "help": help_,
    "terms": terms,
    "paysupport": paysupport,
}
