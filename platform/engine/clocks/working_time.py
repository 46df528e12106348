"""Arithmetic over working time: how much lies between two moments, when an amount is used up.

Moments are aware, or local times of the calendar; results are UTC. The laws hold for any server:
`working_between` is additive, and what `add_working` adds lies between.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from trellis.engine.clocks.errors import MAX_YEARS, NoWorkingTimeError, SpanTooLongError
from trellis.engine.clocks.hours import WorkingHours
from trellis.engine.clocks.timetable import Timetable, instant_of, moment_of, timetable

_MICRO = timedelta(microseconds=1)


def working_between(hours: WorkingHours, start: datetime, end: datetime) -> timedelta:
    """Return the working time in [start, end); negative when `end` comes first.

    Raises SpanTooLongError.
    """
    table = timetable(hours)
    first, last = instant_of(start, table.zone), instant_of(end, table.zone)
    if hours.always_open:
        return (last - first) * _MICRO
    if last < first:
        return -_worked(table, last, first) * _MICRO
    return _worked(table, first, last) * _MICRO


def add_working(hours: WorkingHours, start: datetime, amount: timedelta) -> datetime:
    """Return the earliest moment by which `amount` of working time has passed since `start`.

    A negative amount goes back: the latest moment since which so much has passed. Raises
    NoWorkingTimeError when there is too little of it.
    """
    table = timetable(hours)
    instant, left = instant_of(start, table.zone), amount // _MICRO
    if hours.always_open or not left:
        return moment_of(instant + left)
    year = table.year_of(instant)
    left += table.year(year).worked_until(instant)
    if amount > timedelta():
        return moment_of(_forward(table, year, left))
    return moment_of(_backward(table, year, left))


def _forward(table: Timetable, first: int, left: int) -> int:
    """Return the first instant by which `left` has been worked since the year `first` began."""
    for number in range(first, first + MAX_YEARS):
        year = table.year(number)
        if left <= year.total:
            return year.earliest(left)
        left -= year.total
    raise NoWorkingTimeError(table.hours.name)


def _backward(table: Timetable, first: int, left: int) -> int:
    """Return the last instant until which `left` was worked in the year `first`, or before it."""
    for number in range(first, first - MAX_YEARS, -1):
        if left >= 0:
            return table.year(number).latest(left)
        left += table.year(number - 1).total
    raise NoWorkingTimeError(table.hours.name)


def next_opening(hours: WorkingHours, moment: datetime) -> datetime:
    """Return the first moment of working time that is not before `moment`.

    Raises NoWorkingTimeError.
    """
    table = timetable(hours)
    instant = instant_of(moment, table.zone)
    if hours.always_open:
        return moment_of(instant)
    first = table.year_of(instant)
    for year in range(first, first + MAX_YEARS):
        found = table.year(year).opening(instant)
        if found is not None:
            return moment_of(found)
    raise NoWorkingTimeError(hours.name)


def is_open(hours: WorkingHours, moment: datetime) -> bool:
    """Tell whether a moment is working time."""
    table = timetable(hours)
    instant = instant_of(moment, table.zone)
    return hours.always_open or table.year(table.year_of(instant)).opening(instant) == instant


def _worked(table: Timetable, first: int, last: int) -> int:
    begin, end = table.year_of(first), table.year_of(last)
    if end - begin > MAX_YEARS:
        raise SpanTooLongError
    between = sum(table.year(year).total for year in range(begin, end))
    until = table.year(end).worked_until(last)
    return between + until - table.year(begin).worked_until(first)
