"""What a node that waits needs: the moment it is due, its timers, and that people hear of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from trellis.engine.approvals.work import Task
from trellis.engine.clocks.durations import parse_short
from trellis.engine.clocks.errors import WorkingTimeError
from trellis.engine.events.entries import EventKind
from trellis.engine.flows.state import Case, FlowError, Token
from trellis.engine.flows.stepping import Stage, entry
from trellis.metadata.model.flows import Node
from trellis.metadata.model.texts import ExpressionText

#: The kind of job that does the steps of a node's `sla`.
SLA_JOB = "flow.sla"


def due_of(stage: Stage, case: Case, node: Node, holder: str | None = None) -> datetime | None:
    """Return when work of the node is due, counted from now in the calendar of its holder."""
    sla = node.settings.get("sla")
    due = sla.get("due") if isinstance(sla, Mapping) else node.settings.get("due")
    return moment_of(stage, case, node, due, holder=holder)


def moment_of(
    stage: Stage,
    case: Case,
    node: Node,
    value: object,
    *,
    start: datetime | None = None,
    holder: str | None = None,
) -> datetime | None:
    """Return the moment that a due or timer value means, counted from `start` or now.

    `8bh` counts in the calendar of the node's `sla`, else of the flow, else of the holder's
    department; where nobody names one, all time counts.
    """
    if value is None:
        return None
    if isinstance(value, ExpressionText):
        value = stage.plan.value(value, stage.context(case))
    if isinstance(value, datetime):
        return value
    if isinstance(value, timedelta):
        return (start or stage.now) + value
    duration = parse_short(str(value))
    if duration is None:
        raise FlowError(node.id, f"`{value}` is neither a moment nor a duration")
    try:
        hours = stage.world.hours_for(node, stage.plan.flow, holder)
        return duration.after(start or stage.now, hours)
    except WorkingTimeError as error:
        raise FlowError(node.id, str(error)) from error


def announce(stage: Stage, case: Case, node: Node, tasks: list[Task]) -> None:
    stage.world.log(entry(stage, case, EventKind.ENTER, node.id))
    for task in tasks:
        if task.holder is not None:
            stage.world.log(entry(stage, case, EventKind.ASSIGN, node.id, None, task.holder))
    stage.world.notify_work(tasks, node.label)


def timer_key(token_id: str, node: str, catch: int | None) -> str:
    """Return what names a timer: the token and node that wait, and which boundary event."""
    return f"{token_id}:{node}" if catch is None else f"{token_id}:{node}:{catch}"


@dataclass(frozen=True)
class StepDue:
    """When a step of a node's `sla` is looked at next, and with which work it is done."""

    node: str
    step: str
    at: datetime
    done: tuple[str, ...] = ()


def schedule_step(stage: Stage, case: Case, token: Token, step: StepDue) -> None:
    """Put a step of a node's `sla` into the queue; with its token it goes again."""
    payload = {"instance": case.id, "token": token.id, "node": step.node, "step": step.step,
               "done": list(step.done)}  # fmt: skip
    key = f"{token.id}:{step.node}:sla:{step.step}"
    stage.store.jobs.leave(SLA_JOB, payload, key=key, after=step.at - stage.now)


def set_due(stage: Stage, case: Case, token: Token, node: Node, due: datetime | None) -> None:
    """Schedule the reminder of a node that is due, and the steps of its `sla`."""
    for step in node.sla:
        start = stage.now if step.since_open is not None else due
        at = moment_of(stage, case, node, step.since_open or step.after_due, start=start)
        if start is not None and at is not None:
            schedule_step(stage, case, token, StepDue(node.id, step.name, at))
    if due is not None:
        place = {"instance": case.id, "token": token.id, "node": node.id}
        stage.store.jobs.schedule(f"{token.id}:{node.id}:due", due, place, reminds=True)
