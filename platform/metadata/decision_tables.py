"""A decision of a catalog as the table that the language compiles: texts, types, allowed values."""

from __future__ import annotations

from trellis.expressions import types as t
from trellis.expressions.decisions import Row, Table
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.rules import Decision, DecisionInput, DecisionOutput
from trellis.metadata.scopes import option_type, record_scope, value_type


def decision_table(catalog: Catalog, decision: Decision) -> Table:
    """Return the table; its outputs' allowed values are those of their option sets, in order."""
    return Table(
        hit=decision.hit,
        inputs=tuple(item.expression.text for item in decision.inputs),
        outputs=tuple(item.name for item in decision.outputs),
        rows=tuple(
            Row(row.id, tuple(cell.text for cell in row.when),
                tuple(cell.text for cell in row.then), row.valid_from, row.valid_until)
            for row in decision.rows
        ),
        defaults=tuple(None if item.default is None else item.default.text
                       for item in decision.outputs),
        priorities=tuple(allowed_values(catalog, item) for item in decision.outputs),
    )  # fmt: skip


def allowed_values(catalog: Catalog, column: DecisionInput | DecisionOutput) -> tuple[str, ...]:
    """Return the values that a column may have, the most important first; none means any."""
    known = catalog.options.get(column.options or "")
    return () if known is None else tuple(known.options)


def decision_scope(catalog: Catalog, decision: Decision) -> t.Scope | None:
    """Return the names that a decision's inputs see, None when it names no object."""
    if decision.object is None:
        return None
    return record_scope(catalog, decision.object)


def column_type(catalog: Catalog, column: DecisionInput | DecisionOutput) -> t.Type:
    """Return the type that the author of a column gave it, any where none was given."""
    if column.options is not None:
        return option_type(catalog, column.options)
    return t.ANY if column.type is None else value_type(column.type)


def input_types(catalog: Catalog, decision: Decision) -> tuple[t.Type, ...]:
    """Return the type of each input column."""
    return tuple(column_type(catalog, item) for item in decision.inputs)


def output_types(catalog: Catalog, decision: Decision) -> tuple[t.Type, ...]:
    """Return the type of each output column."""
    return tuple(column_type(catalog, item) for item in decision.outputs)
