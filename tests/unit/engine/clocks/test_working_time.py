"""Working time obeys its laws: lunch gaps, holidays, make-up days, summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trellis.engine.clocks.durations import parse_short
from trellis.engine.clocks.working_time import (
    NoWorkingTimeError,
    add_working,
    working_between,
)
from trellis.metadata.model.rules import Calendar, CalendarSlot
from trellis.metadata.model.texts import Label
from trellis.problems import Location

HERE = Location("calendars.yaml", 1, 1)
OFFICE_SLOTS = tuple(
    CalendarSlot(day, start, end)
    for day in range(1, 6)
    for start, end in (("09:00", "12:00"), ("13:00", "18:00"))
)
OFFICE = Calendar(
    "office",
    HERE,
    timezone="Asia/Shanghai",
    slots=OFFICE_SLOTS,
    holidays={date(2026, 10, 1): Label({"en": "National Day"})},
    workdays={date(2026, 10, 10): (CalendarSlot(6, "09:00", "12:00"),)},
)
BERLIN_NIGHT = Calendar(
    "night",
    HERE,
    timezone="Europe/Berlin",
    slots=tuple(CalendarSlot(day, "00:00", "24:00") for day in range(1, 8)),
)
HOUR = timedelta(hours=1)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00")


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-03-02T09:00", 3, "2026-03-02T12:00"),
        ("2026-03-02T09:00", 4, "2026-03-02T14:00"),
        ("2026-03-02T17:00", 2, "2026-03-03T10:00"),
        ("2026-03-06T17:00", 2, "2026-03-09T10:00"),
        ("2026-03-07T11:00", 1, "2026-03-09T10:00"),
        ("2026-09-30T17:00", 2, "2026-10-02T10:00"),
        ("2026-10-09T17:00", 2, "2026-10-10T10:00"),
    ],
)
def test_an_amount_is_placed_in_working_time(start: str, hours: int, expected: str) -> None:
    assert add_working(OFFICE, shanghai(start), hours * HOUR) == shanghai(expected)


def test_the_hour_that_summer_time_takes_is_not_worked() -> None:
    start = datetime(2026, 3, 28, 23, tzinfo=UTC)

    assert working_between(BERLIN_NIGHT, start, start + 23 * HOUR) == 23 * HOUR


#: Hypothesis wants its bounds without a zone.
NEW_YEAR, NEW_YEARS_EVE = datetime(2026, 1, 1), datetime(2026, 12, 31)  # noqa: DTZ001
MOMENTS = st.datetimes(NEW_YEAR, NEW_YEARS_EVE, timezones=st.just(UTC))
AMOUNTS = st.integers(0, 60 * 200).map(lambda minutes: timedelta(minutes=minutes))
CALENDARS = st.sampled_from([OFFICE, BERLIN_NIGHT, Calendar("open", HERE, always_open=True)])


@given(CALENDARS, MOMENTS, AMOUNTS)
def test_an_added_amount_is_the_working_time_between(
    calendar: Calendar, start: datetime, amount: timedelta
) -> None:
    assert working_between(calendar, start, add_working(calendar, start, amount)) == amount


@given(CALENDARS, st.lists(MOMENTS, min_size=3, max_size=3).map(sorted))
def test_working_time_is_additive(calendar: Calendar, moments: list[datetime]) -> None:
    a, b, c = moments

    whole = working_between(calendar, a, c)

    assert whole == working_between(calendar, a, b) + working_between(calendar, b, c)


def test_a_calendar_without_working_time_says_so() -> None:
    with pytest.raises(NoWorkingTimeError, match="calendar `empty`"):
        add_working(Calendar("empty", HERE), datetime(2026, 1, 1, tzinfo=UTC), HOUR)


@pytest.mark.parametrize(
    ("text", "amount", "working"),
    [("30m", timedelta(minutes=30), False), ("2d", timedelta(days=2), False),
     ("8bh", timedelta(hours=8), True), ("1bd", timedelta(hours=8), True)],
)  # fmt: skip
def test_short_durations_are_read(text: str, amount: timedelta, working: bool) -> None:
    duration = parse_short(text)

    assert duration is not None
    assert (duration.amount, duration.working) == (amount, working)


def test_other_texts_are_not_short_durations() -> None:
    assert parse_short("= record.due_at") is None
