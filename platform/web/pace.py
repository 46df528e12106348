"""How often one person, or one address, may ask for what is costly or what guesses.

Counted in each process by itself: with N of them, up to N times as often.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

from flask import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from trellis.access.errors import ThrottledError
from trellis.access.throttle import address_key
from trellis.clock import Clock, SystemClock

GUESSES = "guesses"
SEARCHES = "searches"
EXPORTS = "exports"
MOST_GUESSERS = 10_000
_SEARCH_ARGUMENTS = ("q", "search")


@dataclass(frozen=True)
class Pace:
    """The most in a minute: tokens that are none by address, searches and exports by person."""

    guesses: int = 30
    searches: int = 300
    exports: int = 60


@dataclass
class PaceKeeper:
    """Counts, and refuses what is too fast."""

    pace: Pace = field(default_factory=Pace)
    clock: Clock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        #: Addresses that ever guessed: all others pass without being looked up.
        self._guessers: set[str] = set()
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limits = {
            GUESSES: RateLimitItemPerMinute(self.pace.guesses),
            SEARCHES: RateLimitItemPerMinute(self.pace.searches),
            EXPORTS: RateLimitItemPerMinute(self.pace.exports),
        }

    def spend(self, kind: str, who: str) -> None:
        """Count one; raise ThrottledError when it is one too many."""
        if not self._limiter.hit(self._limits[kind], kind, who):
            self._refuse(kind, who)

    def may_guess(self, address: str) -> None:
        """Raise ThrottledError when an address has sent too many tokens that are none."""
        if address not in self._guessers:
            return
        who = address_key(address)
        if not self._limiter.test(self._limits[GUESSES], GUESSES, who):
            self._refuse(GUESSES, who)

    def guessed(self, address: str) -> None:
        """Count a token that is none."""
        if len(self._guessers) >= MOST_GUESSERS:
            self._guessers.clear()
        self._guessers.add(address)
        self._limiter.hit(self._limits[GUESSES], GUESSES, address_key(address))

    def _refuse(self, kind: str, who: str) -> None:
        free_at = self._limiter.get_window_stats(self._limits[kind], kind, who).reset_time
        wait = ceil(free_at - self.clock.now().timestamp())
        raise ThrottledError(min(max(1, wait), 60))


def costly_kind(request: Request) -> str | None:
    """Return which pace a request counts for, None for what is cheap."""
    if "/export." in request.path:
        return EXPORTS
    if any(request.args.get(word) for word in _SEARCH_ARGUMENTS):
        return SEARCHES
    return None
