"""Somebody was deactivated or deleted: what they had goes to their delegate, manager or others.

A job, so that the deactivation itself is quick and nothing of it is lost. Work goes on behalf of
the person to whom they have delegated it; else to the next manager who may have it, as that
manager's own; else to those whom the node's `empty:` names, or role.flow_admin. Records go the
same way. What nobody can take is shown among the jobs that need a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from trellis.engine.approvals.work import Task
from trellis.engine.assignment.delegation import Matter, stand_in
from trellis.engine.assignment.delegations import SqlDelegations
from trellis.engine.assignment.organisation import SqlOrganisation
from trellis.engine.assignment.people import PeopleError, managers
from trellis.engine.assignment.seating import FALLBACK_ROLE
from trellis.engine.errors import EngineError
from trellis.engine.flows.people import facts_of
from trellis.engine.flows.running import Flows
from trellis.engine.handover.moving import Bench, move_record
from trellis.engine.handover.owned import OwnedRecord, owned_by
from trellis.engine.handover.trail import LEFT, Cause
from trellis.engine.handover.work import offered_to, pooled, work_of
from trellis.engine.jobs.rows import enqueue, report
from trellis.engine.reactions import Draft, RecordChanged
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.access import USER_ROLE

LEFT_JOB = "people.left"
#: Records that one run of the job moves before it comes again.
BATCH = 200
_CAUSE = Cause(LEFT, "system")


@dataclass(frozen=True)
class PeopleLeave:
    """A reaction: whoever is deactivated or deleted leaves work behind."""

    def before(self, _tx: Transaction, _draft: Draft) -> Mapping[str, Any]:
        """Have no say."""
        return {}

    def after(self, tx: Transaction, change: RecordChanged) -> None:
        """Put the hand-over into the queue."""
        if change.object != "user" or change.event == "create":
            return
        if change.event == "delete" or ("active" in change.changed and not change.new["active"]):
            enqueue(tx, LEFT_JOB, {"user": change.record_id}, due=tx.now,
                    key=f"left:{change.record_id}")  # fmt: skip


@dataclass(frozen=True)
class Leaving:
    """Hands over what people who left had."""

    flows: Flows

    def run(self, tx: Transaction, payload: Mapping[str, Any]) -> None:
        """Hand everything over (a job); no-op when the person is active again."""
        user = str(payload["user"])
        if SqlOrganisation(tx).active((user,)):
            return
        lost: list[str] = []
        for task in work_of(tx, user):
            lost += self._work(tx, task, user)
        for task in offered_to(tx, user):
            lost += self._offer(tx, task, user)
        for task in _of_empty_pools(tx, user):
            lost += self._pool(tx, task, user)
        records = owned_by(tx, user, BATCH)
        stuck = [text for record in records for text in _record(tx, record, user)]
        if len(records) == BATCH and len(stuck) < BATCH:
            enqueue(tx, LEFT_JOB, payload, due=tx.now, key=f"left:{user}")
        if lost or stuck:
            told = "; ".join([*lost, *stuck][:20])
            report(tx, LEFT_JOB, payload, key=f"left:{user}:incident",
                   error=f"nobody was found to take over: {told}")  # fmt: skip

    def _work(self, tx: Transaction, task: Task, user: str) -> Iterator[str]:
        """Hand over work that somebody held, or that was theirs; yield what nobody can take."""
        bench = Bench.of(self.flows, tx, task)
        if not bench.is_open():
            return
        offered = bench.task.pools or set(bench.task.candidates) - {user}
        if offered:
            bench.move(_CAUSE, user, holder=None, principal=None, claimed_at=None, via="rule")
            return
        acting = bench.stand_in()
        if acting.holder == bench.task.holder != user:
            return
        if acting.holder != user and acting.holder != bench.task.principal:
            bench.move(_CAUSE, user, holder=acting.holder, via="delegation", also=())
        elif bench.task.principal not in (None, user):
            # Held on behalf of somebody who is there: it goes back.
            bench.move(_CAUSE, user, holder=bench.task.principal, via="rule", also=())
        else:
            yield from self._to_successor(bench, user)

    def _to_successor(self, bench: Bench, user: str) -> Iterator[str]:
        taker = next((one for one in _successors(bench, user) if bench.problem(one) is None), None)
        if taker is None:
            yield f"{bench.task.flow} · {bench.task.node} ({bench.task.id})"
            return
        bench.move(_CAUSE, user, holder=taker, principal=taker, via="admin", also=())

    def _offer(self, tx: Transaction, task: Task, user: str) -> Iterator[str]:
        """Take somebody out of those to whom work is offered, or who may do it beside others."""
        bench = Bench.of(self.flows, tx, task)
        left = tuple(one for one in bench.task.candidates if one != user)
        beside = tuple(one for one in bench.task.also if one != user)
        able = SqlOrganisation(tx).active(left) if left else frozenset()
        if bench.task.holder is not None or bench.task.pools or able:
            bench.move(_CAUSE, user, candidates=left, also=beside)
        else:
            yield from self._to_successor(bench, user)

    def _pool(self, tx: Transaction, task: Task, user: str) -> Iterator[str]:
        """Offer pooled work to the administrators when the last member of its role has left."""
        bench = Bench.of(self.flows, tx, task)
        if not SqlOrganisation(tx).members_of_role(FALLBACK_ROLE):
            yield f"{task.flow} · {task.node} ({task.id})"
        elif FALLBACK_ROLE not in bench.task.pools:
            bench.move(_CAUSE, user, pools=(*bench.task.pools, FALLBACK_ROLE))


def _of_empty_pools(tx: Transaction, user: str) -> Iterator[Task]:
    """Yield the open work of roles of which the person was the last member."""
    roles = tx.connection.execute(sa.select(USER_ROLE.c.role).where(USER_ROLE.c.user_id == user))
    organisation = SqlOrganisation(tx)
    for role in [str(row[0]) for row in roles]:
        if organisation.members_of_role(role):
            continue
        for task in pooled(tx, role):
            others = any(organisation.members_of_role(pool) for pool in task.pools)
            if not others and not organisation.active(task.candidates):
                yield task


def _successors(bench: Bench, user: str) -> Iterator[str]:
    """Yield who might take work over as their own: managers, then those of `empty:`."""
    organisation = bench.stage.world.organisation
    yield from managers(user, organisation)
    empty = bench.node.policy.empty.people
    if empty:
        with suppress(PeopleError):
            yield from facts_of(bench.stage, bench.case, bench.node).others(empty).users
    yield from organisation.members_of_role(FALLBACK_ROLE)


def _record(tx: Transaction, record: OwnedRecord, user: str) -> Iterator[str]:
    """Hand a record over; yield what could not be, with the reason."""
    taker = record_taker(tx, record.object, user)
    if taker is None:
        yield f"{record.object} {record.record_id}"
        return
    try:
        with tx.connection.begin_nested():
            move_record(tx, record, user, taker, _CAUSE)
    except EngineError as error:
        tx.views.clear()
        yield f"{record.object} {record.record_id}: {error.message}"


def record_taker(tx: Transaction, object_key: str, user: str) -> str | None:
    """Return who takes over a record: the delegate, a manager, the head above, administrators."""
    organisation = SqlOrganisation(tx)
    acting = stand_in(user, Matter("", object_key), tx.now, SqlDelegations(tx).of_giver,
                      lambda _user: False, organisation.active)  # fmt: skip
    if acting.holder != user:
        return acting.holder
    above = next(managers(user, organisation), None)
    return above or next(iter(organisation.members_of_role(FALLBACK_ROLE)), None)
