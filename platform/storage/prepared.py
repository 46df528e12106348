"""Statements compiled once and run straight on the driver: no building, no caches to ask.

SQLAlchemy writes the text and says how values travel; the kept text is then executed with the
driver's own cursor, in the transaction of the connection it is given. What the driver raises is
wrapped as SQLAlchemy would have, and who listens to the engine hears of it. A statement with a list
of varying length runs the usual way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cache
from typing import Any

import sqlalchemy as sa
from psycopg import RawCursor
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError

Reader = Callable[[Any], Any]
#: The driver's code for exact numbers on PostgreSQL: what a `numeric` column comes as.
_NUMERIC = 1700


class Prepared:
    """A statement with named parameters, ready for one dialect; rows come back as tuples."""

    __slots__ = ("_constants", "_cursor", "_dialect", "_errors", "_expands", "_out", "_positions",
                 "_statement", "_text", "readers")  # fmt: skip

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        is_psycopg = dialect.driver == "psycopg"
        compiled = statement.compile(dialect=_numbered(dialect) if is_psycopg else dialect)
        self._statement = statement
        self._dialect = dialect
        self._errors = dialect.loaded_dbapi.Error
        self._text = compiled.string
        self._expands = any(bind.expanding for bind in compiled.binds.values())
        self._positions = tuple(compiled.positiontup)
        self._cursor: Callable[[Any], Any] = RawCursor if is_psycopg else sqlite3.Cursor
        self._out, self._constants = _parameters(compiled.binds, dialect)
        #: What turns a column's raw value into ours, by place in the row; None stays None.
        self.readers = _readers(statement, dialect)

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        """Return every row."""
        readers = self.readers
        rows = self.raw(connection, values)
        return [_read(row, readers) for row in rows] if readers and not self._expands else rows

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """Return the first row, None when there is none."""
        rows = self.raw(connection, values)
        if not rows:
            return None
        return rows[0] if self._expands else _read(rows[0], self.readers)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Execute a write and return the number of rows that it touched."""
        if self._expands:
            return connection.execute(self._statement, values).rowcount
        cursor = self._execute(connection, values)
        touched: int = cursor.rowcount
        cursor.close()
        return touched

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute a write once for every row of values, in one go."""
        if len(rows) == 1:
            self.run(connection, rows[0])
        elif self._expands:
            connection.execute(self._statement, list(rows))
        else:
            self._execute(connection, rows, many=True).close()

    @property
    def is_raw(self) -> bool:
        """Tell whether `raw` gives the driver's values, which `readers` then turn into ours."""
        return not self._expands

    def raw(self, connection: Connection, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        """Return every row as the driver gives it (`is_raw`), else as `all` does."""
        if self._expands:
            return [tuple(row) for row in connection.execute(self._statement, values)]
        cursor = self._execute(connection, values)
        rows: list[Sequence[Any]] = cursor.fetchall()
        cursor.close()
        return rows

    def _bound(self, values: Mapping[str, Any]) -> list[Any]:
        bound = self._constants.copy()
        for name, key, out in self._out:
            value = values[key]
            bound[name] = value if out is None else out(value)
        return [bound[name] for name in self._positions]

    def _execute(self, connection: Connection, values: Any, *, many: bool = False) -> Any:
        """Execute with the values of one row, or with those of many."""
        parameters = [self._bound(row) for row in values] if many else self._bound(values)
        cursor = self._cursor(connection.connection.driver_connection)
        for heard in connection.engine.dispatch.before_cursor_execute:
            heard(connection, cursor, self._text, parameters, None, many)
        try:
            (cursor.executemany if many else cursor.execute)(self._text, parameters)
        except self._errors as error:
            cursor.close()
            raise DBAPIError.instance(
                self._text, None, error, self._errors, hide_parameters=True,
                connection_invalidated=_invalidated(self._dialect, connection, error),
                dialect=self._dialect,
            ) from error  # fmt: skip
        return cursor


@cache
def _numbered(dialect: Dialect) -> Dialect:
    """Return a dialect that writes parameters as the server numbers them: nothing to translate."""
    made = copy(dialect)
    made.paramstyle = "numeric_dollar"
    made.positional = True
    made.identifier_preparer = made.preparer(made)
    return made


def given(table: sa.Table, *but: str) -> dict[str, sa.BindParameter[Any]]:
    """Return a parameter for every column of a table, called like it."""
    return {column.name: sa.bindparam(column.name, type_=column.type)
            for column in table.c if column.name not in but}  # fmt: skip


class Kept:
    """A statement of the platform's own tables, prepared when it is first used on a dialect."""

    __slots__ = ("_names", "_prepared", "_statement")

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._names: tuple[str, ...] | None = None
        self._prepared: dict[str, Prepared] = {}

    def of(self, connection: Connection) -> Prepared:
        """Return the statement prepared for a connection's dialect."""
        dialect = connection.dialect
        found = self._prepared.get(dialect.name)
        if found is None:
            found = self._prepared[dialect.name] = Prepared(self._statement, dialect)
        return found

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return every row by column name."""
        if self._names is None:
            self._names = tuple(self._statement.selected_columns.keys())
        names = self._names
        found = self.of(connection).all(connection, values)
        return [dict(zip(names, row, strict=True)) for row in found]

    def first(self, connection: Connection, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the first row by column name, None when there is none."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Execute a write and return the number of rows that it touched."""
        return self.of(connection).run(connection, values)


def _invalidated(dialect: Dialect, connection: Connection, error: Exception) -> bool:
    """Tell whether the connection is gone, and keep the pool from giving it out again."""
    if not dialect.is_disconnect(error, None, None):  # type: ignore[arg-type]
        return False
    connection.invalidate(error)
    return True


def _parameters(
    binds: Mapping[str, Any], dialect: Dialect
) -> tuple[tuple[tuple[str, str, Reader | None], ...], dict[str, Any]]:
    """Return (name in the text, key of the value, processor) of parameters, and the constants."""
    out: list[tuple[str, str, Reader | None]] = []
    constants: dict[str, Any] = {}
    for name, bind in binds.items():
        processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if bind.required:
            out.append((name, bind.key, processor))
        else:
            value = bind.effective_value
            constants[name] = value if processor is None else processor(value)
    return tuple(out), constants


def _readers(statement: Any, dialect: Dialect) -> tuple[tuple[int, Reader], ...]:
    if not isinstance(statement, sa.SelectBase):
        return ()
    found: list[tuple[int, Reader]] = []
    for place, column in enumerate(statement.selected_columns):
        processor = column.type.dialect_impl(dialect).result_processor(dialect, _NUMERIC)
        if processor is not None:
            found.append((place, processor))
    return tuple(found)


def _read(row: Sequence[Any], readers: tuple[tuple[int, Reader], ...]) -> Sequence[Any]:
    values = list(row)
    for place, reader in readers:
        value = values[place]
        if value is not None:
            values[place] = reader(value)
    return values
