"""Dates and times as people say them: short, exact and relative, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HAN_WEEKDAYS = "一二三四五六日"

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_RELATIVE_LIMIT = 7 * _DAY
#: From so many hours on nobody asks for the minutes.
_HOURS_ALONE = 10

#: (past, future) with `{}` for the number; the browser's `times` island holds the same table.
RELATIVE: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "now": ("just now", "now"),
        "minute": ("{} min ago", "in {} min"),
        "hour": ("{} h ago", "in {} h"),
        "day": ("{} d ago", "in {} d"),
    },
    "zh-CN": {
        "now": ("刚刚", "马上"),
        "minute": ("{} 分钟前", "{} 分钟后"),
        "hour": ("{} 小时前", "{} 小时后"),
        "day": ("{} 天前", "{} 天后"),
    },
}


def is_han(locale: str) -> bool:
    """Tell whether `locale` writes Chinese."""
    return locale.startswith("zh")


def short_date(day: date, locale: str) -> str:
    """Return a date in the fewest signs that stay unambiguous."""
    if is_han(locale):
        return f"{day.year}-{day.month:02d}-{day.day:02d}"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def long_date(day: date, locale: str) -> str:
    """Return a date with its weekday, as a heading says it."""
    if is_han(locale):
        return f"{day.year}年{day.month}月{day.day}日 星期{_HAN_WEEKDAYS[day.weekday()]}"
    return f"{_WEEKDAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def exact(local: datetime, locale: str) -> str:
    """Return a moment on the reader's wall clock, to the minute."""
    return at_time(short_date(local, locale), local)


def at_time(day: str, local: datetime) -> str:
    """Return a told day with the time of `local`, to the minute."""
    return f"{day} {local.hour:02d}:{local.minute:02d}"


def relative(moment: datetime, now: datetime, locale: str) -> str | None:
    """Return `3 h ago`, or None when the moment is more than a week away."""
    seconds = int((now - moment).total_seconds())
    distance = abs(seconds)
    if distance >= _RELATIVE_LIMIT:
        return None
    unit, number = _unit(distance)
    table = RELATIVE["zh-CN" if is_han(locale) else "en"]
    return table[unit][0 if seconds >= 0 else 1].format(number)


def _unit(distance: int) -> tuple[str, int]:
    if distance < _MINUTE:
        return "now", 0
    if distance < _HOUR:
        return "minute", distance // _MINUTE
    if distance < _DAY:
        return "hour", distance // _HOUR
    return "day", distance // _DAY


def span_text(length: timedelta, locale: str) -> str:
    """Return an amount of time in hours and minutes, without its sign: `31 h`, `2 h 5 min`."""
    minutes = abs(round(length.total_seconds())) // _MINUTE
    hours, rest = divmod(minutes, 60)
    han = is_han(locale)
    parts = []
    if hours:
        parts.append(f"{hours} 小时" if han else f"{hours} h")
    if (rest and hours < _HOURS_ALONE) or not hours:
        parts.append(f"{rest} 分钟" if han else f"{rest} min")
    return " ".join(parts)


def duration_text(length: timedelta) -> str:
    """Return `2d 3h 30m`: the form that `posted` reads back."""
    seconds = round(length.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    days, rest = divmod(seconds, _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    parts = [
        f"{number}{unit}"
        for number, unit in ((days, "d"), (hours, "h"), (minutes, "m"), (rest, "s"))
        if number
    ]
    return sign + (" ".join(parts) or "0m")
