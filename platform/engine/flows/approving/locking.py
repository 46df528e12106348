"""Records that people decide about: locked against edits by others (`lock:`, flows.md 2.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from trellis.engine.approvals.work import OPEN, WAITING, TaskKind
from trellis.engine.errors import ConflictError
from trellis.engine.reactions import Draft, RecordChanged
from trellis.engine.transactions import Transaction
from trellis.metadata.model.fields import FieldType
from trellis.metadata.model.flows import NodeKind
from trellis.storage.platform_tables.flows import APPROVAL, TASK


@dataclass(frozen=True)
class ApprovalLocks:
    """Refuses edits of what an open approval is about; without `lock:` that is its amounts.

    Who holds an open seat may edit, and the platform: flows go on.
    """

    def before(self, tx: Transaction, draft: Draft) -> Mapping[str, Any]:
        """Raise ConflictError when a locked field would change."""
        if draft.event != "update" or tx.actor.is_system or not draft.changed:
            return {}
        amounts, named = tx.compiled.keep(
            ("approval locks", draft.object), lambda: _lockable(tx, draft.object)
        )
        if amounts is None or not (named or draft.changed & amounts):
            return {}
        locked = sorted(set(_locked(tx, draft, amounts)))
        if locked:
            raise ConflictError(
                "RECORD_LOCKED", "this waits for an approval and is not changed meanwhile",
                hint="withdraw it, or ask who decides to return it",
                details=[{"field": name} for name in locked],
            )  # fmt: skip
        return {}

    def after(self, _tx: Transaction, _change: RecordChanged) -> None:
        """Do nothing."""


def _lockable(tx: Transaction, object_key: str) -> tuple[frozenset[str] | None, bool]:
    """Return an object's amounts (None: no flow decides about it), and whether `lock:` is used."""
    catalog = tx.compiled.catalog
    nodes = [
        node
        for flow in catalog.flows.values()
        if flow.object == object_key
        for node in flow.nodes.values()
        if node.kind is NodeKind.APPROVAL or node.nodes
    ]
    if not nodes:
        return None, False
    fields = catalog.objects[object_key].fields.items()
    amounts = frozenset(key for key, field in fields if field.type is FieldType.MONEY)
    named = any("lock" in node.settings or node.nodes for node in nodes)
    return amounts, named or any("lock" in app.approvals for app in catalog.apps.values())


def _locked(tx: Transaction, draft: Draft, amounts: frozenset[str]) -> Iterator[str]:
    """Yield the changed fields that an open approval of the record locks for the actor."""
    statement = (
        sa.select(APPROVAL.c.id, APPROVAL.c.rule, TASK.c.holder, TASK.c.state)
        .join(TASK, TASK.c.approval_id == sa.cast(APPROVAL.c.id, sa.Text()))
        .where(
            TASK.c.object == draft.object, TASK.c.record_id == draft.record_id,
            TASK.c.kind == str(TaskKind.SEAT), TASK.c.state.in_([OPEN, WAITING]),
            APPROVAL.c.state == OPEN,
        )
    )  # fmt: skip
    rows = tx.connection.execute(statement).all()
    me = tx.actor.principal.id
    if any(row.holder == me and row.state == OPEN for row in rows):
        return
    for rule in {row.id: row.rule for row in rows}.values():
        lock = rule.get("lock")
        if lock is None:
            yield from draft.changed & amounts
        elif lock is True:
            yield from draft.changed
        elif isinstance(lock, list):
            yield from draft.changed & frozenset(map(str, lock))
