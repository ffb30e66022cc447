"""Commands of everybody. Each answer is a post; nothing is said twice for one update."""

from collections.abc import Callable

from actors.shop import cards, drafts, offers, wishes, work
from actors.shop.money import promotions, purchase, returning, statement
from actors.shop.said import Said
from actors.shop.words import excerpt, tokens
from protocol.job import JobState
from protocol.posts import Button
from protocol.texts import Html, plain, say
from storage import drafts as draft_rows
from storage import jobs, orders, users

FILMS_SHOWN = 10
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


def start(said: Said) -> None:
    if returning.back(said) or promotions.started(said):
        return
    name, balance = said.person.first_name, said.available()
    if said.new and said.shop.catalogue.welcome_tokens:
        films = _films_for(said, said.shop.catalogue.welcome_tokens)
        gift = say(said.language, "start-gift", balance=balance, films=films)
        text = say(said.language, "start-new", name=name, gift=gift)
        photo = _photo_words(said)
        said.reply(Html(f"{text}\n\n{photo}") if photo else text)
    else:
        keyboard = ((cards.films_button(said.language),),) if jobs.of_user(said.tx, said.person.id, limit=1) else ()
        said.reply(say(said.language, "start-again", name=name, balance=balance), keyboard)


def _films_for(said: Said, amount: int) -> int:
    """How many of the plainest films so many tokens buy: a newcomer does not know what a token is worth."""
    first = offers.nearest(said.shop, said.tx, model=None, seconds=None, size=None, picture=False)
    return amount // first.model.price(size=first.size, seconds=first.seconds) if first else 0


def _photo_words(said: Said) -> Html:
    """That a film may begin from a photo, where something on sale takes one."""
    return say(said.language, "start-photo") if offers.models(said.shop, said.tx, picture=True) else Html("")


def new(said: Said) -> None:
    if said.words:
        wishes.prompt(said)
    else:
        users.change(said.tx, said.person.id, asked=None)
        said.reply(say(said.language, "new-film"))


def balance(said: Said) -> None:
    statement.show(said)


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
    """Everything that has not started: open cards, queued jobs, unpaid orders, and a text that was asked for."""
    shop, tx, person, language = said.shop, said.tx, said.person, said.language
    users.change(tx, person.id, asked=None)
    queued = jobs.of_user(tx, person.id, [JobState.QUEUED])
    refund = sum(work.cancel(shop, tx, job) for job in queued)
    open_drafts = draft_rows.open_of(tx, person.id)
    for draft in open_drafts:
        drafts.close(shop, tx, person, draft)
    begun = purchase.give_up(said)
    lines: list[str] = []
    if queued:
        lines.append(say(language, "cancel-done", refund=tokens(language, refund), balance=said.available()))
    elif open_drafts or begun:
        lines.append(say(language, "cancel-drafts", balance=said.available()))
    at_work = jobs.of_user(tx, person.id, [JobState.SUBMITTING, JobState.UNKNOWN, JobState.PROCESSING, JobState.READY])
    if at_work:
        lines.append(say(language, "cancel-at-work", numbers=", ".join(str(job.id) for job in reversed(at_work))))
    said.reply(Html("\n".join(lines)) if lines else say(language, "cancel-nothing"))


def lang(said: Said) -> None:
    card = cards.language_card(said.language)
    said.reply(Html(card.html), card.keyboard)


def help_(said: Said) -> None:
    text = say(said.language, "help", photo=_photo_words(said))
    if said.shop.is_admin(said.person.id):
        text = Html(f"{text}\n\n{say(said.language, 'help-admin')}")
    said.reply(text)


def terms(said: Said) -> None:
    said.reply(say(said.language, "terms"))


def _with_admin(said: Said, key: str) -> None:
    admin = say(said.language, "admin-contact", id=str(said.shop.admins[0]))
    said.reply(say(said.language, key, admin=admin, user_id=str(said.person.id), balance=said.available()))


def paysupport(said: Said) -> None:
    """How to get help with a payment, and the orders it may be about."""
    admin = say(said.language, "admin-contact", id=str(said.shop.admins[0]))
    lines = [say(said.language, "paysupport", admin=admin, user_id=str(said.person.id))]
    lines += [purchase.mention(said, order) for order in orders.of_user(said.tx, said.person.id, limit=3) if order.way]
    said.reply(Html("\n".join(lines)))


def buy(said: Said, draft_id: int | None = None) -> None:
    """The packages; for a film that lacks tokens, the way back to it is remembered."""
    if said.shop.catalogue.packages:
        purchase.show_packages(said, draft_id)
    else:
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
    "promo": promotions.promo,
    "invite": promotions.invite,
}
