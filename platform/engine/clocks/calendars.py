"""Whose working time counts: calendars of the catalog, and records that are calendars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trellis.engine.clocks.errors import WorkingTimeError
from trellis.engine.clocks.hours import (
    DAY_MINUTES,
    Span,
    WorkingHours,
    hours_of_calendar,
    merged,
    minute_of,
)
from trellis.engine.clocks.working_time import add_working, working_between
from trellis.engine.compiled import CompiledCatalog
from trellis.engine.errors import EngineError
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, view_of
from trellis.metadata.model.objects import CalendarFields, CalendarRows

#: All time counts: what holds where nobody names a calendar.
ALWAYS = WorkingHours("always", always_open=True)
#: Departments that are asked one above the other.
_MAX_CLIMB = 100
#: Where a transaction keeps the hours of records that it has read.
_READ = "hours of calendar records"


class CalendarError(EngineError):
    """A calendar is not there, or does not say what a calendar says."""

    def __init__(self, message: str) -> None:
        super().__init__("CALENDAR", message)


def catalog_hours(compiled: CompiledCatalog, key: str) -> WorkingHours | None:
    """Return the hours of a calendar of the catalog, None when there is none of this key."""
    calendar = compiled.catalog.calendars.get(key)
    if calendar is None:
        return None
    return compiled.keep(("hours", key), lambda: hours_of_calendar(calendar))


def department_hours(tx: Transaction, user_id: str | None) -> WorkingHours | None:
    """Return the hours of a person's department or the nearest above that names a calendar."""
    person = view_of(tx, "user", user_id)
    place = person.get("department") if person is not None else None
    for _ in range(_MAX_CLIMB):
        if not isinstance(place, RecordView):
            return None
        key = place.get("calendar")
        if key:
            return hours_of(tx, str(key))
        place = place.get("parent")
    return None


def hours_of(tx: Transaction, calendar: object) -> WorkingHours:
    """Return the hours of what an expression gave: a key, or a record that is a calendar.

    Raises CalendarError saying what is wrong.
    """
    if isinstance(calendar, RecordView):
        return record_hours(tx, calendar)
    found = catalog_hours(tx.compiled, calendar) if isinstance(calendar, str) else None
    if found is None:
        raise CalendarError(f"there is no calendar `{calendar}`")
    return found


def reference_of(calendar: object) -> str | None:
    """Return a calendar as text that `hours_at` reads: a key, or object/id of a record."""
    if isinstance(calendar, RecordView):
        return f"{calendar.object.key}/{calendar.id}"
    return None if calendar is None else str(calendar)


def hours_at(tx: Transaction, reference: str | None) -> WorkingHours:
    """Return the hours of a calendar that was noted by `reference_of`; raise CalendarError."""
    if reference is None:
        return ALWAYS
    object_key, slash, identity = reference.partition("/")
    if not slash:
        return hours_of(tx, reference)
    view = view_of(tx, object_key, identity)
    if view is None:
        raise CalendarError(f"there is no object `{object_key}`, so no calendar of it")
    return record_hours(tx, view)


def record_hours(tx: Transaction, view: RecordView) -> WorkingHours:
    """Return the hours that a record says; raise CalendarError when it is no calendar."""
    read: dict[tuple[str, str], WorkingHours] = tx.notes.setdefault(_READ, {})
    key = (view.object.key, view.id)
    if key not in read:
        read[key] = _read(view)
    return read[key]


def forget_records(tx: Transaction) -> None:
    """Read the records of calendars anew, because one was written."""
    tx.notes.pop(_READ, None)


def _read(view: RecordView) -> WorkingHours:
    fields = view.object.calendar
    name = f"{view.object.key} {view.get(str(view.object.title or 'id')) or view.id}"
    if fields is None:
        raise CalendarError(f"records of `{view.object.key}` are no calendars")
    if not view.exists or view.stored.get("deleted_at") is not None:
        raise CalendarError(f"calendar `{name}` was deleted")
    zone = str(view.get(fields.timezone) or "UTC")
    if not is_zone(zone):
        raise CalendarError(f"calendar `{name}`: `{zone}` is not a time zone")
    week = _week(view, fields.week)
    return WorkingHours(
        name, zone, bool(fields.always_open and view.get(fields.always_open)),
        week, tuple(sorted(_days(view, fields, week, name))), _country(view, fields),
    )  # fmt: skip


def is_zone(name: str) -> bool:
    """Tell whether there is a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _country(view: RecordView, fields: CalendarFields) -> str | None:
    return str(view.get(fields.country) or "") or None if fields.country is not None else None


def _week(view: RecordView, rows: CalendarRows | None) -> tuple[tuple[Span, ...], ...]:
    spans: dict[int, list[Span]] = {day: [] for day in range(1, 8)}
    for row in view[rows.rows] if rows is not None else ():
        weekday = row[rows.fields["weekday"]] if rows is not None else None
        if rows is not None and weekday is not None:
            start, end = row[rows.fields["start"]], row[rows.fields["end"]]
            spans.setdefault(int(weekday), []).append(_span(start, end))
    return tuple(merged(spans[day]) for day in range(1, 8))


def _days(
    view: RecordView, fields: CalendarFields, week: tuple[tuple[Span, ...], ...], name: str
) -> Iterator[tuple[date, tuple[Span, ...]]]:
    rows = fields.days
    usual = next((spans for spans in week if spans), ())
    for row in view[rows.rows] if rows is not None else ():
        day = row[rows.fields["day"]] if rows is not None else None
        if rows is None or not isinstance(day, date):
            continue
        spans: tuple[Span, ...] = ()
        if row[rows.fields["working"]]:
            said = row[rows.fields["slots"]] if "slots" in rows.fields else None
            spans = _slots(said, name) or week[day.weekday()] or usual
        yield day, spans


def _slots(said: object, name: str) -> tuple[Span, ...]:
    problem = slots_problem(said)
    if problem is not None:
        raise CalendarError(f"calendar `{name}`: {problem}")
    return merged(_span(*_ends(one)) for one in _listed(said))


def slots_problem(said: object) -> str | None:
    """Return what is wrong with the hours of a day as JSON, None when they can be read."""
    example = 'write `[{"start": "09:00", "end": "12:00"}]`'
    for one in _listed(said):
        try:
            start, end = _span(*_ends(one))
        except (KeyError, TypeError, ValueError, IndexError):
            return f"`{one}` is no slot of a day; {example}"
        if end <= start or end > DAY_MINUTES:
            return f"the slot `{one}` ends before it starts; {example}"
    return None


def _listed(said: object) -> Iterable[Any]:
    if said is None:
        return ()
    return said if isinstance(said, list) else [said]


def _ends(one: Any) -> tuple[Any, Any]:
    if isinstance(one, Mapping):
        return one["start"], one["end"]
    start, end = one
    return start, end


def _span(start: Any, end: Any) -> Span:
    """Return a slot of a day; an end at midnight is the end of the day."""
    return _minute(start), _minute(end) or DAY_MINUTES


def _minute(clock: Any) -> int:
    if isinstance(clock, time):
        return clock.hour * 60 + clock.minute
    nanos = getattr(clock, "nanos", None)
    if isinstance(nanos, int):
        return nanos // 60_000_000_000
    return minute_of(str(clock))


@dataclass(frozen=True)
class WorkingTimes:
    """The calendars of a transaction, as the language asks for them."""

    tx: Transaction

    def between(self, calendar: Any, start: datetime, end: datetime) -> timedelta | None:
        """Return the working time between two moments, None when nobody can count it."""
        try:
            return working_between(hours_of(self.tx, calendar), start, end)
        except WorkingTimeError:
            return None

    def add(self, calendar: Any, moment: datetime, amount: timedelta) -> datetime | None:
        """Return the moment by which an amount of working time has passed."""
        try:
            return add_working(hours_of(self.tx, calendar), moment, amount)
        except WorkingTimeError:
            return None
