"""What a calendar says, as a value: the working hours of a week, and of days that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from trellis.metadata.model.rules import Calendar, CalendarSlot
from trellis.metadata.public_days import PublicDays, public_days

#: Working time of a day from one minute to another, 0 to 1440, as clocks on the wall show it.
Span = tuple[int, int]
DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class WorkingHours:
    """The working time of one calendar; equal hours are computed once, whoever has them.

    `week` begins on Monday. A day in `days` has these spans instead, none when it is free. The
    public holidays of `country` are free, and the days that make up for them are worked.
    """

    name: str
    timezone: str = "UTC"
    always_open: bool = False
    week: tuple[tuple[Span, ...], ...] = ((),) * 7
    days: tuple[tuple[date, tuple[Span, ...]], ...] = ()
    country: str | None = None
    subdivision: str | None = None

    @property
    def usual_day(self) -> tuple[Span, ...]:
        """Return the hours of the first working day of the week: those of a make-up day."""
        return next((spans for spans in self.week if spans), ())


def year_of(hours: WorkingHours, year: int) -> Iterator[tuple[date, tuple[Span, ...]]]:
    """Yield the days of a year that are worked, with their spans in order.

    What the calendar says of a day itself comes before its country's holidays, these before the
    week.
    """
    own = {day: spans for day, spans in hours.days if day.year == year}
    public = PublicDays()
    if hours.country is not None:
        public = public_days(hours.country, hours.subdivision, year)
    if not own and not public.worked and not any(hours.week):
        return
    for number in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
        day = date.fromordinal(number)
        spans = own.get(day)
        if spans is None:
            spans = _common_spans(hours, public, day)
        if spans:
            yield day, spans


def _common_spans(hours: WorkingHours, public: PublicDays, day: date) -> tuple[Span, ...]:
    if day in public.worked:
        return hours.week[day.weekday()] or hours.usual_day
    return () if day in public.free else hours.week[day.weekday()]


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order, those that overlap or touch as one: no minute counts twice."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif start < end:
            found.append((start, end))
    return tuple(found)


def minute_of(clock: str) -> int:
    """Return the minute of a day that `09:30` or `24:00` means."""
    hour, _, minute = clock.partition(":")
    return int(hour) * 60 + int(minute)


def hours_of_calendar(calendar: Calendar) -> WorkingHours:
    """Return the hours of a calendar of the catalog."""
    days: dict[date, tuple[Span, ...]] = dict.fromkeys(calendar.holidays, ())
    days |= {day: _spans(slots) for day, slots in calendar.workdays.items()}
    week = (_spans(slot for slot in calendar.slots if slot.weekday == day) for day in range(1, 8))
    return WorkingHours(
        calendar.key, calendar.timezone, calendar.always_open, tuple(week),
        tuple(sorted(days.items())), calendar.country, calendar.subdivision,
    )  # fmt: skip


def _spans(slots: Iterable[CalendarSlot]) -> tuple[Span, ...]:
    return merged((minute_of(slot.start), minute_of(slot.end)) for slot in slots)
