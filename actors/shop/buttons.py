"""Pressed buttons. Every press is answered, also a stale or a forged one; a forged one does nothing.

Data is `kind:id:action[:value]`. Whether the thing is the presser's is asked of the store, never of the data.
"""

from actors.shop import admin, as_a_file, broadcast, cards, commands, drafts, making, offers, work
from actors.shop.admin import doors
from actors.shop.money import purchase, statement
from actors.shop.pressed import Pressed
from actors.shop.words import duration, tokens
from protocol.catalogue import LANGUAGES
from protocol.job import FilmKind, IllegalTransition, JobState
from protocol.texts import plain, say
from storage import drafts as draft_rows
from storage import jobs, ledger, orders, pictures, posts, users
from storage.drafts import Draft
from storage.jobs import Job
from storage.sql import row_id


def press(pressed: Pressed, data: str) -> None:
    """Do what the button says."""
    said = pressed.said
    if doors.press_turned_away(pressed):
        return
    match data.split(":", 3):
        case ["d", number, action, *value] if (id := row_id(number)) is not None:
            draft = draft_rows.get(said.tx, id, user_id=said.person.id)
            if draft is None:
                pressed.answer("answer-stale")
            else:
                _on_draft(pressed, draft, action, value[0] if value else "")
        case ["j", number, action] if (id := row_id(number)) is not None:
            job = jobs.find(said.tx, id, user_id=said.person.id)
            if job is None:
                pressed.answer("answer-stale")
            else:
                _on_job(pressed, job, action)
        case ["l", language] if language in LANGUAGES:
            _choose_language(pressed, language)
        case ["b", number, action, version] if (
            said.shop.is_admin(said.person.id) and (id := row_id(number)) is not None
        ):
            broadcast.press(pressed, id, action, version)
        case ["buy"]:
            commands.buy(said)
            pressed.answer()
        case ["buy", number] if (id := row_id(number)) is not None:
            commands.buy(said, id)
            pressed.answer()
        case ["films"]:
            commands.videos(said)
            pressed.answer()
        case ["st", what]:
            statement.press(pressed, what)
        case ["pk", package, *draft] if not draft or row_id(draft[0]) is not None:
            purchase.choose_package(pressed, package, row_id(draft[0]) if draft else None)
        case ["o", number, action, *version] if (id := row_id(number)) is not None:
            order = orders.find(said.tx, id)
            if order is None:
                pressed.answer("answer-stale")
            else:
                purchase.on_order(pressed, order, action, version[0] if version else "")
        case ["a" | "u", *_] if said.shop.is_admin(said.person.id):
            admin.press(pressed, data)
        case _:
            pressed.answer("answer-stale")


def _on_draft(pressed: Pressed, draft: Draft, action: str, value: str) -> None:
    shop, tx, person = pressed.said.shop, pressed.said.tx, pressed.said.person
    if draft.state != "open":
        job = next((job for job in jobs.of_user(tx, person.id, limit=500) if job.draft_id == draft.id), None)
        if job is not None and action == "go":
            pressed.answer("answer-already", number=job.id)
        else:
            pressed.answer("answer-stale")
        return
    match action:
        case "go":
            _start(pressed, draft, value)
        case "set":
            drafts.show(shop, tx, person, draft_rows.change(tx, draft.id, settings_open=not draft.settings_open))
            pressed.answer()
        case "edit":
            users.change(tx, person.id, asked=f"edit:{draft.id}")
            pressed.said.reply(say(pressed.said.language, "edit-ask"))
            pressed.answer()
        case "no":
            drafts.close(shop, tx, person, draft)
            pressed.answer()
        case "m" | "s" | "z":
            if drafts.choose(shop, tx, person, draft, action, value):
                pressed.answer()
            else:
                drafts.show(shop, tx, person, draft)
                pressed.answer("answer-gone")
        case _:
            pressed.answer("answer-stale")


def _start(pressed: Pressed, draft: Draft, price: str) -> None:
    """▶️: the draft becomes a job. `price` is what the card said, in tokens; empty on a card that did not say."""
    said = pressed.said
    if doors.sent_home(pressed):
        return
    choice = offers.of_draft(said.shop, said.tx, draft)
    if choice is None and draft.kind != "new":
        drafts.close(said.shop, said.tx, said.person, draft)
        pressed.answer("answer-source-gone", alert=True)
        return
    if choice is None or not offers.is_of(choice, draft):
        # The price may have changed with the choice: the person must see the card before paying.
        drafts.show(said.shop, said.tx, said.person, draft)
        pressed.answer("answer-gone")
        return
    now = offers.price(choice, draft)
    if price and price != str(now):
        drafts.show(said.shop, said.tx, said.person, draft)
        pressed.answer("answer-price", alert=True, price=tokens(said.language, now))
        return
    try:
        with said.tx.savepoint():
            job = drafts.start(said.shop, said.tx, said.person, draft)
    except ledger.InsufficientTokens as short:
        drafts.show(said.shop, said.tx, said.person, draft)
        missing = tokens(said.language, short.needed - short.available)
        pressed.answer("answer-short", alert=True, missing=missing)
    except drafts.SourceGone:
        drafts.close(said.shop, said.tx, said.person, draft)
        pressed.answer("answer-source-gone", alert=True)
    except drafts.BackendRests as rest:
        # Nothing is charged; the other models are one press away.
        opened = draft_rows.change(said.tx, draft.id, settings_open=len(said.shop.catalogue.models) > 1)
        drafts.show(said.shop, said.tx, said.person, opened)
        wait = duration(said.language, rest.seconds)
        pressed.answer("answer-rests", alert=True, model=rest.model.label.in_(said.language), wait=wait)
    else:
        pressed.answer("answer-started", number=job.id)


def _on_job(pressed: Pressed, job: Job, action: str) -> None:
    said = pressed.said
    match action:
        case "no":
            try:
                refund = work.cancel(said.shop, said.tx, job)
            except IllegalTransition:
                ended = job.stands in (JobState.CANCELLED, JobState.FAILED, JobState.DELIVERED)
                pressed.answer("answer-stale" if ended else "answer-too-late")
            else:
                drafts.refresh(said.shop, said.tx, said.person)
                pressed.answer("answer-cancelled", refund=tokens(said.language, refund))
        case "mx" | "xt":
            _make_from(pressed, job, "remix" if action == "mx" else "extend", job.prompt, ask=action == "mx")
        case "va" if making.of_job(said.shop, said.tx, job, "remix") is not None:
            _make_from(pressed, job, "remix", job.prompt)
        case "re" | "ed" if (source := making.source_of(said.tx, job)) is not None and making.of_job(
            said.shop, said.tx, source, job.kind
        ) is not None:
            _make_from(pressed, source, job.kind, job.prompt, ask=action == "ed", seconds=job.seconds)
        case "re" | "ed" if job.kind == "extend":
            pressed.answer("answer-source-gone", alert=True)  # without the film that it continues it is another film
        case "re" | "ed" | "va":
            users.change(said.tx, said.person.id, model=job.model, seconds=job.seconds, size=job.size)
            person = users.get(said.tx, said.person.id)
            assert person is not None
            if job.picture_id is not None:
                pictures.want_again(said.tx, job.picture_id)
            draft = drafts.begin(said.shop, said.tx, person, job.prompt, job.picture_id)
            if draft is None:
                pressed.answer("nothing-on-sale", alert=True)
                return
            if action == "ed":
                users.change(said.tx, person.id, asked=f"edit:{draft.id}")
                said.reply(say(said.language, "edit-ask"))
            pressed.answer("answer-variation" if action == "va" else "")
        case "film":
            _show_again(pressed, job)
        case "file":
            as_a_file.press(pressed, job)
        case _:
            pressed.answer("answer-stale")


def _make_from(
    pressed: Pressed, source: Job, kind: FilmKind, prompt: str, *, ask: bool = False, seconds: int | None = None
) -> None:
    """The card of a film made from another one; with `ask`, its words are asked for."""
    said = pressed.said
    draft = drafts.begin_from(said.shop, said.tx, said.person, source, kind, prompt, seconds=seconds)
    if draft is None:
        pressed.answer("answer-source-gone", alert=True)
        return
    if ask:
        users.change(said.tx, said.person.id, asked=f"edit:{draft.id}")
        said.reply(say(said.language, "change-ask"))
    pressed.answer()


def _show_again(pressed: Pressed, job: Job) -> None:
    said = pressed.said
    film = work.film_of(job)
    if film is None or not all(piece.file_id for piece in film.pieces):
        pressed.answer("videos-gone", alert=True)
        return
    available = ledger.balance(said.tx, said.person.id).available
    kinds = making.kinds_of(said.shop, job)
    pieces = cards.film_posts(said.language, job, film, available=available, kinds=kinds)
    for part, piece in enumerate(pieces, start=1):
        slot = f"again:{said.update_id}" if part == 1 else f"again:{said.update_id}:{part}"
        posts.show(said.tx, said.person.id, slot, piece)
    pressed.answer()


def _choose_language(pressed: Pressed, language: str) -> None:
    said = pressed.said
    users.change(said.tx, said.person.id, language=language)
    person = users.get(said.tx, said.person.id)
    assert person is not None
    posts.show_message(said.tx, person.id, pressed.message_id, cards.language_card(language))
    drafts.refresh(said.shop, said.tx, person)
    posts.answer(said.tx, pressed.query_id, plain(language, "lang-chosen"), received_at=pressed.received_at)
