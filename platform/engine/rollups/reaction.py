"""Roll-ups computed again in the transaction that changed a child; chains follow by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from trellis.engine.parsing import ValueRefusedError, exact
from trellis.engine.query.conditions import as_sql
from trellis.engine.query.subject import Root
from trellis.engine.reactions import Draft, RecordChanged
from trellis.engine.records.draft import stored_formulas
from trellis.engine.records.storing import update_row
from trellis.engine.rows import load_row
from trellis.engine.transactions import Transaction
from trellis.metadata.model.fields import EXACT_TYPES, Field, FieldType
from trellis.metadata.model.objects import Object
from trellis.storage.types import ExactNumber, unscaled


class RollupReaction:
    """Keeps stored aggregates equal to what a query would say."""

    def before(self, tx: Transaction, draft: Draft) -> Mapping[str, Any]:
        """Set an empty aggregate of a new record: 0 for counts and sums."""
        if draft.event != "create":
            return {}
        item = tx.compiled.catalog.objects[draft.object]
        return {
            key: _empty(field)
            for key, field in item.fields.items()
            if field.type is FieldType.ROLLUP
        }

    def after(self, tx: Transaction, change: RecordChanged) -> None:
        """Compute the aggregates that the change can have touched."""
        for parent, field in self._rollups_over(tx, change):
            for parent_id in _parents(field, change):
                recompute(tx, parent, field, parent_id)

    def _rollups_over(
        self, tx: Transaction, change: RecordChanged
    ) -> Iterator[tuple[Object, Field]]:
        table = tx.compiled.keep(("rollups",), lambda: _by_child(tx))
        for parent, field in table.get(change.object, ()):
            if change.event != "update" or _touches(tx, field, change):
                yield parent, field


def _by_child(tx: Transaction) -> dict[str, list[tuple[Object, Field]]]:
    found: dict[str, list[tuple[Object, Field]]] = {}
    for item in tx.compiled.catalog.objects.values():
        for field in item.fields.values():
            if field.rollup is not None:
                found.setdefault(field.rollup.object, []).append((item, field))
    return found


def _touches(tx: Transaction, field: Field, change: RecordChanged) -> bool:
    rollup = field.rollup
    if rollup is None:
        return False
    if {rollup.link, rollup.field} & change.changed:
        return True
    if rollup.where is None:
        return False
    expression = tx.compiled.expression(rollup.where.text, rollup.object)
    read = {path[1] if path[0] == "record" and len(path) > 1 else path[0]
            for path in expression.names}  # fmt: skip
    return bool(read & change.changed)


def _parents(field: Field, change: RecordChanged) -> list[str]:
    link = field.rollup.link if field.rollup is not None else ""
    sides = [change.new.get(link), (change.old or {}).get(link)]
    return [side for side in dict.fromkeys(sides) if isinstance(side, str)]


def recompute(tx: Transaction, parent: Object, field: Field, parent_id: str) -> None:
    """Store what the aggregate is now, and let aggregates over the parent follow."""
    row = load_row(tx, parent.key, parent_id, lock=True)
    if row is None:
        return
    value = aggregate(tx, field, parent_id)
    if row.get(field.key) == value:
        return
    values = {field.key: value}
    values |= stored_formulas(tx, parent, parent_id, row, values)
    update_row(tx, parent.key, parent_id, int(row["rev"]), values, counted=False)
    change = RecordChanged(
        "update", parent.key, parent_id, row, {**row, **values}, frozenset(values)
    )
    for reaction in tx.reactions:
        if isinstance(reaction, RollupReaction):
            reaction.after(tx.deeper(), change)


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "sum": sa.func.sum, "min": sa.func.min, "max": sa.func.max, "mean": sa.func.avg,
}  # fmt: skip


def aggregate(tx: Transaction, field: Field, parent_id: str) -> Any:
    """Return the aggregate over the living children of a record."""
    rollup = field.rollup
    if rollup is None:
        return None
    root = Root.of(tx.compiled, rollup.object)
    columns = tx.compiled.table(rollup.object).columns
    link = root.table.c[columns[rollup.link].name]
    conditions: list[Any] = [link == parent_id, root.table.c.deleted_at.is_(None)]
    bound: dict[str, Any] = {}
    if rollup.where is not None:
        expression = tx.compiled.expression(rollup.where.text, rollup.object)
        condition, bound = as_sql(tx, root, expression)
        conditions.append(condition)
    selected: Any = sa.func.count()
    scale = None
    if rollup.field is not None:
        column = root.table.c[columns[rollup.field].name]
        scale = column.type.scale if isinstance(column.type, ExactNumber) and tx.sqlite else None
        function = _FUNCTIONS[rollup.function]
        exact_number = rollup.function in ("sum", "mean")
        selected = (
            sa.type_coerce(function(column), sa.Numeric()) if exact_number else function(column)
        )
        if scale is not None and exact_number:
            selected = sa.type_coerce(selected, sa.BigInteger())
    statement = sa.select(selected).select_from(root.from_clause()).where(*conditions)
    return _fitted(field, tx.connection.execute(statement, bound).scalar(), scale)


def _fitted(field: Field, value: Any, scale: int | None) -> Any:
    if value is None:
        return _empty(field)
    if isinstance(value, int | float) and scale is not None:
        value = (
            unscaled(int(value), scale) if isinstance(value, int) else Decimal(value).scaleb(-scale)
        )
    if field.value_type in EXACT_TYPES:
        try:
            return exact(field, Decimal(str(value)))
        except ValueRefusedError:
            return None
    if field.value_type is FieldType.INTEGER:
        return int(value)
    return value


def _empty(field: Field) -> Any:
    if field.rollup is None or field.rollup.function not in ("count", "sum"):
        return None
    return Decimal(0) if field.value_type in EXACT_TYPES else 0
