"""How the clocks of records stand, for people: until when, what is left, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from trellis.engine.clocks import store
from trellis.engine.clocks.calendars import CalendarError, hours_at
from trellis.engine.clocks.errors import WorkingTimeError
from trellis.engine.clocks.facts import clocks_on
from trellis.engine.clocks.state import Clock, ClockState, elapsed
from trellis.engine.transactions import Transaction


@dataclass(frozen=True)
class Standing:
    """A clock as it stands: `left` is working time, below zero when it is late."""

    state: ClockState
    is_open: bool
    due_at: datetime | None
    target: timedelta
    left: timedelta | None


def standings(
    tx: Transaction, object_key: str, record_ids: Sequence[str]
) -> Mapping[str, Mapping[str, Standing]]:
    """Return, by record and the field that holds when it is due, how each clock stands."""
    fields = {one.key: one.due for one in clocks_on(tx.compiled, object_key) if one.due is not None}
    if not fields:
        return {}
    found: dict[str, dict[str, Standing]] = {}
    for record_id, rounds in store.rounds_of(tx, object_key, record_ids).items():
        for clock in rounds:
            if clock.key in fields and clock.state is not ClockState.CANCELLED:
                found.setdefault(record_id, {})[fields[clock.key]] = _standing(tx, clock)
    return found


def _standing(tx: Transaction, clock: Clock) -> Standing:
    left = None
    try:
        hours = hours_at(tx, clock.calendar)
        left = clock.target - elapsed(clock, hours, clock.ended_at or tx.now)
    except (CalendarError, WorkingTimeError):
        # Until when is known all the same.
        left = None
    return Standing(clock.state, clock.is_open, clock.due_at, clock.target, left)
