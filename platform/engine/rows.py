"""Rows of object tables as values by field key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from trellis.engine.transactions import Transaction
from trellis.ids import is_id


def load_row(
    tx: Transaction, object_key: str, record_id: str, *, lock: bool = False
) -> Mapping[str, Any] | None:
    """Return a record's stored values, deleted or not, None when there is no such id."""
    if not is_id(record_id):
        return None
    table = tx.compiled.table(object_key)
    key = ("load", object_key, lock)
    statement = tx.compiled.keep(key, lambda: _load_statement(tx, object_key, lock=lock))
    row = tx.connection.execute(statement, {"record_id": record_id}).first()
    return None if row is None else dict(zip(table.columns, row, strict=True))


def _load_statement(tx: Transaction, object_key: str, *, lock: bool) -> sa.Select[Any]:
    table = tx.compiled.table(object_key)
    columns: list[sa.ColumnElement[Any]] = list(table.columns.values())
    statement = sa.select(*columns).where(table.columns["id"] == sa.bindparam("record_id"))
    # Only the key share that foreign keys take goes on beside it: no two inserts block each other.
    return statement.with_for_update(key_share=True) if lock and not tx.sqlite else statement


def load_links(tx: Transaction, object_key: str, field: str, record_id: str) -> list[str]:
    """Return the ids that a to-many reference names, in order."""
    link = tx.compiled.table(object_key).links[field].table
    statement = (
        sa.select(link.c.target_id).where(link.c.source_id == record_id).order_by(link.c.position)
    )
    return [str(row[0]) for row in tx.connection.execute(statement)]


def store_links(
    tx: Transaction, object_key: str, field: str, record_id: str, targets: list[str]
) -> None:
    """Replace what a to-many reference names."""
    link = tx.compiled.table(object_key).links[field].table
    tx.connection.execute(sa.delete(link).where(link.c.source_id == record_id))
    rows = [
        {"source_id": record_id, "target_id": target, "position": position}
        for position, target in enumerate(dict.fromkeys(targets))
    ]
    if rows:
        tx.connection.execute(sa.insert(link), rows)
