"""What a table in a statement offers to expressions; the room above implements it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement


@dataclass(frozen=True)
class SqlValue:
    """A column. An exact number on SQLite is an integer scaled by 10**`scale`.

    `kind` is one of number, string, boolean, date, datetime, time, duration, record, list (JSON).
    """

    element: ColumnElement[Any]
    kind: str
    scale: int | None = None
    type: Any = None


class SqlSubject(Protocol):
    """A table in a statement, as an expression sees it."""

    @property
    def identity(self) -> ColumnElement[Any]:
        """Return the id of the row."""
        ...

    def column(self, name: str) -> SqlValue | None:
        """Return the value of a field, None when there is no such column."""
        ...

    def reference(self, name: str) -> SqlSubject | None:
        """Follow a to-one reference, joining at most once for a path; None when it is none."""
        ...

    def related(self, name: str) -> SqlRelated | None:
        """Return the records behind a to-many field; None when it is none."""
        ...

    def descendants(self, roots: Any) -> Any | None:
        """Return a select of the ids at or below `roots`, None when this is no tree."""
        ...


@dataclass(frozen=True)
class SqlRelated:
    """The rows behind a to-many field: tables, the condition that ties them, the row itself.

    `order` is the order of the list in Python; without it no element can be picked by position.
    """

    tables: tuple[Any, ...]
    tie: ColumnElement[bool]
    subject: SqlSubject
    order: Sequence[ColumnElement[Any]] = ()
