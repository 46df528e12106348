"""What deleting a record does to the records that refer to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from trellis.engine.errors import ConflictError, LimitError
from trellis.engine.rows import load_links
from trellis.engine.transactions import Transaction
from trellis.metadata.model.fields import TO_MANY_TYPES, TO_ONE_TYPES, Field, OnDelete
from trellis.metadata.model.objects import Object

#: Records that one deletion may change; more are refused, never left behind.
MOST_FOLLOWED = 10_000


def follow_deletion(
    tx: Transaction,
    item: Object,
    record_id: str,
    *,
    delete: Callable[..., Any],
    update: Callable[..., Any],
) -> None:
    """Refuse, clear or cascade, as each reference says; owned rows go with their parent.

    Raises ConflictError for references that keep the record, LimitError when too many follow.
    """
    system = tx.acting(tx.actor.as_system()).deeper()
    for other, field in _references(tx, item.key):
        found = _referring(tx, other.key, field, record_id)
        if not found:
            continue
        if _goes_along(other, field):
            for identity in found:
                delete(system, other.key, identity, with_parent=True)
        elif field.on_delete is OnDelete.CLEAR:
            for identity in found:
                rest = _without(tx, other, field, identity, record_id)
                update(system, other.key, identity, {field.key: rest})
        else:
            raise ConflictError(
                "STILL_USED", f"{len(found)} records of `{other.key}` refer to it",
                hint="change them first", details=[{"object": other.key, "field": field.key}],
            )  # fmt: skip


def follow_restoration(
    tx: Transaction,
    item: Object,
    record_id: str,
    deleted_at: datetime,
    *,
    restore: Callable[..., Any],
) -> None:
    """Restore what was deleted together with a record: the same moment, by the same reference."""
    system = tx.acting(tx.actor.as_system()).deeper()
    for other, field in _references(tx, item.key):
        if _goes_along(other, field):
            for identity in _referring(tx, other.key, field, record_id, deleted_at):
                restore(system, other.key, identity)


def _goes_along(other: Object, field: Field) -> bool:
    return other.child_of == field.key or field.on_delete is OnDelete.CASCADE


def _references(tx: Transaction, object_key: str) -> Iterator[tuple[Object, Field]]:
    for other in tx.compiled.catalog.objects.values():
        for field in other.fields.values():
            if field.type in TO_ONE_TYPES | TO_MANY_TYPES and field.to == object_key:
                yield other, field


def _without(
    tx: Transaction, other: Object, field: Field, identity: str, record_id: str
) -> list[str] | None:
    """Return what a reference names when `record_id` is gone."""
    if field.type in TO_ONE_TYPES:
        return None
    return [one for one in load_links(tx, other.key, field.key, identity) if one != record_id]


def _referring(
    tx: Transaction,
    object_key: str,
    field: Field,
    record_id: str,
    deleted_at: datetime | None = None,
) -> list[str]:
    """Return the living records that refer to one, or those deleted at a moment."""
    table = tx.compiled.table(object_key)
    if field.type in TO_ONE_TYPES:
        refers = table.columns[field.key] == record_id
    else:
        link = table.links[field.key].table
        sources = sa.select(link.c.source_id).where(link.c.target_id == record_id)
        refers = table.columns["id"].in_(sources)
    at = table.columns["deleted_at"]
    statement = (
        sa.select(table.columns["id"])
        .where(refers, at.is_(None) if deleted_at is None else at == deleted_at)
        .order_by(table.columns["id"])
    )
    rows = tx.connection.execute(statement.limit(MOST_FOLLOWED + 1)).all()
    if len(rows) > MOST_FOLLOWED:
        raise LimitError("TOO_MANY", f"more than {MOST_FOLLOWED} records of `{object_key}` refer "
                         "to it", hint="delete or change them first")  # fmt: skip
    return [str(row[0]) for row in rows]
