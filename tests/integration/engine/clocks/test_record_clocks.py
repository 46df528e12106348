"""Clocks on records count working time, warn, are late once, and never forget what was used."""

from __future__ import annotations

from datetime import timedelta

import pytest
from trellis.engine.clocks.state import ClockState

from tests.integration.engine.clocks.conftest import Practice, local

HOUR = timedelta(hours=1)


def test_a_record_knows_when_it_is_due(practice: Practice) -> None:
    visit = practice.open(urgent=True)

    clock = practice.clock_of(visit)

    assert (clock.state, clock.target) == (ClockState.RUNNING, 4 * HOUR)
    assert clock.due_at == local("2026-03-02T14:00")
    assert practice.get("visit", visit)["due_at"] == clock.due_at
    assert practice.told(visit) == ["start"]


def test_counting_may_begin_before_the_record(practice: Practice) -> None:
    visit = practice.open(urgent=True, asked_at=local("2026-02-27T17:00"))

    assert practice.clock_of(visit).due_at == local("2026-03-02T13:00").replace(hour=12)


def test_a_pause_over_night_costs_nothing(practice: Practice) -> None:
    visit = practice.open(urgent=True)
    practice.at("2026-03-02T11:00")
    practice.move(visit, "ask")
    asleep = practice.clock_of(visit)
    practice.at("2026-03-03T10:00")
    practice.move(visit, "answer")

    clock = practice.clock_of(visit)

    assert (asleep.state, asleep.due_at) == (ClockState.PAUSED, None)
    assert clock.due_at == local("2026-03-03T12:00")
    assert practice.told(visit) == ["start", "pause", "resume"]


def test_the_record_says_nothing_while_the_clock_is_paused(practice: Practice) -> None:
    visit = practice.open()
    practice.move(visit, "ask")

    assert practice.get("visit", visit)["due_at"] is None


def test_a_clock_is_met_in_time(practice: Practice) -> None:
    visit = practice.open(urgent=True)
    practice.at("2026-03-02T13:30")
    practice.move(visit, "solve")

    clock = practice.clock_of(visit)
    practice.later(days=9)
    practice.work()

    assert (clock.state, clock.ended_at) == (ClockState.MET, local("2026-03-02T13:30"))
    assert practice.get("visit", visit)["due_at"] == local("2026-03-02T14:00")
    assert practice.messages() == []
    assert practice.told(visit) == ["start", "met"]


def test_it_warns_then_is_late_then_more_happens_each_once(practice: Practice) -> None:
    visit = practice.open(urgent=True)
    for moment in ("11:00", "12:59", "13:00", "13:59", "14:00", "15:59", "16:00", "17:00"):
        practice.at(f"2026-03-02T{moment}")
        practice.work()
        practice.work()

    assert practice.messages() == ["Warned Pump", "Warned Pump", "Late Pump"]
    assert practice.get("visit", visit)["raised"] == 11
    assert practice.told(visit) == ["start", "warn", "warn", "breach", "act"]
    clock = practice.clock_of(visit)
    assert (clock.state, clock.breached_at) == (ClockState.BREACHED, local("2026-03-02T14:00"))
    assert clock.is_counting
    assert practice.jobs() == [job for job in practice.jobs() if job["kind"] == "history.seal"]


def test_whoever_stops_too_late_breaks_the_promise_even_before_anybody_looked(
    practice: Practice,
) -> None:
    visit = practice.open(urgent=True)
    practice.at("2026-03-02T14:30")
    practice.move(visit, "solve")

    clock = practice.clock_of(visit)

    assert (clock.state, clock.breached_at) == (ClockState.BREACHED, local("2026-03-02T14:00"))
    assert practice.messages() == ["Late Pump"]
    practice.later(days=1)
    practice.work()
    assert practice.messages() == ["Late Pump"]
    assert practice.get("visit", visit)["raised"] == 1


def test_another_priority_keeps_what_was_used(practice: Practice) -> None:
    visit = practice.open()
    practice.at("2026-03-02T11:00")
    practice.update("visit", visit, urgent=True)

    clock = practice.clock_of(visit)

    assert clock.due_at == local("2026-03-02T14:00")
    assert clock.started_at == local("2026-03-02T09:00")
    assert practice.told(visit) == ["start", "retarget"]


def test_a_promise_that_is_made_longer_takes_a_breach_back(practice: Practice) -> None:
    visit = practice.open(urgent=True)
    practice.at("2026-03-02T15:00")
    for _ in range(2):
        practice.work()
    practice.update("visit", visit, urgent=False)

    clock = practice.clock_of(visit)
    practice.at("2026-03-04T09:00")
    practice.work()

    assert (clock.state, clock.breached_at) == (ClockState.RUNNING, None)
    assert clock.due_at == local("2026-03-03T18:00")
    assert practice.clock_of(visit).state is ClockState.BREACHED
    assert practice.get("visit", visit)["raised"] == 2


def test_other_changes_do_not_ask_for_the_target_again(practice: Practice) -> None:
    visit = practice.open(urgent=True)
    practice.update("visit", visit, title="Fan")

    assert practice.told(visit) == ["start"]


def test_a_record_that_comes_back_begins_a_shorter_round(practice: Practice) -> None:
    visit = practice.open(urgent=True)
    practice.move(visit, "solve")
    practice.at("2026-03-03T09:00")
    practice.move(visit, "reopen")

    first, second = practice.rounds(visit)

    assert (first.state, first.round) == (ClockState.MET, 1)
    assert (second.round, second.due_at) == (2, local("2026-03-03T11:00"))


def test_a_clock_that_continues_keeps_its_round(practice: Practice) -> None:
    practice.install_rules("reopen: restart", "reopen: continue")
    visit = practice.open(urgent=True)
    practice.at("2026-03-02T10:00")
    practice.move(visit, "solve")
    practice.at("2026-03-03T10:00")
    practice.move(visit, "reopen")

    (clock,) = practice.rounds(visit)

    assert (clock.state, clock.due_at) == (ClockState.RUNNING, local("2026-03-03T14:00"))
    assert practice.told(visit) == ["start", "met", "reopen"]


def test_nothing_is_promised_to_what_was_dropped_or_deleted(practice: Practice) -> None:
    dropped, deleted = practice.open(urgent=True), practice.open(urgent=True)
    practice.move(dropped, "drop")
    practice.delete("visit", deleted)
    practice.later(days=2)
    practice.work()

    assert practice.clock_of(dropped).state is ClockState.CANCELLED
    assert practice.clock_of(deleted).state is ClockState.CANCELLED
    assert practice.messages() == []


def test_a_restored_record_goes_on_with_its_clock(practice: Practice) -> None:
    visit = practice.open(urgent=True)
    practice.at("2026-03-02T10:00")
    practice.delete("visit", visit)
    practice.at("2026-03-02T15:00")
    practice.restore("visit", visit)

    (clock,) = practice.rounds(visit)

    assert (clock.state, clock.due_at) == (ClockState.RUNNING, local("2026-03-02T18:00"))
    assert practice.get("visit", visit)["due_at"] == clock.due_at


def test_people_see_clocks_as_records(practice: Practice) -> None:
    visit = practice.open(urgent=True)
    practice.at("2026-03-02T10:30")
    practice.move(visit, "ask")

    (shown,) = practice.list("timer")

    assert (shown["state"], shown["spent"], shown["round"]) == ("paused", 90, 1)
    assert shown["visit"]["id"] == visit
    assert [piece["kind"] for piece in shown["pieces"]] == ["running", "paused"]


def test_a_calendar_may_be_a_record(practice: Practice) -> None:
    roster = practice.roster()
    visit = practice.open(urgent=True, roster=roster)

    assert practice.clock_of(visit).calendar == f"roster/{roster}"
    assert practice.clock_of(visit).due_at == local("2026-03-02T23:00")


def test_a_calendar_that_changes_reckons_open_clocks_once_and_ended_ones_never(
    practice: Practice,
) -> None:
    roster = practice.roster()
    visit, done = (practice.open(urgent=True, roster=roster) for _ in range(2))
    practice.move(done, "solve")
    before = practice.clock_of(done)
    practice.update("roster", roster, always=True)
    practice.work()
    practice.update("roster", roster, name="Another")
    practice.work()

    assert practice.clock_of(visit).due_at == local("2026-03-02T13:00")
    assert practice.get("visit", visit)["due_at"] == local("2026-03-02T13:00")
    assert practice.told(visit) == ["start", "recalculate"]
    assert practice.clock_of(done) == before


def test_a_row_of_a_calendar_counts_too(practice: Practice) -> None:
    roster = practice.roster()
    visit = practice.open(urgent=True, roster=roster)
    practice.create("roster_day", roster=roster, day="2026-03-02", worked=False)
    practice.work()

    assert practice.clock_of(visit).due_at == local("2026-03-03T23:00")


def test_a_published_calendar_that_changes_reckons_open_clocks(practice: Practice) -> None:
    visit = practice.open(urgent=True)
    practice.install_calendars('"18:00"', '"13:30"')
    practice.work()

    assert practice.clock_of(visit).due_at == local("2026-03-03T09:30")


@pytest.mark.parametrize(
    ("object_key", "values", "code"),
    [
        ("roster", {"name": "x", "zone": "Asia/Shanghia"}, "TIME_ZONE"),
        ("roster_day", {"day": "2026-03-02", "worked": True, "hours": [{"start": "9"}]}, "SLOTS"),
        ("roster_day", {"day": "2026-03-02", "hours": [["12:00", "09:00"]]}, "SLOTS"),
        ("department", {"code": "d", "name": "D", "calendar": "offce"}, "CALENDAR"),
    ],
)
def test_what_would_be_no_calendar_is_refused(
    practice: Practice, object_key: str, values: dict[str, object], code: str
) -> None:
    link = {"roster": practice.roster()} if object_key == "roster_day" else {}

    assert practice.refused(object_key, **values, **link) == [code]


def test_a_calendar_that_is_gone_is_an_incident_that_can_be_mended(practice: Practice) -> None:
    roster = practice.roster()
    visit = practice.open(roster=roster)
    practice.forget("roster", roster)
    practice.update("visit", visit, urgent=True)
    (incident,) = practice.jobs("incident")
    practice.remember("roster", roster)
    practice.again(incident)

    assert incident["kind"] == "clock.check"
    assert incident["error"] == "calendar `roster Late shift` was deleted"
    assert practice.clock_of(visit).due_at == local("2026-03-02T23:00")
    assert practice.get("visit", visit)["due_at"] == local("2026-03-02T23:00")


def test_an_expression_that_gives_no_duration_is_an_incident(practice: Practice) -> None:
    practice.open(minutes=-5)

    (incident,) = practice.jobs("incident")

    assert incident["error"] == "clock `solving`: its target is `-1 day, 23:55:00`, no duration"


def test_no_target_means_no_clock(practice: Practice) -> None:
    practice.install_rules('else duration("PT16H") / clock.round\'', "else null'")
    visit = practice.open()

    assert practice.rounds(visit) == []
    assert practice.get("visit", visit)["due_at"] is None
