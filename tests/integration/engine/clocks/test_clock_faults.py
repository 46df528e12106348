"""What a machine's clock, a night without power and a race may not do to the clocks of records."""

from __future__ import annotations

from datetime import timedelta

from trellis.engine.clocks.running import POINT_JOB
from trellis.engine.clocks.state import ClockState
from trellis.engine.jobs.queue import JobState

from tests.integration.engine.clocks.conftest import Practice, local

HOUR = timedelta(hours=1)


def test_a_machine_s_clock_that_jumps_a_day_ahead_fires_each_point_once(practice: Practice) -> None:
    visit = practice.open(urgent=True)
    practice.later(days=1)
    practice.work()
    practice.work()

    assert practice.told(visit) == ["start", "drop", "drop", "breach", "act"]
    assert practice.messages() == ["Late Pump"]
    assert practice.get("visit", visit)["raised"] == 11


def test_a_machine_s_clock_that_is_put_back_fires_nothing_again(practice: Practice) -> None:
    visit = practice.open(urgent=True)
    practice.at("2026-03-02T11:05")
    practice.work()
    practice.at("2026-03-02T10:05")
    practice.work()
    practice.at("2026-03-02T11:10")
    practice.work()

    assert practice.told(visit) == ["start", "warn"]
    assert practice.messages() == ["Warned Pump"]
    assert practice.clock_of(visit).due_at == local("2026-03-02T14:00")


def test_after_three_days_without_power_all_are_late_in_the_order_they_were_due(
    practice: Practice,
) -> None:
    visits = [practice.open(minutes=480 - 20 * number) for number in range(12)]
    practice.later(days=3)
    practice.work()

    # The later a visit was taken, the shorter its promise: the last one was due first.
    assert practice.about() == visits[::-1]
    assert practice.messages() == ["Late Pump"] * 12
    assert [practice.get("visit", visit)["raised"] for visit in visits] == [11] * 12
    told = ["start", "drop", "drop", "breach", "act"]
    assert [practice.told(visit) for visit in visits] == [told] * 12


def test_a_point_that_comes_while_the_clock_is_paused_does_nothing(practice: Practice) -> None:
    visit = practice.open(urgent=True)
    job = next(one for one in practice.jobs() if one["kind"] == POINT_JOB)
    practice.at("2026-03-02T10:59")
    practice.move(visit, "ask")
    practice.at("2026-03-02T12:00")
    practice.again(job)

    assert practice.told(visit) == ["start", "pause"]
    assert practice.messages() == []
    assert [one for one in practice.jobs(str(JobState.READY)) if one["kind"] == POINT_JOB] == []


def test_a_point_that_comes_too_early_waits(practice: Practice) -> None:
    visit = practice.open(urgent=True)
    job = next(one for one in practice.jobs() if one["kind"] == POINT_JOB)
    practice.again(job)

    assert practice.told(visit) == ["start"]
    assert [one["due_at"] for one in practice.jobs() if one["kind"] == POINT_JOB] == [
        local("2026-03-02T11:00")
    ]


def test_the_leap_day_is_worked_like_any_other(practice: Practice) -> None:
    practice.at("2028-02-28T17:00")
    visit = practice.open(urgent=True)

    assert practice.clock_of(visit).due_at == local("2028-02-29T12:00")


def test_the_hour_that_summer_time_takes_is_not_used(practice: Practice) -> None:
    roster = practice.create("roster", name="Night", zone="Europe/Berlin", slots=[
        {"weekday": day, "begin": "00:00", "finish": "00:00"} for day in range(1, 8)])  # fmt: skip
    practice.clock.moment = local("2026-03-29T07:00")  # midnight in Berlin, summer time at 02:00
    visit = practice.open(urgent=True, roster=roster)

    assert practice.clock_of(visit).due_at == local("2026-03-29T11:00")


def test_the_ledger_tells_the_intervals(practice: Practice) -> None:
    visit = practice.open(urgent=True)
    for hour, move in ((10, "ask"), (11, "answer"), (13, "solve")):
        practice.at(f"2026-03-02T{hour}:30")
        practice.move(visit, move)

    clock = practice.clock_of(visit)
    starts = [entry["at"] for entry in practice.ledger(visit)
              if entry["kind"] in ("start", "pause", "resume")]  # fmt: skip
    assert [one.start for one in clock.intervals] == starts
    assert [entry["seq"] for entry in practice.ledger(visit)] == [1, 2, 3, 4]
    assert (clock.state, clock.ended_at) == (ClockState.MET, local("2026-03-02T13:30"))
