"""Seats as pieces of work: what `assignment.seating` found, written down for the inbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from trellis.access.principal import SYSTEM_ID
from trellis.engine.approvals.voting import SeatState
from trellis.engine.approvals.work import WAITING, Approval, Task, TaskKind
from trellis.engine.assignment.seating import Passing, Seat, Seating
from trellis.engine.flows.state import Case
from trellis.engine.flows.stepping import Stage


def seats_of(stage: Stage, case: Case, approval: Approval, seating: Seating) -> Iterator[Task]:
    """Yield the seats in their order, then one for each pool; nobody is asked yet."""
    place = 0
    for place, seat in enumerate(seating.seats, 1):
        blank = _blank(stage, case, approval, place - 1)
        yield _seat(stage, blank, seat, skipped=seating.skipped)
    for number, pool in enumerate(seating.pools):
        yield replace(_blank(stage, case, approval, place + number), pools=(pool,))


def _seat(stage: Stage, blank: Task, seat: Seat, *, skipped: bool) -> Task:
    also = (seat.also,) if seat.also is not None else ()
    task = replace(blank, holder=seat.holder, principal=seat.principal, via=seat.via, also=also)
    if seat.passing is None:
        return task
    # A repeated approval counts as one; where nobody is asked at all, the node is skipped.
    counts = seat.passing is Passing.REPEAT and not skipped
    return replace(
        task,
        state=str(SeatState.APPROVED if counts else SeatState.SKIPPED),
        decided_at=stage.now,
        decided_by=SYSTEM_ID,
        outcome=str(seat.passing),
        parent_id=seat.because,
    )


def _blank(stage: Stage, case: Case, approval: Approval, position: int) -> Task:
    return Task(
        id=stage.ids.new(),
        kind=TaskKind.SEAT,
        instance_id=case.id,
        token_id=approval.token_id,
        flow=case.flow,
        node=approval.node,
        state=WAITING,
        opened_at=stage.now,
        object=case.object,
        record_id=case.record_id,
        position=position,
        approval_id=approval.id,
        round=approval.round,
        due_at=approval.due_at,
    )
