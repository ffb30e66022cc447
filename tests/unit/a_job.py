"""A job and a draft made by hand, for what needs only their columns."""

from typing import Any

from protocol.job import JobState
from storage.drafts import Draft
from storage.jobs import Job

NOW = 1_800_000_000.0


def a_job(**changes: Any) -> Job:
    """A job at work since `NOW`, expected to take 100 s; `changes` are columns."""
    columns: dict[str, Any] = dict.fromkeys(Job.__slots__)
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


def a_draft(**changes: Any) -> Draft:
    """An open draft of the same film."""
    columns: dict[str, Any] = dict.fromkeys(Draft.__slots__)
    job = a_job()
    columns |= {name: getattr(job, name) for name in ("user_id", "prompt", "model", "seconds", "size", "created_at")}
    columns |= {"id": 12, "state": "open", "settings_open": False}
    return Draft(**(columns | changes))
