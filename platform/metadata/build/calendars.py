"""calendars.yaml → working calendars; and which fields make an object's records calendars."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from zoneinfo import available_timezones

from trellis.metadata.build.reading import Reading, humanised
from trellis.metadata.hints import hint
from trellis.metadata.model.objects import CalendarFields, CalendarRows
from trellis.metadata.model.rules import Calendar, CalendarSlot
from trellis.metadata.model.texts import Label
from trellis.metadata.public_days import known_countries

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_MIDNIGHT = "24:00"


def build_calendars(reading: Reading) -> dict[str, Calendar]:
    """Return the working calendars of a calendars.yaml."""
    return {key: _calendar(key, item) for key, item in reading.entries("calendars")}


def _calendar(key: str, reading: Reading) -> Calendar:
    zone = reading.get("timezone", "UTC")
    if zone not in available_timezones():
        reading.child("timezone").report(
            "META055", f"`{zone}` is not a time zone", hint(str(zone), available_timezones())
        )
        zone = "UTC"
    return Calendar(
        key=key,
        location=reading.key_location,
        label=reading.label("label", humanised(key)),
        timezone=zone,
        always_open=reading.get("always_open", False),
        slots=tuple(slot for item in reading.items("week") for slot in _week_slots(item)),
        holidays=dict(_dated(reading.child("holidays"))),
        workdays={day: _day_slots(item, day) for day, item in _days(reading.child("workdays"))},
        country=_country(reading),
        subdivision=reading.get("subdivision"),
        app=reading.app,
        place=reading.place,
    )


def _country(reading: Reading) -> str | None:
    """Return the country whose holidays are free, None with a problem when none is known."""
    country, part = reading.get("country"), reading.get("subdivision")
    if country is None:
        if part is not None:
            reading.child("subdivision").report(
                "META240", "a part of a country needs its country", "add `country:`"
            )
        return None
    countries = known_countries()
    if country not in countries:
        reading.child("country").report(
            "META240", f"the holidays of `{country}` are not known",
            "write ISO 3166's two letters, or list the free days as `holidays:`",
        )  # fmt: skip
        return None
    if part is not None and part not in countries[country]:
        reading.child("subdivision").report(
            "META240", f"`{country}` has no part `{part}` with holidays of its own",
            hint(str(part), countries[country]),
        )  # fmt: skip
        return None
    return str(country)


def _days(reading: Reading) -> Iterator[tuple[date, Reading]]:
    for key, item in reading.entries():
        try:
            yield date.fromisoformat(key), item
        except ValueError:
            item.report("META052", f"`{key}` is not a date", "write it as 2026-03-31")


def _dated(reading: Reading) -> Iterator[tuple[date, Label]]:
    for day, item in _days(reading):
        yield day, item.as_label()


def _week_slots(reading: Reading) -> Iterator[CalendarSlot]:
    for item in reading.items("days"):
        for weekday in _weekdays(item):
            yield from _slot(reading, weekday)


def _weekdays(reading: Reading) -> tuple[int, ...]:
    first, _, last = str(reading.value).partition("-")
    if first not in _DAYS or (last and last not in _DAYS):
        reading.report("META056", f"`{reading.value}` is not a day or range of days",
                       "write `mon` … `sun`, or `mon-fri`")  # fmt: skip
        return ()
    start = _DAYS.index(first)
    end = _DAYS.index(last) if last else start
    # `fri-mon` goes over the weekend.
    count = (end - start) % 7 + 1
    return tuple((start + step) % 7 + 1 for step in range(count))


def _day_slots(reading: Reading, day: date) -> tuple[CalendarSlot, ...]:
    return tuple(slot for item in reading.items() for slot in _slot(item, day.isoweekday()))


def _slot(reading: Reading, weekday: int) -> Iterator[CalendarSlot]:
    start, end = str(reading.get("start")), str(reading.get("end"))
    if not _CLOCK.fullmatch(start) or not (_CLOCK.fullmatch(end) or end == _MIDNIGHT):
        reading.report("META057", f"`{start}` to `{end}` is not a slot of a day",
                       'write times as "09:00" in quotes; a day ends at "24:00"')  # fmt: skip
    elif end <= start:
        reading.report("META058", f"the slot ends at {end}, but begins at {start}",
                       "exchange them; split a slot that goes over midnight")  # fmt: skip
    else:
        yield CalendarSlot(weekday, start, end)


def calendar_fields(reading: Reading) -> CalendarFields | None:
    """Return which fields of an object say what a calendar says, None where it is none."""
    if not isinstance(reading.value, Mapping):
        return None
    return CalendarFields(
        timezone=str(reading.get("timezone")),
        location=reading.key_location,
        week=_rows(reading.child("week")),
        days=_rows(reading.child("days")),
        always_open=reading.get("always_open"),
        country=reading.get("country"),
        place=reading.place,
    )


def _rows(reading: Reading) -> CalendarRows | None:
    if not isinstance(reading.value, Mapping):
        return None
    fields = {key: str(item.value) for key, item in reading.entries() if key != "rows"}
    return CalendarRows(str(reading.get("rows")), fields)
