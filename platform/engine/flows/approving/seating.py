"""Writing what changed on a board: seats, the approval, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trellis.engine.approvals.board import Board
from trellis.engine.approvals.history import Entry
from trellis.engine.approvals.work import CANCELLED, OPEN, Answer, Task
from trellis.engine.events.entries import EventKind
from trellis.engine.flows.state import Case
from trellis.engine.flows.stepping import Stage, entry


def write(stage: Stage, case: Case, before: Board, after: Board) -> Board:
    """Write the seats that differ, and tell who may act now; return the board as it is stored."""
    old = {seat.id: seat for seat in before.seats}
    seats: list[Task] = []
    new: list[Task] = []
    for seat in after.seats:
        known = old.get(seat.id)
        if known is None:
            new.append(seat)
        elif known != seat:
            seat = replace(seat, rev=known.rev + 1)
            stage.store.change_task(known, seat)
        seats.append(seat)
    if new:
        stage.store.add_tasks(new)
    if after.approval != before.approval:
        stage.store.change_approval(after.approval)
    _announce(stage, case, old, seats)
    return replace(after, seats=tuple(seats))


def _announce(stage: Stage, case: Case, old: Mapping[str, Task], seats: list[Task]) -> None:
    opened: list[Task] = []
    for seat in seats:
        known = old.get(seat.id)
        was = known.state if known is not None else None
        moved = known is not None and known.holder != seat.holder
        if seat.state == OPEN and (was != OPEN or moved):
            opened.append(seat)
            stage.world.log(entry(stage, case, EventKind.ASSIGN, seat.node, None, seat.holder))
        elif seat.state == CANCELLED and was is not None and was != CANCELLED:
            stage.world.log(
                entry(stage, case, EventKind.WAIT, seat.node, seat.opened_at, CANCELLED)
            )
    if opened:
        node = stage.plan.graph.nodes.get(opened[0].node)
        if node is not None:
            stage.world.notify_work(opened, node.label)


def record(
    stage: Stage, case: Case, action: str, answer: Answer | None = None, *,
    board: Board | None = None, seat: Task | None = None, node: str | None = None,
    after: str | None = None, actor: str | None = None, details: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Append an action to the history; `after` is who holds the seat then."""
    acting = actor or stage.actor
    principal = seat.principal if seat is not None else None
    approval = board.approval if board is not None else None
    made = Entry(
        id=stage.ids.new(),
        instance_id=case.id,
        action=action,
        actor=acting,
        at=stage.now,
        node=node or (seat.node if seat is not None else approval.node if approval else None),
        approval_id=approval.id if approval is not None else None,
        seat_id=seat.id if seat is not None else None,
        round=approval.round if approval is not None else None,
        on_behalf_of=principal if principal not in (None, acting) else None,
        comment=answer.comment if answer is not None else None,
        holder_before=seat.holder if seat is not None else None,
        holder_after=after if after is not None else (seat.holder if seat is not None else None),
        details=dict(details or {}),
        request_id=answer.request_id if answer is not None else None,
    )
    stage.store.add_history([made])
