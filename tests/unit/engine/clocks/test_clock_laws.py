"""The laws of a clock: what was used is working time, whatever pauses, targets and restarts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from trellis.engine.clocks import state as clocks
from trellis.engine.clocks.hours import WorkingHours
from trellis.engine.clocks.points import next_point
from trellis.engine.clocks.state import Clock, ClockState
from trellis.engine.clocks.working_time import working_between
from trellis.metadata.build.clocks import BREACH
from trellis.metadata.model.clocks import ClockDefinition, ClockPoint
from trellis.problems import Location

OFFICE = WorkingHours(
    "office", "Asia/Shanghai", week=(((540, 720), (780, 1080)),) * 5 + ((), ()),
)  # fmt: skip
BERLIN = WorkingHours("berlin", "Europe/Berlin", week=(((0, 1440),),) * 7)
ALWAYS = WorkingHours("always", always_open=True)
BEGIN = datetime(2026, 3, 26, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
CALENDARS = st.sampled_from([OFFICE, BERLIN, ALWAYS])
TARGETS = st.integers(0, 60 * 60).map(lambda minutes: timedelta(minutes=minutes))
#: When a clock is paused or goes on, as minutes after the one before.
MOVES = st.lists(st.integers(0, 3_000), max_size=6)


def clock(target: timedelta, hours: WorkingHours) -> Clock:
    made = Clock("c", "solving", "visit", "v", 1, ClockState.RUNNING, BEGIN, target, ())
    return clocks.started(made, hours, BEGIN, paused=False)


def moved(start: Clock, hours: WorkingHours, moves: list[int]) -> tuple[Clock, datetime]:
    """Pause and resume in turn; return the clock and the moment of the last move."""
    now, found = BEGIN, start
    for number, minutes in enumerate(moves):
        now += timedelta(minutes=minutes)
        move = clocks.resume if number % 2 else clocks.pause
        found = move(found, hours, now)
    return found, now


@given(CALENDARS, TARGETS, MOVES)
def test_what_is_used_when_it_is_due_is_the_target(
    hours: WorkingHours, target: timedelta, moves: list[int]
) -> None:
    found, now = moved(clock(target, hours), hours, moves)
    assume(found.due_at is not None and found.is_counting and found.due_at >= now)

    assert clocks.elapsed(found, hours, found.due_at) == target


@given(CALENDARS, TARGETS, MOVES)
def test_what_is_used_is_the_working_time_of_the_running_intervals(
    hours: WorkingHours, target: timedelta, moves: list[int]
) -> None:
    found, now = moved(clock(target, hours), hours, moves)

    pieces = [working_between(hours, one.start, one.end or now)
              for one in found.intervals if one.running]  # fmt: skip

    assert clocks.elapsed(found, hours, now) == sum(pieces, timedelta())
    ends = [one.end for one in found.intervals[:-1]]
    assert ends == [one.start for one in found.intervals[1:]]


@given(TARGETS, MOVES)
def test_round_the_clock_it_is_wall_clock_time_and_the_pauses(
    target: timedelta, moves: list[int]
) -> None:
    found, now = moved(clock(target, ALWAYS), ALWAYS, moves)
    assume(found.is_counting)
    paused = sum(
        ((one.end or now) - one.start for one in found.intervals if not one.running), timedelta()
    )
    assume(found.due_at is not None and found.due_at >= now)

    assert found.due_at == BEGIN + target + paused


@given(CALENDARS, TARGETS, MOVES, TARGETS)
def test_a_target_that_is_changed_back_changes_nothing(
    hours: WorkingHours, target: timedelta, moves: list[int], other: timedelta
) -> None:
    found, now = moved(clock(target, hours), hours, moves)

    there = clocks.retarget(found, hours, other, None, now)
    back = clocks.retarget(there, hours, target, None, now)

    assert back == found
    assert there.intervals == found.intervals
    assert clocks.elapsed(there, hours, now) == clocks.elapsed(found, hours, now)


@given(CALENDARS, TARGETS, MOVES)
def test_a_pause_of_no_length_moves_nothing(
    hours: WorkingHours, target: timedelta, moves: list[int]
) -> None:
    found, now = moved(clock(target, hours), hours, moves)
    assume(found.is_counting)

    again = clocks.resume(clocks.pause(found, hours, now), hours, now)

    assert again.due_at == found.due_at or found.due_at <= now
    assert clocks.elapsed(again, hours, now) == clocks.elapsed(found, hours, now)


def test_a_pause_outside_of_working_time_moves_nothing() -> None:
    found = clock(10 * HOUR, OFFICE)
    evening = BEGIN + 10 * HOUR  # 19:00 of the office

    paused = clocks.pause(found, OFFICE, evening)
    again = clocks.resume(paused, OFFICE, evening + 13 * HOUR)

    assert again.due_at == found.due_at


@given(CALENDARS, TARGETS, MOVES, st.integers(0, 5_000))
def test_it_is_met_when_no_more_than_the_target_was_used(
    hours: WorkingHours, target: timedelta, moves: list[int], minutes: int
) -> None:
    found, now = moved(clock(target, hours), hours, moves)
    now += timedelta(minutes=minutes)

    stopped = clocks.stop(found, hours, now)

    used = clocks.elapsed(stopped, hours, now)
    assert (stopped.state is ClockState.MET) is (used <= target)
    assert (stopped.breached_at is None) is (used <= target)
    if stopped.breached_at is not None:
        assert stopped.breached_at == stopped.due_at <= now
    assert clocks.stop(stopped, hours, now + HOUR) == stopped
    assert clocks.pause(stopped, hours, now + HOUR) == stopped
    assert clocks.retarget(stopped, hours, timedelta(), None, now + HOUR) == stopped


@given(CALENDARS, TARGETS, MOVES, st.integers(0, 5_000))
def test_what_goes_on_later_has_what_it_had_left(
    hours: WorkingHours, target: timedelta, moves: list[int], minutes: int
) -> None:
    found, now = moved(clock(target, hours), hours, moves)
    stopped = clocks.stop(found, hours, now)
    later = now + timedelta(minutes=minutes)

    again = clocks.continued(stopped, hours, later, paused=False)

    assert clocks.elapsed(again, hours, later) == clocks.elapsed(stopped, hours, now)
    assert again.is_counting
    assert again.ended_at is None


@given(CALENDARS, TARGETS, st.integers(1, 99))
def test_a_share_of_the_target_is_used_at_its_warning(
    hours: WorkingHours, target: timedelta, percent: int
) -> None:
    here = Location("rules.yaml", 1, 1)
    warning = ClockPoint(f"{percent}%", here, percent=percent)
    definition = ClockDefinition("solving", "visit", here, "8h", warn=(warning,))
    found = clock(target, hours)

    point = next_point(definition, found, hours)

    assert point is not None
    assert clocks.elapsed(found, hours, point.moment) == target * percent / 100
    assert found.due_at is not None
    assert point.moment <= found.due_at


def test_points_come_in_the_order_of_their_moments() -> None:
    here = Location("rules.yaml", 1, 1)
    definition = ClockDefinition(
        "solving", "visit", here, "8h",
        warn=(ClockPoint("before 1h", here, before="1h"), ClockPoint("50%", here, percent=50)),
        breach=(ClockPoint(BREACH, here), ClockPoint("after 1bh", here, after="1bh")),
    )  # fmt: skip
    found, names = clock(8 * HOUR, OFFICE), []
    while (point := next_point(definition, found, OFFICE)) is not None:
        names.append(point.name)
        found = replace(found, fired=(*found.fired, point.name))

    assert names == ["50%", "before 1h", BREACH, "after 1bh"]


@pytest.mark.parametrize("by", [-HOUR, timedelta(days=-3)])
def test_a_machine_whose_clock_is_put_back_gives_no_time_back(by: timedelta) -> None:
    found = clock(4 * HOUR, ALWAYS)

    paused = clocks.pause(found, ALWAYS, BEGIN + by)
    again = clocks.resume(paused, ALWAYS, BEGIN + by)

    assert clocks.elapsed(again, ALWAYS, BEGIN + by) == timedelta()
    assert [one.end >= one.start for one in again.intervals if one.end is not None] == [True, True]


def test_what_is_due_at_closing_time_is_late_with_the_next_opening() -> None:
    # 18:00 on a Friday; nobody works before Monday, 09:00.
    due = datetime(2026, 3, 27, 10, tzinfo=UTC)

    assert clocks.breaches_at(due, OFFICE) == datetime(2026, 3, 30, 1, tzinfo=UTC)
