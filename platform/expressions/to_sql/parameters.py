"""What an SQL expression is given from outside: constants, and values computed from a context."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from trellis.expressions import nodes as n
from trellis.expressions import types as t
from trellis.expressions.bindings import Typed
from trellis.expressions.problems import (
    NOT_SQL,
    ExpressionProblem,
    ExpressionProblemsError,
)
from trellis.expressions.runtime import Budget
from trellis.expressions.to_python import compile_python
from trellis.expressions.to_sql.binding import KINDS, Bound, SqlParameter
from trellis.expressions.to_sql.rows import Places, path_names
from trellis.expressions.to_sql.terms import Comparer, Element, Term

_BINDABLE = frozenset(KINDS.values())


@dataclass
class ParameterWriter:
    """The part of the walk that binds what does not depend on the row."""

    text: str
    typed: Typed
    places: Places
    sqlite: bool
    parameters: dict[str, SqlParameter] = field(default_factory=dict)
    _computed: dict[n.Node, Callable[[Mapping[str, Any]], Any]] = field(default_factory=dict)

    @property
    def compare(self) -> Comparer:
        """Return what compares terms."""
        return Comparer(self.sqlite, self.bind)

    def refuse(self, node: n.Node, why: str) -> ExpressionProblemsError:
        """Return the error that SQL cannot say a node."""
        problem = ExpressionProblem(node.start, node.end, NOT_SQL, f"cannot be SQL: because {why}")
        return ExpressionProblemsError(self.text, (problem,))

    def bind(self, term: Term, of: str, scale: int | None, rounding: str) -> Element:
        """Return the parameter for a value that does not depend on the row."""
        if of not in _BINDABLE:
            raise self.refuse(term.node or self.typed.tree, "the type of a value is not known")
        kind = Bound(of, scale if self.sqlite else None, rounding)
        if term.is_constant:
            return self._typed(sa.literal(term.value, type_=kind), of)
        if term.node is None:
            raise TypeError(f"{term!r} is part of the statement")
        return self._typed(self._parameter(term.node, kind, many=False), of)

    def _typed(self, bound: Element, of: str) -> Element:
        """Tell PostgreSQL that a null is a number; drivers tell it of other kinds."""
        return bound if self.sqlite or of != "number" else sa.cast(bound, sa.Numeric())

    def bind_many(self, node: n.Node, of: str, scale: int | None) -> Element:
        """Return the parameter for a list that does not depend on the row."""
        return self._parameter(node, Bound(of, scale if self.sqlite else None), many=True)

    def bind_null_in(self, node: n.Node) -> Element:
        """Return the parameter that says whether a list holds null."""
        name = f"p{node.start}_{node.end}__holds_null"
        compute = self._compute(node)

        def holds_null(context: Mapping[str, Any]) -> bool:
            found = compute(context)
            return isinstance(found, list | tuple) and None in found

        self.parameters[name] = SqlParameter(name, (), t.BOOLEAN, many=False, compute=holds_null)
        return sa.bindparam(name, type_=Bound("boolean")) == sa.true()

    def bind_is_null(self, node: n.Node) -> Element:
        """Return the parameter that says whether a value is null."""
        name = f"p{node.start}_{node.end}__is_null"
        compute = self._compute(node)

        def is_null(context: Mapping[str, Any]) -> bool:
            return compute(context) is None

        self.parameters[name] = SqlParameter(name, (), t.BOOLEAN, many=False, compute=is_null)
        return sa.bindparam(name, type_=Bound("boolean")) == sa.true()

    def _parameter(self, node: n.Node, kind: Bound, *, many: bool) -> Element:
        path = path_names(self.typed, node)
        base = (
            "_".join(path)
            if path and all(p.isidentifier() for p in path)
            else (f"p{node.start}_{node.end}")
        )
        name = f"{base}__{kind.of}{'s' if many else ''}" + (
            f"{kind.scale}{kind.rounding[0]}" if kind.scale is not None else ""
        )
        if name not in self.parameters:
            self.parameters[name] = SqlParameter(
                name, path, self.typed.types[node], many, self._compute(node)
            )
        return sa.bindparam(name, type_=kind, expanding=many)

    def _compute(self, node: n.Node) -> Callable[[Mapping[str, Any]], Any]:
        if node not in self._computed:
            part = Typed(node, self.typed.scope, self.typed.types, self.typed.bindings,
                         self.typed.forms, self.typed.written)  # fmt: skip
            compiled = compile_python(part, trust=False)
            self._computed[node] = lambda context: compiled(context, Budget())
        return self._computed[node]

    def kind_of(self, node: n.Node) -> str:
        """Return the kind of value that a node is in SQL."""
        of = self.typed.types[node]
        found = KINDS.get(of.name)
        if found is None:
            why = "its type is not known" if t.is_unknown(of) else f"a {of.name} has no form there"
            raise self.refuse(node, why)
        return found
