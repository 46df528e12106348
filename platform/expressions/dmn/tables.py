"""Decision tables of a DMN file on the engine for decision tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trellis.expressions.compiled import Expression
from trellis.expressions.decision_index import make_index
from trellis.expressions.decisions import (
    AmbiguousDecisionError,
    CompiledRow,
    CompiledTable,
    Row,
    Table,
)
from trellis.expressions.dmn import model as m
from trellis.expressions.dmn.item_types import ItemType, fitted

#: Compiles a text; None where it is no expression (the check has named it).
Compile = Callable[[m.Literal, bool], Expression | None]
_LISTS = ("C", "R", "O")
#: The name of the one output of a table that does not name it.
_ONLY = "output"


@dataclass(frozen=True)
class RunnableTable:
    """A table with the types of its columns."""

    table: CompiledTable
    outputs: tuple[str, ...]
    types: tuple[ItemType, ...]
    allowed: tuple[Callable[[Any], bool] | None, ...]
    several: bool

    def decide(self, context: Mapping[str, Any], warn: Callable[[str], None]) -> Any:
        """Return what the table decides; null where inputs are not allowed or rows clash."""
        for expression, allowed in zip(self.table.inputs, self.allowed, strict=True):
            value = None if allowed is None else expression(context)
            if allowed is not None and value is not None and not allowed(value):
                warn("an input is none of the allowed values")
                return None
        try:
            found = self.table.decide(context)
        except AmbiguousDecisionError as error:
            warn(str(error))
            return None
        hit = self.table.table.hit
        if hit in _LISTS:
            return [self._result(item) for item in found]
        if hit.startswith("C"):
            return found
        return None if found is None else self._result(found)

    def _result(self, outputs: Mapping[str, Any]) -> Any:
        values = {
            name: fitted(outputs[name], of)
            for name, of in zip(self.outputs, self.types, strict=True)
        }
        return values if self.several else values[self.outputs[0]]


def compile_dmn_table(
    table: m.DecisionTable,
    compile_text: Compile,
    types: Callable[[str | None], ItemType],
    tests: Callable[[m.Literal], Callable[[Any], bool]],
    result: ItemType,
) -> RunnableTable | None:
    """Return the table ready to decide, None where a text of it is no expression."""
    several = len(table.outputs) > 1
    names = tuple(column.name or _ONLY for column in table.outputs)
    of = tuple(_output_type(column, types, result, several=several) for column in table.outputs)
    inputs = [_compiled(column.expression, compile_text) for column in table.inputs]
    rows = [_row(row, compile_text) for row in table.rows]
    defaults = [_compiled(column.default, compile_text) for column in table.outputs]
    good_rows = [row for row in rows if row is not None]
    good_inputs = [item for item in inputs if item is not None]
    if len(good_rows) != len(rows) or len(good_inputs) != len(inputs):
        return None
    priorities = tuple(
        _priorities(column, kind, compile_text)
        for column, kind in zip(table.outputs, of, strict=True)
    )
    texts = Table(table.hit, tuple(_shown(column) for column in table.inputs), names,
                  tuple(row.row for row in good_rows), priorities=priorities)  # fmt: skip
    compiled = CompiledTable(
        texts, tuple(good_inputs), tuple(good_rows), tuple(defaults),
        make_index([row.tests for row in good_rows], len(good_inputs)),
    )  # fmt: skip
    allowed = tuple(
        None if column.allowed is None else tests(column.allowed) for column in table.inputs
    )
    return RunnableTable(compiled, names, of, allowed, several)


def _output_type(
    column: m.Column, types: Callable[[str | None], ItemType], result: ItemType, *, several: bool
) -> ItemType:
    """Return an output's type: its own, else the field of the result's, else the result's."""
    if column.type_name is not None:
        return types(column.type_name)
    inner = result.element or result
    if several:
        return (inner.fields or {}).get(column.name) or types(None)
    return types(None)


def _compiled(text: m.Literal | None, compile_text: Compile) -> Expression | None:
    return None if text is None else compile_text(text, False)


def _row(row: m.TableRow, compile_text: Compile) -> CompiledRow | None:
    tests = [None if _any_value(test) else compile_text(test, True) for test in row.tests]
    results = [compile_text(text, False) for text in row.results]
    good = tuple(item for item in results if item is not None)
    broken = any(made is None and not _any_value(test)
                 for made, test in zip(tests, row.tests, strict=True))  # fmt: skip
    if broken or len(good) != len(results):
        return None
    texts = Row(row.id, tuple(test.text for test in row.tests),
                tuple(text.text for text in row.results))  # fmt: skip
    return CompiledRow(texts, tuple(tests), good)


def _any_value(test: m.Literal) -> bool:
    return test.text.strip() == "-"


def _shown(column: m.Column) -> str:
    return "" if column.expression is None else column.expression.text


def _priorities(column: m.Column, of: ItemType, compile_text: Compile) -> tuple[Any, ...]:
    """Return the allowed values of an output in their order, best first."""
    allowed = column.allowed or of.allowed
    if allowed is None:
        return ()
    made = compile_text(m.Literal(f"[{allowed.text}]", allowed.location), False)
    values = None if made is None else made({})
    return tuple(values) if isinstance(values, list) else ()
