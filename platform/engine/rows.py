"""Rows of object tables as values by field key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from trellis.engine.transactions import Transaction
from trellis.ids import is_id
from trellis.storage.platform_tables.trail import HISTORY
from trellis.storage.prepared import Prepared


def load_row(
    tx: Transaction, object_key: str, record_id: str, *, lock: bool = False
) -> Mapping[str, Any] | None:
    """Return a record's stored values, deleted or not, None when there is no such id."""
    if not is_id(record_id):
        return None
    table = tx.compiled.table(object_key)
    key = ("load", object_key, lock)
    statement = tx.compiled.keep(
        key, lambda: Prepared(_load_statement(tx, object_key, lock=lock), tx.connection.dialect)
    )
    row = statement.first(tx.connection, {"record_id": record_id})
    if row is None:
        return None
    values = dict(zip(table.columns, row, strict=False))
    if lock and row[-1] is not None:
        # Null where somebody else wrote while we waited for the lock: whoever needs it asks.
        tx.chain[object_key, record_id] = (int(values["rev"]), row[-1])
    return values


def _load_statement(tx: Transaction, object_key: str, *, lock: bool) -> sa.Select[Any]:
    """Select a record; what locks it reads the newest hash of its history too."""
    columns = tx.compiled.table(object_key).columns
    every: list[sa.ColumnElement[Any]] = list(columns.values())
    this = columns["id"] == sa.bindparam("record_id", type_=columns["id"].type)
    if not lock:
        return sa.select(*every).where(this)
    newest = (
        sa.select(HISTORY.c.hash)
        .where(HISTORY.c.object_key == sa.literal(object_key),
               HISTORY.c.record_id == sa.bindparam("record_id", type_=sa.Text()),
               HISTORY.c.seq == columns["rev"])
        .scalar_subquery()
    )  # fmt: skip
    statement = sa.select(*every, newest).where(this)
    # Only the key share that foreign keys take goes on beside it: no two inserts block each other.
    return statement if tx.sqlite else statement.with_for_update(key_share=True)


def load_links(tx: Transaction, object_key: str, field: str, record_id: str) -> list[str]:
    """Return the ids that a to-many reference names, in order."""
    link = tx.compiled.table(object_key).links[field].table.c

    def make() -> Prepared:
        statement = (
            sa.select(link.target_id)
            .where(link.source_id == sa.bindparam("record_id"))
            .order_by(link.position)
        )
        return Prepared(statement, tx.connection.dialect)

    statement = tx.compiled.keep(("links", object_key, field), make)
    return [str(row[0]) for row in statement.all(tx.connection, {"record_id": record_id})]


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
