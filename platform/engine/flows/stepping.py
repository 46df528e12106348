"""The loop of one step: decide, perform what was asked for, decide again, save once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from trellis.engine.approvals.work import CANCELLED, OPEN, WAITING, Task
from trellis.engine.events.entries import EventEntry, EventKind
from trellis.engine.flows import decide
from trellis.engine.flows.decide.cases import seen_names, seen_vars, token_of
from trellis.engine.flows.decide.scopes import multi_of
from trellis.engine.flows.plan import FlowPlan
from trellis.engine.flows.ports import FlowStore, World
from trellis.engine.flows.state import (
    Case,
    FlowError,
    Frame,
    InstanceState,
    Step,
    Token,
    Visit,
)
from trellis.ids import IdSource
from trellis.metadata.model.flows import Node, NodeKind


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
    frame: str | None = None  # the scope whose variables expressions see

    def node(self, token: Token) -> Node:
        """Return the node a token stands on."""
        return self.plan.graph.nodes[token.node]

    def inside(self, frame: str | None) -> Stage:
        """Return the same stage with the variables of another scope."""
        return self if frame == self.frame else replace(self, frame=frame)

    def context(self, case: Case, **extra: Any) -> Mapping[str, Any]:
        """Return the names that expressions of the instance see."""
        if case.frames:
            names = seen_names(case, self.frame)
            case = replace(case, vars=seen_vars(case, self.frame))
            extra = {**names, **extra}
        return self.world.context(case, {"msg": case.vars.get("msg"), **extra})


@dataclass(frozen=True)
class StageFacts:
    """Conditions answered from the instance's record and variables."""

    stage: Stage

    def holds(self, node: Node, branch: int, case: Case, token: Token) -> bool:
        """Tell whether the branch's condition is true; null is not true."""
        stage = self.stage.inside(token.frame)
        context = stage.context(case, outcome=case.outcomes.get(node.id))
        return stage.plan.value(node.branches[branch].condition, context) is True

    def items(self, node: Node, case: Case, token: Token) -> Sequence[Any]:
        """Return the items of a `multi`: a list, or the numbers up to a whole number."""
        stage = self.stage.inside(token.frame)
        found = stage.plan.value(multi_of(node).get("over"), stage.context(case))
        if found is None:
            return []
        if isinstance(found, list | tuple):
            return found
        if isinstance(found, int | Decimal) and not isinstance(found, bool) and found == int(found):
            return range(1, int(found) + 1)
        raise FlowError(node.id, f"`over` is neither a list nor a whole number but `{found}`")

    def result(self, node: Node, case: Case, item: Frame) -> Any:
        """Return what `collect` keeps of an item: what it names, else what the item set."""
        collect = multi_of(node).get("collect")
        context = self.stage.inside(item.id).context(case, outcome=item.vars.get("outcome"))
        if isinstance(collect, Mapping):
            return {key: self.stage.plan.value(value, context) for key, value in collect.items()}
        own = dict(item.vars)
        if "result" in own:
            return own["result"]
        return own.get("outcome") if set(own) == {"outcome"} else own

    def is_enough(self, node: Node, case: Case, multi: Frame) -> bool:
        """Tell whether `until` holds for the items done so far (`done`, `total`, `results`)."""
        outer = token_of(case, str(multi.token))
        ended = [f for f in case.frames if f.parent == multi.id and f.data.get("done")]
        context = self.stage.inside(outer.frame).context(
            case, done=len(ended), total=len(multi.data["items"]),
            results=[f.data.get("result") for f in ended],
            outcomes=[f.vars.get("outcome") for f in ended],
        )  # fmt: skip
        return self.stage.plan.value(multi_of(node)["until"], context) is True


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


def withdraw(stage: Stage, case: Case, tokens: Sequence[Token], closed: Sequence[str] = ()) -> None:
    """Cancel what the given tokens waited for, and the timers and subscriptions of `closed`."""
    token_ids = [token.id for token in tokens]
    owners = [*token_ids, *closed]
    if not owners:
        return
    if token_ids:
        tasks = stage.store.tasks_of(case.id, token_ids)
        for task in tasks:
            if task.state in (OPEN, WAITING):
                cancel_task(stage, case, task)
        if any(task.approval_id is not None for task in tasks):
            stage.store.cancel_approvals(case.id, token_ids, stage.now)
        calls = [token.id for token in tokens if stage.node(token).kind is NodeKind.CALL]
        if calls:
            stage.world.cancel_called(calls)
    stage.store.jobs.unschedule(case.id, owners)
    if stage.plan.graph.listens:
        stage.store.unsubscribe(owners)


def cancel_task(stage: Stage, case: Case, task: Task) -> None:
    """Take an open or waiting task out of everybody's inbox."""
    changed = replace(task, state=CANCELLED, decided_at=stage.now, rev=task.rev + 1)
    stage.store.change_task(task, changed)
    stage.world.log(entry(stage, case, EventKind.WAIT, task.node, task.opened_at, CANCELLED))


def next_step(stage: Stage, case: Case) -> Step:
    """Return the next step of `case`, with its visits logged and withdrawn work cancelled."""
    step = decide.advance(stage.plan.graph, case, StageFacts(stage), stage.now, stage.ids)
    log_visits(stage, step.case, step.visits)
    withdraw(stage, step.case, step.cancelled, step.closed)
    return step


def end_now(stage: Stage, case: Case, state: InstanceState) -> Case:
    """End the instance: every token goes, and what it waited for is withdrawn."""
    step = decide.finished(case, state, stage.now)
    withdraw(stage, step.case, step.cancelled, step.closed)
    return step.case
