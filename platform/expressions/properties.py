"""The properties of dates, times, durations and ranges (`due.year`, `length.hours`), and access."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from trellis.expressions import types as t
from trellis.expressions.temporal_values import (
    NANOS,
    FeelTime,
    YearsMonths,
    date_part,
    day_number,
    duration_nanos,
    feel_time,
    offset_seconds,
    time_offset,
    time_part,
    zone_name,
)
from trellis.expressions.values import kind


def get(value: Any, name: str) -> Any:
    """`value.name`: an entry, a property, or either of each element of a list."""
    if type(value) is dict or isinstance(value, Mapping):
        return value.get(name)
    if value is None:
        return None
    if isinstance(value, list):
        return [get(item, name) for item in value]
    found = PROPERTIES.get((kind(value), name))
    return None if found is None else found[1](value)


def _day(value: Any) -> Any:
    return value if kind(value) == "date" else date_part(value)


def _clock(value: Any) -> FeelTime:
    if isinstance(value, time):
        return feel_time(value)
    return value if isinstance(value, FeelTime) else time_part(value)


def weekday(value: Any) -> int:
    """Return 1 for Monday to 7 for Sunday."""
    return (day_number(_day(value)) - 1) % 7 + 1


def _clock_part(divisor: int) -> Callable[[Any], Decimal]:
    return lambda value: Decimal(_clock(value).nanos // NANOS // divisor % 60)


def _offset(value: Any) -> timedelta | None:
    if kind(value) == "time":
        seconds = time_offset(_clock(value))
    else:
        clock = _clock(value)
        seconds = offset_seconds(clock.zone, _day(value), clock.nanos)
    return None if seconds is None else timedelta(seconds=seconds)


def _duration_part(divisor: int, modulus: int) -> Callable[[Any], Decimal]:
    def read(value: Any) -> Decimal:
        nanos = duration_nanos(value)
        amount = abs(nanos) // NANOS // divisor
        amount = amount % modulus if modulus else amount
        return Decimal(-amount if nanos < 0 else amount)

    return read


def _years(value: YearsMonths) -> Decimal:
    return Decimal(-(-value.months // 12) if value.months < 0 else value.months // 12)


def _months(value: YearsMonths) -> Decimal:
    rest = abs(value.months) % 12
    return Decimal(-rest if value.months < 0 else rest)


Reader = Callable[[Any], Any]
_DATE: dict[str, tuple[t.Type, Reader]] = {
    "year": (t.NUMBER, lambda value: Decimal(_day(value).year)),
    "month": (t.NUMBER, lambda value: Decimal(_day(value).month)),
    "day": (t.NUMBER, lambda value: Decimal(_day(value).day)),
    "weekday": (t.NUMBER, lambda value: Decimal(weekday(value))),
}
_TIME: dict[str, tuple[t.Type, Reader]] = {
    "hour": (t.NUMBER, lambda value: Decimal(_clock(value).nanos // NANOS // 3600)),
    "minute": (t.NUMBER, _clock_part(60)),
    "second": (t.NUMBER, _clock_part(1)),
    "time offset": (t.DAYS_TIME, _offset),
    "timezone": (t.STRING, lambda value: zone_name(_clock(value).zone)),
}
_DAYS: dict[str, tuple[t.Type, Reader]] = {
    "days": (t.NUMBER, _duration_part(86_400, 0)),
    "hours": (t.NUMBER, _duration_part(3_600, 24)),
    "minutes": (t.NUMBER, _duration_part(60, 60)),
    "seconds": (t.NUMBER, _duration_part(1, 60)),
}
_YEARS: dict[str, tuple[t.Type, Reader]] = {
    "years": (t.NUMBER, _years),
    "months": (t.NUMBER, _months),
}
_RANGE: dict[str, tuple[t.Type, Reader]] = {
    "start": (t.ANY, lambda value: value.low),
    "end": (t.ANY, lambda value: value.high),
    "start included": (t.BOOLEAN, lambda value: value.low_closed),
    "end included": (t.BOOLEAN, lambda value: value.high_closed),
}
#: (kind of value, name) → the property's type and how it is read.
PROPERTIES: Mapping[tuple[str, str], tuple[t.Type, Reader]] = {
    (of, name): found
    for of, table in (
        ("date", _DATE), ("date and time", {**_DATE, **_TIME}), ("time", _TIME),
        ("days and time duration", _DAYS), ("years and months duration", _YEARS),
        ("range", _RANGE),
    )
    for name, found in table.items()
}  # fmt: skip


def property_names(of: str) -> list[str]:
    """Return the names of the properties of a kind."""
    return [name for key, name in PROPERTIES if key == of]
