"""Functions that make and take apart dates, times, moments and durations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_DOWN, Context, Decimal
from typing import Any

from trellis.expressions import types as t
from trellis.expressions.functions.table import builtin, form
from trellis.expressions.limits import MAX_NUMBER_TEXT
from trellis.expressions.properties import weekday
from trellis.expressions.temporal import (
    parse_date,
    parse_datetime,
    parse_duration,
    parse_time,
)
from trellis.expressions.temporal_values import (
    NANOS,
    FeelTime,
    YearsMonths,
    date_part,
    day_number,
    duration_nanos,
    make_date,
    make_datetime,
    make_months,
    time_part,
)
from trellis.expressions.values import kind

#: Keys of a context under which the engine puts the moment and the zone of `now()`, `today()`.
#: No name of the language can be like them.
NOW = "\0now"
ZONE = "\0zone"
#: As many digits as a number may be written with.
_EXACT = Context(prec=2 * MAX_NUMBER_TEXT)

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def _now(context: Mapping[str, Any]) -> datetime | None:
    moment = context.get(NOW)
    if not isinstance(moment, datetime):
        return None
    zone = context.get(ZONE)
    return moment.astimezone(zone) if isinstance(zone, tzinfo) else moment


def _today(context: Mapping[str, Any]) -> Any:
    moment = _now(context)
    return None if moment is None else moment.date()


def _date(value: Any) -> Any:
    if isinstance(value, str):
        return parse_date(value)
    return value if kind(value) == "date" else date_part(value)


def _date_of_parts(year: Decimal, month: Decimal, day: Decimal) -> Any:
    if any(part != part.to_integral_value() for part in (year, month, day)):
        return None
    return make_date(int(year), int(month), int(day))


def _time(value: Any) -> Any:
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, FeelTime):
        return value
    return FeelTime(0, UTC) if kind(value) == "date" else time_part(value)


def _time_of_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: Any = None) -> Any:
    if hour != int(hour) or minute != int(minute):
        return None
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return None
    # What is below a nanosecond is cut off.
    of_second = int(second.scaleb(9, _EXACT).to_integral_value(ROUND_DOWN))
    nanos = (int(hour) * 3600 + int(minute) * 60) * NANOS + of_second
    if offset is None:
        return FeelTime(nanos)
    seconds = duration_nanos(offset) // NANOS
    if abs(seconds) > 18 * 3600:
        return None
    return FeelTime(nanos, timezone(timedelta(seconds=seconds)))


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        return parse_datetime(value)
    return make_datetime(value, FeelTime(0, UTC)) if kind(value) == "date" else value


def _moment_of_parts(day: Any, clock: FeelTime) -> Any:
    return make_datetime(day if kind(day) == "date" else date_part(day), clock)


def _duration(value: Any) -> Any:
    return parse_duration(value) if isinstance(value, str) else value


def _duration_type(_types: Any) -> t.Type:
    return t.ANY


def _months_between(start: Any, end: Any) -> YearsMonths | None:
    first, last = _date(start), _date(end)
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and first.day > last.day:
        months -= 1
    elif months < 0 and first.day < last.day:
        months += 1
    return make_months(months)


def _day_of_year(value: Any) -> Decimal:
    day = _date(value)
    first = make_date(day.year, 1, 1)
    return Decimal(day_number(day) - (day_number(first) if first is not None else 0) + 1)


def week_of_year(value: Any) -> Decimal:
    """Return the ISO week's number: week 1 holds the year's first Thursday."""
    day = _date(value)
    number = day_number(day)
    thursday = number - weekday(day) + 4
    for year in (day.year + 1, day.year, day.year - 1):
        first = make_date(year, 1, 1)
        if first is not None and day_number(first) <= thursday:
            return Decimal((thursday - day_number(first)) // 7 + 1)
    return Decimal(1)


def _whole(unit: int) -> Callable[[Any], Decimal]:
    def body(value: Any) -> Decimal:
        amount = abs(duration_nanos(value)) // (unit * NANOS)
        return Decimal(-amount if duration_nanos(value) < 0 else amount)

    return body


FUNCTIONS = (
    builtin("now", "The present moment.", form("", t.DATETIME, _now, contextual=True)),
    builtin("today", "The present day.", form("", t.DATE, _today, contextual=True)),
    builtin("date", "A date from a text, a moment, or its parts.",
            form("from: string|date|datetime", t.DATE, _date),
            form("year: number, month: number, day: number", t.DATE, _date_of_parts)),
    builtin("time", "A time from a text, a moment, or its parts.",
            form("from: string|time|datetime|date", t.TIME, _time),
            form("hour: number, minute: number, second: number, offset?~: days", t.TIME,
                 _time_of_parts)),
    builtin("date and time", "A moment from a text, or from a date and a time.",
            form("from: string|datetime|date", t.DATETIME, _moment),
            form("date: date|datetime, time: time", t.DATETIME, _moment_of_parts)),
    builtin("duration", 'A duration from its ISO 8601 text: `"P3DT2H"`, `"P1Y6M"`.',
            form("from: string|days|months", _duration_type, _duration)),
    builtin("years and months duration", "The whole months from one date to another.",
            form("from: date|datetime, to: date|datetime", t.YEARS_MONTHS, _months_between)),
    builtin("day of week", "The English name of the day.",
            form("date: date|datetime", t.STRING, lambda value: _DAYS[weekday(value) - 1])),
    builtin("day of year", "The number of the day in its year.",
            form("date: date|datetime", t.NUMBER, _day_of_year)),
    builtin("month of year", "The English name of the month.",
            form("date: date|datetime", t.STRING, lambda value: _MONTHS[_date(value).month - 1])),
    builtin("week of year", "The number of the ISO week.",
            form("date: date|datetime", t.NUMBER, week_of_year)),
    builtin("days", "The whole days of a duration.", form("duration: days", t.NUMBER,
            _whole(86_400))),
    builtin("hours", "The whole hours of a duration.", form("duration: days", t.NUMBER,
            _whole(3_600))),
    builtin("minutes", "The whole minutes of a duration.", form("duration: days", t.NUMBER,
            _whole(60))),
    builtin("days between", "The days from one date to another.",
            form("start: date|datetime, end: date|datetime", t.NUMBER,
                 lambda start, end: Decimal(day_number(_date(end)) - day_number(_date(start))))),
)  # fmt: skip
