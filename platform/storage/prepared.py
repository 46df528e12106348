"""Statements compiled once and run straight on the driver: no building, no caches to ask.

SQLAlchemy writes the text and says how values travel; the kept text is then executed with the
driver's own cursor, in the transaction of the connection it is given. What the driver raises is
wrapped as SQLAlchemy would have. A statement with a list of varying length runs the usual way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError

Reader = Callable[[Any], Any]


class Prepared:
    """A statement with named parameters, ready for one dialect; rows come back as tuples."""

    __slots__ = ("_constants", "_dialect", "_errors", "_expands", "_out", "_positions", "_statement",
                 "_text", "readers")  # fmt: skip

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._statement = statement
        self._dialect = dialect
        self._errors = dialect.loaded_dbapi.Error
        self._text = compiled.string
        self._expands = any(bind.expanding for bind in compiled.binds.values())
        self._positions = tuple(compiled.positiontup) if compiled.positional else None
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

    def _execute(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        bound = self._constants.copy()
        for name, key, out in self._out:
            value = values[key]
            bound[name] = value if out is None else out(value)
        positions = self._positions
        parameters = bound if positions is None else [bound[name] for name in positions]
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._text, parameters)
        except self._errors as error:
            cursor.close()
            raise DBAPIError.instance(
                self._text, None, error, self._errors, hide_parameters=True,
                connection_invalidated=_invalidated(self._dialect, connection, error),
                dialect=self._dialect,
            ) from error  # fmt: skip
        return cursor


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
        processor = column.type.dialect_impl(dialect).result_processor(dialect, None)
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
