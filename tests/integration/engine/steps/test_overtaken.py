"""Records moved by hand to where their flows would have led them."""

from __future__ import annotations

from datetime import timedelta

from trellis.engine import records

from tests.integration.engine.steps.conftest import Steps


def waiting(steps: Steps) -> str:
    """Return a chore whose flow waits for somebody to shut it."""
    chore = steps.chore(kind="late", limit=2, cost=5)
    steps.clock.advance(timedelta(hours=1))
    steps.work()
    assert len(steps.claimable("hana")) == 1
    return chore


def test_work_whose_move_was_made_by_hand_is_withdrawn_and_logged(steps: Steps) -> None:
    chore = waiting(steps)
    steps.claim("hana", steps.claimable("hana")[0])

    with steps.writing("system") as tx:
        records.transition(tx, "chore", chore, "shut", {})

    assert steps.mine("hana") == []
    assert steps.states() == ["cancelled"]
    logged = "SELECT activity, outcome FROM trellis_event WHERE kind = 'wait'"
    assert steps.rows(logged) == [("rest", "cancelled")]
    told = "SELECT kind, title FROM trellis_notification ORDER BY id"
    assert steps.rows(told)[-1] == ("withdrawn", "No longer needed: Rest")


def test_a_flow_that_moves_its_record_does_not_overtake_itself(steps: Steps) -> None:
    waiting(steps)
    task = steps.claim("hana", steps.claimable("hana")[0])

    steps.answer("hana", task, "fine")

    assert steps.states() == ["done"]


def test_a_deleted_record_leaves_no_work(steps: Steps) -> None:
    chore = waiting(steps)

    with steps.writing("hana") as tx:
        records.delete(tx, "chore", chore)

    assert steps.claimable("hana") == []
    assert steps.states() == ["cancelled"]
    assert (
        steps.rows("SELECT key FROM trellis_job WHERE state = 'ready' AND key LIKE 'timer%'") == []
    )


def test_an_incident_of_a_record_that_is_over_is_closed(steps: Steps) -> None:
    chore = steps.chore(kind="fails", cost=5)
    assert steps.states() == ["incident"]

    with steps.writing("system") as tx:
        records.transition(tx, "chore", chore, "shut", {})

    assert steps.states() == ["cancelled"]
    assert steps.rows("SELECT kind FROM trellis_job") == []
