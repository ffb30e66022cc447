"""Pressed buttons. Every press is answered, also a stale or a forged one; a forged one does nothing.

Data is `kind:id:action[:value]`. Whether the thing is the presser's is asked of the store, never of the data.
"""

import re
from dataclasses import dataclass

from actors.shop import admin, cards, commands, drafts, offers, work
from actors.shop.commands import Said
from actors.shop.words import duration, tokens
from protocol.catalogue import LANGUAGES
from protocol.job import IllegalTransition, JobState
from protocol.posts import Card
from protocol.texts import plain, say
from storage import drafts as draft_rows
from storage import jobs, ledger, pictures, posts, users
from storage.drafts import Draft
from storage.jobs import Job
from storage.sql import row_id


@dataclass(frozen=True, slots=True)
class Pressed:
    """One press: what was said by it, the query to answer, and the message the button is on."""

    said: Said
    query_id: str
    message_id: int
    received_at: float

    def answer(self, key: str = "", *, alert: bool = False, **arguments: object) -> None:
        """The answer at the top of the chat, or a silent one."""
        text = plain(self.said.language, key, **arguments) if key else ""
        posts.answer(self.said.tx, self.query_id, text, alert=alert, received_at=self.received_at)


def press(pressed: Pressed, data: str) -> None:
    """Do what the button says."""
    said = pressed.said
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
        case ["buy"]:
            commands.buy(said)
            pressed.answer()
        case ["u", page, *search] if re.fullmatch(r"[0-9]{1,9}", page) and said.shop.is_admin(said.person.id):
            html, keyboard = admin.users_page(said, ":".join(search), int(page))
            posts.show_message(said.tx, said.person.id, pressed.message_id, Card(html=html, keyboard=keyboard))
            pressed.answer()
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
            _start(pressed, draft)
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


def _start(pressed: Pressed, draft: Draft) -> None:
    said = pressed.said
    choice = offers.of_draft(said.shop, said.tx, draft)
    if choice is None or not offers.is_of(choice, draft):
        # The price may have changed with the choice: the person must see the card before paying.
        drafts.show(said.shop, said.tx, said.person, draft)
        pressed.answer("answer-gone")
        return
    try:
        with said.tx.savepoint():
            job = drafts.start(said.shop, said.tx, said.person, draft)
    except ledger.InsufficientTokens as short:
        drafts.show(said.shop, said.tx, said.person, draft)
        missing = tokens(said.language, short.needed - short.available)
        pressed.answer("answer-short", alert=True, missing=missing)
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
        case _:
            pressed.answer("answer-stale")


def _show_again(pressed: Pressed, job: Job) -> None:
    said = pressed.said
    film = work.film_of(job)
    if film is None or not film.file_id:
        pressed.answer("videos-gone", alert=True)
        return
    available = ledger.balance(said.tx, said.person.id).available
    shown = cards.film_post(said.language, job, film, available=available)
    posts.show(said.tx, said.person.id, f"again:{said.update_id}", shown)
    pressed.answer()


def _choose_language(pressed: Pressed, language: str) -> None:
    said = pressed.said
    users.change(said.tx, said.person.id, language=language)
    person = users.get(said.tx, said.person.id)
    assert person is not None
    posts.show_message(said.tx, person.id, pressed.message_id, cards.language_card(language))
    drafts.refresh(said.shop, said.tx, person)
    posts.answer(said.tx, pressed.query_id, plain(language, "lang-chosen"), received_at=pressed.received_at)
