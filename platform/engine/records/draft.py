"""What a write will store: defaults, set values, formulas and automatic numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from trellis.engine.errors import InvalidError, problem
from trellis.engine.parsing import ValueRefusedError, parse_value
from trellis.engine.records.values import check_options, literal_or_value
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, context_of
from trellis.expressions.values import is_number
from trellis.metadata.model.fields import INVERSE_TYPES, TO_MANY_TYPES, Field, FieldType
from trellis.metadata.model.objects import Object
from trellis.metadata.model.texts import ValueOrExpression
from trellis.storage.platform_tables.catalog import SEQUENCE

_PLACEHOLDER = re.compile(r"\{(yyyy|yy|MM|dd|0+)\}|\{(yyyyMMdd|yyyyMM)\}")


def field_value(tx: Transaction, definition: Field, value: Any) -> Any:
    """Return the value of a field that an expression computed; raise InvalidError."""
    plain = _unwrapped(value)
    if is_number(plain) and definition.value_type is FieldType.INTEGER:
        plain = int(plain)
    try:
        parsed = parse_value(definition, plain)
        check_options(tx, definition, parsed)
    except ValueRefusedError as error:
        raise InvalidError([problem(definition.key, "COMPUTED_VALUE", str(error))]) from None
    return parsed


def _unwrapped(value: Any) -> Any:
    if isinstance(value, RecordView):
        return value.id
    if isinstance(value, list):
        return [_unwrapped(item) for item in value]
    return value


def set_values(
    tx: Transaction,
    item: Object,
    wanted: Mapping[str, ValueOrExpression],
    context: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the values of a `set:` map by field."""
    found: dict[str, Any] = {}
    for key, value in wanted.items():
        computed = literal_or_value(tx, item.key, value, context)
        definition = item.fields.get(key)
        found[key] = (
            _unwrapped(computed) if definition is None else field_value(tx, definition, computed)
        )
    return found


def add_defaults(tx: Transaction, item: Object, record_id: str, values: dict[str, Any]) -> None:
    """Fill in defaults of fields that were not sent, in the author's order."""
    for key, definition in item.fields.items():
        if key in values or definition.default is None:
            continue
        view = RecordView(tx, item.key, record_id, {}, values)
        computed = literal_or_value(tx, item.key, definition.default, context_of(tx, view))
        if computed is not None:
            values[key] = field_value(tx, definition, computed)


def add_empty(item: Object, values: dict[str, Any]) -> None:
    """Make absent fields null, so that expressions over the draft see a whole record."""
    for key, definition in item.fields.items():
        if key not in values:
            if definition.type in TO_MANY_TYPES:
                values[key] = []
            elif definition.type not in INVERSE_TYPES and not _is_worked_out(definition):
                values[key] = False if definition.type is FieldType.BOOLEAN else None


def _is_worked_out(definition: Field) -> bool:
    """Tell whether a value is made whenever it is asked for, from a draft too."""
    return definition.type is FieldType.FORMULA and not definition.stored


def stored_formulas(
    tx: Transaction, item: Object, record_id: str, row: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values of the object's stored formulas for the record with `values`."""
    found: dict[str, Any] = {}
    for key in tx.compiled.keep(("formulas", item.key), lambda: _formula_order(tx, item)):
        definition = item.fields[key]
        if definition.formula is not None:
            view = RecordView(tx, item.key, record_id, row, {**values, **found})
            expression = tx.compiled.expression(definition.formula.text, item.key)
            found[key] = field_value(tx, definition, expression(context_of(tx, view)))
    return found


def _formula_order(tx: Transaction, item: Object) -> tuple[str, ...]:
    """Return the stored formulas, each behind those that it reads."""
    order: list[str] = []
    seen: set[str] = set()

    def visit(key: str) -> None:
        definition = item.fields.get(key)
        if definition is None or definition.formula is None or key in seen:
            return
        seen.add(key)
        for path in sorted(tx.compiled.expression(definition.formula.text, item.key).names):
            if path[0] == "record" and len(path) > 1:
                visit(path[1])
        if definition.stored:
            order.append(key)

    for key in item.fields:
        visit(key)
    return tuple(order)


def add_numbers(tx: Transaction, item: Object, values: dict[str, Any]) -> None:
    """Give automatic numbers to the fields that lack one."""
    for key, definition in item.fields.items():
        if definition.type is FieldType.AUTO and not values.get(key):
            values[key] = next_number(tx, item.key, definition)


def next_number(tx: Transaction, object_key: str, definition: Field) -> str:
    """Return the next automatic number; two transactions never get the same one."""
    local = tx.now.astimezone(tx.zone)
    period = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d"}.get(definition.reset or "never")
    key = {"object_key": object_key, "field_key": definition.key,
           "period": local.strftime(period) if period else ""}  # fmt: skip
    number = tx.connection.execute(_COUNT_UP, key).scalar_one()
    pattern = definition.format or "{00000}"

    def fill(match: re.Match[str]) -> str:
        word = match[1] or match[2]
        if word.startswith("0"):
            return str(number).zfill(len(word))
        return local.strftime(_DATE_WORDS[word])

    return _PLACEHOLDER.sub(fill, pattern)


_DATE_WORDS = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "yyyyMMdd": "%Y%m%d",
               "yyyyMM": "%Y%m"}  # fmt: skip
_COUNT_UP = sa.text(
    f"INSERT INTO {SEQUENCE.name} (object_key, field_key, period, last)"
    " VALUES (:object_key, :field_key, :period, 1)"
    " ON CONFLICT (object_key, field_key, period)"
    f" DO UPDATE SET last = {SEQUENCE.name}.last + 1 RETURNING last"
)
