"""Values of computed fields that are new to tables with rows: as if they had always been there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.clock import SetClock
from trellis.engine.actors import SYSTEM
from trellis.engine.compiled import CompiledCatalog
from trellis.engine.records.draft import stored_formulas
from trellis.engine.records.storing import update_derived
from trellis.engine.rollups.reaction import aggregate
from trellis.engine.rows import load_row
from trellis.engine.transactions import Transaction
from trellis.ids import TimeOrderedIds
from trellis.metadata.model.fields import Field, FieldType
from trellis.metadata.model.objects import Object

#: Roll-ups over formulas over roll-ups … settle after as many rounds as they are deep.
_MOST_ROUNDS = 5


def fill_computed(
    connection: Connection,
    compiled: CompiledCatalog,
    columns: Iterable[tuple[str, str]],
    *,
    at: datetime,
    notes: Mapping[str, Any],
) -> int:
    """Compute the new columns of roll-ups and stored formulas; return how many values changed."""
    new = frozenset(columns)
    tx = Transaction(
        connection, SYSTEM, at, TimeOrderedIds(SetClock(at)), compiled,
        sqlite=connection.dialect.name == "sqlite", notes=dict(notes),
    )  # fmt: skip
    work = [(item, fields) for item in compiled.catalog.objects.values()
            if (fields := _new_fields(compiled, item, new))]  # fmt: skip
    filled = 0
    for _ in range(_MOST_ROUNDS if work else 0):
        changed = sum(_fill(tx, item, fields) for item, fields in work)
        filled += changed
        if not changed:
            break
    return filled


def _new_fields(
    compiled: CompiledCatalog, item: Object, new: frozenset[tuple[str, str]]
) -> list[Field]:
    table = compiled.table(item.key)
    return [
        field
        for key, field in item.fields.items()
        if field.type in (FieldType.FORMULA, FieldType.ROLLUP)
        and key in table.columns
        and (table.table.name, table.columns[key].name) in new
    ]


def _fill(tx: Transaction, item: Object, fields: list[Field]) -> int:
    filled = 0
    for record_id in _ids(tx, item.key):
        row = load_row(tx, item.key, record_id)
        if row is None:
            continue
        values = {field.key: aggregate(tx, field, record_id)
                  for field in fields if field.type is FieldType.ROLLUP}  # fmt: skip
        values |= stored_formulas(tx, item, record_id, row, values)
        changed = {key: value for key, value in values.items() if row.get(key) != value}
        if changed:
            update_derived(tx, item.key, record_id, int(row["rev"]), changed)
            filled += 1
    return filled


def _ids(tx: Transaction, object_key: str) -> Iterator[str]:
    column = tx.compiled.table(object_key).columns["id"]
    for row in tx.connection.execute(sa.select(column).order_by(column)).all():
        yield str(row[0])
