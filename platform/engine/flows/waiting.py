"""What a node that waits needs: the moment it is due, its timers, and that people hear of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from trellis.engine.approvals.work import Task
from trellis.engine.clocks.durations import parse_short
from trellis.engine.clocks.errors import WorkingTimeError
from trellis.engine.events.entries import EventKind
from trellis.engine.flows.state import Case, FlowError, Token
from trellis.engine.flows.stepping import Stage, entry
from trellis.metadata.model.flows import Node
from trellis.metadata.model.texts import ExpressionText


def due_of(stage: Stage, case: Case, node: Node) -> datetime | None:
    sla = node.settings.get("sla")
    due = sla.get("due") if isinstance(sla, Mapping) else node.settings.get("due")
    return moment_of(stage, case, node, due)


def moment_of(stage: Stage, case: Case, node: Node, value: object) -> datetime | None:
    """Return the moment that a due or timer value means, counted from now."""
    if value is None:
        return None
    if isinstance(value, ExpressionText):
        value = stage.plan.value(value, stage.context(case))
    if isinstance(value, datetime):
        return value
    if isinstance(value, timedelta):
        return stage.now + value
    duration = parse_short(str(value))
    if duration is None:
        raise FlowError(node.id, f"`{value}` is neither a moment nor a duration")
    try:
        return duration.after(stage.now, stage.world.calendar(stage.plan.flow.calendar))
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


def set_due(stage: Stage, case: Case, token: Token, node: Node, due: datetime | None) -> None:
    """Schedule the reminder of a node that is due."""
    if due is not None:
        place = {"instance": case.id, "token": token.id, "node": node.id}
        stage.store.jobs.schedule(f"{token.id}:{node.id}:due", due, place, reminds=True)
