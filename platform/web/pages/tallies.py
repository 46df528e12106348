"""Small numbers that stand on every page (open tasks, unread notes), counted every few seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

_FRESH_SECONDS = 5.0
_MOST = 20_000


@dataclass
class Tallies:
    """Counts by person and kind; what a person does themselves is counted anew at once."""

    monotonic: Callable[[], float]
    _kept: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)

    def of(self, person: str, kind: str, count: Callable[[], int]) -> int:
        """Return a count that is at most a few seconds old."""
        now = self.monotonic()
        found = self._kept.get((person, kind))
        if found is not None and now - found[0] < _FRESH_SECONDS:
            return found[1]
        if len(self._kept) >= _MOST:
            self._kept.clear()
        number = count()
        self._kept[(person, kind)] = (now, number)
        return number

    def forget(self, person: str) -> None:
        """Count anew for a person."""
        for key in [key for key in self._kept if key[0] == person]:
            self._kept.pop(key, None)
