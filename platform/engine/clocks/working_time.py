"""Arithmetic over working time: how much lies between two moments, when an amount is used up.

All moments are aware and results are UTC; a calendar's slots are wall-clock times in its own
zone, so a slot across a change of summer time has the length it really had.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from trellis.metadata.model.rules import Calendar, CalendarSlot

#: Working time further away than this is a calendar without working time.
MAX_DAYS = 366 * 20
_DAY = timedelta(days=1)


class NoWorkingTimeError(ValueError):
    """The calendar has too little working time to place an amount."""

    def __init__(self, calendar: str) -> None:
        super().__init__(f"calendar `{calendar}` has no working time within twenty years")


def working_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return the working time in [start, end); zero when `end` is not after `start`."""
    if end <= start:
        return timedelta()
    if calendar.always_open:
        return end.astimezone(UTC) - start.astimezone(UTC)
    total = timedelta()
    for opens, closes in _intervals_from(calendar, start):
        if opens >= end:
            break
        total += min(closes, end) - max(opens, start)
    return total


def add_working(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """Return the earliest moment by which `amount` of working time has passed since `start`.

    Raises NoWorkingTimeError when the calendar has too little of it, ValueError for a negative
    amount.
    """
    if amount < timedelta():
        raise ValueError(f"amount of working time is negative: {amount}")
    if calendar.always_open or not amount:
        return start.astimezone(UTC) + amount
    left = amount
    for opens, closes in _intervals_from(calendar, start):
        begin = max(opens, start)
        if left <= closes - begin:
            return (begin + left).astimezone(UTC)
        left -= closes - begin
    raise NoWorkingTimeError(calendar.key)


def _intervals_from(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield working intervals in UTC that end after `start`, in order."""
    zone = _zone(calendar.timezone)
    # The day before may reach into this one: its 24:00 in another zone.
    day = start.astimezone(zone).date() - _DAY
    for _ in range(MAX_DAYS):
        for opens, closes in _day_intervals(calendar, day, zone):
            if closes > start:
                yield opens, closes
        day += _DAY


def _day_intervals(
    calendar: Calendar, day: date, zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    intervals = [
        (_moment(day, slot.start, zone), _moment(day, slot.end, zone))
        for slot in _slots(calendar, day)
    ]
    return sorted((opens, closes) for opens, closes in intervals if opens < closes)


def _slots(calendar: Calendar, day: date) -> tuple[CalendarSlot, ...]:
    if day in calendar.workdays:
        return calendar.workdays[day]
    if day in calendar.holidays:
        return ()
    return tuple(slot for slot in calendar.slots if slot.weekday == day.isoweekday())


def _moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock == "24:00":
        day, clock = day + _DAY, "00:00"
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
