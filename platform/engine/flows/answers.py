"""What people answer to a task: completed, claimed or given back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from trellis.engine.approvals.actions import already_decided
from trellis.engine.approvals.work import DONE, OPEN, Answer, Task, TaskKind
from trellis.engine.errors import ConflictError, ForbiddenError, InvalidError
from trellis.engine.events.entries import EventKind
from trellis.engine.flows import decide
from trellis.engine.flows.people import stop_unfit
from trellis.engine.flows.state import Case
from trellis.engine.flows.stepping import Stage, entry
from trellis.metadata.model.flows import Node, NodeKind

COMPLETE = "complete"
RESUBMIT = "resubmit"
#: What is done with work that no node of the flow describes.
OTHER_ACTIONS: Mapping[TaskKind, tuple[str, ...]] = {
    TaskKind.ASK: ("reply",),
    TaskKind.COPY: ("read",),
}


def allowed_actions(node: Node, task: Task) -> tuple[str, ...]:
    """Return the answers that a task offers, the likely one first."""
    if node.kind is NodeKind.START:
        return (RESUBMIT,)  # the flow was returned to who asked for it
    return node.actions or (COMPLETE,)


def check_may_act(task: Task, user: str, roles: frozenset[str], answer: Answer) -> None:
    """Raise when the task is decided already, has moved on, or is somebody else's."""
    if task.state != OPEN:
        raise already_decided(task)
    if not task.may_act(user, roles) and task.offered_to(user, roles):
        raise ConflictError(
            "ALREADY_CLAIMED", "somebody else has claimed this work", details=[{"by": task.holder}]
        )
    if not task.may_act(user, roles):
        raise ForbiddenError("TASK_NOT_YOURS", "this work is not yours")
    if answer.rev is not None and answer.rev != task.rev:
        raise ConflictError("REV_CONFLICT", "this work has changed since it was opened")


def claim(stage: Stage, case: Case, task: Task) -> Task:
    """Make who acts the holder of pooled work."""
    if task.holder == stage.actor:
        return task
    stop_unfit(stage, case, task)
    changed = replace(
        task, holder=stage.actor, principal=task.principal or stage.actor,
        claimed_at=stage.now, rev=task.rev + 1,
    )  # fmt: skip
    stage.store.change_task(task, changed)
    stage.world.log(entry(stage, case, EventKind.ASSIGN, task.node, None, stage.actor))
    return changed


def give_back(stage: Stage, case: Case, task: Task) -> Task:
    """Return claimed work to its pool."""
    if not (task.pools or task.candidates):
        raise ConflictError("NO_POOL", "this work was given to you alone and has no pool")
    changed = replace(task, holder=None, principal=None, claimed_at=None, rev=task.rev + 1)
    stage.store.change_task(task, changed)
    stage.world.log(entry(stage, case, EventKind.WAIT, task.node, task.claimed_at, "give_back"))
    return changed


def complete(stage: Stage, case: Case, task: Task, answer: Answer) -> Case:
    """Finish a task with its outcome and the fields it fills in."""
    node = stage.plan.graph.nodes[task.node]
    _check_action(node, task, answer)
    if answer.values:
        stage.world.edit_fields(case, answer.values)
    _decide_task(stage, task, DONE, answer)
    stage.store.jobs.unschedule(case.id, [task.token_id])
    return decide.answered(case, task.token_id, answer.action)


def _decide_task(stage: Stage, task: Task, state: str, answer: Answer) -> Task:
    changed = replace(
        task,
        state=str(state),
        holder=task.holder or stage.actor,
        decided_at=stage.now,
        decided_by=stage.actor,
        outcome=answer.action,
        comment=answer.comment,
        request_id=answer.request_id,
        rev=task.rev + 1,
    )
    stage.store.change_task(task, changed)
    return changed


def _check_action(node: Node, task: Task, answer: Answer) -> None:
    actions = allowed_actions(node, task)
    if answer.action not in actions:
        known = ", ".join(f"`{action}`" for action in actions)
        raise InvalidError(
            [{"field": "action", "code": "UNKNOWN_ACTION",
              "message": f"`{answer.action}` is not an answer here; known are {known}"}]
        )  # fmt: skip
    if not (answer.comment or "").strip() and _comment_required(node, answer.action):
        raise InvalidError(
            [{"field": "comment", "code": "REQUIRED", "message": "a comment is required"}]
        )


def _comment_required(node: Node, action: str) -> bool:
    rules = node.settings.get("comment")
    return isinstance(rules, Mapping) and rules.get(action) == "required"
