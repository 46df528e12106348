"""A leader or administrator hands work and records over, one by one or all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trellis.access.audit import write_audit
from trellis.engine.assignment.organisation import SqlOrganisation
from trellis.engine.assignment.people import managers
from trellis.engine.errors import EngineError, ForbiddenError, InvalidError, NotFoundError, problem
from trellis.engine.flows.running import Flows
from trellis.engine.handover.moving import Bench, move_record
from trellis.engine.handover.owned import OwnedRecord, is_owned, owned_by
from trellis.engine.handover.trail import BY_HAND, Cause
from trellis.engine.handover.work import work_of
from trellis.engine.transactions import Transaction
from trellis.metadata.model.access import Capability

#: More at once is refused: it goes in several requests.
MOST = 1_000
_REASONS = {
    "DUPLICATE_SEAT": "has a vote in this approval already",
    "REQUESTER": "would decide about their own request",
    "SEPARATION": "did an earlier step of it",
    "INACTIVE": "may not sign in",
    "GONE": "is not theirs any more",
}


@dataclass(frozen=True)
class Wish:
    """What goes over: tasks by id, records, or with `everything` all that the person has."""

    tasks: tuple[str, ...] = ()
    records: tuple[OwnedRecord, ...] = ()
    everything: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Refused:
    """A piece that stayed, and why."""

    id: str
    code: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """How many pieces went over, and which stayed."""

    moved: int
    refused: tuple[Refused, ...]


def may_lead(tx: Transaction, user: str) -> bool:
    """Tell whether the actor administers users, or is a manager above `user`."""
    actor = tx.actor
    if actor.is_system or actor.principal.can(Capability.USERS):
        return True
    return actor.principal.id in managers(user, SqlOrganisation(tx))


def stop_unless_leading(tx: Transaction, user: str) -> None:
    """Raise ForbiddenError unless the actor leads `user`, NotFoundError for no user."""
    if not SqlOrganisation(tx).known((user,)):
        raise NotFoundError("user")
    if not may_lead(tx, user):
        raise ForbiddenError("NOT_THE_LEADER", "you do not lead this person",
                             hint="a manager above them or an administrator does this")  # fmt: skip


def hand_over(flows: Flows, tx: Transaction, giver: str, taker: str, wish: Wish) -> Outcome:
    """Hand over what `giver` has to `taker`; what may not go is named, the rest goes."""
    stop_unless_leading(tx, giver)
    organisation = SqlOrganisation(tx)
    if giver == taker or not organisation.active((taker,)):
        raise InvalidError([problem("to", "INACTIVE", "is somebody else who may sign in")])
    tasks, records = list(wish.tasks), list(wish.records)
    if wish.everything:
        tasks = [task.id for task in work_of(tx, giver)]
        records = owned_by(tx, giver, MOST)
    if len(tasks) + len(records) > MOST:
        raise InvalidError([problem(None, "TOO_MANY", f"at most {MOST} pieces go over at once")])
    cause = Cause(BY_HAND, tx.actor.principal.id, None, wish.reason)
    refused = [*_move_tasks(flows, tx, giver, taker, tasks, cause),
               *_move_records(tx, giver, taker, records, cause)]  # fmt: skip
    moved = len(tasks) + len(records) - len(refused)
    write_audit(tx.connection, tx.ids, tx.now, "hand_over", actor=tx.actor.principal.id,
                user=giver, details={"to": taker, "moved": moved})  # fmt: skip
    return Outcome(moved, tuple(refused))


def _move_tasks(
    flows: Flows, tx: Transaction, giver: str, taker: str, tasks: Sequence[str], cause: Cause
) -> list[Refused]:
    theirs = {task.id: task for task in work_of(tx, giver)}
    refused: list[Refused] = []
    for task_id in dict.fromkeys(tasks):
        if task_id not in theirs:
            refused.append(_refused(task_id, "GONE"))
            continue
        bench = Bench.of(flows, tx, theirs[task_id])
        found = bench.problem(taker) if bench.is_open() else "GONE"
        if found is None:
            bench.move(cause, giver, holder=taker, principal=taker, via="admin", also=())
        else:
            refused.append(_refused(task_id, found))
    return refused


def _move_records(
    tx: Transaction, giver: str, taker: str, records: Sequence[OwnedRecord], cause: Cause
) -> list[Refused]:
    refused: list[Refused] = []
    for record in dict.fromkeys(records):
        if not is_owned(tx, giver, record):
            refused.append(_refused(record.record_id, "GONE"))
            continue
        try:
            with tx.connection.begin_nested():
                move_record(tx, record, giver, taker, cause)
        except EngineError as error:
            tx.views.clear()
            refused.append(Refused(record.record_id, error.code, error.message))
    return refused


def _refused(identity: str, code: str) -> Refused:
    return Refused(identity, code, _REASONS[code])
