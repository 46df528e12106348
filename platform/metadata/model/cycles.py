"""How often a flow begins by the clock, and how often a service is tried again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_INTERVAL = re.compile(r"(\d{1,5})([smhd])")
_BACKOFF = re.compile(r"(\d{1,5}[smhd])(?:\s+x(\d{1,2}))?(?:\s+max\s+(\d{1,5}[smhd]))?")
#: Attempts of a service whose author says nothing.
USUAL_TIMES = 3


def interval_of(text: str) -> timedelta | None:
    """Return the duration that `10s`, `30m`, `4h` or `2d` says, None where it says none."""
    found = _INTERVAL.fullmatch(text.strip())
    if found is None or int(found[1]) == 0:
        return None
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


@dataclass(frozen=True)
class Retry:
    """How often a service is tried in all; the pauses: `first`, times `factor`, up to `longest`."""

    times: int = USUAL_TIMES
    first: timedelta = timedelta(seconds=10)
    factor: int = 2
    longest: timedelta = timedelta(hours=1)

    def wait(self, attempts: int) -> timedelta:
        """Return the pause after the given number of attempts."""
        pause = self.first
        for _ in range(attempts - 1):
            pause = min(pause * self.factor, self.longest)
        return min(pause, self.longest)


def retry_of(written: object) -> Retry | None:
    """Return what `retry: {times, backoff}` says, the usual for nothing, None for a mistake."""
    if written is None:
        return Retry()
    if not isinstance(written, dict):
        return None
    times, backoff = written.get("times", USUAL_TIMES), written.get("backoff")
    if not isinstance(times, int) or not 1 <= times <= 100:
        return None
    if backoff is None:
        return Retry(times)
    found = _BACKOFF.fullmatch(str(backoff).strip())
    first = interval_of(found[1]) if found is not None else None
    if found is None or first is None:
        return None
    longest = interval_of(found[3]) if found[3] else Retry().longest
    return Retry(times, first, int(found[2] or 1), longest or Retry().longest)
