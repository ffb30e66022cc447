"""Has a file at hand when it is to be sent: one that no longer lies on our disk is fetched from Telegram first.

What is fetched lives in memory only, so it needs no room on the disk; a retry fetches it anew. While it comes, the
other posts of its chat wait, so little patience is had with it.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import trio

from actors.telegram.requests import Request, as_request
from protocol.posts import Document
from protocol.telegram.client import TelegramClient, TelegramRefused, TelegramUnreachable
from storage.posts import Post

AT_ONCE = 1
"""Files held in memory at the same time, 20 MB each at most (Bot API, getFile)."""

ATTEMPTS = 4
SECONDS = 40.0
"""20 MB over 4 Mbit/s take 40 s; a server's line is faster."""


class FileGone(Exception):
    """The file is neither here nor to be had from Telegram."""


class FilmsAgain:
    """Makes requests out of posts, with the files they need."""

    def __init__(self, telegram: TelegramClient) -> None:
        self._telegram = telegram
        self._at_once = trio.CapacityLimiter(AT_ONCE)

    @asynccontextmanager
    async def request(self, post: Post) -> AsyncGenerator[Request]:
        """The request that shows this post, and what it needs for as long as it lasts.

        Raises `FileGone`, or `TelegramError` when the file may be had later.
        """
        request, fetch_id = as_request(post), _to_fetch(post)
        if not fetch_id:
            yield request
            return
        async with self._at_once:
            data = await self._fetched(fetch_id, post.attempts)
            uploads = {name: replace(upload, path=data) for name, upload in request.uploads.items()}
            yield replace(request, uploads=uploads)

    async def _fetched(self, file_id: str, attempts: int) -> bytes:
        if attempts >= ATTEMPTS:
            raise FileGone(f"not fetched in {ATTEMPTS} attempts")
        try:
            with trio.fail_after(SECONDS):
                return await self._telegram.download(file_id)
        except trio.TooSlowError:
            raise TelegramUnreachable("download", f"not within {SECONDS:g} s", sent=False) from None
        except TelegramRefused as refused:
            if refused.code == 400:
                raise FileGone(refused.description) from None
            raise


def _to_fetch(post: Post) -> str:
    """Telegram's id of what this post shows for the first time and our disk has not; empty when nothing is missing."""
    document = post.content
    if post.message_id is not None or not isinstance(document, Document) or document.file_id:
        return ""
    return document.fetch_id if not Path(document.path).is_file() else ""
