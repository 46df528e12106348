"""Decision tables: FEEL unary tests in rows, one of the standard's hit policies (DMN 8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trellis.expressions.compiled import Expression, compile_expression
from trellis.expressions.functions import BUILTINS
from trellis.expressions.problems import ExpressionProblem, ExpressionProblemsError
from trellis.expressions.types import ANY, Scope, Type


@dataclass(frozen=True)
class Row:
    """A row: unary tests, results, and the days it is valid (`until` is the first day it is not)."""

    id: str
    when: tuple[str, ...]
    then: tuple[str, ...]
    valid_from: date | None = None
    valid_until: date | None = None

    def valid_on(self, day: date | None) -> bool:
        """Tell whether the row counts on a day."""
        if day is None:
            return True
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


@dataclass(frozen=True)
class Table:
    """A decision table as texts; `priorities` are the outputs' allowed values, best first."""

    hit: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[Row, ...]
    defaults: tuple[str | None, ...] = ()
    priorities: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class CellProblem:
    """A mistake in a cell; row -1 is the head (an input's expression)."""

    row: int
    column: int
    is_result: bool
    problem: ExpressionProblem


class TableProblemsError(ValueError):
    """A table cannot be compiled; `problems` names every cell."""

    def __init__(self, problems: Sequence[CellProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(found.problem.message for found in problems))


class AmbiguousDecisionError(ValueError):
    """Several rows match under a policy that allows one; the rows are named."""

    def __init__(self, rows: Sequence[str]) -> None:
        self.rows = tuple(rows)
        super().__init__("several rows match: " + ", ".join(rows))


@dataclass(frozen=True)
class CompiledRow:
    """A row ready to be tried."""

    row: Row
    tests: tuple[Expression | None, ...]
    results: tuple[Expression, ...]


@dataclass(frozen=True)
class CompiledTable:
    """A table ready to decide."""

    table: Table
    inputs: tuple[Expression, ...]
    rows: tuple[CompiledRow, ...]
    defaults: tuple[Expression | None, ...]

    def matched(self, context: Mapping[str, Any], day: date | None = None) -> list[CompiledRow]:
        """Return the rows that match, in order; one is enough under F."""
        values = [expression(context) for expression in self.inputs]
        found: list[CompiledRow] = []
        for row in self.rows:
            if row.row.valid_on(day) and self._matches(row, values, context):
                found.append(row)
                if self.table.hit == "F":
                    break
        return found

    def decide(self, context: Mapping[str, Any], day: date | None = None) -> Any:
        """Return the outputs by name (a list of them under R, O, C; a number under C+ C< C> C#)."""
        rows = self.matched(context, day)
        return _POLICIES[self.table.hit](self, rows, context)

    def _matches(self, row: CompiledRow, values: Sequence[Any], context: Mapping[str, Any]) -> bool:
        for test, value in zip(row.tests, values, strict=True):
            if test is not None and test(_WithInput(context, value)) is not True:
                return False
        return True

    def outputs(self, row: CompiledRow, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row's results by name."""
        return {
            name: result(context)
            for name, result in zip(self.table.outputs, row.results, strict=True)
        }

    def default(self, context: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the default outputs, None when there are none."""
        if not any(self.defaults):
            return None
        return {
            name: None if expression is None else expression(context)
            for name, expression in zip(self.table.outputs, self.defaults, strict=True)
        }


class _WithInput(Mapping[str, Any]):
    """A context with `?`, the cell's input."""

    def __init__(self, context: Mapping[str, Any], value: Any) -> None:
        self._context = context
        self._value = value

    def __getitem__(self, name: str) -> Any:
        return self._value if name == "?" else self._context[name]

    def __iter__(self) -> Any:
        yield "?"
        yield from self._context

    def __len__(self) -> int:
        return len(self._context) + 1


def compile_table(
    table: Table, scope: Scope | None, input_types: Sequence[Type] = ()
) -> CompiledTable:
    """Return the table compiled; raise TableProblemsError naming every wrong cell."""
    problems: list[CellProblem] = []
    inputs = [_cell(text, scope, problems, (-1, column, False))
              for column, text in enumerate(table.inputs)]  # fmt: skip
    types = [
        declared if declared.name != "any" else (found.type if found is not None else ANY)
        for found, declared in zip(inputs, [*input_types, *[ANY] * len(inputs)], strict=False)
    ]
    rows = [_row(row, position, scope, types, problems)
            for position, row in enumerate(table.rows)]  # fmt: skip
    defaults = [None if text is None else _cell(text, scope, problems, (-1, column, True))
                for column, text in enumerate(table.defaults or [None] * len(table.outputs))]  # fmt: skip
    if problems:
        raise TableProblemsError(problems)
    kept = tuple(item for item in inputs if item is not None)
    return CompiledTable(table, kept, tuple(rows), tuple(defaults))


def _row(
    row: Row,
    position: int,
    scope: Scope | None,
    types: Sequence[Type],
    problems: list[CellProblem],
) -> CompiledRow:
    tests: list[Expression | None] = []
    for column, text in enumerate(row.when):
        cell_scope = None
        if scope is not None:
            cell_scope = Scope({**scope.names, "?": types[column]}, scope.subject)
        plain = text.strip() == "-"
        place = (position, column, False)
        tests.append(None if plain else _cell(text, cell_scope, problems, place, unary=True))
    results = [_cell(text, scope, problems, (position, column, True))
               for column, text in enumerate(row.then)]  # fmt: skip
    return CompiledRow(row, tuple(tests), tuple(item for item in results if item is not None))


def _cell(
    text: str,
    scope: Scope | None,
    problems: list[CellProblem],
    place: tuple[int, int, bool],
    *,
    unary: bool = False,
) -> Expression | None:
    try:
        return compile_expression(text, scope, unary=unary)
    except ExpressionProblemsError as error:
        problems.extend(CellProblem(*place, found) for found in error.problems)
        return None


Policy = Callable[[CompiledTable, list[CompiledRow], Mapping[str, Any]], Any]


def _single(table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]) -> Any:
    if len(rows) > 1:
        raise AmbiguousDecisionError([row.row.id for row in rows])
    return table.outputs(rows[0], context) if rows else table.default(context)


def _any(table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]) -> Any:
    found = [table.outputs(row, context) for row in rows]
    if any(item != found[0] for item in found):
        raise AmbiguousDecisionError([row.row.id for row in rows])
    return found[0] if found else table.default(context)


def _first(table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]) -> Any:
    return table.outputs(rows[0], context) if rows else table.default(context)


def _ranked(
    table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]
) -> list[dict[str, Any]]:
    found = [table.outputs(row, context) for row in rows]

    def rank(outputs: dict[str, Any]) -> tuple[int, ...]:
        places: list[int] = []
        for name, allowed in zip(table.table.outputs, table.table.priorities, strict=False):
            value = outputs[name]
            places.append(allowed.index(value) if value in allowed else len(allowed))
        return tuple(places)

    return sorted(found, key=rank)


def _priority(table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]) -> Any:
    found = _ranked(table, rows, context)
    return found[0] if found else table.default(context)


def _all(table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]) -> Any:
    return [table.outputs(row, context) for row in rows]


def _collected(function: str) -> Policy:
    def policy(table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]) -> Any:
        name = table.table.outputs[0]
        values = [table.outputs(row, context)[name] for row in rows]
        return BUILTINS[function].call(values)

    return policy


_POLICIES: Mapping[str, Policy] = {
    "U": _single, "A": _any, "F": _first, "P": _priority, "R": _all, "O": _ranked, "C": _all,
    "C+": _collected("sum"), "C<": _collected("min"), "C>": _collected("max"),
    "C#": _collected("count"),
}  # fmt: skip
