"""Functions over dates, times and durations; `now()` and `today()` are the context's moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from trellis.expressions.functions.table import Builtin
from trellis.expressions.operators import subtract
from trellis.expressions.temporal import (
    FeelTime,
    YearsMonths,
    add_months,
    combine,
    parse_date,
    parse_datetime,
    parse_duration,
    parse_time,
)
from trellis.expressions.types import (
    ANY,
    DATE,
    DATETIME,
    DAYS_TIME,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS,
)
from trellis.expressions.values import is_number

#: The key of a context under which the engine puts the present moment (aware).
NOW = "\0now"
#: The key under which it puts the time zone in which `today()` is meant.
ZONE = "\0zone"


def _now(context: Mapping[str, Any]) -> Any:
    moment = context.get(NOW)
    return moment if isinstance(moment, datetime) else None


def _today(context: Mapping[str, Any]) -> Any:
    moment = _now(context)
    if moment is None:
        return None
    zone = context.get(ZONE)
    return moment.astimezone(zone if zone is not None else UTC).date()


def _date(value: Any, month: Any = None, day: Any = None) -> Any:
    if month is not None or day is not None:
        parts = (value, month, day)
        if not all(is_number(part) for part in parts):
            return None
        try:
            return date(*(int(part) for part in parts))
        except (ValueError, OverflowError):
            return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return parse_date(value) if isinstance(value, str) else None


def _time(value: Any, minute: Any = None, second: Any = None, offset: Any = None) -> Any:
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, datetime):
        name = getattr(value.tzinfo, "key", None)
        return FeelTime(value.time(), value.tzinfo, None if name == "UTC" else name)
    if isinstance(value, date):
        return FeelTime(time(0), UTC)
    if isinstance(value, FeelTime):
        return value
    return _time_of(value, minute, second, offset)


def _time_of(hour: Any, minute: Any, second: Any, offset: Any) -> Any:
    if not all(is_number(part) for part in (hour, minute, second)):
        return None
    try:
        moment = time(int(hour), int(minute), int(second))
    except ValueError:
        return None
    if offset is None:
        return FeelTime(moment)
    if not isinstance(offset, timedelta):
        return None
    made = parse_time(f"{moment.isoformat()}{_offset_text(offset)}")
    return made


def _offset_text(offset: timedelta) -> str:
    minutes = int(offset.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _date_and_time(value: Any, clock: Any = None) -> Any:
    if clock is not None:
        day = _date(value)
        return combine(day, clock) if day is not None and isinstance(clock, FeelTime) else None
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(0), UTC)
    if not isinstance(value, str):
        return None
    found = parse_datetime(value)
    day = parse_date(value) if found is None else None
    return found if day is None else datetime.combine(day, time(0))


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta | YearsMonths):
        return value
    return parse_duration(value) if isinstance(value, str) else None


def _years_and_months(start: Any, end: Any) -> Any:
    first, last = _date(start), _date(end)
    if first is None or last is None:
        return None
    months = (last.year - first.year) * 12 + last.month - first.month
    moved = add_months(first, months)
    if moved is not None and months > 0 and moved > last:
        months -= 1
    elif moved is not None and months < 0 and moved < last:
        months += 1
    return YearsMonths(months)


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip


def _of_date(read: Callable[[date], Any]) -> Callable[[Any], Any]:
    return lambda value: read(value) if isinstance(value, date) else None


def _amount(unit: int) -> Callable[[Any], Any]:
    def body(value: Any) -> Any:
        if not isinstance(value, timedelta):
            return None
        seconds = Decimal(value // timedelta(microseconds=1)) / 1_000_000
        return Decimal(int(seconds / unit))

    return body


def _days_between(start: Any, end: Any) -> Any:
    gap = subtract(_date(end), _date(start))
    return None if gap is None else Decimal(gap.days)


FUNCTIONS = (
    Builtin("now", (), _now, DATETIME, contextual=True, doc="The present moment."),
    Builtin("today", (), _today, DATE, contextual=True, doc="The present day."),
    Builtin("date", ("from", "month", "day"), _date, DATE, 1, doc="A date of a text or parts."),
    Builtin("time", ("from", "minute", "second", "offset"), _time, TIME, 1,
            doc="A time of a text or parts."),
    Builtin("date and time", ("date", "time"), _date_and_time, DATETIME, 1,
            doc="A date-time of a text, or of a date and a time."),
    Builtin("duration", ("from",), _duration, ANY, takes=(STRING,),
            doc="A duration of its ISO 8601 text."),
    Builtin("years and months duration", ("from", "to"), _years_and_months, YEARS_MONTHS,
            doc="The whole months between two dates."),
    Builtin("day of week", ("date",), _of_date(lambda day: _DAYS[day.weekday()]), STRING,
            doc="The English name of the day."),
    Builtin("day of year", ("date",), _of_date(lambda day: Decimal(day.timetuple().tm_yday)),
            NUMBER, doc="The day's number in its year."),
    Builtin("month of year", ("date",), _of_date(lambda day: _MONTHS[day.month - 1]), STRING,
            doc="The English name of the month."),
    Builtin("week of year", ("date",), _of_date(lambda day: Decimal(day.isocalendar().week)),
            NUMBER, doc="The ISO week's number."),
    Builtin("days", ("duration",), _amount(86_400), NUMBER, takes=(DAYS_TIME,),
            doc="The whole days of a duration."),
    Builtin("hours", ("duration",), _amount(3_600), NUMBER, takes=(DAYS_TIME,),
            doc="The whole hours of a duration."),
    Builtin("minutes", ("duration",), _amount(60), NUMBER, takes=(DAYS_TIME,),
            doc="The whole minutes of a duration."),
    Builtin("days between", ("start", "end"), _days_between, NUMBER,
            doc="The days from one date to another."),
)  # fmt: skip
