"""What people decided earlier in an instance, asked from its rows: the `Decisions` of a step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.flows import APPROVAL, TASK
from trellis.storage.platform_tables.trail import HISTORY

#: States of work that somebody has answered.
_ANSWERED = ("done", "approved", "rejected", "abstained", "returned")
_SYSTEM = "system"
#: The outcome of a seat that its principal's earlier approval decided.
REPEATED = "repeat"


@dataclass(frozen=True)
class EarlierApproval:
    """An approval that somebody gave as principal."""

    seat: str
    node: str
    at: datetime


@dataclass(frozen=True)
class SqlDecisions:
    """The decisions of one instance; `watched` are fields of its record that matter."""

    tx: Transaction
    instance_id: str
    object: str | None
    record_id: str | None
    watched: frozenset[str]

    def people_at(self, nodes: Iterable[str]) -> frozenset[str]:
        """Return everybody who decided or did one of the nodes, and on whose behalf."""
        statement = sa.select(TASK.c.decided_by, TASK.c.principal).where(
            TASK.c.instance_id == self.instance_id,
            TASK.c.node.in_(list(nodes)),
            TASK.c.state.in_(_ANSWERED),
        )
        found = {user for row in self.tx.connection.execute(statement) for user in row}
        return frozenset(str(user) for user in found if user not in (None, _SYSTEM))

    def approval_of(self, user: str, *, adjacent: bool) -> EarlierApproval | None:
        """Return the newest approval of `user` that still stands, see `ports.Decisions`."""
        if adjacent and not self._has_seat_in_last(user):
            return None
        row = self.tx.connection.execute(
            sa.select(TASK.c.id, TASK.c.node, TASK.c.decided_at, TASK.c.record_rev)
            .where(
                TASK.c.instance_id == self.instance_id,
                TASK.c.kind == "seat",
                TASK.c.principal == user,
                TASK.c.state == "approved",
                TASK.c.decided_by != _SYSTEM,
            )
            .order_by(TASK.c.decided_at.desc(), TASK.c.id.desc())
            .limit(1)
        ).first()
        if row is None or self._returned_since(row[2]) or self._changed_since(row[2], row[3]):
            return None
        return EarlierApproval(str(row[0]), str(row[1]), row[2])

    def _has_seat_in_last(self, user: str) -> bool:
        """Tell whether the user approved, or was passed over, at the last approval."""
        last = (
            sa.select(APPROVAL.c.id)
            .where(APPROVAL.c.instance_id == self.instance_id, APPROVAL.c.decided_at.is_not(None))
            .order_by(APPROVAL.c.decided_at.desc(), APPROVAL.c.id.desc())
            .limit(1)
        )
        found = self.tx.connection.execute(last).scalar()
        if found is None:
            return False
        passed = sa.and_(TASK.c.state == "skipped", TASK.c.outcome == REPEATED)
        statement = sa.select(TASK.c.id).where(
            TASK.c.approval_id == str(found),
            TASK.c.principal == user,
            sa.or_(TASK.c.state == "approved", passed),
        )
        return self.tx.connection.execute(statement.limit(1)).first() is not None

    def _returned_since(self, moment: datetime) -> bool:
        statement = sa.select(APPROVAL.c.id).where(
            APPROVAL.c.instance_id == self.instance_id,
            APPROVAL.c.state == "returned",
            APPROVAL.c.decided_at >= moment,
        )
        return self.tx.connection.execute(statement.limit(1)).first() is not None

    def _changed_since(self, moment: datetime, rev: int | None) -> bool:
        """Tell whether a watched field has changed since somebody decided.

        `rev` is the record as they left it: its revisions are the numbers of its history.
        """
        if self.object is None or self.record_id is None or not self.watched:
            return False
        columns = HISTORY.c
        later = columns.at > moment if rev is None else columns.seq > rev
        statement = sa.select(columns.changes).where(
            columns.object_key == self.object, columns.record_id == self.record_id, later
        )
        changes: list[Any] = list(self.tx.connection.execute(statement).scalars())
        return any(self.watched.intersection(found or ()) for found in changes)
