"""The end of an approval: what its votes decided goes on through the flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trellis.engine.approvals.board import Board, cancel
from trellis.engine.approvals.voting import GONE, SeatState, Verdict
from trellis.engine.flows import decide
from trellis.engine.flows.approving.seating import record, write
from trellis.engine.flows.state import Case, InstanceState
from trellis.engine.flows.stepping import Stage, end_now
from trellis.metadata.model.flows import Node

#: The outcome that conditions behind an approval see.
OUTCOMES = {Verdict.APPROVED: "approve", Verdict.SKIPPED: "approve", Verdict.REJECTED: "reject"}


def close(stage: Stage, case: Case, node: Node, board: Board, verdict: Verdict) -> Case:
    """Withdraw what is undecided and lead the token on; a rejection without a way ends it all."""
    board = shut(stage, case, board, str(verdict))
    stage.store.jobs.unschedule(case.id, [board.approval.token_id])
    record(stage, case, "close", board=board, actor="system", details={"verdict": str(verdict)})
    case = decide.with_vars(case, results(board, OUTCOMES[verdict]))
    case = decide.answered(case, board.approval.token_id, OUTCOMES[verdict])
    if verdict is Verdict.REJECTED and not node.branches and node.otherwise is None:
        # A rejection without a way of its own ends the instance (flows.md 2.8).
        return end_now(stage, case, InstanceState.REJECTED)
    return case


def shut(stage: Stage, case: Case, board: Board, state: str, **more: Any) -> Board:
    """Give an approval its end and cancel the seats that are undecided."""
    after = cancel(board, board.undecided(), stage.now)
    approval = replace(
        after.approval, state=state, decided_at=stage.now, decided_by=stage.actor, **more
    )
    return write(stage, case, board, replace(after, approval=approval))


def results(board: Board, outcome: str) -> Mapping[str, Any]:
    """Return what an approval leaves to the flow: `vars.votes`, `vars.comments`, `vars.deciders`.

    Votes are `{user, on behalf of, vote}` in the order of the seats.
    """
    decided = [
        seat
        for seat in board.seats
        if seat.decided_by is not None and SeatState(seat.state) not in GONE
    ]
    return {
        "votes": [{"user": seat.decided_by, "principal": seat.principal, "vote": seat.outcome,
                   "at": None if seat.decided_at is None else seat.decided_at.isoformat()}
                  for seat in decided],
        "comments": [seat.comment for seat in decided if seat.comment],
        "deciders": [seat.decided_by for seat in decided if seat.outcome == outcome],
    }  # fmt: skip
