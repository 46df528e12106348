"""Deciding a seat: approve, reject or abstain, with what the rule asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trellis.engine.approvals.actions import add_after
from trellis.engine.approvals.board import Board, settle
from trellis.engine.approvals.voting import SeatState
from trellis.engine.approvals.work import Answer, Task
from trellis.engine.errors import ConflictError, ForbiddenError, InvalidError, problem
from trellis.engine.flows.approving.acts import act_of
from trellis.engine.flows.approving.closing import close
from trellis.engine.flows.approving.seating import record, write
from trellis.engine.flows.approving.watching import watched
from trellis.engine.flows.state import Case
from trellis.engine.flows.stepping import Stage
from trellis.metadata.model.flows import Node

#: Decisions of a seat: the action, the state it leads to.
DECISIONS: Mapping[str, SeatState] = {
    "approve": SeatState.APPROVED,
    "reject": SeatState.REJECTED,
    "abstain": SeatState.ABSTAINED,
}
#: The decision that an action stands for, where it is another.
_MEANT = {"add_after": "approve"}


def decide_seat(stage: Stage, case: Case, seat: Task, answer: Answer) -> Case:
    """Decide a seat; when the votes decide the approval, the flow goes on."""
    node, board = stage.plan.graph.nodes[seat.node], stage.store.board(str(seat.approval_id))
    seat, meant = board.seat(seat.id), _MEANT.get(answer.action, answer.action)
    _check_record(stage, case, answer)
    _check_signature(board, answer)
    _edit(stage, case, node, board, answer)
    decided = _decided(stage, case, node, board, replace(seat, outcome=meant), answer)
    after = board.put(decided)
    if answer.people and meant == "approve":
        # "Approve, and let others decide after me" is one request (flows.md 2.4, add after).
        after = add_after(after, decided, act_of(stage, case, node, board, answer))
    details: dict[str, Any] = {"fields": sorted(answer.values)} if answer.values else {}
    if answer.people:
        details |= {"added": list(answer.people), "mode": answer.mode or "all"}
    record(stage, case, answer.action, answer, board=board, seat=seat, details=details)
    return go_on(stage, case, node, board, after)


def go_on(stage: Stage, case: Case, node: Node, before: Board, after: Board) -> Case:
    """Write a changed board; when it decides the approval, let the flow go on."""
    settled, verdict = settle(after, stage.now)
    stored = write(stage, case, before, settled)
    return case if verdict is None else close(stage, case, node, stored, verdict)


def _check_record(stage: Stage, case: Case, answer: Answer) -> None:
    """Raise when somebody else changed the record after the person has looked at it."""
    seen, now = answer.record_rev, stage.world.approvals.record_rev(case)
    if seen is None or now is None or seen == now:
        return
    if stage.world.approvals.changed_by_others(case, seen, stage.actor):
        raise ConflictError(
            "RECORD_CHANGED",
            "the record has changed since you opened it",
            hint="look at it again, then decide",
            details=[{"seen": seen, "now": now}],
        )


def _check_signature(board: Board, answer: Answer) -> None:
    wanted = board.rule.sign
    if wanted is not None and answer.signed != wanted:
        raise ForbiddenError("SIGNATURE_REQUIRED", f"this decision is signed with the {wanted}",
                             hint=f"send your {wanted} as `signature`")  # fmt: skip


def _edit(stage: Stage, case: Case, node: Node, board: Board, answer: Answer) -> None:
    """Write the fields that were filled in with the decision."""
    if not answer.values:
        return
    named = board.rule.edit
    open_fields = {*named, *node.fields, *stage.world.approvals.form_fields(case, node.form)}
    for name in answer.values:
        if name not in open_fields:
            raise InvalidError([problem(name, "NOT_EDITABLE", "cannot be changed here")])
    granted = {name: value for name, value in answer.values.items() if name in named}
    own = {name: value for name, value in answer.values.items() if name not in named}
    if granted:
        stage.world.set_fields(case, granted, stage.actor)
    if own:
        stage.world.edit_fields(case, own)


def _decided(
    stage: Stage, case: Case, node: Node, board: Board, seat: Task, answer: Answer
) -> Task:
    facts = stage.world.approvals
    rev = facts.record_rev(case)
    signature = None
    if answer.signed is not None:
        signature = facts.seal([seat.id, seat.outcome, rev, dict(answer.values)])
    return replace(
        seat,
        state=str(DECISIONS[str(seat.outcome)]),
        decided_at=stage.now,
        decided_by=stage.actor,
        comment=answer.comment,
        request_id=answer.request_id,
        record_rev=rev,
        changed=dict(answer.values),
        watched=watched(stage, case, node, board),
        signature=signature,
        rev=seat.rev + 1,
    )
