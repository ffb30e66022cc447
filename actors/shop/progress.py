"""How far a job is, said honestly: what the backend tells, else an estimate from the expected time, never backwards."""

from dataclasses import dataclass

from storage.jobs import Job

ESTIMATE_CEILING = 95
"""An estimate never claims to be done."""
LATE = 1.3
"""Past this multiple of the expected time the person is told that it takes longer than usual."""
SLACK_SECONDS = 10.0
"""An end that moves away by no more than this is not worth a word."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Percent done, whether that is our estimate, and seconds left (None: later than expected)."""

    percent: int
    estimated: bool
    left: float | None


def elapsed_of(job: Job, now: float) -> float:
    """Seconds that a job has been at the backend."""
    return max(0.0, now - (job.accepted_at or job.submitted_at or now))


def of(job: Job, now: float) -> Progress:
    """The progress of a job at the backend, at epoch second `now`.

    The end that was told is in `expected_seconds`: whoever shows an earlier one writes it there, and a later one is
    never told, only that it takes longer.
    """
    elapsed = elapsed_of(job, now)
    share = elapsed / job.expected_seconds
    guess = min(ESTIMATE_CEILING, int(100 * share))
    told = job.progress
    # Some servers say 0 until they say 100; a real number moves in between.
    trusted = told is not None and 0 < told < 100
    percent = told if trusted and told is not None else guess
    shown = max(percent, job.shown_percent)
    promised = remaining = job.expected_seconds - elapsed
    if trusted and told is not None and told >= 10:
        remaining = elapsed * (100 - told) / told
    soonest = min(remaining, promised)
    late = remaining > LATE * max(promised, 0.0) + SLACK_SECONDS or (soonest <= 0 and share > LATE)
    left = None if late else soonest if soonest > 0 else 5.0
    return Progress(shown, not trusted or shown != percent, left)
