"""Working time in the language is asked of the calendars that the engine knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from trellis.engine.clocks.hours import WorkingHours
from trellis.engine.clocks.working_time import add_working, working_between
from trellis.expressions import ExpressionProblemsError, check, compile_expression, evaluate
from trellis.expressions import types as t
from trellis.expressions.functions.working_time import CALENDARS

OFFICE = WorkingHours("office", "Asia/Shanghai", week=(((540, 720), (780, 1080)),) * 5 + ((), ()))
MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 of the office
HOUR = timedelta(hours=1)


class OneOffice:
    """Calendars of which there is one."""

    def between(self, calendar: Any, start: datetime, end: datetime) -> timedelta | None:
        return working_between(OFFICE, start, end) if calendar == "office" else None

    def add(self, calendar: Any, moment: datetime, amount: timedelta) -> datetime | None:
        return add_working(OFFICE, moment, amount) if calendar == "office" else None


def told(text: str, **names: Any) -> Any:
    return evaluate(text, {CALENDARS: OneOffice(), "monday": MONDAY, **names})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('business duration(monday, monday + duration("P1D"), "office")', 8 * HOUR),
        ('business duration(monday + duration("P1D"), monday, "office")', -8 * HOUR),
        ('business duration(from: monday, to: monday, calendar: "office")', timedelta()),
        ('add business duration(monday, duration("PT10H"), "office")', MONDAY + 26 * HOUR),
        ('add business duration(monday, duration("-PT1H"), "office")', MONDAY - 64 * HOUR),
        ('business duration(date and time("2026-03-02T09:00:00"), '
         'date and time("2026-03-02T14:00:00"), "office")', 4 * HOUR),
        ('business duration(monday, monday, null)', None),
        ('business duration(null, monday, "office")', None),
        ('add business duration(monday, 8, "office")', None),
        ('add business duration(monday, duration("P1M"), "office")', None),
    ],
)  # fmt: skip
def test_working_time_is_counted_in_a_calendar(text: str, expected: object) -> None:
    assert told(text) == expected


def test_a_moment_keeps_the_zone_that_it_was_given_in() -> None:
    monday = MONDAY.astimezone(ZoneInfo("Europe/Paris"))

    found = told('add business duration(monday, duration("PT1H"), "office")', monday=monday)

    assert (found, found.tzinfo) == (MONDAY + HOUR, ZoneInfo("Europe/Paris"))


def test_without_calendars_nothing_is_known() -> None:
    assert evaluate('business duration(now, now, "office")', {"now": MONDAY}) is None
    assert evaluate('add business duration(now, duration("PT1H"), "o")', {"now": MONDAY}) is None


def test_types_are_known_and_checked() -> None:
    scope = t.Scope({"monday": t.DATETIME, "hours": t.NUMBER})

    text = 'add business duration(monday, business duration(monday, monday, "office"), "office")'
    wrong = check('add business duration(monday, hours, "office")', scope)

    assert compile_expression(text, scope).type == t.DATETIME
    assert [found.message for found in wrong] == [
        "`duration` of `add business duration` must be a days and time duration, this is a number"
    ]
    with pytest.raises(ExpressionProblemsError, match="cannot be called with 2 values"):
        compile_expression("business duration(monday, monday)", scope)
