"""Putting work into the queue, in the transaction that causes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    """The life of a job."""

    READY = "ready"
    LEASED = "leased"
    DONE = "done"
    INCIDENT = "incident"


@dataclass(frozen=True)
class Job:
    """A claimed piece of work. `fence` rises at every claim: only its owner may finish it."""

    id: str
    kind: str
    key: str | None
    payload: Mapping[str, Any]
    due_at: datetime
    attempts: int
    max_attempts: int
    fence: int


@dataclass(frozen=True)
class RetryPolicy:
    """How long to wait before the next attempt: `first`, doubling up to `longest`."""

    times: int = 5
    first: timedelta = timedelta(seconds=10)
    longest: timedelta = timedelta(hours=1)

    def wait(self, attempts: int) -> timedelta:
        """Return the pause after the given number of attempts."""
        doublings = min(max(attempts - 1, 0), 20)
        return min(self.first * (1 << doublings), self.longest)


DEFAULT_RETRY = RetryPolicy()
