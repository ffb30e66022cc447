"""📄: a delivered film once more, as a file that nobody plays or squeezes on the way. It costs nothing.

The upload is needed once; then Telegram's own id of the file sends it again. A film our disk no longer keeps is fetched
from Telegram first, which gives a bot 20 MB at most: for a larger one only a sentence is left.
"""

from actors.shop import work
from actors.shop.context import Shop
from actors.shop.pressed import Pressed
from protocol.catalogue import Language
from protocol.job import JobState
from protocol.posts import Card, Document, Film
from protocol.texts import say
from storage import jobs, posts, users
from storage.jobs import Job
from storage.posts import Post
from storage.sql import row_id
from storage.store import Tx


def press(pressed: Pressed, job: Job) -> None:
    """Send the film as a file, each of its parts as one. What is on its way already is not sent twice."""
    said = pressed.said
    film = work.film_of(job)
    # A film that is ready may be in the chat already: the kill that took Telegram's answer left its button there.
    if film is None or job.stands not in (JobState.READY, JobState.DELIVERED):
        pressed.answer("answer-stale")
        return
    if not posts.waiting(said.tx, said.person.id, work.file_slots(job.id)):
        for part in range(1, len(film.pieces) + 1):
            slot = f"{work.file_slots(job.id)}{part}:{said.update_id}"
            posts.show(said.tx, said.person.id, slot, _document(said.language, job, film, part))
    pressed.answer("answer-file")


def shown(tx: Tx, post: Post, file_id: str) -> None:
    """Telegram took the file: from now on its id sends it."""
    part = _part_of(tx, post)
    if part is not None and file_id and isinstance(post.content, Document):
        _remember(tx, *part, file_id)


def cannot_show(tx: Tx, shop: Shop, post: Post) -> None:
    """Telegram did not take the file, or it is nowhere any more: the person hears what they can still do."""
    part = _part_of(tx, post)
    person = users.get(tx, post.chat_id)
    if part is None or post.message_id is not None or person is None or person.gone_at is not None:
        return
    job, number = part
    film = work.film_of(job)
    language = shop.language(person)
    if film is not None and isinstance(post.content, Document) and post.content.file_id:
        # Ids can become invalid (a bot moved to another server): what it stands for may still be had.
        film = _remember(tx, job, number, "")
        posts.show(tx, post.chat_id, post.slot, _document(language, job, film, number))
    elif isinstance(post.content, Document):
        posts.show(tx, post.chat_id, post.slot, Card(html=say(language, "film-file-gone", number=job.id)))


def _document(language: Language, job: Job, film: Film, part: int) -> Document:
    piece, all = film.pieces[part - 1], len(film.pieces)
    name, caption = f"kadr-{job.id}.mp4", say(language, "film-file", number=job.id)
    if all > 1:
        name = f"kadr-{job.id}-{part}.mp4"
        caption = say(language, "film-file-part", number=job.id, part=part, all=all)
    return Document(
        caption=caption,
        path=piece.path,
        file_id=piece.document_id,
        fetch_id=piece.file_id,
        file_name=name,
        mime_type="video/mp4",
    )


def _part_of(tx: Tx, post: Post) -> tuple[Job, int] | None:
    """The job whose film this post shows as a file, and which part of it (from 1)."""
    match post.slot.split(":"):
        case ["file", number, part, _] if (id := row_id(number)) is not None:
            job = jobs.find(tx, id, user_id=post.chat_id)
            return (job, int(part)) if job is not None else None
        case _:
            return None


def _remember(tx: Tx, job: Job, part: int, document_id: str) -> Film:
    """The film with this id of its part as a file; empty forgets it."""
    film = work.film_of(jobs.get(tx, job.id))
    assert film is not None, "what was sent as a file is a film"
    if film.parts:
        parts = list(film.parts)
        parts[part - 1] = parts[part - 1].model_copy(update={"document_id": document_id})
        film = film.model_copy(update={"parts": tuple(parts)})
    else:
        film = film.model_copy(update={"document_id": document_id})
    jobs.change(tx, job.id, film=film.model_dump_json())
    return film
