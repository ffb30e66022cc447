"""A job made by hand, for what needs only its columns."""

from typing import Any

from protocol.job import JobState
from storage.jobs import Job

NOW = 1_800_000_000.0


def a_job(**changes: Any) -> Job:
    """A job at work since `NOW`, expected to take 100 s; `changes` are columns."""
    columns: dict[str, Any] = {name: None for name in Job.__slots__}
    columns |= {
        "id": 17,
        "user_id": 7,
        "state": JobState.PROCESSING,
        "prompt": "a cat",
        "model": "sora-2",
        "backend": "default",
        "seconds": 4,
        "size": "720x1280",
        "price": 20,
        "expected_seconds": 100.0,
        "created_at": NOW,
        "not_before": 0.0,
        "accepted_at": NOW,
        "shown_percent": 0,
    }
    return Job(**(columns | changes))
