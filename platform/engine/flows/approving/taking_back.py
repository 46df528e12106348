"""Undoing one's own decision while nothing has come of it (flows.md 2.4, take back)."""

from __future__ import annotations

from dataclasses import replace

from trellis.engine.approvals.board import Board, changed, settle
from trellis.engine.approvals.voting import UNDECIDED, SeatState
from trellis.engine.approvals.work import CANCELLED, OPEN, Answer, Task, TaskKind
from trellis.engine.errors import ConflictError, ForbiddenError
from trellis.engine.flows.approving.deciding import DECISIONS
from trellis.engine.flows.approving.seating import record, write
from trellis.engine.flows.listening import set_timers
from trellis.engine.flows.state import Case, InstanceState, Phase, Token
from trellis.engine.flows.stepping import Stage, withdraw
from trellis.metadata.model.flows import NodeKind

#: Kinds of node that a token may pass without a trace in the world.
_TRACELESS = frozenset({NodeKind.XOR, NodeKind.AND, NodeKind.OR, NodeKind.APPROVAL})


def take_back(stage: Stage, case: Case, seat: Task, answer: Answer) -> Case:
    """Open a seat again whose holder thought better of it."""
    board = stage.store.board(str(seat.approval_id))
    seat = board.seat(seat.id)
    if seat.decided_by != stage.actor or seat.outcome not in DECISIONS or seat.via == "kept":
        raise ForbiddenError("NOT_YOUR_DECISION", "only who decided takes a decision back")
    if case.state is not InstanceState.RUNNING:
        raise _too_late()
    if SeatState(seat.state) in UNDECIDED:
        raise ConflictError("NOT_DECIDED", "this work is still open")
    if board.approval.state != OPEN:
        case, board = _reopened(stage, case, board)
    record(stage, case, "take_back", answer, board=board, seat=seat)
    after, _ = settle(_without(stage, board, seat, answer), stage.now)
    write(stage, case, board, after)
    return case


def _without(stage: Stage, board: Board, seat: Task, answer: Answer) -> Board:
    """Return the board as it was before the seat was decided; refused when others went on."""
    if seat.group_id is not None and board.group(seat.group_id).closed is not None:
        raise _too_late()
    behind = [one for one in board.within(seat.group_id) if one.position > seat.position]
    rule = board.voting(seat.group_id)
    if rule.mode == "seq" and any(one.decided_at and one.state != CANCELLED for one in behind):
        raise _too_late()
    for group in board.groups:
        if group.seat != seat.id or group.closed is not None:
            continue
        inner = board.within(group.id)
        if any(one.decided_by for one in inner):
            raise _too_late()
        board = board.with_group(replace(group, closed="removed"))
        board = board.put(*(changed(one, state=CANCELLED, decided_at=stage.now) for one in inner))
    if rule.mode == "seq":
        board = board.put(*(changed(one, state=str(SeatState.WAITING)) for one in behind
                            if one.state == OPEN))  # fmt: skip
    again = changed(
        seat, state=OPEN, decided_at=None, decided_by=None, outcome=None, comment=None,
        changed={}, signature=None, record_rev=None, watched=None, request_id=None,
    )  # fmt: skip
    return board.put(again)


def _reopened(stage: Stage, case: Case, board: Board) -> tuple[Case, Board]:
    """Bring the token back to an approval whose end has had no effect yet."""
    approval = board.approval
    if not board.rule.take_back or approval.decided_at is None:
        raise _too_late()
    produced = _produced(stage, case, board)
    withdraw(stage, case, produced)
    gone = {token.id for token in produced}
    kept = tuple(token for token in case.tokens if token.id not in gone)
    node = stage.plan.graph.nodes[approval.node]
    frame = next(t.frame for t in produced if t.id == approval.token_id)
    token = Token(approval.token_id, node.id, Phase.WAIT, approval.opened_at, frame=frame)
    outcomes = {key: value for key, value in case.outcomes.items() if key != node.id}
    case = replace(case, tokens=(*kept, token), outcomes=outcomes)
    opened = replace(approval, state=OPEN, decided_at=None, decided_by=None)
    revived = [
        changed(seat, state=OPEN, decided_at=None)
        for seat in board.seats
        if seat.state == CANCELLED and seat.decided_at == approval.decided_at
    ]
    before = replace(board, approval=opened)
    stage.store.change_approval(opened)
    set_timers(stage, case, token, node, approval.due_at)
    return case, write(stage, case, before, before.put(*revived))


def _produced(stage: Stage, case: Case, board: Board) -> tuple[Token, ...]:
    """Return the tokens that the end of the approval led to; refused when one has gone on."""
    approval, at = board.approval, board.approval.decided_at
    if at is None:
        raise _too_late()
    produced = tuple(token for token in case.tokens if token.arrived_at >= at)
    if approval.token_id not in {token.id for token in produced}:
        raise _too_late()
    nodes = stage.plan.graph.nodes
    left = [nodes[name] for name in stage.world.approvals.effects_since(case, at) if name in nodes]
    traces = [
        n for n in left if n.kind not in _TRACELESS or (n.set_state and n.id != approval.node)
    ]
    moved = any(token.arrived_at != at or token.phase is not Phase.WAIT for token in produced)
    entered = any(nodes[token.node].set_state for token in produced if token.node in nodes)
    joins = any(nodes[token.node].kind is NodeKind.AND for token in produced if token.node in nodes)
    touched = any(
        task.kind in (TaskKind.TASK, TaskKind.SEAT) and (task.decided_by or task.claimed_at)
        for task in stage.store.tasks_of(case.id, [token.id for token in produced])
        if task.opened_at >= at
    )
    if traces or moved or entered or joins or touched:
        raise _too_late()
    return produced


def _too_late() -> ConflictError:
    return ConflictError("TOO_LATE", "others have gone on with your decision already")
