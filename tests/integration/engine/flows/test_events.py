"""Errors, events, calls and services of flows, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from trellis.engine import records
from trellis.engine.flows.running import person_of
from trellis.engine.flows.state import InstanceState
from trellis.engine.jobs.errands import ErrandError

from tests.integration.engine.flows.conftest import Patterns

DONE, INCIDENT = InstanceState.DONE, InstanceState.INCIDENT


def test_a_refused_service_goes_to_its_catch_and_the_answer_stays(patterns: Patterns) -> None:
    case = patterns.do(patterns.run("refused"))

    assert (case.state, case.vars["code"]) == (DONE, "INVALID")


def test_a_refused_service_without_a_catch_is_an_incident_that_can_be_retried(
    patterns: Patterns,
) -> None:
    parcel = patterns.parcel()
    instance = patterns.run_on("uncaught", parcel)

    assert patterns.do(instance).state is INCIDENT

    with patterns.writing("hana") as tx:
        records.update(tx, "parcel", parcel, {"kind": "named"})
    with patterns.writing("fay") as tx:
        assert patterns.app.flows.runner(tx).retry(instance, person_of(tx)).state is DONE


def test_an_error_goes_up_to_the_nearest_catch_and_ends_what_is_inside(patterns: Patterns) -> None:
    instance = patterns.run("nested_error")
    assert patterns.at(instance) == ["t", "work"]

    case = patterns.do(instance, "t")

    assert (case.state, case.vars["code"]) == (DONE, "BROKEN")
    assert patterns.claimable("hana") == []
    assert patterns.rows("SELECT count(*) FROM trellis_flow_frame") == [(0,)]


def test_an_event_sub_flow_takes_an_error(patterns: Patterns) -> None:
    case = patterns.do(patterns.run("event_error"))

    assert (case.state, case.vars["mended"]) == (DONE, "BROKEN")


def test_an_escalation_is_told_and_the_work_goes_on(patterns: Patterns) -> None:
    instance = patterns.run("escalates")

    assert patterns.at(instance) == ["told", "work"]
    patterns.do(instance, "work")
    assert patterns.do(instance, "told").state is DONE


def test_an_event_sub_flow_beside_the_work_hears_every_message(patterns: Patterns) -> None:
    instance = patterns.run("reminded", name="P-1")

    for text in ("a", "b"):
        assert patterns.say("parcel.note", number="P-1", text=text).state == "correlated"

    assert patterns.case(instance).vars["notes"] == ["a", "b"]
    assert patterns.do(instance).state is DONE
    assert patterns.say("parcel.note", number="P-1", text="c").state == "waiting"


def test_a_condition_is_asked_when_the_record_changes(patterns: Patterns) -> None:
    parcel = patterns.parcel(amount=1)
    instance = patterns.run_on("until_ready", parcel)
    patterns.work()
    assert patterns.case(instance).state is InstanceState.RUNNING

    with patterns.writing("hana") as tx:
        records.update(tx, "parcel", parcel, {"amount": 6})
    patterns.work()

    assert patterns.case(instance).state is DONE


def test_a_condition_that_holds_already_does_not_wait(patterns: Patterns) -> None:
    instance = patterns.run("until_ready", amount=9)
    patterns.work()

    assert patterns.case(instance).state is DONE


def test_one_flow_tells_another(patterns: Patterns) -> None:
    waiting = patterns.run("first_event", name="P-1")
    other = patterns.run("first_event", name="P-2")
    stopped = patterns.run("cancel_many", lines=2)

    assert patterns.case(patterns.run("speaks", name="P-1")).state is DONE
    patterns.work()

    assert patterns.case(waiting).vars["weight"] == 3
    assert patterns.case(other).state is InstanceState.RUNNING
    assert patterns.case(stopped).vars["stopped"] is True


def test_a_message_begins_a_flow_once(patterns: Patterns) -> None:
    parcel = patterns.parcel()

    first = patterns.say("parcel.order", number="N-1", parcel=parcel, dedupe="d1")
    again = patterns.say("parcel.order", number="N-1", parcel=parcel, dedupe="d1")
    other = patterns.say("parcel.order", number="N-1", parcel=parcel, dedupe="d2")

    assert (first.state, again.duplicate, again.instances) == ("correlated", True, first.instances)
    assert other.instances == ()  # the start's own key knows it too
    (instance,) = first.instances
    assert patterns.case(instance).vars["number"] == "N-1"
    assert patterns.case(instance).record_id == parcel


def test_a_message_that_nobody_takes_is_shown_among_the_jobs(patterns: Patterns) -> None:
    receipt = patterns.say("parcel.paid", number="X", ttl=timedelta(minutes=5))
    patterns.clock.advance(timedelta(minutes=6))
    patterns.work()

    assert patterns.rows("SELECT state FROM trellis_flow_message") == [("unmatched",)]
    jobs = patterns.rows("SELECT key, state FROM trellis_job WHERE kind = 'flow.redeliver'")
    assert jobs == [(f"message:{receipt.id}", "incident")]


def test_a_condition_begins_a_flow_when_it_comes_to_hold(patterns: Patterns) -> None:
    parcel = patterns.parcel(amount=1)
    with patterns.writing("hana") as tx:
        records.update(tx, "parcel", parcel, {"amount": 101})
    with patterns.writing("hana") as tx:
        records.update(tx, "parcel", parcel, {"amount": 102})

    found = patterns.rows("SELECT count(*) FROM trellis_flow_instance"
                          " WHERE flow = 'begun_by_condition'")  # fmt: skip
    assert found == [(1,)]


def test_a_cycle_begins_once_for_what_was_missed_and_comes_again(patterns: Patterns) -> None:
    patterns.app.begin_upkeep()
    patterns.clock.advance(timedelta(days=3))
    patterns.work()

    assert patterns.rows("SELECT count(*) FROM r_parcel") == [(1,)]
    patterns.clock.advance(timedelta(days=1))
    patterns.work()
    assert patterns.rows("SELECT count(*) FROM r_parcel") == [(2,)]


def test_a_called_flow_answers_its_caller(patterns: Patterns) -> None:
    instance = patterns.run("caller", variables={"how": "good"})
    (called,) = [row[0] for row in patterns.rows(
        "SELECT id FROM trellis_flow_instance WHERE parent IS NOT NULL")]  # fmt: skip

    patterns.do(called)
    patterns.work()

    assert patterns.case(instance).vars["answer"] == "yes"
    assert patterns.case(instance).state is DONE


def test_a_called_flow_that_fails_is_an_error_of_its_caller(patterns: Patterns) -> None:
    instance = patterns.run("caller", variables={"how": "bad"})
    patterns.work()

    assert patterns.case(instance).vars["code"] == "NOPE"


def test_cancelling_goes_both_ways(patterns: Patterns) -> None:
    up, down = (patterns.run("caller", variables={"how": "good"}) for _ in range(2))
    called = dict(patterns.rows(
        "SELECT parent, id FROM trellis_flow_instance WHERE parent IS NOT NULL"))  # fmt: skip

    patterns.cancel(called[up])
    patterns.cancel(down)
    patterns.work()

    assert patterns.case(up).vars["code"] == "CANCELLED"
    assert patterns.case(called[down]).state is InstanceState.CANCELLED


def test_flows_that_call_themselves_without_end_are_stopped(patterns: Patterns) -> None:
    with patterns.writing("hana") as tx:
        instance = patterns.app.flows.start(tx, "endless_calls", None, None, {})

    deepest = patterns.rows("SELECT incident FROM trellis_flow_instance WHERE state = 'incident'")
    assert "deep" in str(deepest[0][0])
    assert patterns.case(instance).state is InstanceState.RUNNING


@dataclass
class Elsewhere:
    """Another system: answers or fails as told, and keeps what it was asked."""

    answers: list[Any]
    asked: list[tuple[Mapping[str, Any], str]] = field(default_factory=list)

    def call(self, action: str, arguments: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        self.asked.append((arguments, key))
        answer = self.answers.pop(0)
        if isinstance(answer, ErrandError):
            raise answer
        return {"status": 200, "body": answer}


def with_elsewhere(patterns: Patterns, *answers: Any) -> Elsewhere:
    made = Elsewhere(list(answers))
    patterns.app = replace(patterns.app, outside=made)
    return made


def test_a_service_is_tried_again_with_the_same_key_and_answers_the_flow(
    patterns: Patterns,
) -> None:
    down = ErrandError("HTTP_503", "busy")
    elsewhere = with_elsewhere(patterns, down, {"size": 4})
    instance = patterns.run("asks", name="P-1")
    patterns.work()
    assert patterns.case(instance).state is InstanceState.RUNNING

    patterns.clock.advance(timedelta(seconds=11))
    patterns.work()

    assert (patterns.case(instance).state, patterns.case(instance).vars["size"]) == (DONE, 4)
    assert [key for _, key in elsewhere.asked] == ["parcel-P-1"] * 2
    assert elsewhere.asked[0][0]["body"] == {"name": "P-1"}


def test_a_service_error_is_caught(patterns: Patterns) -> None:
    with_elsewhere(patterns, ErrandError("HTTP_404", "not there", final=True))
    instance = patterns.run("asks")
    patterns.work()

    assert patterns.case(instance).vars["none"] is True


def test_a_service_that_fails_for_good_is_an_incident_and_runs_anew(patterns: Patterns) -> None:
    with_elsewhere(patterns, ErrandError("HTTP_500", "x", final=True), {"size": 1})
    instance = patterns.run("asks")
    patterns.work()
    assert patterns.case(instance).state is INCIDENT

    with patterns.writing("fay") as tx:
        patterns.app.flows.runner(tx).retry(instance, person_of(tx))
    patterns.work()

    assert patterns.case(instance).vars["size"] == 1


def test_more_items_than_allowed_are_refused(patterns: Patterns) -> None:
    assert patterns.case(patterns.run("many", amount=300)).vars["all"][-1] == {"x": 300}
    case = patterns.case(patterns.run("many", amount=100_001))

    assert case.state is INCIDENT
    assert "more than the 1000" in str(case.incident)


def test_a_circle_through_services_is_stopped_too(patterns: Patterns) -> None:
    case = patterns.case(patterns.run("idle", amount=0))

    assert case.state is INCIDENT
    assert "more than 1000 nodes" in str(case.incident)


def test_ten_thousand_waiting_instances_are_found_by_key(patterns: Patterns) -> None:
    for number in range(20):
        patterns.run("first_event", name=f"P-{number}")
    paths = patterns.rows("SELECT DISTINCT path, key FROM trellis_flow_subscription")

    assert ("number", "text:P-7") in paths
    assert len(patterns.say("parcel.came", number="P-7", weight=1).instances) == 1


@pytest.mark.parametrize("key", [None, "other"])
def test_a_message_for_somebody_else_waits(patterns: Patterns, key: str | None) -> None:
    patterns.run("first_event", name="P-1")

    assert patterns.say("parcel.came", key, number="P-9").state == "waiting"
