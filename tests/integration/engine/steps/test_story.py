"""The event log of a whole story is complete and in order; instances keep their version."""

from __future__ import annotations

import shutil
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from trellis.analytics.event_export import as_csv, as_xes
from trellis.engine.events import log
from trellis.engine.events.entries import EventEntry
from trellis.engine.events.log import EventQuery
from trellis.engine.flows.state import InstanceState
from trellis.metadata.package import read_package

from tests.integration.engine.steps.conftest import APP, Steps


def entries(steps: Steps, case: str) -> list[EventEntry]:
    with steps.app.workspace.reading(steps.who("system")) as tx:
        return list(log.entries(tx, EventQuery(case=case)))


def test_every_step_of_a_story_is_a_row(steps: Steps) -> None:
    begun = steps.clock.moment
    chore = steps.chore(kind="late", limit=2, cost=1)
    steps.clock.advance(timedelta(hours=1))
    steps.work()
    waited = steps.clock.moment
    steps.clock.advance(timedelta(minutes=5))
    task = steps.claim("hana", steps.claimable("hana")[0])
    steps.clock.advance(timedelta(minutes=5))
    steps.give_back("hana", task)
    task = steps.claim("hugo", steps.claimable("hugo")[0])
    steps.clock.advance(timedelta(minutes=5))
    steps.answer("hugo", task, "fine")
    ended = steps.clock.moment

    found = entries(steps, chore)
    told = [(str(e.kind), e.activity, e.outcome or e.to_state) for e in found]
    assert told == [
        ("create", "create", "open"),
        ("exit", "s", None),
        ("enter", "wait", None),
        ("exit", "wait", "timer"),
        ("transition", "begin", "busy"),
        ("enter", "rest", None),
        ("assign", "rest", steps.ids["hana"]),
        ("wait", "rest", "give_back"),
        ("assign", "rest", steps.ids["hugo"]),
        ("exit", "rest", "fine"),
        ("exit", "one", None),
        ("transition", "shut", "shut"),
        ("exit", "shut", None),
    ]
    assert {(e.case_object, e.case_id, e.object, e.version) for e in found} == {
        ("chore", chore, "chore", 2)
    }
    assert all(before.end_at <= after.end_at for before, after in pairwise(found))
    assert all(e.start_at is None or e.start_at <= e.end_at for e in found)
    left = next(e for e in found if e.kind == "exit" and e.activity == "rest")
    assert (left.start_at, left.end_at) == (waited, ended)
    assert (left.actor, left.role) == (steps.ids["hugo"], "hand")
    moved = next(e for e in found if e.activity == "begin")
    assert (moved.from_state, moved.start_at, moved.end_at) == ("open", begun, waited)
    shut = next(e for e in found if e.activity == "shut" and e.kind == "transition")
    assert (shut.actor, shut.on_behalf_of) == ("system", steps.ids["hugo"])
    assert len("".join(as_csv(found)).splitlines()) == 1 + len(found)
    assert "".join(as_xes(found, log_name="l")).count("<event>") == len(found)


def test_withdrawn_work_and_votes_are_told(steps: Steps) -> None:
    chore = steps.chore(kind="any")
    steps.answer("hal", steps.mine("hal")[0], "approve", comment="good")

    told = [(str(e.kind), e.activity, e.outcome) for e in entries(steps, chore)]

    assert ("wait", "any", "cancelled") in told
    assert told.count(("exit", "any", "approve")) == 1


def test_a_running_instance_keeps_the_version_it_began_with(steps: Steps, tmp_path: Path) -> None:
    steps.chore(kind="both")
    folder = tmp_path / "steps"
    shutil.copytree(APP, folder)
    flows = (folder / "flows.yaml").read_text(encoding="utf-8")
    changed = flows[: flows.index("  both:")].replace("timer: 1h", "timer: 2h")
    (folder / "flows.yaml").write_text(changed, encoding="utf-8")
    steps.app.install([read_package(folder)])

    steps.chore(kind="both")
    assert steps.states() == ["running"]
    for task in steps.claimable("hana"):
        held = steps.claim("hana", task)
        case = steps.answer("hana", held, "fine" if task.node == "right" else "complete")

    assert case.state is InstanceState.DONE
    assert case.version == 2
