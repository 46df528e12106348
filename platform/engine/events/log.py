"""The event log as rows: appended in the transaction that causes an event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from trellis.engine.events.entries import EventEntry, EventKind
from trellis.engine.reactions import Draft, RecordChanged
from trellis.engine.transactions import Transaction
from trellis.storage.database import whole
from trellis.storage.platform_tables.trail import EVENT
from trellis.storage.prepared import Kept

_COLUMNS = tuple(field.name for field in fields(EventEntry))


def record(tx: Transaction, entry: EventEntry) -> None:
    """Append an entry."""
    row = {name: getattr(entry, name) for name in _COLUMNS}
    row |= {"kind": str(entry.kind), "id": tx.ids.new()}
    row["case_object"] = entry.case_object or entry.object
    row["case_id"] = entry.case_id or entry.record_id
    tx.pending.add(_INSERT, row)


_INSERT = Kept(sa.insert(EVENT))
#: When a record came into its state.
_CAME = Kept(
    sa.select(sa.func.max(EVENT.c.end_at)).where(
        EVENT.c.case_object == sa.bindparam("object"), EVENT.c.case_id == sa.bindparam("record"),
        EVENT.c.record_id == sa.bindparam("record"),
        sa.or_(EVENT.c.kind == str(EventKind.CREATE), EVENT.c.kind == str(EventKind.TRANSITION)),
    )
)  # fmt: skip


def _in_state_since(tx: Transaction, change: RecordChanged) -> Any:
    """Return when the record came into the state that it now leaves."""
    tx.pending.flush(tx.connection, _INSERT)
    case = {"object": change.object, "record": change.record_id}
    came = _CAME.of(tx.connection).first(tx.connection, case)
    return None if came is None else came[0]


@dataclass(frozen=True)
class EventQuery:
    """Which entries: of an object, a case, a flow; that ended in [since, until)."""

    object: str | None = None
    case: str | None = None
    flow: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None

    def conditions(self) -> list[Any]:
        """Return what entries must fulfil."""
        wanted = {EVENT.c.object: self.object, EVENT.c.case_id: self.case, EVENT.c.flow: self.flow}
        found = [column == value for column, value in wanted.items() if value is not None]
        found += [] if self.since is None else [EVENT.c.end_at >= self.since]
        return found + ([] if self.until is None else [EVENT.c.end_at < self.until])


def entries(tx: Transaction, asked: EventQuery | None = None) -> Iterator[EventEntry]:
    """Yield entries case by case, oldest first."""
    asked = asked or EventQuery()
    statement = (
        sa.select(*(EVENT.c[name] for name in _COLUMNS))
        .where(*asked.conditions())
        .order_by(EVENT.c.case_object, EVENT.c.case_id, EVENT.c.end_at, EVENT.c.id)
    )
    if asked.limit is not None:
        statement = statement.limit(asked.limit)
    with whole(tx.connection) as connection:
        rows = connection.execution_options(stream_results=True).execute(statement)
        for row in rows.mappings():
            yield EventEntry(**{**row, "kind": EventKind(row["kind"])})


def page(
    tx: Transaction, asked: EventQuery, after: str | None, limit: int
) -> list[tuple[str, EventEntry]]:
    """Return entries with their ids, oldest first, behind the id `after`: ids ascend with time."""
    behind = [] if after is None else [EVENT.c.id > after]
    statement = (
        sa.select(EVENT.c.id, *(EVENT.c[name] for name in _COLUMNS))
        .where(*asked.conditions(), *behind)
        .order_by(EVENT.c.id)
        .limit(limit)
    )
    found = tx.connection.execute(statement).mappings()
    return [
        (row["id"], EventEntry(**{name: row[name] for name in _COLUMNS}
                               | {"kind": EventKind(row["kind"])}))
        for row in found
    ]  # fmt: skip


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
        since = None if change.old is None else _in_state_since(tx, change)
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
