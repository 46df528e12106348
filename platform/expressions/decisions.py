"""Decision tables: rows of FEEL tests, tried under one of the standard's hit policies (DMN 8).

`decision_index` finds the rows that can match, `decision_gaps` looks for inputs that no row, or
more than one, takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trellis.expressions import types as t
from trellis.expressions.check_result import result_problems
from trellis.expressions.compiled import Expression, compile_expression
from trellis.expressions.decision_index import TableIndex, make_index
from trellis.expressions.functions import BUILTINS
from trellis.expressions.operators import not_equal
from trellis.expressions.problems import (
    ARITY,
    SYNTAX,
    ExpressionProblem,
    ExpressionProblemsError,
)
from trellis.expressions.types import ANY, Scope, Type

_FUNCTIONS = {"C+": "sum", "C<": "min", "C>": "max", "C#": "count"}
HIT_POLICIES = ("U", "A", "P", "F", "R", "O", "C", *_FUNCTIONS)


@dataclass(frozen=True)
class Row:
    """A row: tests, results, and the days it is valid (`until` is the first day it is not)."""

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
    """A mistake in a cell; row -1 is the head: an input's expression or an output's default."""

    row: int
    column: int
    is_result: bool
    problem: ExpressionProblem


class TableProblemsError(ValueError):
    """A table cannot be compiled; `problems` names every cell."""

    def __init__(self, problems: Sequence[CellProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(found.problem.message for found in problems))


class AmbiguousDecisionError(RuntimeError):
    """Several rows match under a policy that allows one; the rows are named."""

    def __init__(self, rows: Sequence[str]) -> None:
        self.rows = tuple(rows)
        super().__init__("several rows match: " + ", ".join(rows))


@dataclass(frozen=True)
class CompiledRow:
    """A row ready to be tried; a test of None is `-`."""

    row: Row
    tests: tuple[Expression | None, ...]
    results: tuple[Expression, ...]


@dataclass(frozen=True)
class FailedRow:
    """A row that did not match, and the column of its first test that failed."""

    row: Row
    column: int
    reason: str


@dataclass(frozen=True)
class Decision:
    """What a table decided and why: the inputs' values, the rows that matched, those that not."""

    outputs: Any
    inputs: tuple[Any, ...]
    matched: tuple[Row, ...]
    failed: tuple[FailedRow, ...]
    by_default: bool


@dataclass(frozen=True)
class CompiledTable:
    """A table ready to decide."""

    table: Table
    inputs: tuple[Expression, ...]
    rows: tuple[CompiledRow, ...]
    defaults: tuple[Expression | None, ...]
    index: TableIndex

    def matched(self, context: Mapping[str, Any], day: date | None = None) -> list[CompiledRow]:
        """Return the rows that match, in order; one is enough under F."""
        values = [expression(context) for expression in self.inputs]
        only_first = self.table.hit == "F"
        cells = [_WithInput(context, value) for value in values]
        found: list[CompiledRow] = []
        for number, columns in self.index.candidates(values):
            row = self.rows[number]
            if row.row.valid_on(day) and _passes(row, columns, cells):
                found.append(row)
                if only_first:
                    break
        return found

    def decide(self, context: Mapping[str, Any], day: date | None = None) -> Any:
        """Return the outputs by name: a list of them under R, O, C, one value under C+ C< C> C#.

        Raises AmbiguousDecisionError where U or A forbid what matched.
        """
        return _POLICIES[self.table.hit](self, self.matched(context, day), context)

    def explain(self, context: Mapping[str, Any], day: date | None = None) -> Decision:
        """Return the outputs as `decide` does, the rows that matched and why others did not."""
        values = tuple(expression(context) for expression in self.inputs)
        cells = [_WithInput(context, value) for value in values]
        matched, failed = [], []
        for row in self.rows:
            reason = _failure(row, cells, day)
            if reason is None:
                matched.append(row)
            else:
                failed.append(reason)
        counted = matched[:1] if self.table.hit == "F" else matched
        outputs = _POLICIES[self.table.hit](self, counted, context)
        rows = tuple(row.row for row in counted)
        return Decision(outputs, values, rows, tuple(failed), by_default=not matched)

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

    __slots__ = ("_context", "_value")

    def __init__(self, context: Mapping[str, Any], value: Any) -> None:
        self._context = context
        self._value = value

    def get(self, name: str, default: Any = None) -> Any:
        """Return the input or a name of the context."""
        return self._value if name == "?" else self._context.get(name, default)

    def __getitem__(self, name: str) -> Any:
        return self._value if name == "?" else self._context[name]

    def __iter__(self) -> Iterator[str]:
        yield "?"
        yield from self._context

    def __len__(self) -> int:
        return len(self._context) + 1


def _passes(row: CompiledRow, columns: Sequence[int], cells: Sequence[_WithInput]) -> bool:
    for column in columns:
        test = row.tests[column]
        if test is not None and test(cells[column]) is not True:
            return False
    return True


def _failure(row: CompiledRow, cells: Sequence[_WithInput], day: date | None) -> FailedRow | None:
    if not row.row.valid_on(day):
        return FailedRow(row.row, -1, "the row is not valid on this day")
    for column, test in enumerate(row.tests):
        if test is not None and test(cells[column]) is not True:
            return FailedRow(row.row, column, f"`{row.row.when[column]}` does not hold")
    return None


@dataclass
class _Compiler:
    """Compiles the cells of one table, noting what is wrong with each."""

    table: Table
    scope: Scope | None
    problems: list[CellProblem]

    def cell(
        self, text: str, place: tuple[int, int, bool], *, scope: Scope | None, unary: bool = False
    ) -> Expression | None:
        """Compile one cell."""
        try:
            return compile_expression(text, scope, unary=unary)
        except ExpressionProblemsError as error:
            self.problems.extend(CellProblem(*place, found) for found in error.problems)
            return None

    def note(self, place: tuple[int, int, bool], code: str, message: str) -> None:
        """Note a mistake that is no expression's."""
        self.problems.append(CellProblem(*place, ExpressionProblem(0, 0, code, message)))

    def row(
        self, row: Row, number: int, scopes: Sequence[Scope | None], results: Sequence[Type]
    ) -> CompiledRow:
        """Compile a row."""
        self._check_width(row, number)
        tests = [
            None if text.strip() == "-"
            else self.cell(text, (number, column, False), scope=scope, unary=True)
            for column, (text, scope) in enumerate(zip(row.when, scopes, strict=False))
        ]  # fmt: skip
        found = [
            self.result(text, (number, column, True), expected)
            for column, (text, expected) in enumerate(zip(row.then, results, strict=False))
        ]
        return CompiledRow(row, tuple(tests), tuple(item for item in found if item is not None))

    def result(self, text: str, place: tuple[int, int, bool], expected: Type) -> Expression | None:
        """Compile a result, which must have the type of its column."""
        made = self.cell(text, place, scope=self.scope)
        if made is not None and self.scope is not None:
            self.problems.extend(
                CellProblem(*place, found) for found in result_problems(made.typed, expected)
            )
        return made

    def _check_width(self, row: Row, number: int) -> None:
        for cells, heads, what in ((row.when, self.table.inputs, "tests"),
                                   (row.then, self.table.outputs, "results")):  # fmt: skip
            if len(cells) != len(heads):
                message = f"the row has {len(cells)} {what}, the table {len(heads)} columns"
                self.note((number, 0, what == "results"), ARITY, message)


def compile_table(
    table: Table,
    scope: Scope | None,
    input_types: Sequence[Type] = (),
    output_types: Sequence[Type] = (),
) -> CompiledTable:
    """Return the table compiled; raise TableProblemsError naming every wrong cell."""
    compiler = _Compiler(table, scope, [])
    _check_policy(compiler)
    inputs = [compiler.cell(text, (-1, column, False), scope=scope)
              for column, text in enumerate(table.inputs)]  # fmt: skip
    scopes = _cell_scopes(scope, inputs, input_types)
    results = [*output_types, *[ANY] * len(table.outputs)][: len(table.outputs)]
    rows = [compiler.row(row, number, scopes, results) for number, row in enumerate(table.rows)]
    defaults = [
        None if text is None else compiler.result(text, (-1, column, True), expected)
        for column, (text, expected) in enumerate(
            zip(table.defaults or [None] * len(table.outputs), results, strict=False)
        )
    ]
    if compiler.problems:
        raise TableProblemsError(compiler.problems)
    kept = tuple(item for item in inputs if item is not None)
    index = make_index([row.tests for row in rows], len(table.inputs))
    return CompiledTable(table, kept, tuple(rows), tuple(defaults), index)


def _check_policy(compiler: _Compiler) -> None:
    table = compiler.table
    head = (-1, 0, True)
    if table.hit not in HIT_POLICIES:
        compiler.note(head, SYNTAX, f"`{table.hit}` is no hit policy")
    if table.hit in _FUNCTIONS and len(table.outputs) != 1:
        compiler.note(head, ARITY, f"`{table.hit}` needs a table with one output")
    if table.hit in ("P", "O") and not any(table.priorities):
        compiler.note(head, SYNTAX, f"`{table.hit}` needs outputs with allowed values in order")
    if not table.outputs:
        compiler.note(head, ARITY, "the table has no output")


def _cell_scopes(
    scope: Scope | None, inputs: Sequence[Expression | None], declared: Sequence[Type]
) -> list[Scope | None]:
    """Return the scope of each column's cells: the table's, with `?` of the input's type."""
    if scope is None:
        return [None] * len(inputs)
    scopes: list[Scope | None] = []
    for position, made in enumerate(inputs):
        of = declared[position] if position < len(declared) else ANY
        if t.is_unknown(of) and made is not None:
            of = made.type
        scopes.append(Scope({**scope.names, "?": of}, scope.subject, scope.subject_name))
    return scopes


Policy = Callable[[CompiledTable, list[CompiledRow], Mapping[str, Any]], Any]


def _single(table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]) -> Any:
    if len(rows) > 1:
        raise AmbiguousDecisionError([row.row.id for row in rows])
    return _first(table, rows, context)


def _any(table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]) -> Any:
    found = [table.outputs(row, context) for row in rows]
    if any(not_equal(item, found[0]) is not False for item in found):
        raise AmbiguousDecisionError([row.row.id for row in rows])
    return found[0] if found else table.default(context)


def _first(table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]) -> Any:
    return table.outputs(rows[0], context) if rows else table.default(context)


def _ranked(
    table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]
) -> list[dict[str, Any]]:
    found = [table.outputs(row, context) for row in rows]

    def rank(outputs: dict[str, Any]) -> tuple[int, ...]:
        return tuple(
            allowed.index(outputs[name]) if outputs[name] in allowed else len(allowed)
            for name, allowed in zip(table.table.outputs, table.table.priorities, strict=False)
        )

    return sorted(found, key=rank)


def _priority(table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]) -> Any:
    found = _ranked(table, rows, context)
    return found[0] if found else table.default(context)


def _all(table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]) -> Any:
    if not rows:
        default = table.default(context)
        return [] if default is None else [default]
    return [table.outputs(row, context) for row in rows]


def _all_ranked(table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]) -> Any:
    return _ranked(table, rows, context) if rows else _all(table, rows, context)


def _collected(function: str) -> Policy:
    def policy(table: CompiledTable, rows: list[CompiledRow], context: Mapping[str, Any]) -> Any:
        name = table.table.outputs[0]
        if not rows and any(table.defaults):
            default = table.default(context)
            return None if default is None else default[name]
        values = [table.outputs(row, context)[name] for row in rows]
        return BUILTINS[function].call(values)

    return policy


_POLICIES: Mapping[str, Policy] = {
    "U": _single, "A": _any, "F": _first, "P": _priority, "R": _all, "O": _all_ranked, "C": _all,
    **{hit: _collected(function) for hit, function in _FUNCTIONS.items()},
}  # fmt: skip
