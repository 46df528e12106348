"""A step is whole or not at all; what cannot go on is seen; one answer wins."""

from __future__ import annotations

from datetime import timedelta

import pytest
from trellis.engine import records
from trellis.engine.errors import (
    EngineError,
    ForbiddenError,
    InvalidError,
    LoopError,
)
from trellis.engine.flows.running import person_of
from trellis.engine.flows.state import Case, InstanceState
from trellis.engine.rules.plan import decide
from trellis.engine.transactions import Transaction
from trellis.engine.views import context_of, view_of

from tests.integration.engine.ledger.conftest import at_once
from tests.integration.engine.steps.conftest import Steps

# Votes


@pytest.mark.parametrize(
    ("kind", "votes", "note"),
    [
        ("any", [("hal", "approve")], "yes"),
        ("any", [("hedy", "reject")], None),
        ("all", [("hal", "approve"), ("hedy", "approve")], "yes"),
        ("all", [("hal", "approve"), ("hedy", "reject")], None),
        ("seq", [("hal", "approve"), ("hedy", "approve")], "yes"),
        ("vote", [("hedy", "approve"), ("hal", "approve")], "yes"),
    ],
)
def test_an_approval_goes_on_as_its_votes_say(
    steps: Steps, kind: str, votes: list[tuple[str, str]], note: str | None
) -> None:
    job = steps.chore(kind=kind)

    for login, action in votes:
        (seat,) = steps.mine(login)
        case = steps.answer(login, seat, action, comment="so")

    assert steps.get(job)["note"] == note
    assert case.state is (InstanceState.DONE if note else InstanceState.REJECTED)
    assert steps.mine("hal") == steps.mine("hedy") == []


def test_in_sequence_the_next_seat_opens_behind_the_one_before(steps: Steps) -> None:
    steps.chore(kind="seq")
    assert steps.mine("hedy") == []

    steps.answer("hal", steps.mine("hal")[0], "approve")

    assert [task.node for task in steps.mine("hedy")] == ["seq"]


def test_nobody_approves_what_they_asked_for(steps: Steps) -> None:
    steps.chore("hedy", kind="own")

    assert steps.mine("hedy") == []
    assert [task.node for task in steps.mine("hal")] == ["ask"]


def test_an_approval_without_people_goes_to_who_looks_after_flows(steps: Steps) -> None:
    steps.chore(kind="nobody")

    assert [task.node for task in steps.mine("fay")] == ["ask"]


# Faults


def test_a_failing_node_leaves_nothing_and_is_seen_until_it_is_mended(steps: Steps) -> None:
    steps.chore(kind="fails", cost=5)

    names = "SELECT f_name FROM r_chore ORDER BY f_name"
    reports = "SELECT kind, state, error FROM trellis_job"
    assert steps.states() == ["incident"]
    assert steps.rows(names) == [("j",), ("j copy",)]
    ((kind, state, error),) = steps.rows(reports)
    assert (kind, state) == ("flow.retry", "incident")
    assert "node `bad`" in error and "name: is required" in error

    (record,) = steps.rows("SELECT id FROM r_chore WHERE f_name = 'j'")
    with steps.app.workspace.transaction(steps.who("hana")) as tx:
        steps_update(tx, str(record[0]), {"note": "mended"})
    with steps.app.workspace.transaction(steps.who("system")) as tx:
        tx.connection.exec_driver_sql("UPDATE trellis_job SET state = 'ready', attempts = 0")
    steps.work()

    assert steps.states() == ["done"]
    assert steps.rows(names) == [("j",), ("j copy",), ("mended",)]
    assert steps.rows(reports) == []


def steps_update(tx: Transaction, record_id: str, values: dict[str, object]) -> None:
    records.update(tx, "chore", record_id, values)


def test_an_incident_may_be_cancelled(steps: Steps) -> None:
    steps.chore(kind="fails")
    (instance,) = steps.rows("SELECT id FROM trellis_flow_instance")

    with steps.app.workspace.transaction(steps.who("fay")) as tx:
        steps.app.flows.runner(tx).cancel(instance[0], person_of(tx))

    assert steps.states() == ["cancelled"]
    assert steps.rows("SELECT * FROM trellis_job") == []


def test_a_guard_that_fails_behind_an_answer_is_an_incident_that_can_be_mended(
    steps: Steps,
) -> None:
    job = steps.chore(kind="late", limit=2)
    steps.clock.advance(timedelta(hours=1))
    steps.work()
    (task,) = steps.claimable("hana")

    case = steps.answer("hana", task, "fine")

    assert case.state is InstanceState.INCIDENT
    assert "condition of `shut`" in str(case.incident)
    assert steps.claimable("hana") == []  # the answer itself is kept
    with steps.writing("hana") as tx:
        records.update(tx, "chore", job, {"cost": 1})
    with steps.writing("fay") as tx:
        steps.app.flows.runner(tx).retry(case.id, person_of(tx))
    assert steps.get(job)["status"] == "shut"


def test_rows_of_a_unique_table_that_overlap_are_named(steps: Steps) -> None:
    job = steps.chore(kind="late", limit=9, cost=1)
    steps.clock.advance(timedelta(hours=1))
    steps.work()

    case = steps.answer("hana", steps.claimable("hana")[0], "fine")

    assert case.state is InstanceState.INCIDENT
    assert "several rows match" in str(case.incident)
    assert "`some`, `many`" in str(case.incident)
    with steps.app.workspace.reading(steps.who("hana")) as tx:
        view = view_of(tx, "chore", job)
        collected = decide(tx, "all_of", context_of(tx, view))
        with pytest.raises(InvalidError, match="`some`, `many`"):
            decide(tx, "only_one", context_of(tx, view))
    assert collected == [{"size": "some"}, {"size": "many"}]


def test_what_causes_itself_without_end_is_refused_whole(steps: Steps) -> None:
    with pytest.raises(LoopError, match="more than 16 times, last on `chore`"):
        steps.chore(kind="loop")

    assert steps.rows("SELECT count(*) FROM r_chore") == [(0,)]
    assert steps.states() == []


# Clocks


def test_timers_fire_reminders_tell_and_a_kept_boundary_forks(steps: Steps) -> None:
    steps.chore(kind="late", limit=2, cost=1)
    steps.clock.advance(timedelta(hours=1))  # Monday 10:00: eight office hours end on Tuesday
    steps.work()
    (task,) = steps.claimable("hana")
    assert task.due_at == steps.clock.moment + timedelta(days=1)

    steps.clock.advance(timedelta(days=1))
    steps.claim("hana", task)
    steps.work()
    told = steps.rows("SELECT title, task_id FROM trellis_notification WHERE kind = 'overdue'")
    assert told == [("Overdue: Rest", task.id)]

    steps.clock.advance(timedelta(days=2))
    steps.work()
    told = steps.rows("SELECT title FROM trellis_notification WHERE kind = 'told'")
    assert told == [("Told j",)] * 2
    assert [one.node for one in steps.mine("hana")] == ["rest"]
    case = steps.answer("hana", steps.mine("hana")[0], "fine")
    assert case.state is InstanceState.DONE
    assert steps.rows("SELECT count(*) FROM trellis_job WHERE state <> 'done'") == [(0,)]


def test_a_timer_waits_for_an_instance_that_needs_a_person(steps: Steps) -> None:
    steps.chore(kind="late", limit=2, cost=1)
    with steps.app.workspace.transaction(steps.who("system")) as tx:
        tx.connection.exec_driver_sql("UPDATE trellis_flow_instance SET state = 'incident'")
    steps.clock.advance(timedelta(hours=1))
    assert steps.app.worker().run_due() == 1
    with steps.app.workspace.transaction(steps.who("system")) as tx:
        tx.connection.exec_driver_sql("UPDATE trellis_flow_instance SET state = 'running'")

    steps.clock.advance(timedelta(minutes=6))
    steps.work()

    assert [task.node for task in steps.claimable("hana")] == ["rest"]


def test_a_key_keeps_a_second_instance_from_beginning(steps: Steps) -> None:
    job = steps.chore(kind="late")
    with steps.app.workspace.transaction(steps.who("hana")) as tx:
        steps_update(tx, job, {"note": "x"})

    assert steps.states() == ["running"]


def test_each_event_that_a_start_names_starts_it(steps: Steps) -> None:
    job = steps.chore(kind="other")
    assert steps.states() == []

    with steps.app.workspace.transaction(steps.who("hana")) as tx:
        steps_update(tx, job, {"kind": "late"})

    assert steps.states() == ["running"]


# Races


def test_of_two_who_answer_one_task_one_wins(steps: Steps) -> None:
    for _ in range(3):
        steps.chore(kind="both")
    for task in steps.claimable("hana"):
        answers = at_once(
            lambda task=task: steps.answer("hana", task, _first(task)),
            lambda task=task: steps.answer("hugo", task, _first(task)),
        )
        assert sum(isinstance(one, Case) for one in answers) == 1
        (lost,) = [one for one in answers if isinstance(one, EngineError)]
        assert lost.code == "ALREADY_DECIDED"

    assert steps.states() == ["done"] * 3
    exits = steps.rows("SELECT count(*) FROM trellis_event WHERE kind='exit' AND activity='join'")
    assert exits == [(3,)]


def _first(task: object) -> str:
    return "fine" if getattr(task, "node", "") == "right" else "complete"


def test_the_last_two_branches_of_a_join_meet_once(steps: Steps) -> None:
    for _ in range(4):
        steps.chore(kind="both")
        left, right = sorted(steps.claimable("hana"), key=lambda task: task.node)

        answers = at_once(
            lambda left=left: steps.answer("hana", left, "complete"),
            lambda right=right: steps.answer("hugo", right, "fine"),
        )

        assert all(isinstance(one, Case) for one in answers)

    assert steps.states() == ["done"] * 4


def test_two_votes_at_once_close_an_approval_once(steps: Steps) -> None:
    for _ in range(4):
        steps.chore(kind="all")
        (one,), (two,) = steps.mine("hal"), steps.mine("hedy")

        at_once(
            lambda one=one: steps.answer("hal", one, "approve"),
            lambda two=two: steps.answer("hedy", two, "approve"),
        )

    assert steps.states() == ["done"] * 4
    assert steps.rows("SELECT DISTINCT state FROM trellis_approval") == [("approved",)]


def test_of_two_who_claim_one_gets_it_and_may_give_it_back(steps: Steps) -> None:
    steps.chore(kind="both")
    task = steps.claimable("hana")[0]

    answers = at_once(lambda: steps.claim("hana", task), lambda: steps.claim("hugo", task))

    (lost,) = [one for one in answers if isinstance(one, EngineError)]
    assert lost.code == "ALREADY_CLAIMED"
    (held,) = [one for one in answers if not isinstance(one, EngineError)]
    winner = next(login for login in ("hana", "hugo") if steps.ids[login] == held.holder)
    with pytest.raises(ForbiddenError):
        steps.answer("hedy", held, "complete")
    steps.give_back(winner, held)
    assert held.id in [one.id for one in steps.claimable("hugo")]


def test_a_timer_and_an_answer_at_once_take_one_way(steps: Steps) -> None:
    for _ in range(3):
        steps.chore(kind="late", limit=2, cost=1)
    steps.clock.advance(timedelta(hours=1))

    at_once(*[lambda: steps.app.worker().run_due()] * 3)

    assert sorted(task.node for task in steps.claimable("hana")) == ["rest"] * 3
