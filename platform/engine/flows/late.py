"""Work that waits too long at a node: reminded, then given on or decided, as its `sla` says.

A step is one job for all work of the node; what it has done is in the job, so that each piece of
work gets each step once, and with the token the job goes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from trellis.engine.approvals.actions import BOARD_ACTIONS
from trellis.engine.approvals.work import OPEN, WAITING, Answer, Task, TaskKind
from trellis.engine.clocks.durations import parse_short
from trellis.engine.clocks.errors import WorkingTimeError
from trellis.engine.clocks.hours import WorkingHours
from trellis.engine.events.entries import EventKind
from trellis.engine.flows.approving.acts import act_of
from trellis.engine.flows.approving.deciding import decide_seat, go_on
from trellis.engine.flows.approving.seating import record
from trellis.engine.flows.people import resolved_by
from trellis.engine.flows.state import Case, FlowError, InstanceState, Phase, Token
from trellis.engine.flows.stepping import Stage, entry
from trellis.engine.flows.steps import SYSTEM_PERSON, FlowSteps
from trellis.engine.flows.waiting import StepDue, moment_of, schedule_step
from trellis.metadata.model.flows import Node
from trellis.metadata.model.sla import SlaStep

#: Reminders that come later than this are dropped.
STALE = timedelta(hours=1)
#: How long a step waits before it looks again at an instance that needs a person.
WAIT_IN_INCIDENT = timedelta(minutes=5)
#: How often a step looks whether a later seat has opened.
_AGAIN = timedelta(minutes=15)
#: Seats that others handed over keep their due time.
_HANDED = frozenset({"transfer", "delegation", "escalation"})


def do_step(steps: FlowSteps, payload: Mapping[str, Any]) -> None:
    """Do a step of a node's `sla` (a job); a token that has gone on meanwhile makes it a no-op."""
    instance, token_id, name = (str(payload[key]) for key in ("instance", "token", "step"))
    case = steps.store.lock(instance)
    found = (t for t in case.tokens if t.id == token_id and t.node == str(payload["node"]))
    token = next(found, None)
    if token is None or token.phase is not Phase.WAIT:
        return
    stage, done = steps.stage(case, SYSTEM_PERSON), tuple(map(str, payload.get("done", ())))
    if case.state in (InstanceState.INCIDENT, InstanceState.SUSPENDED):
        again = StepDue(token.node, name, steps.now + WAIT_IN_INCIDENT, done)
        schedule_step(stage, case, token, again)
        return
    steps.run(stage, case, fire(stage, case, token, name, done))


def fire(stage: Stage, case: Case, token: Token, name: str, done: Sequence[str]) -> Case:
    """Do a step with the work that it is time for, and come again for the rest."""
    node = stage.node(token)
    step = next((one for one in node.sla if one.name == name), None)
    if step is None:
        return case
    work = [task for task in stage.store.tasks_of(case.id, [token.id]) if task.node == node.id]
    fresh = [task for task in work if task.state == OPEN and task.id not in done]
    moments = {task.id: _moment(stage, case, node, step, task) for task in fresh}
    ready = [task for task in fresh if moments[task.id] <= stage.now]
    ahead = [moment for moment in moments.values() if moment > stage.now]
    if not ahead and any(task.state == WAITING for task in work):
        ahead = [stage.now + _AGAIN]
    if ahead:
        over = (*done, *(task.id for task in ready))
        schedule_step(stage, case, token, StepDue(node.id, name, min(ahead), over))
    for task in ready:
        case = _do(stage, case, node, step, task, moments[task.id])
    return case


def _moment(stage: Stage, case: Case, node: Node, step: SlaStep, task: Task) -> datetime:
    """Return when a step comes for a piece of work."""
    hours = _hours(stage, node, task)
    start = task.opened_at if step.since_open is not None else _due(stage, case, node, task)
    duration = parse_short(step.since_open or step.after_due or "0m")
    if start is None or duration is None:
        raise FlowError(node.id, f"the step `{step.name}` has no moment")
    try:
        return duration.after(start, hours)
    except WorkingTimeError as error:
        raise FlowError(node.id, str(error)) from error


def _due(stage: Stage, case: Case, node: Node, task: Task) -> datetime | None:
    """Return when a piece of work is due: a seat has its own time from when it opened."""
    sla = node.settings.get("sla")
    due = sla.get("due") if isinstance(sla, Mapping) else None
    own = isinstance(due, str) and parse_short(due) is not None and task.via not in _HANDED
    if not own or (isinstance(sla, Mapping) and sla.get("clock") == "node"):
        return task.due_at
    return moment_of(stage, case, node, due, start=task.opened_at, holder=task.holder)


def _hours(stage: Stage, node: Node, task: Task) -> WorkingHours | None:
    return stage.world.hours_for(node, stage.plan.flow, task.holder)


def _do(stage: Stage, case: Case, node: Node, step: SlaStep, task: Task, moment: datetime) -> Case:
    """Do a step with one piece of work; what was decided meanwhile is left alone."""
    (now, *_) = [one for one in stage.store.tasks_of(case.id, [task.token_id]) if one.id == task.id]
    if now.state != OPEN:
        return case
    if step.since_open is not None and stage.now - moment > STALE:
        dropped = entry(stage, case, EventKind.DUE, node.id, task.opened_at, "dropped")
        stage.world.log(dropped)
        return case
    stage.world.log(entry(stage, case, EventKind.DUE, node.id, task.opened_at, step.action))
    return _ACTIONS[step.action](stage, case, node, step, now)


def _remind(stage: Stage, case: Case, node: Node, _step: SlaStep, task: Task) -> Case:
    members = () if task.holder or task.candidates else _pooled(stage, task)
    work = [replace(task, holder=one) for one in members] or [task]
    stage.world.notify_work(work, node.label, overdue=True)
    return case


def _pooled(stage: Stage, task: Task) -> tuple[str, ...]:
    """Return who may claim the work of a pool."""
    roles = stage.world.organisation.members_of_role
    return tuple(dict.fromkeys(user for pool in task.pools for user in roles(pool)))


def _notify(stage: Stage, case: Case, node: Node, step: SlaStep, task: Task) -> Case:
    people = _people(stage, case, node, step)
    stage.world.notify_work([replace(task, holder=one) for one in people], node.label,
                            overdue=True)  # fmt: skip
    return case


def _transfer(stage: Stage, case: Case, node: Node, step: SlaStep, task: Task) -> Case:
    person = next((one for one in _people(stage, case, node, step) if one != task.holder), None)
    if person is None:
        return _remind(stage, case, node, step, task)
    if task.kind is TaskKind.SEAT:
        return _on_board(stage, case, node, task, Answer("transfer", people=(person,)))
    given = replace(task, holder=person, principal=person, via="escalation", rev=task.rev + 1)
    stage.store.change_task(task, given)
    stage.world.log(entry(stage, case, EventKind.ASSIGN, node.id, None, person))
    stage.world.notify_work([given], node.label)
    return case


def _escalate(stage: Stage, case: Case, node: Node, step: SlaStep, task: Task) -> Case:
    """Add a seat for each person above; the original stays (flows.md 2.7)."""
    board = stage.store.board(str(task.approval_id))
    there = {one for seat in board.undecided() for one in (seat.holder, seat.principal)}
    people = tuple(one for one in _people(stage, case, node, step) if one not in there)
    if not people:
        return _remind(stage, case, node, step, task)
    return _on_board(stage, case, node, task, Answer("add_parallel", people=people))


def _on_board(stage: Stage, case: Case, node: Node, task: Task, answer: Answer) -> Case:
    board = stage.store.board(str(task.approval_id))
    seat = board.seat(task.id)
    known = {one.id for one in board.seats}
    after = BOARD_ACTIONS[answer.action](board, seat, act_of(stage, case, node, board, answer))
    made = [replace(one, via="escalation") for one in after.seats if one.id not in known]
    record(stage, case, answer.action, answer, board=board, seat=seat, after=answer.people[0],
           details={"people": list(answer.people), "reason": "timeout"})  # fmt: skip
    return go_on(stage, case, node, board, after.put(*made))


def _decide(stage: Stage, case: Case, _node: Node, step: SlaStep, task: Task) -> Case:
    return decide_seat(stage, case, task, Answer(step.action, comment="timeout"))


def _people(stage: Stage, case: Case, node: Node, step: SlaStep) -> tuple[str, ...]:
    return resolved_by(stage, case, node, step.who)


_ACTIONS: Mapping[str, Callable[[Stage, Case, Node, SlaStep, Task], Case]] = {
    "remind": _remind,
    "notify": _notify,
    "transfer": _transfer,
    "escalate": _escalate,
    "approve": _decide,
    "reject": _decide,
}
