"""The loop of one step: decide, perform what was asked for, decide again, save once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from trellis.engine.approvals.work import CANCELLED, OPEN, WAITING, Task
from trellis.engine.events.entries import EventEntry, EventKind
from trellis.engine.flows import decide
from trellis.engine.flows.plan import FlowPlan
from trellis.engine.flows.ports import FlowStore, World
from trellis.engine.flows.state import Case, InstanceState, Step, Token, Visit
from trellis.ids import IdSource
from trellis.metadata.model.flows import Node


@dataclass(frozen=True)
class Stage:
    """Everything one step of one instance works with."""

    plan: FlowPlan
    store: FlowStore
    world: World
    ids: IdSource
    now: datetime
    actor: str  # user id, or `system`
    role: str | None = None

    def node(self, token: Token) -> Node:
        """Return the node a token stands on."""
        return self.plan.graph.nodes[token.node]

    def context(self, case: Case, **extra: Any) -> Mapping[str, Any]:
        """Return the names that expressions of the instance see."""
        return self.world.context(case, extra)


@dataclass(frozen=True)
class StageFacts:
    """Conditions answered from the instance's record and variables."""

    stage: Stage

    def holds(self, node: Node, branch: int, outcome: str | None, case: Case) -> bool:
        """Tell whether the branch's condition is true; null is not true."""
        condition = node.branches[branch].condition
        return self.stage.plan.value(condition, self.stage.context(case, outcome=outcome)) is True


def log_visits(stage: Stage, case: Case, visits: tuple[Visit, ...]) -> None:
    """Write the nodes that tokens left into the event log."""
    for visit in visits:
        stage.world.log(
            entry(stage, case, EventKind.EXIT, visit.node, visit.arrived_at, visit.outcome)
        )


def entry(
    stage: Stage,
    case: Case,
    kind: EventKind,
    node: str,
    start: datetime | None = None,
    outcome: str | None = None,
) -> EventEntry:
    """Return an event-log entry about a node of the instance."""
    return EventEntry(
        kind=kind,
        object=case.object or "",
        record_id=case.record_id or case.id,
        activity=node,
        end_at=stage.now,
        start_at=start,
        actor=stage.actor,
        role=stage.role,
        case_object=case.object,
        case_id=case.record_id or case.id,
        flow=case.flow,
        instance_id=case.id,
        version=case.version,
        outcome=outcome,
    )


def withdraw(stage: Stage, case: Case, tokens: tuple[Token, ...]) -> None:
    """Cancel the tasks, seats and timers that the given tokens waited for."""
    token_ids = [token.id for token in tokens]
    if not token_ids:
        return
    tasks = stage.store.tasks_of(case.id, token_ids)
    for task in tasks:
        if task.state in (OPEN, WAITING):
            cancel_task(stage, case, task)
    if any(task.approval_id is not None for task in tasks):
        stage.store.cancel_approvals(case.id, token_ids, stage.now)
    stage.store.jobs.unschedule(case.id, token_ids)


def cancel_task(stage: Stage, case: Case, task: Task) -> None:
    """Take an open or waiting task out of everybody's inbox."""
    changed = replace(task, state=CANCELLED, decided_at=stage.now, rev=task.rev + 1)
    stage.store.change_task(task, changed)
    stage.world.log(entry(stage, case, EventKind.WAIT, task.node, task.opened_at, CANCELLED))


def next_step(stage: Stage, case: Case) -> Step:
    """Return the next step of `case`, with its visits logged and withdrawn work cancelled."""
    step = decide.advance(stage.plan.graph, case, StageFacts(stage), stage.now, stage.ids)
    log_visits(stage, step.case, step.visits)
    withdraw(stage, step.case, step.cancelled)
    return step


def end_now(stage: Stage, case: Case, state: InstanceState) -> Case:
    """End the instance: every token goes, and what it waited for is withdrawn."""
    step = decide.finished(case, state, stage.now)
    withdraw(stage, step.case, step.cancelled)
    return step.case
