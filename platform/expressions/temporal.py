"""Dates, times and durations as text, both ways, in the forms of XML Schema and FEEL.

`temporal_values` has the values themselves and their arithmetic.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from trellis.expressions.limits import MAX_YEAR
from trellis.expressions.temporal_values import (
    DAY_NANOS,
    NANOS,
    AnyDate,
    AnyDateTime,
    AnyDuration,
    FeelTime,
    WideDate,
    WideDateTime,
    WideDuration,
    YearsMonths,
    add_months,
    date_of_number,
    date_part,
    day_number,
    duration_nanos,
    feel_time,
    make_date,
    make_datetime,
    make_duration,
    time_part,
    zone_name,
)

__all__ = [
    "FeelTime",
    "YearsMonths",
    "add_months",
    "date_text",
    "datetime_text",
    "duration_text",
    "months_text",
    "parse_date",
    "parse_datetime",
    "parse_duration",
    "parse_temporal",
    "parse_time",
    "parse_zone",
    "temporal_text",
    "time_text",
]

_DATE = re.compile(r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)\Z", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z_][\w/+-]*)?\Z", re.ASCII
)
_DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?\Z",
    re.ASCII,
)
_MAX_OFFSET = 18 * 3600


def parse_date(text: str) -> AnyDate | None:
    """Return the date `yyyy-mm-dd`, None when the text is none."""
    found = _DATE.match(text)
    if found is None or found[1] == "-0000":
        return None
    return make_date(int(found[1]), int(found[2]), int(found[3]))


def parse_time(text: str) -> FeelTime | None:
    """Return the time `hh:mm:ss` with optional fraction and offset or zone; 24:00:00 is 0:00."""
    clock = _clock(text)
    return None if clock is None else FeelTime(clock.nanos % DAY_NANOS, clock.zone)


def _clock(text: str) -> FeelTime | None:
    found = _TIME.match(text)
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3])
    nanos = int(((found[4] or "") + "000000000")[:9])
    nanos += (hour * 3600 + minute * 60 + second) * NANOS
    if minute > 59 or second > 59 or nanos > DAY_NANOS:
        return None
    if found[5] is None:
        return FeelTime(nanos)
    zone = _zone(found[5])
    return None if zone is None else FeelTime(nanos, zone)


@cache
def _zone_names() -> frozenset[str]:
    """Return the names of all zones, so that a wrong name costs no search."""
    return frozenset(available_timezones())


@lru_cache(maxsize=256)
def _zone(text: str) -> tzinfo | None:
    if text == "Z":
        return UTC
    if text[0] == "@":
        return ZoneInfo(text[1:]) if text[1:] in _zone_names() else None
    hours, minutes, *seconds = (int(part) for part in text[1:].split(":"))
    total = hours * 3600 + minutes * 60 + (seconds[0] if seconds else 0)
    if minutes > 59 or (seconds and seconds[0] > 59) or total > _MAX_OFFSET:
        return None
    return timezone(timedelta(seconds=-total if text[0] == "-" else total))


def parse_zone(text: str) -> tzinfo | None:
    """Return the zone of a name as `Europe/Paris`, or of an offset as `+02:00` or `Z`."""
    return _zone(text) if text == "Z" or re.match(r"[+-]\d\d:\d\d", text) else _zone("@" + text)


def parse_datetime(text: str) -> AnyDateTime | None:
    """Return the moment `dateTtime`; a date alone is its midnight."""
    head, separator, tail = text.partition("T")
    day = parse_date(head)
    clock = _clock(tail) if separator else FeelTime(0)
    if day is None or clock is None:
        return None
    if clock.nanos == DAY_NANOS:
        day, clock = date_of_number(day_number(day) + 1), FeelTime(0, clock.zone)
        if day is None:
            return None
    return make_datetime(day, clock)


def parse_duration(text: str) -> AnyDuration | YearsMonths | None:
    """Return the ISO 8601 duration of one of FEEL's two kinds."""
    found = _DURATION.match(text)
    if found is None or len(text) > 60 or text[-1] in "PT":
        return None
    sign, years, months, days, clock, hours, minutes, seconds, fraction = found.groups()
    factor = -1 if sign else 1
    if years is not None or months is not None:
        if days is not None or clock is not None:
            return None
        total = int(years or 0) * 12 + int(months or 0)
        return YearsMonths(factor * total) if total <= 24 * MAX_YEAR else None
    total = int(days or 0) * 86_400 + int(hours or 0) * 3600 + int(minutes or 0) * 60
    nanos = (total + int(seconds or 0)) * NANOS + int(((fraction or "") + "000000000")[:9])
    return make_duration(factor * nanos)


def parse_temporal(text: str) -> Any:
    """Return the date, time, moment or duration that `@"…"` means, None when it means none."""
    if text[:1] == "P" or text[:2] == "-P":
        return parse_duration(text)
    if "T" in text and text[:1] != "@":
        return parse_datetime(text) if "-" in text.partition("T")[0] else None
    return (
        parse_date(text)
        if "-" in text[1:5] or len(text) == 10 or _DATE.match(text)
        else (parse_time(text))
    )


def date_text(value: AnyDate) -> str:
    """Return `yyyy-mm-dd`."""
    if isinstance(value, date):
        return f"{value.year:04}-{value.month:02}-{value.day:02}"
    sign = "-" if value.year < 0 else ""
    return f"{sign}{abs(value.year):04}-{value.month:02}-{value.day:02}"


def time_text(value: FeelTime) -> str:
    """Return `hh:mm:ss` with fraction and zone as far as there are any."""
    seconds, nanos = divmod(value.nanos, NANOS)
    fraction = f".{nanos:09}".rstrip("0") if nanos else ""
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"
    return clock + _zone_text(value.zone)


def _zone_text(zone: tzinfo | None) -> str:
    if zone is None:
        return ""
    name = zone_name(zone)
    if name is not None:
        return "@" + name
    offset = zone.utcoffset(None)
    total = int(offset.total_seconds()) if offset is not None else 0
    if total == 0:
        return "Z"
    hours, rest = divmod(abs(total), 3600)
    seconds = f":{rest % 60:02}" if rest % 60 else ""
    return f"{'-' if total < 0 else '+'}{hours:02}:{rest // 60:02}{seconds}"


def datetime_text(value: AnyDateTime) -> str:
    """Return `dateTtime`."""
    return f"{date_text(date_part(value))}T{time_text(time_part(value))}"


def duration_text(value: AnyDuration) -> str:
    """Return the ISO 8601 text of a days and time duration."""
    total = duration_nanos(value)
    seconds, nanos = divmod(abs(total), NANOS)
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    fraction = f".{nanos:09}".rstrip("0") if nanos else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or nanos else ""
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{'-' if total < 0 else ''}P{text or 'T0S'}"


def months_text(value: YearsMonths) -> str:
    """Return the ISO 8601 text of a years and months duration."""
    years, months = divmod(abs(value.months), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
    return f"{'-' if value.months < 0 else ''}P{text}"


def temporal_text(value: Any) -> str | None:
    """Return the text of any date, time or duration, None for other values."""
    if isinstance(value, datetime | WideDateTime):
        return datetime_text(value)
    if isinstance(value, date | WideDate):
        return date_text(value)
    if isinstance(value, time):
        return time_text(feel_time(value))
    if isinstance(value, FeelTime):
        return time_text(value)
    if isinstance(value, timedelta | WideDuration):
        return duration_text(value)
    return months_text(value) if isinstance(value, YearsMonths) else None
