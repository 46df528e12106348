"""Working time obeys its laws: lunch gaps, holidays, make-up days, summer time, any server."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from trellis.engine.clocks.durations import parse_short
from trellis.engine.clocks.errors import NoWorkingTimeError, SpanTooLongError
from trellis.engine.clocks.hours import WorkingHours, hours_of_calendar, merged
from trellis.engine.clocks.timetable import timetable
from trellis.engine.clocks.working_time import (
    add_working,
    is_open,
    next_opening,
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
OFFICE = hours_of_calendar(
    Calendar(
        "office",
        HERE,
        timezone="Asia/Shanghai",
        slots=OFFICE_SLOTS,
        holidays={date(2026, 10, 1): Label({"en": "National Day"})},
        workdays={date(2026, 10, 10): (CalendarSlot(6, "09:00", "12:00"),)},
    )
)
CHINA = hours_of_calendar(
    Calendar("china", HERE, timezone="Asia/Shanghai", slots=OFFICE_SLOTS, country="CN")
)
NIGHTS = ((0, 1440),)
BERLIN_NIGHT = WorkingHours("night", "Europe/Berlin", week=(NIGHTS,) * 7)
#: Slots that begin or end in the hour that summer time takes or gives.
BERLIN_EDGES = WorkingHours("edges", "Europe/Berlin", week=(((60, 150), (150, 240)),) * 7)
#: The clock is put forward from 24:00: the day begins at 01:00.
CAIRO = WorkingHours("cairo", "Africa/Cairo", week=(NIGHTS,) * 7)
ALWAYS = WorkingHours("open", always_open=True)
EMPTY = WorkingHours("empty")
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
        ("2028-02-29T17:00", 2, "2028-03-01T10:00"),
        ("2026-03-03T10:00", -2, "2026-03-02T17:00"),
        ("2026-03-09T10:00", -2, "2026-03-06T17:00"),
        ("2026-03-07T11:00", -1, "2026-03-06T17:00"),
        ("2026-01-02T10:00", -10, "2025-12-31T17:00"),
    ],
)
def test_an_amount_is_placed_in_working_time(start: str, hours: int, expected: str) -> None:
    assert add_working(OFFICE, shanghai(start), hours * HOUR) == shanghai(expected)


def test_the_days_that_make_up_for_public_holidays_are_worked() -> None:
    # 14 February 2026 is a Saturday that makes up for the Spring Festival, 2026-02-16 is free.
    assert working_between(CHINA, shanghai("2026-02-14T00:00"), shanghai("2026-02-15T00:00")) == (
        8 * HOUR
    )
    assert working_between(CHINA, shanghai("2026-02-16T00:00"), shanghai("2026-02-17T00:00")) == (
        timedelta()
    )


def test_what_a_calendar_says_of_a_day_comes_before_its_country() -> None:
    own = hours_of_calendar(
        Calendar("own", HERE, timezone="Asia/Shanghai", slots=OFFICE_SLOTS, country="CN",
                 holidays={date(2026, 2, 14): Label({"en": "Closed"})},
                 workdays={date(2026, 2, 16): (CalendarSlot(1, "10:00", "11:00"),)})
    )  # fmt: skip

    week = working_between(own, shanghai("2026-02-14T00:00"), shanghai("2026-02-17T00:00"))

    assert week == HOUR


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    slots = tuple(CalendarSlot(day, "09:00", "10:00") for day in range(1, 8))
    start = datetime(2026, 1, 6, tzinfo=ZoneInfo("Europe/Berlin"))

    found = [
        working_between(
            hours_of_calendar(Calendar("c", HERE, timezone="Europe/Berlin", slots=slots,
                                       country="DE", subdivision=part)),
            start, start + 24 * HOUR,
        )
        for part in (None, "BY")
    ]  # fmt: skip

    assert found == [HOUR, timedelta()]


@pytest.mark.parametrize(
    ("hours", "day", "expected"),
    [
        (BERLIN_NIGHT, datetime(2026, 3, 29), 23),  # noqa: DTZ001
        (BERLIN_NIGHT, datetime(2026, 10, 25), 25),  # noqa: DTZ001
        (BERLIN_EDGES, datetime(2026, 3, 29), 2),  # noqa: DTZ001
        (BERLIN_EDGES, datetime(2026, 10, 25), 4),  # noqa: DTZ001
        (BERLIN_EDGES, datetime(2026, 6, 1), 3),  # noqa: DTZ001
        (CAIRO, datetime(2026, 4, 24), 23),  # noqa: DTZ001
        (WorkingHours("apia", "Pacific/Apia", week=(NIGHTS,) * 7), datetime(2011, 12, 30), 0),  # noqa: DTZ001
    ],
)
def test_a_slot_has_the_length_that_it_really_had(
    hours: WorkingHours, day: datetime, expected: int
) -> None:
    next_day = day + timedelta(days=1)

    assert working_between(hours, day, next_day) == expected * HOUR


def test_slots_that_overlap_count_once() -> None:
    assert merged([(540, 720), (600, 780), (780, 800), (900, 900)]) == ((540, 800),)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-02T10:00", "2026-03-02T10:00"),
        ("2026-03-02T12:00", "2026-03-02T13:00"),
        ("2026-03-06T18:00", "2026-03-09T09:00"),
        ("2026-12-31T20:00", "2027-01-01T09:00"),
    ],
)
def test_the_next_opening_is_now_or_later(moment: str, expected: str) -> None:
    assert next_opening(OFFICE, shanghai(moment)) == shanghai(expected)
    assert is_open(OFFICE, shanghai(moment)) is (moment == expected)


def test_ten_thousand_hours_are_found_in_the_years_and_not_walked() -> None:
    start = shanghai("2026-03-02T09:00")

    end = add_working(OFFICE, start, 10_000 * HOUR)

    assert working_between(OFFICE, start, end) == 10_000 * HOUR
    assert len(timetable(OFFICE)._years) < 12


#: Hypothesis wants its bounds without a zone.
FIRST, LAST = datetime(2025, 6, 1), datetime(2027, 6, 1)  # noqa: DTZ001
ZONES = st.sampled_from([UTC, ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")])
MOMENTS = st.datetimes(FIRST, LAST, timezones=ZONES)
AMOUNTS = st.integers(0, 60 * 200).map(lambda minutes: timedelta(minutes=minutes))
SPANS = st.lists(
    st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda span: span[0] < span[1]),
    max_size=3,
).map(merged)
GENERATED = st.builds(
    lambda zone, week, days: WorkingHours("made", zone, False, week, tuple(sorted(days.items()))),
    st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "Africa/Cairo", "America/Havana",
                     "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.tuples(*[SPANS] * 7).filter(any),
    st.dictionaries(st.dates(FIRST.date(), LAST.date()), SPANS, max_size=5),
)  # fmt: skip
CALENDARS = st.one_of(
    st.sampled_from([OFFICE, CHINA, BERLIN_NIGHT, BERLIN_EDGES, CAIRO, ALWAYS]), GENERATED
)


@given(CALENDARS, MOMENTS, AMOUNTS)
def test_an_added_amount_is_the_working_time_between(
    calendar: WorkingHours, start: datetime, amount: timedelta
) -> None:
    assert working_between(calendar, start, add_working(calendar, start, amount)) == amount
    assert working_between(calendar, add_working(calendar, start, -amount), start) == amount


@given(CALENDARS, st.lists(MOMENTS, min_size=3, max_size=3))
def test_working_time_is_additive_and_has_a_direction(
    calendar: WorkingHours, moments: list[datetime]
) -> None:
    a, b, c = moments

    whole = working_between(calendar, a, c)

    assert whole == working_between(calendar, a, b) + working_between(calendar, b, c)
    assert whole == -working_between(calendar, c, a)


@given(CALENDARS, MOMENTS, MOMENTS, AMOUNTS)
def test_who_begins_later_is_not_done_earlier(
    calendar: WorkingHours, one: datetime, other: datetime, amount: timedelta
) -> None:
    first, second = sorted((one, other))

    assert add_working(calendar, first, amount) <= add_working(calendar, second, amount)


@given(CALENDARS, MOMENTS, AMOUNTS)
def test_no_earlier_moment_has_the_amount_behind_it(
    calendar: WorkingHours, start: datetime, amount: timedelta
) -> None:
    assume(amount)
    end = add_working(calendar, start, amount)

    assert working_between(calendar, start, end - timedelta(microseconds=1)) < amount
    assert is_open(calendar, end - timedelta(microseconds=1))


@given(CALENDARS, MOMENTS)
def test_the_next_opening_has_no_working_time_before_it(
    calendar: WorkingHours, moment: datetime
) -> None:
    opening = next_opening(calendar, moment)

    assert opening >= moment
    assert is_open(calendar, opening)
    assert working_between(calendar, moment, opening) == timedelta()


@given(CALENDARS, MOMENTS, ZONES, AMOUNTS)
def test_the_zone_that_a_moment_is_told_in_makes_no_difference(
    calendar: WorkingHours, moment: datetime, zone: ZoneInfo, amount: timedelta
) -> None:
    elsewhere = moment.astimezone(zone)

    assert add_working(calendar, elsewhere, amount) == add_working(calendar, moment, amount)


@given(GENERATED, st.dates(date(2025, 6, 1), date(2027, 5, 30)), st.integers(0, 8))
def test_working_time_is_what_counting_minutes_gives(
    calendar: WorkingHours, day: date, hours: int
) -> None:
    zone = ZoneInfo(calendar.timezone)
    start = datetime.combine(day, time(), UTC)
    own = dict(calendar.days)

    def worked(moment: datetime) -> bool:
        local = moment.astimezone(zone)
        minute = local.hour * 60 + local.minute
        spans = own.get(local.date(), calendar.week[local.weekday()])
        return any(begin <= minute < end for begin, end in spans)

    moments = [start + timedelta(minutes=minute) for minute in range(60 * hours)]
    # An hour that comes twice is worked once or twice, as the slot's ends lie; leave it to the
    # examples.
    assume(len({moment.astimezone(zone).utcoffset() for moment in [*moments, start]}) == 1)
    counted = timedelta(minutes=sum(map(worked, moments)))

    assert working_between(calendar, start, start + hours * HOUR) == counted


def test_a_calendar_without_working_time_says_so() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)

    with pytest.raises(NoWorkingTimeError, match="calendar `empty`"):
        add_working(EMPTY, start, HOUR)
    with pytest.raises(NoWorkingTimeError, match="calendar `empty`"):
        add_working(EMPTY, start, -HOUR)
    with pytest.raises(NoWorkingTimeError, match="calendar `empty`"):
        next_opening(EMPTY, start)


def test_centuries_are_not_counted() -> None:
    with pytest.raises(SpanTooLongError, match="100 years"):
        working_between(OFFICE, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
    with pytest.raises(SpanTooLongError):
        add_working(ALWAYS, datetime(9999, 12, 31, tzinfo=UTC), 100 * HOUR)


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
