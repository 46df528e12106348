"""The walk over a typed tree that makes an SQL value or condition of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from trellis.expressions import nodes as n
from trellis.expressions import types as t
from trellis.expressions.bindings import BuiltinName, Typed
from trellis.expressions.limits import MAX_SQL_DEPTH
from trellis.expressions.problems import (
    NOT_SQL,
    ExpressionProblem,
    ExpressionProblemsError,
)
from trellis.expressions.runtime import Budget
from trellis.expressions.to_python import compile_python
from trellis.expressions.to_sql.binding import KINDS, Bound, Result, SqlParameter
from trellis.expressions.to_sql.lists import ListWriter
from trellis.expressions.to_sql.ports import SqlSubject
from trellis.expressions.to_sql.rows import SURE_ROOTS, Places, path_names
from trellis.expressions.to_sql.scalars import ARITHMETIC, SCALARS, on_sqlite
from trellis.expressions.to_sql.terms import Comparer, Element, Term

_BINDABLE = frozenset(KINDS.values())
#: The types of computed values on PostgreSQL, so that operators over them are the right ones.
_COMPUTED: Mapping[str, Any] = {
    "number": sa.Numeric(), "string": sa.Text(), "boolean": sa.Boolean(), "date": sa.Date(),
    "datetime": sa.TIMESTAMP(timezone=True), "duration": sa.BigInteger(),
}  # fmt: skip
_SWAPPED = {"and": sa.and_, "or": sa.or_}


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


@dataclass
class Writer(ListWriter):
    """Writes one expression."""

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

    def selected(self, term: Term) -> Element:
        """Return a value as a column of a result."""
        element = self.compare.plain(term)
        if isinstance(element, sa.BindParameter):
            return element
        return sa.type_coerce(element, Result(term.kind, term.scale))

    # What is bound
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

    # Values
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
        return Term(of, node=node, value=node.value, is_constant=True, sure=sure)

    def name(self, node: n.Name | n.Path) -> Term:
        """Return a column, or a property of one."""
        found = self.places.column(node)
        if found is not None:
            of = "record" if node.name == "id" else self.kind_of(node)
            element = found.element
            scale = found.scale or 0 if self.sqlite and of == "number" else None
            return Term(of, _bare(element, of, sqlite=self.sqlite), scale)
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
            raise self.refuse(node, f"`{name.lstrip('.')}` has no exact form")
        return self._applied(name, found, terms)

    def _applied(
        self, name: str, found: tuple[str, Callable[..., Element]], terms: Sequence[Term]
    ) -> Term:
        of, make = found
        elements = [self.compare.plain(term) for term in terms]
        if self.sqlite:
            return on_sqlite(name, of, list(zip(terms, elements, strict=True)))
        exact = [
            sa.cast(element, sa.Numeric()) if term.kind == "number" else element
            for term, element in zip(terms, elements, strict=True)
        ]
        return Term(of, sa.type_coerce(make(*exact), _COMPUTED[of]))

    def if_(self, node: n.If) -> Term:
        """Return `if`; where its condition is null, the other way is taken."""
        condition = self.condition(node.condition, positive=True)
        terms = [self.term(node.then), self.term(node.otherwise)]
        of = terms[0].kind if not terms[0].is_null else terms[1].kind
        if all(term.is_null for term in terms):
            raise self.refuse(node, "the type of a value is not known")
        if not terms[1].is_null and terms[1].kind != of:
            raise self.refuse(node, "its two ways have different types")
        elements = [self._as_text(term) if of == "number" else self.compare.plain(
            term, like=Term(of)) for term in terms]  # fmt: skip
        made = sa.case((condition, elements[0]), else_=elements[1])
        return Term(of, sa.type_coerce(made, sa.Boolean) if of == "boolean" else made)

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

    # Conditions
    def condition(self, node: n.Node, *, positive: bool) -> Element:
        """Return a condition; in a positive place null and false are the same."""
        if self.places.is_outside(node) or isinstance(node, n.Literal):
            return self._plain_condition(node)
        write = _CONDITIONS.get(type(node))
        if write is not None:
            return write(self, node, positive)
        return self._plain_condition(node)

    def _plain_condition(self, node: n.Node) -> Element:
        if self.typed.types[node].name not in ("boolean", "any", "null"):
            raise self.refuse(node, "it is no condition")
        if isinstance(node, n.Literal):
            return {True: sa.true(), False: sa.false()}.get(node.value, sa.null())
        if self.places.is_outside(node):
            return self.bind(Term("boolean", node=node), "boolean", None, "never") == sa.true()
        return self.compare.plain(self.term(node))

    def logic(self, node: n.Logic, positive: bool) -> Element:
        """Return `and`, `or`."""
        join = _SWAPPED[node.operator]
        return join(*(self.condition(part, positive=positive) for part in node.parts))

    def comparison(self, node: n.Compare, positive: bool) -> Element:
        """Return a comparison."""
        return self.compared(node.operator, node.left, node.right, positive=positive)

    def compared(self, operator: str, left: n.Node, right: n.Node, *, positive: bool) -> Element:
        """Return a comparison of two nodes."""
        if self.places.is_outside(left) and self.places.is_outside(right):
            return self._outside_comparison(operator, left, right, positive=positive)
        a, b = self.term(left), self.term(right)
        if "months" in (a.kind, b.kind):
            raise self.refuse(left, "durations of months cannot be compared")
        if operator == "=":
            return self.compare.equal(a, b, positive=positive)
        if operator == "!=":
            return self.compare.different(a, b)
        return self.compare.ordered(operator, a, b)

    def _outside_comparison(
        self, operator: str, left: n.Node, right: n.Node, *, positive: bool
    ) -> Element:
        """Return a comparison that has nothing to do with the row: computed, then bound."""
        node = n.Compare(left.start, right.end, operator, left, right)
        self.typed.types[node] = t.BOOLEAN
        found = self.bind(Term("boolean", node=node), "boolean", None, "never")
        return found == sa.true() if positive else found

    def between(self, node: n.Between, _positive: bool) -> Element:
        """Return `between`."""
        return sa.and_(
            self.compared(">=", node.value, node.low, positive=False),
            self.compared("<=", node.value, node.high, positive=False),
        )

    def in_(self, node: n.In, positive: bool) -> Element:
        """Return `in`: of several tests one is enough, and the answer is never null."""
        if len(node.tests) == 1:
            return self.test(node.value, node.tests[0], positive=positive)
        return self._any_of([self.test(node.value, test, positive=positive)
                             for test in node.tests], positive=positive)  # fmt: skip

    def _any_of(self, tests: Sequence[Element], *, positive: bool) -> Element:
        if positive:
            return sa.or_(sa.false(), *tests)
        return sa.or_(sa.false(), *(sa.func.coalesce(test, sa.false()) for test in tests))

    def test(self, value: n.Node, test: n.Node, *, positive: bool) -> Element:
        """Return one test of a value."""
        if isinstance(test, n.Test):
            return self.compared(test.operator, value, test.operand, positive=positive)
        if isinstance(test, n.RangeNode):
            low = self.compared(
                ">=" if test.low_closed else ">", value, test.low, positive=positive
            )
            high = self.compared(
                "<=" if test.high_closed else "<", value, test.high, positive=positive
            )
            return sa.and_(low, high)
        if isinstance(test, n.ListNode):
            constants = [item for item in test.items if isinstance(item, n.Literal)]
            if (
                positive
                and len(constants) == len(test.items) > 0
                and not any(item.value is None for item in constants)
            ):
                return self._among_constants(value, constants)
            return self._any_of([self.test(value, item, positive=positive)
                                 for item in test.items], positive=positive)  # fmt: skip
        if self.places.is_list(test):
            return self.member(value, test, positive=positive)
        return self.compared("=", value, test, positive=positive)

    def _among_constants(self, value: n.Node, items: Sequence[n.Literal]) -> Element:
        left = self.term(value)
        if self.sqlite and left.kind == "number" and left.scale is None:
            return sa.or_(*(self.compare.equal(left, self.term(item), positive=True)
                            for item in items))  # fmt: skip
        bound = [self.bind(self.term(item), left.kind, left.scale, "never") for item in items]
        return self.compare.plain(left).in_(bound)

    def call_condition(self, node: n.Call, positive: bool) -> Element:
        """Return a call that is true or false."""
        name = node.function.name if isinstance(node.function, n.Name) else ""
        special = self.list_condition(node, name, positive=positive)
        if special is not None:
            return special
        if name == "not" and len(node.arguments) == 1:
            return sa.not_(self.condition(node.arguments[0], positive=False))
        return self.compare.plain(self.term(node))

    def if_condition(self, node: n.If, positive: bool) -> Element:
        """Return `if` between two conditions."""
        return sa.case(
            (self.condition(node.condition, positive=True),
             self.condition(node.then, positive=positive)),
            else_=self.condition(node.otherwise, positive=positive),
        )  # fmt: skip


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
_CONDITIONS: dict[type[n.Node], Callable[[Any, Any, bool], Element]] = {
    n.Logic: Writer.logic, n.Compare: Writer.comparison, n.Between: Writer.between,
    n.In: Writer.in_, n.Call: Writer.call_condition, n.If: Writer.if_condition,
    n.Quantified: Writer.quantified,
}  # fmt: skip
