"""What deleting a record does to the records that refer to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from trellis.engine.errors import ConflictError
from trellis.engine.transactions import Transaction
from trellis.metadata.model.fields import TO_ONE_TYPES, Field, OnDelete
from trellis.metadata.model.objects import Object

_MOST = 10_000


def follow_deletion(
    tx: Transaction,
    item: Object,
    record_id: str,
    *,
    delete: Callable[..., Any],
    update: Callable[..., Any],
) -> None:
    """Refuse, clear or cascade, as each reference says; owned rows go with their parent."""
    system = tx.acting(tx.actor.as_system()).deeper()
    for other, field in _references(tx, item.key):
        found = _referring(tx, other.key, field.key, record_id)
        if not found:
            continue
        if other.child_of == field.key or field.on_delete is OnDelete.CASCADE:
            for identity in found:
                delete(system, other.key, identity)
        elif field.on_delete is OnDelete.CLEAR:
            for identity in found:
                update(system, other.key, identity, {field.key: None})
        else:
            raise ConflictError(
                "STILL_USED", f"{len(found)} records of `{other.key}` refer to it",
                hint="change them first", details=[{"object": other.key, "field": field.key}],
            )  # fmt: skip


def _references(tx: Transaction, object_key: str) -> Iterator[tuple[Object, Field]]:
    for other in tx.compiled.catalog.objects.values():
        for field in other.fields.values():
            if field.type in TO_ONE_TYPES and field.to == object_key:
                yield other, field


def _referring(tx: Transaction, object_key: str, field: str, record_id: str) -> list[str]:
    table = tx.compiled.table(object_key)
    statement = sa.select(table.columns["id"]).where(
        table.columns[field] == record_id, table.columns["deleted_at"].is_(None)
    )
    return [str(row[0]) for row in tx.connection.execute(statement.limit(_MOST))]
