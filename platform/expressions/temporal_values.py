"""Dates, times and durations beyond what Python's own types hold, and how they are computed with.

Python's `date`, `datetime` and `timedelta` are used wherever they can hold a value. Years outside
1–9999 and fractions below a microsecond live in the wide types here; every function takes both and
returns Python's own type when it fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from trellis.expressions.limits import MAX_YEAR

NANOS = 1_000_000_000
DAY_NANOS = 86_400 * NANOS
#: Day number of 1970-01-01 counted from 0000-03-01, as `_day_number` counts.
_ORDINAL_SHIFT = 306
_MICRO = timedelta(microseconds=1)


@dataclass(frozen=True)
class YearsMonths:
    """A duration of years and months; negative as a whole."""

    months: int


def make_months(months: int) -> YearsMonths | None:
    """Return a duration of months, None when it is longer than FEEL's years."""
    return YearsMonths(months) if abs(months) <= 24 * MAX_YEAR else None


@dataclass(frozen=True)
class WideDuration:
    """A duration of days and time that is finer or longer than `timedelta`."""

    nanos: int


@dataclass(frozen=True)
class WideDate:
    """A date outside Python's years."""

    year: int
    month: int
    day: int


@dataclass(frozen=True)
class FeelTime:
    """A time of day, in nanoseconds since midnight, local or with an offset or named zone."""

    nanos: int
    zone: tzinfo | None = None


@dataclass(frozen=True)
class WideDateTime:
    """A date and time outside Python's years, or finer than a microsecond."""

    date: date | WideDate
    time: FeelTime


AnyDate = date | WideDate
AnyDateTime = datetime | WideDateTime
AnyDuration = timedelta | WideDuration


def day_number(value: AnyDate) -> int:
    """Return the days since 0001-01-01, which is 1, as `date.toordinal` counts."""
    if isinstance(value, date):
        return value.toordinal()
    year = value.year - (value.month <= 2)
    era, of_era = divmod(year, 400)
    of_year = (153 * (value.month + (-3 if value.month > 2 else 9)) + 2) // 5 + value.day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _ORDINAL_SHIFT + 1


def date_of_number(number: int) -> AnyDate | None:
    """Return the date of a day number, None beyond the years that FEEL allows."""
    if 1 <= number <= 3_652_059:
        return date.fromordinal(number)
    era, of_era = divmod(number - 1 + _ORDINAL_SHIFT, 146_097)
    years = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * years + years // 4 - years // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + (3 if shifted < 10 else -9)
    year = years + era * 400 + (month <= 2)
    return WideDate(year, month, day) if abs(year) <= MAX_YEAR else None


def make_date(year: int, month: int, day: int) -> AnyDate | None:
    """Return a date, None when there is no such day."""
    if not (1 <= month <= 12 and 1 <= day <= days_in_month(year, month) and abs(year) <= MAX_YEAR):
        return None
    return date(year, month, day) if 1 <= year <= 9999 else WideDate(year, month, day)


def days_in_month(year: int, month: int) -> int:
    """Return how many days a month has."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def add_months(value: AnyDate, months: int) -> AnyDate | None:
    """Return the same day some months later, the month's last where it has no such day."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    return make_date(year, month + 1, min(value.day, days_in_month(year, month + 1)))


def make_datetime(day: AnyDate, clock: FeelTime) -> AnyDateTime:
    """Return the moment of a day and a time."""
    if isinstance(day, date) and clock.nanos % 1000 == 0:
        seconds, nanos = divmod(clock.nanos, NANOS)
        return datetime(
            day.year, day.month, day.day, seconds // 3600, seconds // 60 % 60, seconds % 60,
            nanos // 1000, clock.zone,
        )  # fmt: skip
    return WideDateTime(day, clock)


def date_part(value: AnyDateTime) -> AnyDate:
    """Return the day of a moment, in its own zone."""
    return value.date() if isinstance(value, datetime) else value.date


def time_part(value: AnyDateTime) -> FeelTime:
    """Return the time of a moment, with its zone."""
    return feel_time(value.timetz()) if isinstance(value, datetime) else value.time


def feel_time(value: time) -> FeelTime:
    """Return Python's time as FEEL's."""
    seconds = value.hour * 3600 + value.minute * 60 + value.second
    return FeelTime(seconds * NANOS + value.microsecond * 1000, value.tzinfo)


def zone_of(value: AnyDateTime | FeelTime) -> tzinfo | None:
    """Return the zone, None for local values."""
    if isinstance(value, datetime):
        return value.tzinfo
    return value.zone if isinstance(value, FeelTime) else value.time.zone


def offset_seconds(zone: tzinfo | None, day: AnyDate, nanos: int) -> int | None:
    """Return a zone's distance from UTC at a moment; years Python lacks are folded into it."""
    if zone is None:
        return None
    year = day.year if 1 < day.year < 9999 else 2000 + day.year % 400
    seconds = nanos // NANOS
    # A zone is asked about its own wall clock, so this moment has no zone.
    moment = datetime(  # noqa: DTZ001
        year, day.month, day.day, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60
    )
    offset = zone.utcoffset(moment)
    return None if offset is None else int(offset.total_seconds())


def time_offset(value: FeelTime) -> int | None:
    """Return the offset of a time in seconds; named zones as on 2000-01-01."""
    return offset_seconds(value.zone, date(2000, 1, 1), value.nanos)


def moment_nanos(value: AnyDateTime) -> int:
    """Return nanoseconds on one line for all moments; a local moment counts as UTC."""
    day, clock = date_part(value), time_part(value)
    offset = offset_seconds(clock.zone, day, clock.nanos) or 0
    return day_number(day) * DAY_NANOS + clock.nanos - offset * NANOS


def time_nanos(value: FeelTime) -> int:
    """Return nanoseconds since midnight UTC; a local time counts as UTC."""
    return value.nanos - (time_offset(value) or 0) * NANOS


def moment_of_nanos(nanos: int, zone: tzinfo | None) -> AnyDateTime | None:
    """Return the moment on the line of `moment_nanos`, in a zone; None beyond FEEL's years."""
    local = nanos
    if zone is not None:
        day = date_of_number(nanos // DAY_NANOS)
        if day is None:
            return None
        local += _offset_at(zone, day, nanos % DAY_NANOS) * NANOS
    day = date_of_number(local // DAY_NANOS)
    return None if day is None else make_datetime(day, FeelTime(local % DAY_NANOS, zone))


def _offset_at(zone: tzinfo, day: AnyDate, nanos: int) -> int:
    """Return the offset that holds at a moment given in UTC."""
    if isinstance(zone, timezone):
        return int(zone.utcoffset(None).total_seconds())
    year = day.year if 1 < day.year < 9999 else 2000 + day.year % 400
    seconds = nanos // NANOS
    utc = datetime(year, day.month, day.day, seconds // 3600, seconds // 60 % 60, seconds % 60,
                   tzinfo=UTC)  # fmt: skip
    offset = utc.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def duration_nanos(value: AnyDuration) -> int:
    """Return the length of a duration in nanoseconds."""
    return value // _MICRO * 1000 if isinstance(value, timedelta) else value.nanos


#: The longest duration that the language knows.
MOST_NANOS = 2 * MAX_YEAR * 366 * DAY_NANOS


def make_duration(nanos: int) -> AnyDuration | None:
    """Return a duration of nanoseconds, None when it is longer than FEEL's years."""
    if nanos % 1000 == 0 and abs(nanos) < 86_399_999_999 * 10**12:
        return timedelta(microseconds=nanos // 1000)
    return WideDuration(nanos) if abs(nanos) <= MOST_NANOS else None


def zone_name(zone: tzinfo | None) -> str | None:
    """Return the name of a named zone."""
    return zone.key if isinstance(zone, ZoneInfo) else None
