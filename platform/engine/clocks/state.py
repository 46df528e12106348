"""A running clock as a value, and what can happen to it: pure functions of its intervals.

What was used is the working time inside the running intervals, never wall-clock time less pauses;
when the clock is due follows from the intervals, the target and the calendar alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from trellis.engine.clocks.hours import WorkingHours
from trellis.engine.clocks.working_time import add_working, next_opening, working_between

_NOTHING = timedelta()


class ClockState(StrEnum):
    """What a clock shows; a breached one may go on counting until it is stopped."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Interval:
    """A piece of a clock's life: `running` counts, else it was paused. The last may be open."""

    start: datetime
    end: datetime | None
    running: bool


@dataclass(frozen=True)
class Clock:
    """One round of a clock on one record.

    `due_at` is None while it is paused before it is due. `fired` are the points that have passed.
    """

    id: str
    key: str
    object: str
    record_id: str
    round: int
    state: ClockState
    started_at: datetime
    target: timedelta
    intervals: tuple[Interval, ...]
    calendar: str | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None
    breached_at: datetime | None = None
    fired: tuple[str, ...] = ()
    mirror: str | None = None
    rev: int = 1

    @property
    def is_open(self) -> bool:
        """Tell whether the clock still counts, or is paused."""
        return self.ended_at is None

    @property
    def is_counting(self) -> bool:
        """Tell whether time is running just now."""
        return self.is_open and bool(self.intervals) and self.intervals[-1].running


def elapsed(clock: Clock, hours: WorkingHours, now: datetime) -> timedelta:
    """Return the working time used until `now`."""
    return used(clock.intervals, hours, now)


def used(intervals: Iterable[Interval], hours: WorkingHours, now: datetime) -> timedelta:
    """Return the working time inside the running intervals until `now`."""
    return sum((_length(one, hours, now) for one in intervals if one.running), _NOTHING)


def _length(one: Interval, hours: WorkingHours, now: datetime) -> timedelta:
    # A clock of the machine that was put back gives no time back.
    return max(_NOTHING, working_between(hours, one.start, one.end or now))


def reached(
    intervals: Iterable[Interval], hours: WorkingHours, amount: timedelta
) -> datetime | None:
    """Return the moment at which `amount` is used up; None when a pause comes before it."""
    left = amount
    for one in intervals:
        if not one.running:
            continue
        if one.end is None:
            return add_working(hours, one.start, left)
        length = _length(one, hours, one.end)
        if left <= length:
            return add_working(hours, one.start, left)
        left -= length
    return None


def started(clock: Clock, hours: WorkingHours, now: datetime, *, paused: bool) -> Clock:
    """Return a clock that begins at `started_at`, and is paused now if it must be."""
    begun = Interval(clock.started_at, None, running=True)
    new = replace(clock, intervals=(begun,), state=ClockState.RUNNING)
    return pause(new, hours, now) if paused else _due(new, hours)


def pause(clock: Clock, hours: WorkingHours, now: datetime) -> Clock:
    """Return the clock paused from `now`; one that is paused or ended stays as it is."""
    if not clock.is_counting:
        return clock
    intervals = (*_closed(clock.intervals, now), Interval(now, None, running=False))
    state = ClockState.PAUSED if clock.state is ClockState.RUNNING else clock.state
    return _due(replace(clock, intervals=intervals, state=state), hours)


def resume(clock: Clock, hours: WorkingHours, now: datetime) -> Clock:
    """Return the clock counting again from `now`, with the time that was left."""
    if not clock.is_open or clock.is_counting:
        return clock
    intervals = (*_closed(clock.intervals, now), Interval(now, None, running=True))
    state = ClockState.RUNNING if clock.state is ClockState.PAUSED else clock.state
    return _due(replace(clock, intervals=intervals, state=state), hours)


def stop(clock: Clock, hours: WorkingHours, now: datetime) -> Clock:
    """Return the clock stopped: met when no more than the target was used, else breached."""
    if not clock.is_open:
        return clock
    intervals = _closed(clock.intervals, now)
    over = clock.state is ClockState.BREACHED or used(intervals, hours, now) > clock.target
    state = ClockState.BREACHED if over else ClockState.MET
    ended = replace(clock, intervals=intervals, state=state, ended_at=now)
    due = reached(intervals, hours, clock.target)
    if due is None:
        # Met: what is kept is when it would have been due, had it gone on.
        due = add_working(hours, now, clock.target - used(intervals, hours, now))
    return replace(ended, due_at=due, breached_at=(clock.breached_at or due) if over else None)


def cancel(clock: Clock, now: datetime) -> Clock:
    """Return the clock ended without a result."""
    if not clock.is_open:
        return clock
    return replace(clock, intervals=_closed(clock.intervals, now), state=ClockState.CANCELLED,
                   ended_at=now)  # fmt: skip


def breach(clock: Clock, due: datetime) -> Clock:
    """Return the clock marked as breached at the moment it was due; it goes on counting."""
    return replace(clock, state=ClockState.BREACHED, breached_at=due)


def retarget(
    clock: Clock, hours: WorkingHours, target: timedelta, calendar: str | None, now: datetime
) -> Clock:
    """Return an open clock with another target or calendar: its start and intervals stay.

    A breach is taken back when the new target is not used up. An ended clock stays as it is.
    """
    if not clock.is_open:
        return clock
    new = replace(clock, target=target, calendar=calendar)
    if clock.state is ClockState.BREACHED and used(clock.intervals, hours, now) <= target:
        state = ClockState.RUNNING if clock.is_counting else ClockState.PAUSED
        kept = tuple(name for name in clock.fired if not is_late(name))
        new = replace(new, state=state, breached_at=None, fired=kept)
    return _due(new, hours)


def continued(clock: Clock, hours: WorkingHours, now: datetime, *, paused: bool) -> Clock:
    """Return an ended clock that goes on with what it had left; between, nothing counted."""
    if clock.is_open or clock.ended_at is None:
        return clock
    gap = Interval(clock.ended_at, None, running=False)
    late = clock.state is ClockState.BREACHED
    state = ClockState.BREACHED if late else ClockState.PAUSED
    asleep = replace(clock, intervals=(*clock.intervals, gap), ended_at=None, state=state)
    return _due(asleep, hours) if paused else resume(asleep, hours, now)


def breaches_at(due: datetime, hours: WorkingHours) -> datetime:
    """Return from when on a clock that is due is late: at closing time, with the next opening."""
    return next_opening(hours, due)


#: Points that come once a clock is due; a breach that is taken back lets them come again.
DUE = "due"
AFTER = "after "


def is_late(point: str) -> bool:
    """Tell whether a point comes when a clock is due or later."""
    return point == DUE or point.startswith(AFTER)


def _closed(intervals: tuple[Interval, ...], now: datetime) -> tuple[Interval, ...]:
    """Return the intervals with the last one ended; it never ends before it began."""
    *before, last = intervals
    return (*before, replace(last, end=max(now, last.start)))


def _due(clock: Clock, hours: WorkingHours) -> Clock:
    return replace(clock, due_at=reached(clock.intervals, hours, clock.target))
