"""Dates, times and durations: their text forms and their arithmetic.

Values are `date`, `FeelTime`, `datetime`, `timedelta` (days and time) and `YearsMonths`.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DATE = re.compile(r"(-?\d{4,9})-(\d\d)-(\d\d)")
_TIME = re.compile(r"T?(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d(?::\d\d)?|@[\w/+\-]+)?", re.ASCII)
_DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)


@dataclass(frozen=True)
class FeelTime:
    """A time of day with an optional offset or zone."""

    time: time
    zone: tzinfo | None = None
    zone_name: str | None = None

    def __str__(self) -> str:
        return self.time.isoformat() + zone_text(self.zone, self.zone_name, self.time)

    def offset(self) -> timedelta | None:
        """Return the offset from UTC, None when local or when the zone needs a date."""
        if self.zone is None:
            return None
        return self.zone.utcoffset(datetime.combine(date(2000, 1, 1), self.time))

    def seconds(self) -> float:
        """Return the seconds since midnight, UTC when there is an offset."""
        local = self.time.hour * 3600 + self.time.minute * 60 + self.time.second
        shift = self.offset()
        return local + self.time.microsecond / 1e6 - (shift.total_seconds() if shift else 0)


@dataclass(frozen=True, order=True)
class YearsMonths:
    """A duration of whole months."""

    months: int

    def __str__(self) -> str:
        sign = "-" if self.months < 0 else ""
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{sign}P{text or '0M'}"


def zone_text(zone: tzinfo | None, name: str | None, moment: Any) -> str:
    """Return an offset or zone as FEEL writes it."""
    if zone is None:
        return ""
    if name:
        return f"@{name}"
    offset = zone.utcoffset(moment if isinstance(moment, datetime) else None) or timedelta()
    if not offset:
        return "Z"
    sign = "-" if offset < timedelta() else "+"
    minutes = abs(int(offset.total_seconds())) // 60
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"


def parse_temporal(text: str) -> Any:
    """Return the date, time, date-time or duration that `text` writes, or None."""
    if text.startswith(("P", "-P")):
        return parse_duration(text)
    if "T" in text[1:]:
        return parse_datetime(text)
    return parse_date(text) if _DATE.fullmatch(text) else parse_time(text)


def parse_date(text: str) -> date | None:
    """Return the date `YYYY-MM-DD`, or None."""
    match = _DATE.fullmatch(text)
    if match is None or not 1 <= int(match[1]) <= 9999:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def parse_time(text: str) -> FeelTime | None:
    """Return the time `hh:mm:ss` with an optional fraction and offset or zone, or None."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    zone, name, known = _zone(match[5])
    if not known:
        return None
    micro = int(((match[4] or ".0")[1:] + "000000")[:6])
    try:
        return FeelTime(time(int(match[1]), int(match[2]), int(match[3]), micro), zone, name)
    except ValueError:
        return None


def _zone(text: str | None) -> tuple[tzinfo | None, str | None, bool]:
    """Return the zone, its name, and whether it is one."""
    if text is None:
        return None, None, True
    if text == "Z":
        return UTC, None, True
    if text.startswith("@"):
        try:
            return ZoneInfo(text[1:]), text[1:], True
        except (ZoneInfoNotFoundError, ValueError):
            return None, None, False
    parts = [int(part) for part in text[1:].split(":")]
    amount = timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2] if parts[2:] else 0)
    if amount > timedelta(hours=18):
        return None, None, False
    return timezone(-amount if text[0] == "-" else amount), None, True


def parse_datetime(text: str) -> datetime | None:
    """Return the date-time `dateTtime`, or None."""
    head, _, tail = text.partition("T")
    day = parse_date(head)
    if day is not None and tail.startswith("24:00:00"):
        clock = parse_time("00:00:00" + tail[8:])
        moved = day + timedelta(days=1) if day < date.max else None
        return None if clock is None or moved is None else combine(moved, clock)
    clock = parse_time(tail)
    return None if day is None or clock is None else combine(day, clock)


def combine(day: date, clock: FeelTime) -> datetime:
    """Return the date-time of a day and a time."""
    return datetime.combine(day, clock.time, clock.zone)


def parse_duration(text: str) -> timedelta | YearsMonths | None:
    """Return the ISO 8601 duration of one of FEEL's two kinds, or None."""
    match = _DURATION.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        return None
    years, months, days, hours, minutes, seconds = match.groups()[1:]
    if (years or months) and (days or hours or minutes or seconds):
        return None
    sign = -1 if match[1] else 1
    if any(part is not None and len(part) > 12 for part in match.groups()[1:]):
        return None
    if years or months:
        return YearsMonths(sign * (int(years or 0) * 12 + int(months or 0)))
    try:
        return sign * timedelta(days=int(days or 0), hours=int(hours or 0),
                                minutes=int(minutes or 0), seconds=float(seconds or 0))  # fmt: skip
    except OverflowError:
        return None


def add_months(day: date, months: int) -> date | None:
    """Return the same day `months` later, the last of the month where there is no such day."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    if not 1 <= year <= 9999:
        return None
    last = calendar.monthrange(year, month + 1)[1]
    return day.replace(year=year, month=month + 1, day=min(day.day, last))


def duration_text(value: timedelta) -> str:
    """Return a days and time duration as ISO 8601."""
    total = value / timedelta(microseconds=1)
    sign = "-" if total < 0 else ""
    micro = abs(int(total))
    seconds, micro = divmod(micro, 1_000_000)
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    fraction = f".{micro:06}".rstrip("0") if micro else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or fraction:
        clock += f"{seconds}{fraction}S"
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{sign}P{text or 'T0S'}"
