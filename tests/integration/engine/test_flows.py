"""A flow on a record, from its start to its end, with people in between."""

from __future__ import annotations

from datetime import timedelta

import pytest
from trellis.engine.errors import ConflictError, ForbiddenError, InvalidError
from trellis.engine.flows.state import InstanceState

from tests.integration.engine.conftest import House


@pytest.fixture
def begun(house: House) -> House:
    house.ids["case"] = house.create("li", "case", {
        "title": "x", "client": house.ids["acme"], "urgent": True, "note": "now"})  # fmt: skip
    return house


def test_a_record_event_starts_the_flow_and_offers_work(begun: House) -> None:
    (task,) = begun.claimable("wu")

    assert task.node == "triage"
    assert task.due_at == begun.clock.moment + timedelta(hours=2)
    assert begun.get("li", "case", begun.ids["case"])["status"] == "open"
    assert begun.claimable("bo") == []


def test_the_whole_way_through_task_decision_and_approval(begun: House) -> None:
    (task,) = begun.claimable("li")
    begun.answer("li", task, "ok", values={"amount": 1500})
    begun.answer("bo", begun.mine("bo")[0], "approve")
    case = begun.answer("bea", begun.mine("bea")[0], "approve")

    assert case.state is InstanceState.DONE
    record = begun.get("li", "case", begun.ids["case"])
    assert (record["status"], record["note"]) == ("closed", "done 1500")
    assert "child of C-2026-00001" in begun.titles("system")


def test_one_rejection_sends_it_back(begun: House) -> None:
    begun.answer("li", begun.claimable("li")[0], "ok", values={"amount": 1500})

    with pytest.raises(InvalidError, match="a comment is required"):
        begun.answer("bo", begun.mine("bo")[0], "reject")
    begun.answer("bo", begun.mine("bo")[0], "reject", comment="too dear")

    assert begun.mine("bea") == []
    assert [task.round for task in begun.claimable("li")] == [2]


def test_work_is_answered_once(begun: House) -> None:
    (task,) = begun.claimable("li")
    begun.answer("li", task, "ok", values={"amount": 50}, request_id="r1")

    assert begun.answer("li", task, "ok", request_id="r1").state is InstanceState.DONE
    with pytest.raises(ConflictError) as caught:
        begun.answer("wu", task, "back")
    assert caught.value.code == "ALREADY_DECIDED"


def test_a_guard_that_fails_behind_other_work_is_an_incident_and_the_answer_stays(
    begun: House,
) -> None:
    (task,) = begun.claimable("li")

    case = begun.answer("li", task, "ok", values={"amount": 5})

    assert case.state is InstanceState.INCIDENT
    assert "does not hold" in str(case.incident)
    assert begun.claimable("li") == []
    assert begun.get("li", "case", begun.ids["case"])["amount"] == 5


def test_others_and_unknown_answers_are_refused(begun: House) -> None:
    (task,) = begun.claimable("li")

    with pytest.raises(ForbiddenError, match="not yours"):
        begun.answer("bo", task, "ok")
    with pytest.raises(InvalidError, match="known are `ok`, `back`"):
        begun.answer("li", task, "fine")


def test_a_timer_moves_what_nobody_did(begun: House) -> None:
    begun.clock.advance(timedelta(days=1, minutes=1))

    assert begun.app.worker().run_due() == 2  # it is overdue, then its time is up

    assert begun.claimable("li") == []
    states = begun.rows("SELECT state FROM trellis_flow_instance")
    assert [row[0] for row in states] == ["done"]


def test_every_step_is_in_the_event_log(begun: House) -> None:
    begun.answer("li", begun.claimable("li")[0], "back")

    found = [tuple(row) for row in begun.rows(
        "SELECT kind, activity, outcome FROM trellis_event"
        " WHERE flow = 'handle' OR kind = 'transition' ORDER BY id")]  # fmt: skip
    assert found == [
        ("exit", "s", None),
        ("transition", "start", None),
        ("enter", "triage", None),
        ("exit", "triage", "back"),
        ("enter", "triage", None),
    ]
