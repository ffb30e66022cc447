"""What it means for the shop that Telegram shows a post, or never will."""

from actors.shop import as_a_file, broadcast, work
from actors.shop.context import Shop
from actors.shop.rails import kaspi_view, stars
from actors.telegram.requests import Sent
from protocol.job import Failure, JobState
from protocol.posts import Card, Film, Invoice
from protocol.texts import say
from storage import jobs, posts, users
from storage.jobs import Job
from storage.posts import Post
from storage.store import Tx
from storage.users import User


def shown(tx: Tx, shop: Shop, post: Post, sent: Sent) -> None:
    """Telegram shows this revision. For a film this is the delivery: now it is paid."""
    posts.shown(tx, post, sent.message_id)
    broadcast.settled(tx, shop, post, "sent")
    job, part = _delivery_of(tx, post)
    as_a_file.shown(tx, post, sent.file_id)
    if job is not None and job.stands is JobState.READY:
        work.delivered(shop, tx, job, message_id=sent.message_id, file_id=sent.file_id, part=part)


def cannot_show(tx: Tx, shop: Shop, post: Post, reason: str) -> None:
    """Telegram will never show this post. A film that cannot be delivered is paid back."""
    posts.dead(tx, post, reason)
    person = users.get(tx, post.chat_id)
    broadcast.settled(tx, shop, post, "blocked" if person and person.gone_at else "failed", reason)
    job, _ = _delivery_of(tx, post)
    if job is not None and job.stands is JobState.READY:
        work.fail(shop, tx, job, Failure.UNDELIVERABLE, reason)
    as_a_file.cannot_show(tx, shop, post)
    if isinstance(post.content, Invoice) and post.message_id is None:
        stars.invoice_refused(shop, tx, post.chat_id, post.content.payload, reason)
    gone = person is not None and person.gone_at is not None
    if post.slot.startswith("kaspi:") and post.message_id is None and not gone:
        # The receipt's file may be gone at Telegram: an admin can decide without it.
        text = kaspi_view.as_text(post.content)
        if text is not None:
            posts.show(tx, post.chat_id, post.slot, text)
    if person is not None and not gone:
        _film_is_gone(tx, shop, post, person)


def _film_is_gone(tx: Tx, shop: Shop, post: Post, person: User) -> None:
    """A film asked for under /videos is no longer at Telegram (another bot's ids say nothing to it): that is said."""
    kind, _, update_id = post.slot.partition(":")
    if kind == "again" and update_id.isdecimal() and isinstance(post.content, Film) and post.message_id is None:
        text = Card(html=say(shop.language(person), "videos-gone"), keyboard=post.content.keyboard[:1])
        posts.show(tx, post.chat_id, post.slot, text)


def _delivery_of(tx: Tx, post: Post) -> tuple[Job | None, int]:
    """The job whose film this post is, and which part of it."""
    match post.slot.split(":"):
        case ["film", number]:
            return jobs.get(tx, int(number)), 1
        case ["film", number, part]:
            return jobs.get(tx, int(number)), int(part)
        case _:
            return None, 0
