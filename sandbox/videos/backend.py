"""The video backend's memory: its jobs, when each will be done, and the films asked for so far.

A job that is deleted in flight keeps its place in the concurrency limit until it would have ended.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable
from itertools import islice
from random import Random
from typing import Protocol

import trio

from sandbox.videos.job import Failure, Job, Refusal, Status, Wish
from sandbox.videos.manners import OPENAI, Manners
from sandbox.videos.rules import SORA, Rules
from sandbox.videos.stills import spritesheet, thumbnail

QUEUED_FOR = (2.0, 10.0)  # seconds before work starts
WORK_PER_SECOND = 8.0  # of film; about what Sora 2 took in its good hours
WORK_SPREAD = 0.25
CACHED_FILMS = 16  # a film of 12 s in 1080p weighs a few megabytes

FAILURES = (
    Failure("content_filter", "The generated video was blocked by our content filter."),
    Failure("video_generation_failed", "The video could not be generated. Please try again."),
)


class Renderer(Protocol):
    """Makes the MP4 of a job; plain and synchronous."""

    def __call__(
        self, prompt: str, *, model: str, width: int, height: int, seconds: int, image: bytes | None = None
    ) -> bytes: ...


class VideoBackend:
    """The stand-in's state. It belongs to no `trio.run` and survives any number of them.

    `now` gives epoch seconds. Durations are divided by `speed`. At most `concurrency` jobs are in progress,
    the others stay queued. Films are rendered inside the caller's task, or in a worker thread if `threaded`.
    """

    def __init__(
        self,
        now: Callable[[], float],
        random: Random,
        *,
        render: Renderer,
        threaded: bool = False,
        speed: float = 1.0,
        concurrency: int | None = None,
        rules: Rules = SORA,
        manners: Manners = OPENAI,
    ) -> None:
        self.now = now
        self.random = random
        self.speed = speed
        self.concurrency = concurrency
        self.rules = rules
        self.manners = manners
        self.jobs: dict[str, Job] = {}
        self.created: list[Job] = []  # every create ever accepted, whatever became of it
        self.requests = Counter[str]()  # per operation, refused and lost ones included
        self._render = render
        self._threaded = threaded
        self._pictures: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._rendering = trio.Lock()  # one film at a time: the machine has other work

    def create(self, wish: Wish, *, failing: bool = False, remixed_from: str | None = None) -> Job:
        """Accept a wish and decide its whole future: when it starts, when it ends, and whether it fails."""
        now = self.now()
        starts_at = now + self.random.uniform(*QUEUED_FOR) / self.speed
        spread = self.random.uniform(1 - WORK_SPREAD, 1 + WORK_SPREAD)
        work = wish.seconds * WORK_PER_SECOND * spread / self.speed
        if self.concurrency is not None:
            ends = sorted(job.ends_at for job in self.created if job.ends_at > now)
            if len(ends) >= self.concurrency:
                starts_at = max(starts_at, ends[-self.concurrency])
        job = Job(
            id=self.manners.new_id(self.random, wish.model),
            wish=wish,
            created_at=now,
            starts_at=starts_at,
            ends_at=starts_at + (work / 2 if failing else work),
            failure=self.random.choice(FAILURES) if failing else None,
            remixed_from=remixed_from,
        )
        self.jobs[job.id] = job
        self.created.append(job)
        return job

    def find(self, job_id: str) -> Job:
        """The job of this id, or of the other id under which this backend's manners showed it."""
        job = self.jobs.get(job_id) or next(
            (job for job in self.jobs.values() if self.manners.echoed_id(job.id) == job_id), None
        )
        if job is None:
            raise Refusal(404, f"Video with id '{job_id}' not found.")
        return job

    def page(self, *, after: str | None, limit: int, newest_first: bool) -> tuple[list[Job], bool]:
        """Up to `limit` jobs behind the job `after`, and whether more follow."""
        jobs = list(self.jobs.values())
        if newest_first:
            jobs.reverse()
        start = 0 if after is None else jobs.index(self.find(after)) + 1
        found = list(islice(jobs, start, start + limit + 1))
        return found[:limit], len(found) > limit

    def remove(self, job: Job) -> None:
        del self.jobs[job.id]
        for key in [key for key in self._pictures if key[0] == job.id]:
            del self._pictures[key]

    def forget(self) -> None:
        """Lose every job, as a server does that keeps them in its memory and starts again."""
        self.jobs.clear()
        self._pictures.clear()

    def restart(self) -> None:
        """What a restart of the backend does to its jobs: OpenAI's kept them, several others do not."""
        if self.manners.forgets_on_restart:
            self.forget()

    async def content(self, job: Job, variant: str = "video") -> bytes:
        """The MP4 of a completed job, its thumbnail (WebP) or spritesheet (JPEG), drawn when first asked for.

        Raises Refusal while there is none, after a failure, and an hour after completion.
        """
        manners, state = self.manners, job.state(self.now())
        if state.status is Status.FAILED:
            if manners.hides_failures:
                raise Refusal(500, "No response data in completed operation", type="server_error")
            raise Refusal(manners.failed_content_status, "Video generation failed: there is no content.")
        if state.status is not Status.COMPLETED:
            raise Refusal(manners.not_ready_status, f"Video is not ready yet: its status is '{state.status}'.")
        if state.expires_at is not None and self.now() >= state.expires_at:
            raise Refusal(404, "The video's content has expired.")
        async with self._rendering:
            return await self._picture(job, variant)

    async def _picture(self, job: Job, variant: str) -> bytes:
        key = (job.id, variant)
        if key not in self._pictures:
            if variant == "video":
                picture = await self._work(lambda: self._film(job.wish))
            else:
                film = await self._picture(job, "video")
                draw = thumbnail if variant == "thumbnail" else spritesheet
                picture = await self._work(lambda: draw(film))
            self._pictures[key] = picture
            while len(self._pictures) > CACHED_FILMS:
                self._pictures.popitem(last=False)
        self._pictures.move_to_end(key)
        return self._pictures[key]

    def _film(self, wish: Wish) -> bytes:
        return self._render(
            wish.prompt,
            model=wish.model,
            width=wish.width,
            height=wish.height,
            seconds=wish.seconds,
            image=wish.image,
        )

    async def _work(self, draw: Callable[[], bytes]) -> bytes:
        # Whoever stops the sandbox does not wait for a long film that nobody will see.
        return await trio.to_thread.run_sync(draw, abandon_on_cancel=True) if self._threaded else draw()
