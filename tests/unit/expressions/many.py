"""Many expressions in one statement, compared with Python; a text that differs is made small."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from trellis.expressions import Expression, ExpressionProblemsError, compile_expression
from trellis.expressions import nodes as n
from trellis.expressions.limits import MAX_TEXT
from trellis.expressions.to_sql.writer import SqlExpression

from tests.unit.expressions.sample import (
    CASE_RECORDS,
    CASES,
    CONTEXT,
    SCOPE,
    Subject,
    outer_joins,
    same,
)

#: Columns of one statement; SQLite and PostgreSQL take more, but plan them more slowly.
MOST_COLUMNS = 60


@dataclass(frozen=True)
class Column:
    """An expression as a value, or as a condition that keeps rows."""

    text: str
    expression: Expression
    keeps: bool
    made: SqlExpression

    @property
    def element(self) -> sa.ColumnElement[Any]:
        """Return what is selected."""
        if not self.keeps:
            return self.made.element
        kept = sa.case((self.made.element, sa.true()), else_=sa.false())
        return sa.type_coerce(kept, sa.Boolean())

    def in_python(self) -> list[Any]:
        """Return the value for each record, or whether it is kept."""
        found = [self.expression({**CONTEXT, "record": record}) for record in CASE_RECORDS]
        return [value is True for value in found] if self.keeps else found


@dataclass(frozen=True)
class Difference:
    """What a column gives in Python and in SQL; an error of the database is told as its text."""

    text: str
    keeps: bool
    in_python: list[Any]
    in_sql: list[Any] | str


@dataclass
class Statement:
    """Columns over one table and its joins.

    Parameters are named by position, so each text stands behind the ones before it.
    """

    connection: sa.Connection
    subject: Subject = field(default_factory=lambda: Subject("case", CASES.alias("t"), []))
    columns: list[Column] = field(default_factory=list)
    offset: int = 0

    def has_room(self, text: str) -> bool:
        """Tell whether another text may join."""
        return len(self.columns) < MOST_COLUMNS and self.offset + 2 * len(text) + 10 < MAX_TEXT

    def add(self, text: str) -> bool:
        """Add the columns of a text; False for one that is wrong or that SQL cannot say."""
        try:
            value = self._column(text, keeps=False)
        except ExpressionProblemsError:
            return False
        self.columns.append(value)
        if value.expression.type.name == "boolean":
            negated = f"not({text})"
            self.columns += [self._column(text, keeps=True), self._column(negated, keeps=True)]
        return True

    def _column(self, text: str, *, keeps: bool) -> Column:
        placed = " " * self.offset + text
        expression = compile_expression(placed, SCOPE)
        sqlite = self.connection.dialect.name == "sqlite"
        made = expression.to_sql(self.subject, sqlite=sqlite, value=not keeps)
        self.offset += len(text)
        return Column(text, expression, keeps, made)

    def differences(self) -> Iterator[Difference]:
        """Yield where columns differ from Python."""
        yield from self._compare(self.columns)

    def _compare(self, columns: Sequence[Column]) -> Iterator[Difference]:
        if not columns:
            return
        try:
            with self.connection.begin_nested():
                rows = self._rows(columns)
        except sa.exc.DBAPIError as error:
            if len(columns) == 1:
                only = columns[0]
                yield Difference(only.text, only.keeps, only.in_python(), str(error.orig))
                return
            half = len(columns) // 2
            yield from self._compare(columns[:half])
            yield from self._compare(columns[half:])
            return
        for column, in_sql in zip(columns, zip(*rows, strict=True), strict=True):
            in_python = column.in_python()
            if not all(same(a, b) for a, b in zip(in_python, in_sql, strict=True)):
                yield Difference(column.text, column.keeps, in_python, list(in_sql))

    def _rows(self, columns: Sequence[Column]) -> list[Any]:
        """Return a row for each record, in order, of all columns."""
        named = [column.element.label(f"c{at}") for at, column in enumerate(columns)]
        statement = sa.select(*named).select_from(outer_joins(self.subject))
        values = {name: value for column in columns
                  for name, value in column.made.values(CONTEXT).items()}  # fmt: skip
        # Each statement is asked once: there is nothing to keep of it.
        once = self.connection.execution_options(compiled_cache=None)
        return list(once.execute(statement.order_by(self.subject.table.c.number), values))


@dataclass
class Comparison:
    """Compares texts on one database, and counts those that SQL can say."""

    connection: sa.Connection
    compared: int = 0

    def __post_init__(self) -> None:
        if self.connection.dialect.name == "postgresql":
            # Compiling a statement that is asked once takes longer than running it.
            self.connection.execute(sa.text("SET jit = off"))

    def differences(self, texts: Iterable[str]) -> Iterator[Difference]:
        """Yield where texts differ; what does not fit together or cannot be SQL is passed over."""
        statement = Statement(self.connection)
        for text in texts:
            if not statement.has_room(text):
                yield from statement.differences()
                statement = Statement(self.connection)
            self.compared += statement.add(text)
        yield from statement.differences()

    def smallest(self, difference: Difference) -> Difference:
        """Return a shorter text that still differs, parts replaced by what stands in them."""
        current = difference
        while True:
            found = (next(self.differences([text]), None) for text in _shorter(current))
            smaller = next((one for one in found if one is not None), None)
            if smaller is None:
                return current
            current = smaller


def _shorter(difference: Difference) -> Iterator[str]:
    text = difference.text
    try:
        tree = compile_expression(text, SCOPE).node
    except ExpressionProblemsError:
        return
    for node in n.walk(tree):
        for inside in n.walk(node):
            part = text[inside.start : inside.end]
            if 0 < len(part) < node.end - node.start:
                yield f"{text[: node.start]}{part}{text[node.end :]}"
        for plain in ("1", '"a"', "null", "true", "day", "opened", "took"):
            if len(plain) < node.end - node.start:
                yield f"{text[: node.start]}{plain}{text[node.end :]}"
