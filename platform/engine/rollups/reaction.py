"""Roll-ups computed again in the transaction that changed a child; chains follow by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Any

import sqlalchemy as sa
from trellis.engine.errors import InvalidError, LoopError, problem
from trellis.engine.parsing import ValueRefusedError, exact
from trellis.engine.query.conditions import as_sql
from trellis.engine.reactions import Draft, RecordChanged
from trellis.engine.records.draft import stored_formulas
from trellis.engine.records.storing import update_derived
from trellis.engine.rows import load_row
from trellis.engine.subject import Root
from trellis.engine.transactions import MAX_DEPTH, Transaction
from trellis.metadata.model.fields import EXACT_TYPES, Field, FieldType, Rollup
from trellis.metadata.model.objects import Object
from trellis.storage.types import ExactNumber


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
        """Compute the aggregates that the change can have touched, and those over them.

        Level by level, and in one order within a level: two writers never wait for each other.
        """
        changes = [change]
        for _ in range(MAX_DEPTH):
            touched: dict[tuple[str, str], list[Field]] = {}
            for one in changes:
                for parent, field, parent_id in _touched(tx, one):
                    fields = touched.setdefault((parent.key, parent_id), [])
                    fields += [] if field in fields else [field]
            changes = [
                made
                for (key, parent_id), fields in sorted(touched.items(), key=lambda item: item[0])
                if (made := recompute(tx, key, parent_id, fields)) is not None
            ]
            if not changes:
                return
        raise LoopError(MAX_DEPTH, change.object)


def _touched(tx: Transaction, change: RecordChanged) -> Iterator[tuple[Object, Field, str]]:
    table = tx.compiled.keep(("rollups",), lambda: _by_child(tx))
    for parent, field in table.get(change.object, ()):
        if change.event != "update" or _touches(tx, field, change):
            for parent_id in _parents(field, change):
                yield parent, field, parent_id


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
    where = rollup.where.text
    read = tx.compiled.keep(
        ("reads", where, rollup.object), lambda: _reads(tx, rollup.object, where)
    )
    return bool(read & change.changed)


def _reads(tx: Transaction, object_key: str, text: str) -> frozenset[str]:
    """Return the fields that a condition reads, through virtual formulas too."""
    fields = tx.compiled.catalog.objects[object_key].fields
    found: set[str] = set()
    todo = [text]
    while todo:
        for path in tx.compiled.expression(todo.pop(), object_key).names:
            name = path[1] if path[0] == "record" and len(path) > 1 else path[0]
            formula = fields[name].formula if name in fields else None
            if formula is not None and name not in found:
                todo.append(formula.text)
            found.add(name)
    return frozenset(found)


def _parents(field: Field, change: RecordChanged) -> list[str]:
    link = field.rollup.link if field.rollup is not None else ""
    sides = [change.new.get(link), (change.old or {}).get(link)]
    return [side for side in dict.fromkeys(sides) if isinstance(side, str)]


def recompute(
    tx: Transaction, object_key: str, record_id: str, fields: Sequence[Field]
) -> RecordChanged | None:
    """Store what the aggregates are now; return the change, None when there is none."""
    row = load_row(tx, object_key, record_id, lock=True)
    if row is None:
        return None
    found = {field.key: aggregate(tx, field, record_id) for field in fields}
    values = {key: value for key, value in found.items() if row.get(key) != value}
    if not values:
        return None
    item = tx.compiled.catalog.objects[object_key]
    values |= stored_formulas(tx, item, record_id, row, values)
    update_derived(tx, object_key, record_id, int(row["rev"]), values)
    return RecordChanged("update", object_key, record_id, row, {**row, **values}, frozenset(values))


def aggregate(tx: Transaction, field: Field, parent_id: str) -> Any:
    """Return the aggregate over the living children of a record.

    Raises InvalidError when it has more digits than the field.
    """
    rollup = field.rollup
    if rollup is None:
        return None
    # Filters of roll-ups read nothing but the record (META181), so their values never change.
    statement, bound = tx.compiled.keep(("rollup", rollup), lambda: _statement(tx, rollup))
    row = tx.connection.execute(statement, {**bound, "parent_id": parent_id}).one()
    if rollup.function in ("sum", "mean"):
        return _fitted(field, _total(tx, rollup, row[0], row[1]))
    return _fitted(field, row[0])


def _statement(tx: Transaction, rollup: Rollup) -> tuple[sa.Select[Any], dict[str, Any]]:
    root = Root.of(tx.compiled, rollup.object)
    columns = tx.compiled.table(rollup.object).columns
    link = root.table.c[columns[rollup.link].name]
    conditions: list[Any] = [link == sa.bindparam("parent_id"), root.table.c.deleted_at.is_(None)]
    bound: dict[str, Any] = {}
    if rollup.where is not None:
        expression = tx.compiled.expression(rollup.where.text, rollup.object)
        condition, bound = as_sql(tx, root, expression)
        conditions.append(condition)
    selected: tuple[Any, ...] = (sa.func.count(),)
    if rollup.field is not None:
        column = root.table.c[columns[rollup.field].name]
        if rollup.function in ("sum", "mean"):
            # A sum as text: SQLite's own would overflow, and floats would round.
            total = (
                sa.func.exact_sum(column) if tx.sqlite else sa.cast(sa.func.sum(column), sa.Text())
            )
            selected = (sa.type_coerce(total, sa.Text()), sa.func.count(column))
        else:
            selected = (sa.func.min(column) if rollup.function == "min" else sa.func.max(column),)
    return sa.select(*selected).select_from(root.from_clause()).where(*conditions), bound


def _total(tx: Transaction, rollup: Rollup, total: str | None, count: int) -> Decimal | None:
    """Return a sum or mean from the database's exact text of the sum."""
    if total is None:
        return None
    column = tx.compiled.table(rollup.object).columns[rollup.field or ""]
    number = Decimal(total)
    if tx.sqlite and isinstance(column.type, ExactNumber):
        number = number.scaleb(-column.type.scale)
    if rollup.function == "sum":
        return number
    with localcontext(prec=60):
        return number / count


def _fitted(field: Field, value: Any) -> Any:
    if value is None:
        return _empty(field)
    if field.value_type in EXACT_TYPES:
        try:
            return exact(field, Decimal(str(value)))
        except ValueRefusedError as error:
            raise InvalidError([problem(field.key, "COMPUTED_VALUE", str(error))]) from None
    if field.value_type is FieldType.DURATION and not isinstance(value, timedelta):
        return timedelta(microseconds=int(value))
    return int(value) if field.value_type is FieldType.INTEGER else value


def _empty(field: Field) -> Any:
    if field.rollup is None or field.rollup.function not in ("count", "sum"):
        return None
    return Decimal(0) if field.value_type in EXACT_TYPES else 0
