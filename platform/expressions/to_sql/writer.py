"""The walk over a typed tree that makes an SQL value or condition of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from trellis.expressions import nodes as n
from trellis.expressions import types as t
from trellis.expressions.bindings import BuiltinName, Typed
from trellis.expressions.limits import MAX_SQL_DEPTH
from trellis.expressions.to_sql.binding import KINDS, Result, SqlParameter
from trellis.expressions.to_sql.conditions import ConditionWriter
from trellis.expressions.to_sql.exact import Size, combined, fits, rounded, size_of
from trellis.expressions.to_sql.ports import SqlSubject, SqlValue
from trellis.expressions.to_sql.rows import SURE_ROOTS, Places, path_names
from trellis.expressions.to_sql.scalars import ARITHMETIC, SCALARS, on_sqlite
from trellis.expressions.to_sql.terms import Element, Term

#: The types of computed values on PostgreSQL, so that operators over them are the right ones.
_COMPUTED: Mapping[str, Any] = {
    "number": sa.Numeric(), "string": sa.Text(), "boolean": sa.Boolean(), "date": sa.Date(),
    "datetime": sa.TIMESTAMP(timezone=True), "duration": sa.BigInteger(),
}  # fmt: skip


@dataclass(frozen=True)
class SqlExpression:
    """An expression over the rows of a table, and what is to be bound to it."""

    element: ColumnElement[Any]
    parameters: tuple[SqlParameter, ...]
    type: t.Type

    def values(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is to be bound, by name, computed from a context."""
        return {parameter.name: parameter.value(context) for parameter in self.parameters}


def to_sql(text: str, typed: Typed, subject: SqlSubject, *, sqlite: bool) -> SqlExpression:
    """Return an expression over the rows of `subject`.

    A boolean one is a condition for WHERE: where the language says null it may say false. Raises
    ExpressionProblemsError naming what SQL cannot say.
    """
    writer = Writer(text, typed, Places(typed, subject), sqlite)
    tree = typed.tree
    if _depth(tree) > MAX_SQL_DEPTH:
        raise writer.refuse(tree, f"it is nested deeper than {MAX_SQL_DEPTH} levels")
    if typed.type.name == "boolean":
        element: Element = writer.condition(tree, positive=True)
    else:
        element = writer.selected(writer.term(tree))
    return SqlExpression(element, tuple(writer.parameters.values()), typed.type)


def sql_value(text: str, typed: Typed, subject: SqlSubject, *, sqlite: bool) -> SqlExpression:
    """Return an expression as a value to select: null is null, booleans too."""
    writer = Writer(text, typed, Places(typed, subject), sqlite)
    if _depth(typed.tree) > MAX_SQL_DEPTH:
        raise writer.refuse(typed.tree, f"it is nested deeper than {MAX_SQL_DEPTH} levels")
    element = writer.selected(writer.term(typed.tree))
    return SqlExpression(element, tuple(writer.parameters.values()), typed.type)


def _depth(tree: n.Node) -> int:
    level, depth = [tree], 0
    while level:
        level = [child for node in level for child in n.children(node)]
        depth += 1
    return depth


class Writer(ConditionWriter):
    """Writes one expression."""

    def selected(self, term: Term) -> Element:
        """Return a value as a column of a result."""
        element = self.compare.plain(term)
        if isinstance(element, sa.BindParameter):
            return element
        return sa.type_coerce(element, Result(term.kind, term.scale))

    def term(self, node: n.Node) -> Term:
        """Return a node as a value."""
        if isinstance(node, n.Literal | n.AtLiteral):
            return self._constant(node)
        if self.places.is_outside(node):
            path = path_names(self.typed, node)
            sure = len(path) == 1 and path[0] in SURE_ROOTS
            of = KINDS.get(self.typed.types[node].name, "any")
            return Term(of, node=node, sure=sure)
        write = _TERMS.get(type(node))
        if write is None:
            raise self.refuse(node, "it has no form in SQL")
        return write(self, node)

    def _constant(self, node: n.Literal | n.AtLiteral) -> Term:
        of = KINDS.get(self.typed.types[node].name, "string")
        sure = node.value is not None
        return Term(of, node=node, value=node.value, is_constant=True, sure=sure,
                    size=size_of(node.value))  # fmt: skip

    def name(self, node: n.Name | n.Path) -> Term:
        """Return a column, or a property of one."""
        found = self.places.column(node)
        if found is not None:
            of = "record" if node.name == "id" else self.kind_of(node)
            element = found.element
            scale = found.scale or 0 if self.sqlite and of == "number" else None
            size = _column_size(found) if of == "number" else None
            return Term(of, _bare(element, of, sqlite=self.sqlite), scale, size=size)
        picked = self.picked_property(node) if isinstance(node, n.Path) else None
        if picked is not None:
            return picked
        if isinstance(node, n.Path) and not self.places.is_list(node.base):
            if self.typed.types[node.base].name not in ("record", "context", "any"):
                return self.scalar(node, "." + node.name, (node.base,))
            raise self.refuse(node, f"`{node.name}` is no column of a single record")
        raise self.refuse(node, "it is no column of a single record")

    def arithmetic(self, node: n.Arithmetic) -> Term:
        """Return a sum, difference, product or quotient."""
        terms = [self.term(node.left), self.term(node.right)]
        found = ARITHMETIC.get((node.operator, terms[0].kind, terms[1].kind))
        if found is None:
            raise self.refuse(node, f"`{node.operator}` of these has no exact form")
        return self._applied(node.operator, found, terms)

    def negate(self, node: n.Negate) -> Term:
        """Return `-a`."""
        return self.scalar(node, "negate", (node.operand,))

    def scalar(self, node: n.Node, name: str, arguments: Sequence[n.Node]) -> Term:
        """Return a function of single values."""
        terms = [self.term(argument) for argument in arguments]
        found = SCALARS.get((name, *(term.kind for term in terms)))
        if found is None:
            why = _ASKED_ELSEWHERE.get(name, f"`{name.lstrip('.')}` has no exact form")
            raise self.refuse(node, why)
        return self._applied(name, found, terms)

    def _applied(
        self, name: str, found: tuple[str, Callable[..., Element]], terms: Sequence[Term]
    ) -> Term:
        of, make = found
        for term in terms:
            self._refuse_zone(term)
        elements = [self.compare.plain(term) for term in terms]
        if self.sqlite:
            return on_sqlite(name, of, list(zip(terms, elements, strict=True)))
        made = make(*map(self._operand, terms, elements))
        size = combined(name, *(term.size for term in terms)) if len(terms) == 2 else None
        if name in ("+", "-", "*") and of == "number" and not fits(size):
            made, size = rounded(made), None
        return Term(of, sa.type_coerce(made, _COMPUTED[of]), size=size)

    def _refuse_zone(self, term: Term) -> None:
        """Refuse to compute with a moment written in a zone: databases keep the instant only."""
        for part in () if term.node is None or term.kind != "datetime" else n.walk(term.node):
            zone = getattr(getattr(part, "value", None), "tzinfo", None)
            if zone is not None and zone is not UTC and isinstance(part, n.AtLiteral):
                raise self.refuse(part, "a moment there has no zone; write it in UTC, with `Z`")

    def _operand(self, term: Term, element: Element) -> Element:
        """Return an element whose type says which operators PostgreSQL has for it."""
        if term.kind == "number":
            return sa.cast(element, sa.Numeric())
        if isinstance(element, sa.BindParameter) or term.kind not in _COMPUTED:
            return element
        return sa.type_coerce(element, _COMPUTED[term.kind])

    def if_(self, node: n.If) -> Term:
        """Return `if`; where its condition is null, the other way is taken."""
        condition = self.condition(node.condition, positive=True)
        terms = [self.term(node.then), self.term(node.otherwise)]
        of = terms[0].kind if not terms[0].is_null else terms[1].kind
        if all(term.is_null for term in terms):
            raise self.refuse(node, "the type of a value is not known")
        if not terms[1].is_null and terms[1].kind != of:
            raise self.refuse(node, "its two ways have different types")
        for term in terms:
            self._refuse_zone(term)
        elements = [self._as_text(term) if of == "number" else self.compare.plain(
            term, like=Term(of)) for term in terms]  # fmt: skip
        made = sa.case((condition, elements[0]), else_=elements[1])
        if of == "boolean" or (not self.sqlite and of in _COMPUTED):
            return Term(of, sa.type_coerce(made, _COMPUTED[of]))
        return Term(of, made)

    def _as_text(self, term: Term) -> Element:
        """Return a number in the one form that every number has: on SQLite a decimal text."""
        element = self.compare.plain(term)
        if not self.sqlite or not term.scale:
            return element
        return sa.func.feel("+", f"{term.code},n", element, sa.literal_column("0"))

    def call(self, node: n.Call) -> Term:
        """Return a call of a function."""
        binding = self.typed.bindings.get(node.function) if isinstance(
            node.function, n.Name) else None  # fmt: skip
        if not isinstance(binding, BuiltinName):
            raise self.refuse(node, "only built-in functions have a form in SQL")
        name = binding.builtin.name
        if node.names:
            raise self.refuse(node, "named arguments are not read there; give them in order")
        special = self.list_call(node, name)
        if special is not None:
            return special
        return self.scalar(node, name, node.arguments)

    def truth(self, node: n.Node) -> Term:
        """Return a condition as a value: null where the language says null."""
        return Term("boolean", self.condition(node, positive=False))


#: Functions that the database cannot know, and why.
_ASKED_ELSEWHERE = {
    name: f"`{name}` asks a calendar for each row; keep its result in a stored formula"
    for name in ("business duration", "add business duration")
}


def _column_size(found: SqlValue) -> Size:
    """Return how many digits the numbers of a column have; integers have 64 bits."""
    precision = getattr(found.type, "precision", None)
    if precision is None or found.scale is None:
        return (19, 0) if found.scale is None else None
    return precision - found.scale, found.scale


def _bare(element: Element, of: str, *, sqlite: bool) -> Element:
    """Return a column without the conversions of its type; values come as they are stored."""
    if of in ("record", "boolean"):
        return element
    plain: Mapping[str, Any] = {
        "number": sa.types.NullType() if sqlite else sa.Numeric(), "string": sa.Text(),
        "date": sa.Text() if sqlite else sa.Date(),
        "datetime": sa.Text() if sqlite else sa.TIMESTAMP(timezone=True),
        "time": sa.Text(), "duration": sa.BigInteger(),
    }  # fmt: skip
    return sa.type_coerce(element, plain[of]) if of in plain else element


_TERMS: dict[type[n.Node], Callable[[Any, Any], Term]] = {
    n.Name: Writer.name, n.Path: Writer.name, n.Arithmetic: Writer.arithmetic,
    n.Negate: Writer.negate, n.If: Writer.if_, n.Call: Writer.call, n.Filter: Writer.picked,
    **dict.fromkeys((n.Logic, n.Compare, n.Between, n.In, n.Quantified), Writer.truth),
}  # fmt: skip
