"""Deciding a seat, and what the votes then mean for the flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from trellis.engine.approvals.rules import voting_rule
from trellis.engine.approvals.voting import SeatState, Verdict, seats_to_open, verdict
from trellis.engine.approvals.work import OPEN, WAITING, Answer, Task
from trellis.engine.events.entries import EventKind
from trellis.engine.flows import decide
from trellis.engine.flows.answers import check_action, decide_task
from trellis.engine.flows.state import Case, InstanceState
from trellis.engine.flows.stepping import Stage, cancel_task, end_now, entry
from trellis.metadata.model.flows import Node

#: Decisions of a seat: the action, the state it leads to.
DECISIONS: Mapping[str, SeatState] = {
    "approve": SeatState.APPROVED,
    "reject": SeatState.REJECTED,
    "abstain": SeatState.ABSTAINED,
}
#: The outcome that conditions behind an approval see.
_OUTCOMES = {Verdict.APPROVED: "approve", Verdict.SKIPPED: "approve", Verdict.REJECTED: "reject"}


def vote(stage: Stage, case: Case, seat: Task, answer: Answer) -> Case:
    """Decide a seat; when the votes decide the node, the flow goes on."""
    node = stage.plan.graph.nodes[seat.node]
    check_action(node, seat, answer)
    if answer.values:
        stage.world.edit_fields(case, answer.values)
    decided = decide_task(stage, seat, DECISIONS[answer.action], answer)
    seats = [
        decided if other.id == decided.id else other
        for other in stage.store.tasks_of(case.id, [seat.token_id])
        if other.approval_id == seat.approval_id
    ]
    rule = voting_rule(node)
    result = verdict(rule, [SeatState(other.state) for other in seats])
    if result is None:
        for position in seats_to_open(rule, [SeatState(other.state) for other in seats]):
            _open_seat(stage, case, seats[position])
        return case
    return _close(stage, case, node, seats, result)


def _close(stage: Stage, case: Case, node: Node, seats: list[Task], result: Verdict) -> Case:
    for seat in seats:
        if seat.state in (OPEN, WAITING):
            cancel_task(stage, case, seat)
    token_id = seats[0].token_id
    approval = stage.store.approval(str(seats[0].approval_id))
    stage.store.change_approval(replace(approval, state=str(result), decided_at=stage.now))
    stage.store.jobs.unschedule(case.id, [token_id])
    case = decide.answered(case, token_id, _OUTCOMES[result])
    if result is Verdict.REJECTED and not node.branches and node.otherwise is None:
        # A rejection without a way of its own ends the instance (flows.md 2.8).
        return end_now(stage, case, InstanceState.REJECTED)
    return case


def _open_seat(stage: Stage, case: Case, seat: Task) -> None:
    opened = replace(seat, state=OPEN, opened_at=stage.now, rev=seat.rev + 1)
    stage.store.change_task(seat, opened)
    stage.world.log(entry(stage, case, EventKind.ASSIGN, seat.node, None, seat.holder))
    stage.world.notify_work([opened], stage.plan.graph.nodes[seat.node].label)
