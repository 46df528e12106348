"""One piece goes over: a task or seat to another holder, a record to another owner."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from trellis.engine import records
from trellis.engine.approvals.voting import UNDECIDED, SeatState
from trellis.engine.approvals.work import OPEN, Task, TaskKind
from trellis.engine.assignment.delegation import StandIn, stand_in
from trellis.engine.assignment.seating import target_problem
from trellis.engine.events.entries import EventKind
from trellis.engine.flows.approving.seating import record as record_action
from trellis.engine.flows.people import facts_of, matter_of
from trellis.engine.flows.running import Flows
from trellis.engine.flows.state import Case
from trellis.engine.flows.stepping import Stage, entry
from trellis.engine.handover.owned import OwnedRecord
from trellis.engine.handover.trail import Cause, Piece, note
from trellis.engine.transactions import Transaction
from trellis.metadata.model.flows import Node

#: What a move is called in the history of an approval, and what it means for the principal.
HAND_OVER = "hand_over"


@dataclass(frozen=True)
class Bench:
    """A task with everything around it, its instance locked."""

    tx: Transaction
    stage: Stage
    case: Case
    task: Task
    node: Node

    @classmethod
    def of(cls, flows: Flows, tx: Transaction, task: Task) -> Bench:
        """Lock the task's instance and return the task as it is now."""
        runner = flows.runner(tx)
        case = runner.store.lock(task.instance_id)
        plan = runner.plans.at(case.flow, case.version)
        actor = "system" if tx.actor.is_system else tx.actor.principal.id
        stage = Stage(plan, runner.store, runner.world, tx.ids, tx.now, actor)
        return cls(tx, stage, case, runner.store.task(task.id), plan.graph.nodes[task.node])

    def is_open(self) -> bool:
        """Tell whether the work is still to be done."""
        return self.task.state in UNDECIDED

    def problem(self, user: str) -> str | None:
        """Return why the work may not go to `user`, see `assignment.seating.target_problem`."""
        facts = facts_of(self.stage, self.case, self.node)
        if self.task.kind is TaskKind.TASK:
            return None if facts.organisation.active((user,)) else "INACTIVE"
        return target_problem(user, self.node.policy, facts, self._others())

    def _others(self) -> set[str]:
        """Return who has another undecided seat in the same approval."""
        seats = self.stage.store.tasks_of(self.case.id, [self.task.token_id])
        others = [seat for seat in seats if seat.approval_id == self.task.approval_id
                  and seat.id != self.task.id and SeatState(seat.state) in UNDECIDED]  # fmt: skip
        return {user for seat in others for user in (seat.holder, seat.principal) if user}

    def stand_in(self) -> StandIn:
        """Return who acts for the principal now."""
        principal = self.task.principal or self.task.holder or ""
        world, stage = self.stage.world, self.stage
        return stand_in(principal, matter_of(stage, self.case), stage.now,
                        world.delegations.of_giver, lambda user: self.problem(user) is not None,
                        world.organisation.active)  # fmt: skip

    def move(self, cause: Cause, giver: str, **values: Any) -> Task:
        """Give the work other holders, and tell everybody: log, history, report, the new holder."""
        changed = replace(self.task, **values, rev=self.task.rev + 1)
        stage, task = self.stage, self.task
        stage.store.change_task(task, changed)
        assign = entry(stage, self.case, EventKind.ASSIGN, task.node, None, changed.holder)
        stage.world.log(replace(assign, on_behalf_of=changed.principal, comment=cause.note or None))
        record_action(stage, self.case, HAND_OVER, seat=task, after=changed.holder,
                      details={"cause": cause.kind, "note": cause.note})  # fmt: skip
        piece = Piece(str(task.kind), task.object, task.record_id, task.id)
        note(self.tx, piece, giver, changed.holder, cause)
        if changed.state == OPEN and changed.holder not in (None, task.holder):
            stage.world.notify_work([changed], self.node.label)
        return changed


def move_record(tx: Transaction, record: OwnedRecord, giver: str, taker: str, cause: Cause) -> None:
    """Make `taker` the owner of a record, through the one door, and write it down."""
    system = tx.acting(tx.actor.as_system())
    records.update(system, record.object, record.record_id, {"owner": taker})
    note(tx, Piece("record", record.object, record.record_id), giver, taker, cause)
