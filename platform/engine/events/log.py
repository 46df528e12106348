"""The event log as rows: appended in the transaction that causes an event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa
from trellis.engine.events.entries import EventEntry, EventKind
from trellis.engine.reactions import Draft, RecordChanged
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.trail import EVENT

_COLUMNS = tuple(field.name for field in fields(EventEntry))


def record(tx: Transaction, entry: EventEntry) -> None:
    """Append an entry."""
    row = {**asdict(entry), "kind": str(entry.kind), "id": tx.ids.new()}
    tx.connection.execute(_INSERT, row)


_INSERT = sa.insert(EVENT)


def entries(
    tx: Transaction, *, object_key: str | None = None, limit: int | None = None
) -> Iterator[EventEntry]:
    """Yield entries case by case, oldest first."""
    statement = sa.select(*(EVENT.c[name] for name in _COLUMNS)).order_by(
        sa.func.coalesce(EVENT.c.case_object, EVENT.c.object),
        sa.func.coalesce(EVENT.c.case_id, EVENT.c.record_id),
        EVENT.c.end_at,
        EVENT.c.id,
    )
    if object_key is not None:
        statement = statement.where(EVENT.c.object == object_key)
    if limit is not None:
        statement = statement.limit(limit)
    for row in tx.connection.execution_options(stream_results=True).execute(statement).mappings():
        yield EventEntry(**{**row, "kind": EventKind(row["kind"])})


class LifecycleLog:
    """Writes every beginning and move of a record with a lifecycle into the event log."""

    def before(self, _tx: Transaction, _draft: Draft) -> Mapping[str, Any]:
        """Have no say."""
        return {}

    def after(self, tx: Transaction, change: RecordChanged) -> None:
        """Append an entry when a record began in a state or moved."""
        item = tx.compiled.catalog.objects[change.object]
        if item.lifecycle is None or change.event not in ("create", "transition"):
            return
        field = item.lifecycle.field
        old = None if change.old is None else change.old.get(field)
        since = None if change.old is None else change.old.get("updated_at")
        actor = tx.actor
        record(
            tx,
            EventEntry(
                kind=EventKind(change.event),
                object=change.object,
                record_id=change.record_id,
                activity=change.transition or "create",
                end_at=tx.now,
                start_at=since,
                actor=actor.principal.id,
                role=min(actor.principal.roles, default=None),
                on_behalf_of=actor.on_behalf_of,
                from_state=old,
                to_state=change.new.get(field),
                version=tx.compiled.catalog.version,
                comment=change.comment,
            ),
        )
