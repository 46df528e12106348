"""Opening an approval: who votes, which seats are open, until when."""

from __future__ import annotations

from trellis.engine.approvals.rules import voting_rule
from trellis.engine.approvals.voting import SeatState, rule_problem, seats_to_open
from trellis.engine.approvals.work import OPEN, WAITING, Approval, Task, TaskKind
from trellis.engine.flows import decide
from trellis.engine.flows.people import seat_holders
from trellis.engine.flows.state import Case, FlowError, Token
from trellis.engine.flows.stepping import Stage
from trellis.engine.flows.waiting import announce, due_of, set_timers


def open_approval(stage: Stage, case: Case, token: Token) -> Case:
    node = stage.node(token)
    users = seat_holders(stage, case, node)
    rule = voting_rule(node)
    problem = rule_problem(rule, len(users))
    if problem is not None:
        raise FlowError(node.id, problem)
    approval = Approval(
        id=stage.ids.new(),
        instance_id=case.id,
        token_id=token.id,
        node=node.id,
        round=case.rounds.get(node.id, 1),
        state=OPEN,
        opened_at=stage.now,
        rule={"mode": str(rule.mode), "people": list(users)},
        due_at=due_of(stage, case, node),
    )
    stage.store.add_approval(approval)
    opened = seats_to_open(rule, [SeatState.WAITING] * len(users))
    seats = [
        _seat(stage, case, approval, position, user, is_open=position in opened)
        for position, user in enumerate(users)
    ]
    stage.store.add_tasks(seats)
    announce(stage, case, node, [seat for seat in seats if seat.state == OPEN])
    set_timers(stage, case, token, node, approval.due_at)
    return decide.waiting(case, token)


def _seat(
    stage: Stage, case: Case, approval: Approval, position: int, user: str, *, is_open: bool
) -> Task:
    return Task(
        id=stage.ids.new(),
        kind=TaskKind.SEAT,
        instance_id=case.id,
        token_id=approval.token_id,
        flow=case.flow,
        node=approval.node,
        state=OPEN if is_open else WAITING,
        opened_at=stage.now,
        object=case.object,
        record_id=case.record_id,
        holder=user,
        principal=user,
        position=position,
        approval_id=approval.id,
        round=approval.round,
        due_at=approval.due_at,
    )
