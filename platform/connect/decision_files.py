"""Decision tables of a catalog as DMN files, for the editors and engines of others."""

from __future__ import annotations

from collections.abc import Iterable

from trellis.expressions.decisions import Row, Table
from trellis.expressions.dmn.write import ExportedTable, Head, write_dmn
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import FieldType
from trellis.metadata.model.rules import Decision, DecisionInput, DecisionOutput

_TYPES = {
    FieldType.INTEGER: "number", FieldType.DECIMAL: "number", FieldType.MONEY: "number",
    FieldType.PERCENT: "number", FieldType.BOOLEAN: "boolean", FieldType.DATE: "date",
    FieldType.DATETIME: "dateTime", FieldType.TIME: "time",
    FieldType.DURATION: "dayTimeDuration", FieldType.TEXT: "string", FieldType.CHOICE: "string",
    FieldType.EMAIL: "string", FieldType.PHONE: "string", FieldType.URL: "string",
}  # fmt: skip


def decision_file(catalog: Catalog, keys: Iterable[str], locale: str = "en") -> bytes:
    """Return a DMN 1.3 file with the named decision tables; KeyError for one there is not.

    Records become contexts: `payer.level` reads the data `payer`. The days on which rows are
    valid have no place in DMN; they are told in the rows' notes.
    """
    decisions = [catalog.decisions[key] for key in keys]
    name = decisions[0].app if decisions else "decisions"
    tables = [_exported(catalog, decision, locale) for decision in decisions]
    return write_dmn(tables, namespace=f"urn:trellis:{name}", name=name)


def _exported(catalog: Catalog, decision: Decision, locale: str) -> ExportedTable:
    rows = tuple(
        Row(row.id, tuple(cell.text for cell in row.when), tuple(cell.text for cell in row.then))
        for row in decision.rows
    )
    defaults = tuple(None if one.default is None else one.default.text for one in decision.outputs)
    table = Table(
        decision.hit,
        tuple(one.expression.text for one in decision.inputs),
        tuple(one.name for one in decision.outputs),
        rows,
        defaults if any(defaults) else (),
    )
    inputs = [_head(catalog, one, locale) for one in decision.inputs]
    outputs = [_head(catalog, one, locale) for one in decision.outputs]
    return ExportedTable(
        decision.key, decision.key, table, inputs, outputs, _notes(decision, locale)
    )


def _head(catalog: Catalog, column: DecisionInput | DecisionOutput, locale: str) -> Head:
    options = catalog.options.get(column.options or "")
    allowed = None if options is None else ", ".join(f'"{key}"' for key in options.options)
    of = None if column.type is None else _TYPES.get(column.type)
    return Head(column.label.text(locale), of, allowed)


def _notes(decision: Decision, locale: str) -> list[str]:
    notes = []
    for row in decision.rows:
        parts = [row.note.text(locale)]
        if row.valid_from is not None:
            parts.append(f"from {row.valid_from}")
        if row.valid_until is not None:
            parts.append(f"until {row.valid_until}")
        notes.append(", ".join(part for part in parts if part))
    return notes
