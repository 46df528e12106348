"""A calendar's years as intervals of real time: each computed once, then searched, never walked.

A year is the working intervals of its local days in microseconds of UTC, with the working time
before each. A slot is wall-clock time: across a change of summer time it has the length it really
had, a time that the change leaves out is the moment of the change, and of a time that comes twice
the first counts.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from trellis.engine.clocks.errors import SpanTooLongError
from trellis.engine.clocks.hours import DAY_MINUTES, WorkingHours, year_of

#: Beyond them Python cannot tell every local time.
_FIRST_YEAR, _LAST_YEAR = 2, 9997
#: Years of one calendar that are kept.
_MOST_KEPT = 40
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_MINUTE = 60_000_000


@dataclass(frozen=True)
class Year:
    """The working intervals of one local year; `before` is the working time until each begins."""

    opens: array[int]
    closes: array[int]
    before: array[int]
    total: int

    def worked_until(self, instant: int) -> int:
        """Return the year's working time before an instant."""
        position = bisect_right(self.opens, instant) - 1
        if position < 0:
            return 0
        return self.before[position] + min(instant, self.closes[position]) - self.opens[position]

    def earliest(self, amount: int) -> int:
        """Return the first instant by which `amount` (above 0) has been worked in the year."""
        position = bisect_left(self.before, amount) - 1
        return self.opens[position] + amount - self.before[position]

    def latest(self, amount: int) -> int:
        """Return the last instant until which no more than `amount` has been worked."""
        position = bisect_right(self.before, amount) - 1
        return self.opens[position] + amount - self.before[position]

    def opening(self, instant: int) -> int | None:
        """Return the first instant of working time that is not before `instant`."""
        position = bisect_right(self.closes, instant)
        return max(instant, self.opens[position]) if position < len(self.opens) else None


class Timetable:
    """The years of one calendar, made when they are first asked for."""

    def __init__(self, hours: WorkingHours) -> None:
        self.hours = hours
        self.zone = ZoneInfo(hours.timezone)
        self._years: dict[int, Year] = {}

    def year(self, number: int) -> Year:
        """Return a local year of the calendar; raise SpanTooLongError where none is counted."""
        if not _FIRST_YEAR <= number <= _LAST_YEAR:
            raise SpanTooLongError
        found = self._years.get(number)
        if found is None:
            found = _made(self.hours, number, self.zone)
            if len(self._years) >= _MOST_KEPT:
                self._years = {}
            self._years[number] = found
        return found

    def year_of(self, instant: int) -> int:
        """Return the local year in which an instant lies."""
        try:
            return moment_of(instant).astimezone(self.zone).year
        except OverflowError:
            raise SpanTooLongError from None


@lru_cache(maxsize=256)
def timetable(hours: WorkingHours) -> Timetable:
    """Return the timetable of some hours, the same one for equal hours."""
    return Timetable(hours)


def instant_of(moment: datetime, zone: tzinfo) -> int:
    """Return a moment in microseconds of UTC; one without a zone is a local one."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    try:
        return (aware.astimezone(UTC) - _EPOCH) // _MICRO
    except OverflowError:
        raise SpanTooLongError from None


def moment_of(instant: int) -> datetime:
    """Return the moment in UTC."""
    try:
        return _EPOCH + instant * _MICRO
    except OverflowError:
        raise SpanTooLongError from None


def _made(hours: WorkingHours, number: int, zone: ZoneInfo) -> Year:
    opens, closes, before, total = array("q"), array("q"), array("q"), 0
    midnight = cache(lambda day: _instant(day, 0, zone))
    for day, spans in year_of(hours, number):
        first, last = midnight(day), midnight(day + _DAY)
        plain = last - first == _DAY // _MICRO
        for start, end in spans:
            # Most days have no change of the clock: their minutes are counted from midnight.
            begin = first + start * _MINUTE if plain else _instant(day, start, zone)
            finish = first + end * _MINUTE if plain else _instant(day, end, zone)
            if begin < finish:
                opens.append(begin)
                closes.append(finish)
                before.append(total)
                total += finish - begin
    return Year(opens, closes, before, total)


def _instant(day: date, minute: int, zone: ZoneInfo) -> int:
    """Return when a day's clock shows a minute; one that summer time takes is its change."""
    if minute == DAY_MINUTES:
        day, minute = day + _DAY, 0
    local = datetime.combine(day, time(minute // 60, minute % 60), zone)
    early, late = _utc(local), _utc(local.replace(fold=1))
    if late >= early:
        return early
    # The clock is put forward over this time: between the two readings lies the change.
    return _first(
        late, early, lambda instant: _offset(instant, zone) != _offset(late - 1_000_000, zone)
    )


def _utc(local: datetime) -> int:
    return (local.astimezone(UTC) - _EPOCH) // _MICRO


def _offset(instant: int, zone: ZoneInfo) -> timedelta | None:
    return moment_of(instant).astimezone(zone).utcoffset()


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the first whole second from `low` to `high` from which on something holds."""
    first, last = low // 1_000_000, high // 1_000_000
    while first < last:
        middle = (first + last) // 2
        if holds(middle * 1_000_000):
            last = middle
        else:
            first = middle + 1
    return first * 1_000_000
