"""The points that a clock still passes: warnings on the way, the breach, and what comes later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from trellis.engine.clocks.durations import ShortDuration, parse_short
from trellis.engine.clocks.hours import WorkingHours
from trellis.engine.clocks.state import DUE, Clock, breaches_at, is_late, reached
from trellis.metadata.model.clocks import ClockDefinition, ClockPoint

#: A warning that comes later than this is dropped: it helps nobody any more.
STALE = timedelta(hours=1)


@dataclass(frozen=True)
class Point:
    """A point a clock is to pass, and when; `definition` is None for a breach nobody acts on."""

    name: str
    moment: datetime
    definition: ClockPoint | None

    @property
    def warns(self) -> bool:
        """Tell whether the point only warns: it may be dropped when it comes too late."""
        return not is_late(self.name)


def next_point(definition: ClockDefinition, clock: Clock, hours: WorkingHours) -> Point | None:
    """Return the earliest point that a counting clock has not passed, None when there is none."""
    if not clock.is_counting:
        return None
    ahead = [point for point in _points(definition, clock, hours) if point.name not in clock.fired]
    return min(ahead, key=lambda point: (point.moment, not point.warns), default=None)


def _points(definition: ClockDefinition, clock: Clock, hours: WorkingHours) -> Iterator[Point]:
    for point in definition.warn:
        moment = _warned_at(point, clock, hours)
        if moment is not None:
            yield Point(point.name, moment, point)
    if clock.due_at is None:
        return
    late = breaches_at(clock.due_at, hours)
    yield Point(DUE, late, next((one for one in definition.breach if one.name == DUE), None))
    for point in definition.breach:
        if point.after is not None:
            # What comes after a breach never comes before it.
            moment = _duration(point.after).after(clock.due_at, hours)
            yield Point(point.name, max(moment, late), point)


def _warned_at(point: ClockPoint, clock: Clock, hours: WorkingHours) -> datetime | None:
    if point.percent is not None:
        return reached(clock.intervals, hours, clock.target * point.percent / 100)
    if clock.due_at is None or point.before is None:
        return None
    return max(clock.started_at, _duration(point.before).before(clock.due_at, hours))


def _duration(text: str) -> ShortDuration:
    found = parse_short(text)
    if found is None:
        raise ValueError(f"`{text}` is no short duration")
    return found
