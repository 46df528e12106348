"""A delegation begins or ends: what is open goes over, what is undecided comes back.

Jobs at the two edges of the period; a delegation that is revoked ends at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trellis.engine.assignment.delegation import Delegation
from trellis.engine.assignment.delegations import SqlDelegations
from trellis.engine.assignment.organisation import SqlOrganisation
from trellis.engine.errors import EngineError
from trellis.engine.flows.running import Flows
from trellis.engine.handover.leaving import BATCH
from trellis.engine.handover.moving import Bench, move_record
from trellis.engine.handover.owned import OwnedRecord, is_owned, owned_by
from trellis.engine.handover.trail import (
    ABSENCE,
    DELEGATION,
    Cause,
    mark_returned,
    records_to_return,
)
from trellis.engine.handover.work import delegated_work
from trellis.engine.jobs.rows import cancel, enqueue, report
from trellis.engine.transactions import Transaction

BEGIN_JOB = "delegation.begin"
END_JOB = "delegation.end"


def schedule(tx: Transaction, delegation: Delegation) -> None:
    """Put both edges of a new delegation into the queue."""
    place = {"delegation": delegation.id}
    enqueue(tx, BEGIN_JOB, place, due=max(delegation.start, tx.now),
            key=f"delegation:{delegation.id}:begin")  # fmt: skip
    if delegation.end is not None:
        enqueue(tx, END_JOB, place, due=delegation.end, key=f"delegation:{delegation.id}:end")


def end_now(tx: Transaction, delegation: Delegation) -> None:
    """Let a delegation that was revoked end now, not at its time."""
    cancel(tx, [f"delegation:{delegation.id}:begin"])
    enqueue(tx, END_JOB, {"delegation": delegation.id}, due=tx.now,
            key=f"delegation:{delegation.id}:end")  # fmt: skip


@dataclass(frozen=True)
class Periods:
    """Does what the edges of delegations mean for work that is open."""

    flows: Flows

    def begin(self, tx: Transaction, payload: Mapping[str, Any]) -> None:
        """Let open work, and with an absence records, go over (a job)."""
        delegation = SqlDelegations(tx).get(str(payload["delegation"]))
        if not delegation.runs(tx.now):
            return
        if delegation.include_open or delegation.absence:
            self._reseat(tx, delegation)
        if delegation.absence:
            self._give_records(tx, delegation, payload)

    def end(self, tx: Transaction, payload: Mapping[str, Any]) -> None:
        """Let undecided work and records come back (a job)."""
        delegation = SqlDelegations(tx).get(str(payload["delegation"]))
        if delegation.runs(tx.now) or not delegation.give_back:
            return
        self._reseat(tx, delegation)
        self._return_records(tx, delegation, payload)

    def _reseat(self, tx: Transaction, delegation: Delegation) -> None:
        """Let each open piece of the giver's be held by who acts for them now."""
        cause = _cause(delegation)
        for task in delegated_work(tx, delegation.giver):
            bench = Bench.of(self.flows, tx, task)
            if not bench.is_open():
                continue
            acting = bench.stand_in()
            also = (acting.also,) if acting.also is not None else ()
            if acting.holder == bench.task.holder and also == bench.task.also:
                continue
            via = "rule" if acting.holder == bench.task.principal else "delegation"
            giver = bench.task.holder or delegation.giver
            bench.move(cause, giver, holder=acting.holder, also=also, via=via)

    def _give_records(
        self, tx: Transaction, delegation: Delegation, payload: Mapping[str, Any]
    ) -> None:
        cause = _cause(delegation)
        records = owned_by(tx, delegation.giver, BATCH, delegation.objects)
        failed = [
            text
            for record in records
            if (text := _moved(tx, record, delegation.giver, delegation.taker, cause))
        ]
        if len(records) == BATCH and len(failed) < BATCH:
            enqueue(tx, BEGIN_JOB, payload, due=tx.now, key=f"delegation:{delegation.id}:begin")
        _report(tx, BEGIN_JOB, payload, failed)

    def _return_records(
        self, tx: Transaction, delegation: Delegation, payload: Mapping[str, Any]
    ) -> None:
        """Give records back that the taker still has and the giver can have."""
        if not SqlOrganisation(tx).active((delegation.giver,)):
            return
        cause, failed = _cause(delegation), []
        found = records_to_return(tx, delegation.id, BATCH)
        for row in found:
            record = OwnedRecord(row.piece.object or "", row.piece.record_id or "")
            if is_owned(tx, delegation.taker, record):
                failed.append(_moved(tx, record, delegation.taker, delegation.giver,
                                     Cause(cause.kind, cause.actor)))  # fmt: skip
        mark_returned(tx, [row.id for row in found])
        if len(found) == BATCH:
            enqueue(tx, END_JOB, payload, due=tx.now, key=f"delegation:{delegation.id}:end")
        _report(tx, END_JOB, payload, [text for text in failed if text])


def _cause(delegation: Delegation) -> Cause:
    kind = ABSENCE if delegation.absence else DELEGATION
    return Cause(kind, "system", delegation.id, delegation.reason)


def _moved(tx: Transaction, record: OwnedRecord, giver: str, taker: str, cause: Cause) -> str:
    """Move a record; return why it could not be, empty when it was."""
    try:
        with tx.connection.begin_nested():
            move_record(tx, record, giver, taker, cause)
    except EngineError as error:
        tx.views.clear()
        return f"{record.object} {record.record_id}: {error.message}"
    return ""


def _report(tx: Transaction, kind: str, payload: Mapping[str, Any], failed: list[str]) -> None:
    if failed:
        key = f"{kind}:{payload['delegation']}:incident"
        report(tx, kind, payload, key=key, error="; ".join(failed[:20]))
