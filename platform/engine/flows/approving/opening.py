"""Opening an approval: who votes, which seats are open, until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trellis.access.principal import SYSTEM_ID
from trellis.engine.approvals.board import Board, settle
from trellis.engine.approvals.rules import settings_of
from trellis.engine.approvals.voting import Mode, SeatState, Verdict, rule_problem
from trellis.engine.approvals.work import OPEN, Approval, Task
from trellis.engine.assignment.seating import Seat, Seating
from trellis.engine.flows import decide
from trellis.engine.flows.approving.closing import close
from trellis.engine.flows.approving.laying import seats_of
from trellis.engine.flows.approving.returning import Resumed, resumed_at
from trellis.engine.flows.approving.seating import record, write
from trellis.engine.flows.approving.watching import watched
from trellis.engine.flows.listening import set_timers
from trellis.engine.flows.people import holder_of, seating_of
from trellis.engine.flows.returns import without
from trellis.engine.flows.state import Case, FlowError, Token
from trellis.engine.flows.stepping import Stage
from trellis.engine.flows.waiting import announce, due_of
from trellis.metadata.model.flows import Node


def open_approval(stage: Stage, case: Case, token: Token) -> Case:
    """Open the approval of the node and wait for it, or go on when it is decided already."""
    node = stage.node(token)
    again = resumed_at(stage, case, token)
    if again is None:
        seating = seating_of(stage, case, node)
        settings = _settings(stage, case, node)
    else:
        # The direct way back: the same people by the same rule.
        case = without(case, again.point)
        seating = Seating(tuple(_acting(stage, case, user) for user in again.people))
        settings = dict(again.settings)
    if seating.chained:
        settings["mode"] = str(Mode.SEQ)
    approval = Approval(
        id=stage.ids.new(),
        instance_id=case.id,
        token_id=token.id,
        node=node.id,
        round=case.rounds.get(node.id, 1),
        state=OPEN,
        opened_at=stage.now,
        rule={**settings, "people": [seat.principal for seat in seating.seats]},
        due_at=due_of(stage, case, node, next((one.holder for one in seating.seats), None)),
    )
    if seating.outcome is not None:
        return _without_seats(stage, case, token, Board(approval, ()), seating.outcome)
    board = Board(approval, tuple(seats_of(stage, case, approval, seating)))
    problem = rule_problem(board.rule.voting, board.votes())
    if problem is not None:
        raise FlowError(node.id, problem)
    board = replace(board, approval=replace(approval, watched=watched(stage, case, node, board)))
    return _begin(stage, case, token, _kept(board, again))


def _acting(stage: Stage, case: Case, user: str) -> Seat:
    holder, also = holder_of(stage, case, user)
    return Seat(user, holder, "rule" if holder == user else "delegation", also)


def _without_seats(stage: Stage, case: Case, token: Token, board: Board, outcome: str) -> Case:
    """Record what `empty:` decides where nobody was found; the history says so."""
    node = stage.node(token)
    if outcome == "pick":
        raise FlowError(node.id, "nobody was found, and the requester cannot be asked yet")
    stage.store.add_approval(board.approval)
    record(stage, case, outcome, board=board, actor="system", details={"reason": "empty"})
    verdict = Verdict.APPROVED if outcome == "approve" else Verdict.REJECTED
    return close(stage, decide.waiting(case, token), node, board, verdict)


def _begin(stage: Stage, case: Case, token: Token, board: Board) -> Case:
    node = stage.node(token)
    stage.store.add_approval(board.approval)
    announce(stage, case, node, [])
    settled, verdict = settle(board, stage.now)
    settled = write(stage, case, replace(board, seats=()), settled)
    for seat in settled.seats:
        if seat.via == "kept":
            record(stage, case, "keep", board=settled, seat=seat)
        elif seat.decided_by == SYSTEM_ID:
            because = {"reason": seat.outcome, "earlier": seat.parent_id}
            record(stage, case, "skip", board=settled, seat=seat, actor=SYSTEM_ID, details=because)
    set_timers(stage, case, token, node, board.approval.due_at)
    case = decide.waiting(case, token)
    return case if verdict is None else close(stage, case, node, settled, verdict)


def _settings(stage: Stage, case: Case, node: Node) -> dict[str, Any]:
    """Return the settings evaluated now, with the weights by user id."""
    raw = settings_of(node, stage.world.approvals.defaults(stage.plan.flow.app))
    settings = dict(stage.plan.value(raw, stage.context(case)))
    weights = settings.get("weights")
    if isinstance(weights, Mapping):
        found = {stage.world.user_of_login(str(login)): value for login, value in weights.items()}
        settings["weights"] = {user: value for user, value in found.items() if user is not None}
    return settings


def _kept(board: Board, again: Resumed | None) -> Board:
    """Return the board with the votes that count on after a direct return."""
    if again is None:
        return board
    kept = {seat.principal: seat for seat in again.votes}
    return board.put(*(_as_before(seat, kept[seat.principal]) for seat in board.seats
                       if seat.principal in kept))  # fmt: skip


def _as_before(seat: Task, vote: Task) -> Task:
    return replace(
        seat, state=str(SeatState.APPROVED), via="kept", outcome=vote.outcome,
        decided_at=vote.decided_at, decided_by=vote.decided_by, comment=vote.comment,
        record_rev=vote.record_rev, watched=vote.watched, parent_id=vote.id,
    )  # fmt: skip
