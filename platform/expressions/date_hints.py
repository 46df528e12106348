"""What is wrong with a date, time or duration that is written out, and how it is written."""

from __future__ import annotations

import re
from calendar import monthrange

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T.*)?\Z", re.DOTALL)
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\Z")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z")
_YEAR_FIRST = re.compile(r"(\d{4})[./年](\d{1,2})[./月](\d{1,2})日?\Z")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap]m)?\Z", re.IGNORECASE)
_AMOUNT = re.compile(r"(\d+)\s*([^\W\d]+)\Z")
_FORMS = {
    "date": '"2026-03-02"', "time": '"09:30:00"', "date and time": '"2026-03-02T09:30:00Z"',
    "duration": '"P1DT2H"',
}  # fmt: skip
_UNITS = (
    (("second", "sec", "秒"), "PT{}S"), (("minute", "min", "分"), "PT{}M"),
    (("hour", "h", "stunde", "std", "小时"), "PT{}H"), (("day", "d", "tag", "天", "日"), "P{}D"),
    (("week", "w", "woche", "周"), "P{}D"), (("month", "monat", "个月", "月"), "P{}M"),
    (("year", "y", "jahr", "年"), "P{}Y"),
)  # fmt: skip


def temporal_mistake(text: str, of: str) -> tuple[str, str]:
    """Return what is wrong with a text that is no date, time or duration (`of`), and the mend."""
    found = _ISO.match(text)
    if found is not None and of in ("date", "date and time", ""):
        mistake = _calendar_mistake(*(int(part) for part in found.groups()))
        if mistake is not None:
            return mistake
    written = rewritten(text, of)
    what = f"this is no {of}" if of else f'`@"{_short(text)}"` is no date, time or duration'
    if written is not None:
        return what, f'write `"{written}"`' if of else f'write `@"{written}"`'
    if of == "duration":
        return what, 'write `"P1D"` for a day, `"PT2H"` for two hours, `"P3M"` for three months'
    if of:
        return what, f"write it as `{_FORMS[of]}`"
    forms = [f"`@{form}`" for form in _FORMS.values()]
    return what, "write " + ", ".join(forms[:-1]) + " or " + forms[-1]


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"


def _calendar_mistake(year: int, month: int, day: int) -> tuple[str, str] | None:
    what = f"there is no day {year:04}-{month:02}-{day:02}"
    if not 1 <= month <= 12:
        return what, "months are 01 to 12, after the year"
    if year < 1:
        return None
    days = monthrange(year, month)[1]
    if not 1 <= day <= days:
        return what, f"this month has the days 01 to {days}"
    return None


def rewritten(text: str, of: str) -> str | None:
    """Return how a text in another form is written, None when that is not clear."""
    plain = text.strip()
    if of in ("date", "date and time", ""):
        day = _rewritten_day(plain)
        if day is not None:
            return day if of != "date and time" else f"{day}T00:00:00"
    if of in ("time", ""):
        clock = _rewritten_clock(plain)
        if clock is not None:
            return clock
    return _rewritten_amount(plain) if of in ("duration", "") else None


def _rewritten_day(text: str) -> str | None:
    for pattern, order in ((_YEAR_FIRST, (0, 1, 2)), (_DOTTED, (2, 1, 0)), (_SLASHED, (2, 0, 1))):
        found = pattern.match(text)
        if found is None:
            continue
        year, month, day = (int(found.groups()[at]) for at in order)
        if pattern is _SLASHED and month <= 12 and day <= 12:
            # Nobody can tell which of both is the month.
            return None
        if month > 12:
            month, day = day, month
        fits = 1 <= month <= 12 and 1 <= day <= 31
        return f"{year:04}-{month:02}-{day:02}" if fits else None
    return None


def _rewritten_clock(text: str) -> str | None:
    found = _CLOCK.match(text)
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4] is not None:
        hour = hour % 12 + (12 if found[4].lower() == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return f"{hour:02}:{minute:02}:{second:02}"


def _rewritten_amount(text: str) -> str | None:
    found = _AMOUNT.match(text)
    if found is None:
        return None
    unit = found[2].lower()
    for names, form in _UNITS:
        if any(unit == name or unit.rstrip("sne") == name for name in names):
            return form.format(int(found[1]) * (7 if "week" in names else 1))
    return None
