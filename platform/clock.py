"""The only place that reads the machine's clock."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A source of the present moment."""

    def now(self) -> datetime:
        """Return the present moment, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)


@dataclass
class SetClock:
    """A clock that stands where it was put: for tests, replays and demo data."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, 0, tzinfo=UTC))

    def now(self) -> datetime:
        """Return the moment it was put to."""
        return self.moment

    def advance(self, by: timedelta) -> datetime:
        """Move forward and return the new moment."""
        self.moment += by
        return self.moment


def monotonic() -> float:
    """Return seconds of a clock that never runs backwards, for measuring durations."""
    return time.monotonic()
