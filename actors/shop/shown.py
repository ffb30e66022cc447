"""What it means for the shop that Telegram shows a post, or never will."""

from actors.shop import work
from actors.shop.context import Shop
from actors.telegram_requests import Sent
from protocol.job import Failure, JobState
from storage import jobs, posts
from storage.jobs import Job
from storage.posts import Post
from storage.store import Tx


def shown(tx: Tx, shop: Shop, post: Post, sent: Sent) -> None:
    """Telegram shows this revision. For a film this is the delivery: now it is paid."""
    posts.shown(tx, post, sent.message_id)
    job = _delivery_of(tx, post)
    if job is not None and job.stands is JobState.READY:
        work.delivered(shop, tx, job, message_id=sent.message_id, file_id=sent.file_id)


def cannot_show(tx: Tx, shop: Shop, post: Post, reason: str) -> None:
    """Telegram will never show this post. A film that cannot be delivered is paid back."""
    posts.dead(tx, post, reason)
    job = _delivery_of(tx, post)
    if job is not None and job.stands is JobState.READY:
        work.fail(shop, tx, job, Failure.UNDELIVERABLE, reason)


def _delivery_of(tx: Tx, post: Post) -> Job | None:
    kind, _, number = post.slot.partition(":")
    return jobs.get(tx, int(number)) if kind == "film" else None
