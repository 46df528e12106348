"""Where the names of an expression lead in a statement: to a row, to a column, or outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement
from trellis.expressions import nodes as n
from trellis.expressions import types as t
from trellis.expressions.bindings import (
    Binding,
    ItemProperty,
    Root,
    SubjectField,
    Typed,
    Variable,
)
from trellis.expressions.to_sql.ports import SqlRelated, SqlSubject, SqlValue


@dataclass(frozen=True)
class Rows:
    """A list in a statement: its tables, what ties and filters them, and its rows."""

    tables: tuple[Any, ...]
    conditions: tuple[ColumnElement[bool], ...]
    subject: SqlSubject
    order: tuple[ColumnElement[Any], ...]
    #: A property of the rows that the list is made of, or a body that is computed for each.
    body: n.Node | str | None = None


@dataclass
class Places:
    """Finds rows and columns; `bound` are the rows that loops and filters are at."""

    typed: Typed
    subject: SqlSubject
    bound: dict[n.Node, SqlSubject] = field(default_factory=dict)
    _outside: dict[n.Node, bool] = field(default_factory=dict)

    def is_outside(self, node: n.Node) -> bool:
        """Tell whether nothing in a node depends on the row or on a row inside."""
        known = self._outside.get(node)
        if known is None:
            parts = list(n.walk(node))
            owners = set(parts)
            known = not any(
                isinstance(part, n.Name) and self._depends(part, owners) for part in parts
            )
            self._outside[node] = known
        return known

    def _depends(self, name: n.Name, inside: set[n.Node]) -> bool:
        binding = self.typed.bindings.get(name)
        if isinstance(binding, SubjectField):
            return True
        if isinstance(binding, Root):
            return binding.name == self.typed.subject_name
        if isinstance(binding, ItemProperty | Variable):
            return binding.owner not in inside
        return False

    def row(self, node: n.Node) -> SqlSubject | None:
        """Return the row that a node of a record's type is."""
        if isinstance(node, n.Path):
            base = self.row(node.base)
            return None if base is None else base.reference(node.name)
        if not isinstance(node, n.Name):
            return None
        return self._bound_row(self.typed.bindings[node])

    def _bound_row(self, binding: Binding) -> SqlSubject | None:
        if isinstance(binding, SubjectField):
            return self.subject.reference(binding.name)
        if isinstance(binding, Root) and binding.name == self.typed.subject_name:
            return self.subject
        if isinstance(binding, Variable):
            return self.bound.get(binding.owner)
        if isinstance(binding, ItemProperty) and binding.owner in self.bound:
            return self.bound[binding.owner].reference(binding.name)
        return None

    def _spot(self, node: n.Node) -> tuple[SqlSubject, str] | None:
        """Return the row and the name of the property that a node is."""
        if isinstance(node, n.Path):
            base = self.row(node.base)
            return None if base is None else (base, node.name)
        binding = self.typed.bindings[node] if isinstance(node, n.Name) else None
        if isinstance(binding, SubjectField):
            return self.subject, binding.name
        if isinstance(binding, ItemProperty) and binding.owner in self.bound:
            return self.bound[binding.owner], binding.name
        return None

    def column(self, node: n.Node) -> SqlValue | None:
        """Return the column that a node is; `reference.id` is the reference's own column."""
        if isinstance(node, n.Path) and node.name == "id":
            link = self.column(node.base)
            if link is not None and self.typed.types[node.base].name == "record":
                return link
        spot = self._spot(node)
        if spot is not None:
            return spot[0].column(spot[1])
        row = self.row(node)
        return None if row is None else SqlValue(row.identity, "record")

    def related(self, node: n.Node) -> SqlRelated | None:
        """Return the rows behind a to-many property."""
        spot = self._spot(node)
        return None if spot is None else spot[0].related(spot[1])

    def is_list(self, node: n.Node) -> bool:
        """Tell whether a node is a list, by its type."""
        return isinstance(self.typed.types[node], t.ListType)


def path_names(typed: Typed, node: n.Node) -> tuple[str, ...]:
    """Return the names of a path outside the row, empty when the node is none."""
    names: list[str] = []
    while isinstance(node, n.Path):
        names.append(node.name)
        node = node.base
    if not isinstance(node, n.Name):
        return ()
    binding: Binding | None = typed.bindings.get(node)
    return (binding.name, *reversed(names)) if isinstance(binding, Root) else ()


SURE_ROOTS: Mapping[str, bool] = {"user": True}
