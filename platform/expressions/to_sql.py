"""Tree → SQLAlchemy: conditions over a table's rows, faithful to FEEL's nulls (expressions.md 4).

Values never become SQL text: literals and everything that does not belong to the row are bound.
What SQL cannot say is a problem with its place, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from trellis.expressions import nodes as n
from trellis.expressions.problems import ExpressionProblem, ExpressionProblemsError

ORDERINGS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class SqlValue:
    """A value in SQL; an exact number on SQLite is an integer scaled by 10**`scale`."""

    element: ColumnElement[Any]
    kind: str  # number string boolean date datetime duration record list any null
    scale: int | None = None
    type: Any = None
    literal: Any = None
    is_literal: bool = False


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
        """Follow a to-one reference, joining at most once; None when it is none."""
        ...

    def related(self, name: str) -> SqlRelated | None:
        """Return the records behind a to-many field; None when it is none."""
        ...

    def descendants(self, roots: Any) -> Any | None:
        """Return a select of the ids at or below `roots`, None when this is no tree."""
        ...


@dataclass(frozen=True)
class SqlRelated:
    """The rows behind a to-many field: its tables, the condition that ties them, its subject."""

    tables: tuple[Any, ...]
    tie: ColumnElement[bool]
    subject: SqlSubject


@dataclass(frozen=True)
class SqlParameter:
    """A value that the caller evaluates and binds: `node` is its expression."""

    name: str
    node: n.Node
    many: bool = False
    scale: int | None = None


@dataclass(frozen=True)
class SqlCondition:
    """A condition and what is to be bound to it."""

    element: ColumnElement[bool]
    parameters: tuple[SqlParameter, ...]


def to_sql(text: str, node: n.Node, subject: SqlSubject, *, sqlite: bool) -> SqlCondition:
    """Return the condition `node` over the rows of `subject`.

    Raises ExpressionProblemsError naming what SQL cannot say.
    """
    maker = _Maker(text, sqlite, {"record": subject}, subject)
    return SqlCondition(maker.condition(node), tuple(maker.parameters.values()))


@dataclass
class _Maker:
    """Makes one statement's condition; `roots` are the names bound to rows."""

    text: str
    sqlite: bool
    roots: dict[str, SqlSubject]
    subject: SqlSubject | None
    parameters: dict[str, SqlParameter] = field(default_factory=dict)

    def refuse(self, node: n.Node, why: str) -> ExpressionProblemsError:
        """Return the error that SQL cannot say this."""
        problem = ExpressionProblem(node.start, node.end, "FEEL040",
                                    f"cannot be SQL: because {why}")  # fmt: skip
        return ExpressionProblemsError(self.text, (problem,))

    def condition(self, node: n.Node, *, positive: bool = True) -> ColumnElement[bool]:
        """Return a node as a condition; `positive` means that null may count as false."""
        if isinstance(node, n.Binary) and node.operator in ("and", "or"):
            left = self.condition(node.left, positive=positive)
            right = self.condition(node.right, positive=positive)
            return sa.and_(left, right) if node.operator == "and" else sa.or_(left, right)
        if isinstance(node, n.Binary) and node.operator in ("=", "!="):
            return self._equal(node, positive=positive)
        if isinstance(node, n.Binary) and node.operator in ORDERINGS:
            return self._ordered(node.operator, self.value(node.left), self.value(node.right))
        if isinstance(node, n.Between):
            value = self.value(node.value)
            return sa.and_(self._ordered(">=", value, self.value(node.low)),
                           self._ordered("<=", value, self.value(node.high)))  # fmt: skip
        if isinstance(node, n.In):
            return sa.or_(*(self._test(node.value, test) for test in node.tests))
        if isinstance(node, n.Quantified):
            return self._quantified(node)
        if isinstance(node, n.Call) and isinstance(node.function, n.Name):
            special = self._condition_call(node, node.function.name)
            if special is not None:
                return special
        if isinstance(node, n.If):
            return sa.case((self.condition(node.condition), self.condition(node.then)),
                           else_=self.condition(node.otherwise))  # fmt: skip
        found = self.value(node)
        if found.is_literal:
            return sa.true() if found.literal is True else sa.false()
        return found.element.is_(sa.true()) if positive else found.element

    def _condition_call(self, node: n.Call, name: str) -> ColumnElement[bool] | None:
        if name == "not" and len(node.arguments) == 1:
            return sa.not_(self.condition(node.arguments[0], positive=False))
        if name == "under" and len(node.arguments) == 2:
            return self._under(node)
        if name == "list contains" and len(node.arguments) == 2:
            return self._member(node.arguments[1], node.arguments[0])
        maker = _TEXT_CONDITIONS.get(name)
        if maker is None or len(node.arguments) != 2:
            return None
        return maker(self, *(self.value(argument).element for argument in node.arguments))

    # Equality
    def _equal(self, node: n.Binary, *, positive: bool) -> ColumnElement[bool]:
        left, right = self.value(node.left), self.value(node.right)
        if right.is_literal and right.literal is None:
            return left.element.is_(None) if node.operator == "=" else left.element.is_not(None)
        if left.is_literal and left.literal is None:
            return right.element.is_(None) if node.operator == "=" else right.element.is_not(None)
        a, b = self._aligned(left, right)
        if node.operator == "!=":
            return a.is_distinct_from(b)
        constant = left.is_literal or right.is_literal
        return a == b if positive and constant else a.is_not_distinct_from(b)

    def _ordered(self, operator: str, left: SqlValue, right: SqlValue) -> ColumnElement[bool]:
        a, b = self._aligned(left, right)
        if left.kind == "string" and not self.sqlite:
            a, b = sa.collate(a, "C"), sa.collate(b, "C")
        return ORDERINGS[operator](a, b)  # type: ignore[no-any-return]

    def _aligned(self, left: SqlValue, right: SqlValue) -> tuple[Any, Any]:
        """Return both sides on one scale, literals bound by the other side's type."""
        if left.is_literal and not right.is_literal:
            b, a = self._aligned(right, left)
            return a, b
        if right.is_literal:
            return left.element, self._bound(right.literal, left)
        if not self.sqlite or left.kind != "number" or right.kind != "number":
            return left.element, right.element
        scale = max(left.scale or 0, right.scale or 0)
        return _rescaled(left, scale), _rescaled(right, scale)

    def _bound(self, literal: Any, other: SqlValue) -> Any:
        if isinstance(literal, Decimal) and self.sqlite and other.scale:
            return sa.literal(_shifted(literal, other.scale))
        if isinstance(literal, Decimal) and literal == literal.to_integral_value():
            literal = int(literal)
        elif isinstance(literal, Decimal) and self.sqlite:
            literal = float(literal)
        return sa.literal(literal, type_=other.type) if other.type is not None else sa.literal(literal)

    # Membership
    def _test(self, value: n.Node, test: n.Node) -> ColumnElement[bool]:
        if isinstance(test, n.Test):
            pair = n.Binary(test.start, test.end, test.operator, value, test.operand)
            return self.condition(pair)
        if isinstance(test, n.RangeNode):
            found = self.value(value)
            low = self._ordered(">=" if test.low_closed else ">", found, self.value(test.low))
            high = self._ordered("<=" if test.high_closed else "<", found, self.value(test.high))
            return sa.and_(low, high)
        if isinstance(test, n.ListNode):
            return sa.or_(sa.false(), *(self._test(value, item) for item in test.items))
        if self._is_list(test):
            return self._member(value, test)
        return self.condition(n.Binary(test.start, test.end, "=", value, test))

    def _is_list(self, node: n.Node) -> bool:
        path = _path_of(node)
        return path is not None and (self._related_of(node) is not None or path[0] not in self.roots)

    def _member(self, value: n.Node, items: n.Node) -> ColumnElement[bool]:
        related = self._related_of(items)
        if related is not None:
            wanted = self.value(value).element
            return _exists(related.tables, related.tie, related.subject.identity == wanted)
        found = self.value(value)
        parameter = self._parameter(items, many=True, like=found)
        return sa.func.coalesce(found.element.in_(parameter), sa.false())

    def _under(self, node: n.Call) -> ColumnElement[bool]:
        place, roots = node.arguments
        subject = self._subject_of(place)
        bound = self._parameter(roots, many=True, like=None)
        if subject is None or subject.descendants(bound) is None:
            raise self.refuse(place, "this is not a record of a tree")
        return self.value(place).element.in_(subject.descendants(bound))

    # Related records
    def _quantified(self, node: n.Quantified) -> ColumnElement[bool]:
        if len(node.iterators) != 1:
            raise self.refuse(node, "it walks several lists at once")
        iterator = node.iterators[0]
        tables, tie, inner = self._inside(iterator.domain, iterator.name)
        body = inner.condition(node.condition, positive=node.kind == "some")
        self.parameters.update(inner.parameters)
        if node.kind == "some":
            return _exists(tables, tie, body)
        return sa.not_(_exists(tables, tie, body.is_not(sa.true())))

    def _inside(
        self, domain: n.Node, name: str | None
    ) -> tuple[tuple[Any, ...], ColumnElement[bool], _Maker]:
        """Return the tables of a list, its tie (filters included) and a maker over its rows."""
        conditions: list[n.Node] = []
        while isinstance(domain, n.Filter):
            conditions.append(domain.condition)
            domain = domain.base
        related = self._related_of(domain)
        if related is None:
            raise self.refuse(domain, "this is no list of related records")
        inner = replace(self, roots={**self.roots, "item": related.subject},
                        subject=related.subject, parameters=dict(self.parameters))  # fmt: skip
        if name is not None:
            inner.roots[name] = related.subject
            inner.subject = self.subject if not conditions else related.subject
        tie = sa.and_(related.tie, *(
            replace(inner, subject=related.subject, parameters=inner.parameters).condition(c)
            for c in conditions
        ))  # fmt: skip
        if name is not None:
            inner.subject = self.subject
        return related.tables, tie, inner

    def _related_of(self, node: n.Node) -> SqlRelated | None:
        path = _path_of(node)
        if path is None:
            return None
        subject, names = self._start(path)
        for name in names[:-1]:
            subject = subject.reference(name) if subject is not None else None
        return subject.related(names[-1]) if subject is not None and names else None

    def _start(self, path: tuple[str, ...]) -> tuple[SqlSubject | None, tuple[str, ...]]:
        """Return the row a path starts at and the names behind it."""
        if path[0] in self.roots:
            return self.roots[path[0]], path[1:]
        if self.subject is not None and _has(self.subject, path[0]):
            return self.subject, path
        outer = self.roots.get("record")
        if outer is not None and path[0] not in ("user", "settings") and _has(outer, path[0]):
            return outer, path
        return None, path

    def _subject_of(self, node: n.Node) -> SqlSubject | None:
        path = _path_of(node)
        if path is None:
            return None
        subject, names = self._start(path)
        for name in names:
            subject = subject.reference(name) if subject is not None else None
        return subject

    # Values
    def value(self, node: n.Node) -> SqlValue:
        """Return a node as a value."""
        if isinstance(node, n.Literal):
            kind = _kind(node.value)
            return SqlValue(sa.literal(_plain(node.value)), kind, literal=node.value, is_literal=True)
        path = _path_of(node)
        if path is not None:
            return self._path_value(node, path)
        if isinstance(node, n.Binary) and node.operator in _ARITHMETIC:
            return self._arithmetic(node)
        if isinstance(node, n.Negate):
            zero = n.Literal(node.start, node.start, Decimal(0))
            return self.value(n.Binary(node.start, node.end, "-", zero, node.operand))
        if isinstance(node, n.If):
            then, other = self.value(node.then), self.value(node.otherwise)
            a, b = self._aligned(then, other)
            element = sa.case((self.condition(node.condition), a), else_=b)
            return SqlValue(element, then.kind, then.scale or other.scale, then.type or other.type)
        if isinstance(node, n.Call) and isinstance(node.function, n.Name):
            return self._call(node, node.function.name)
        if isinstance(node, n.Binary | n.Between | n.In | n.Quantified):
            return SqlValue(self.condition(node, positive=False), "boolean")
        raise self.refuse(node, "it has no form in SQL")

    def _path_value(self, node: n.Node, path: tuple[str, ...]) -> SqlValue:
        subject, names = self._start(path)
        if subject is None:
            return self._outside(node)
        if not names:
            return SqlValue(subject.identity, "record")
        for name in names[:-1]:
            following = subject.reference(name)
            if following is None:
                raise self.refuse(node, f"`{name}` leads to no single record")
            subject = following
        found = subject.column(names[-1])
        if found is None:
            raise self.refuse(node, f"`{names[-1]}` has no column")
        return found

    def _outside(self, node: n.Node) -> SqlValue:
        """Return a value that does not depend on the row: the caller binds it."""
        return SqlValue(self._parameter(node, many=False, like=None), "any")

    def _parameter(self, node: n.Node, *, many: bool, like: SqlValue | None) -> Any:
        scale = like.scale if like is not None and self.sqlite else None
        name = f"p{'s' if many else ''}_{node.start}_{node.end}_{scale or 0}"
        self.parameters[name] = SqlParameter(name, node, many, scale)
        kind = like.type if like is not None else None
        return sa.bindparam(name, expanding=many, type_=kind)

    def _call(self, node: n.Call, name: str) -> SqlValue:
        if name in ("count", "sum", "min", "max", "mean") and len(node.arguments) == 1:
            return self._aggregate(name, node.arguments[0])
        if name in ("now", "today", "date", "duration", "date and time"):
            return self._outside(node)
        maker = _TEXT_VALUES.get(name)
        if maker is not None and len(node.arguments) == 1:
            kind, element = maker(self.value(node.arguments[0]).element, self.sqlite)
            return SqlValue(element, kind)
        if name in ("not", "under", "contains", "starts with", "ends with", "list contains"):
            return SqlValue(self.condition(node, positive=False), "boolean")
        raise self.refuse(node, f"`{name}` has no form in SQL")

    def _aggregate(self, name: str, items: n.Node) -> SqlValue:
        if isinstance(items, n.For) and len(items.iterators) == 1:
            iterator = items.iterators[0]
            tables, tie, inner = self._inside(iterator.domain, iterator.name)
            value = inner.value(items.body)
        elif name != "count" and isinstance(items, n.Path):
            tables, tie, inner = self._inside(items.base, None)
            value = replace(inner, roots={**inner.roots}, parameters=inner.parameters).value(
                n.Name(items.start, items.end, items.name)
            )
        else:
            tables, tie, inner = self._inside(items, None)
            value = SqlValue(sa.literal(1), "number")
        self.parameters.update(inner.parameters)
        return _aggregated(name, tables, tie, value)

    def _arithmetic(self, node: n.Binary) -> SqlValue:
        left, right = self.value(node.left), self.value(node.right)
        moments = {"date", "datetime"}
        if {left.kind, right.kind} & moments:
            raise self.refuse(node, "arithmetic with dates of the record is done in Python")
        if "any" in (left.kind, right.kind) and left.kind == right.kind:
            return self._outside(node)
        if left.kind == "string" and node.operator == "+":
            return SqlValue(left.element + right.element, "string")
        if self.sqlite:
            made = getattr(sa.func, _ARITHMETIC[node.operator])(_exact(left), _exact(right))
            # Whole and scaled numbers leave as decimal text; comparisons ask `feel_compare`.
            return SqlValue(sa.cast(made, sa.Numeric()), "number")
        b = sa.func.nullif(right.element, 0) if node.operator == "/" else right.element
        operations = {"+": lambda x, y: x + y, "-": lambda x, y: x - y,
                      "*": lambda x, y: x * y,
                      "/": lambda x, y: sa.cast(x, sa.Numeric) / y}  # fmt: skip
        return SqlValue(operations[node.operator](left.element, b), "number")


_ARITHMETIC = {"+": "feel_add", "-": "feel_subtract", "*": "feel_multiply", "/": "feel_divide"}


def _exists(tables: tuple[Any, ...], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return EXISTS over just these tables; every other one belongs to the statement around."""
    found = sa.select(sa.literal(1)).select_from(*tables).where(*conditions)
    return found.correlate_except(*tables).exists()


def _aggregated(
    name: str, tables: tuple[Any, ...], tie: ColumnElement[bool], value: SqlValue
) -> SqlValue:
    element = value.element
    if name == "count":
        counted = sa.select(sa.func.count()).select_from(*tables).where(tie)
        return SqlValue(counted.correlate_except(*tables).scalar_subquery(), "number", 0)
    function = {"sum": sa.func.sum, "min": sa.func.min, "max": sa.func.max,
                "mean": sa.func.avg}[name]  # fmt: skip
    # A null among the values makes the whole null, as in FEEL.
    made = sa.case((sa.func.count() == sa.func.count(element), function(element)))
    scale = None if name == "mean" else value.scale
    found = sa.select(made).select_from(*tables).where(tie).correlate_except(*tables)
    return SqlValue(found.scalar_subquery(), value.kind, scale, value.type)


def _has(subject: SqlSubject, name: str) -> bool:
    return (
        subject.column(name) is not None
        or subject.reference(name) is not None
        or subject.related(name) is not None
    )


def _path_of(node: n.Node) -> tuple[str, ...] | None:
    names: list[str] = []
    while isinstance(node, n.Path):
        names.append(node.name)
        node = node.base
    return (node.name, *reversed(names)) if isinstance(node, n.Name) else None


def _rescaled(value: SqlValue, scale: int) -> Any:
    shift = scale - (value.scale or 0)
    return value.element * 10**shift if shift else value.element


def _shifted(literal: Decimal, scale: int) -> int | float:
    moved = literal.scaleb(scale)
    return int(moved) if moved == moved.to_integral_value() else float(moved)


def _exact(value: SqlValue) -> Any:
    """Return a number as decimal text, for the exact functions on SQLite."""
    if value.is_literal:
        return sa.literal(str(value.literal))
    return sa.func.feel_unscale(value.element, value.scale) if value.scale else value.element


def _kind(value: Any) -> str:
    for cls, name in ((bool, "boolean"), (Decimal, "number"), (str, "string"),
                      (datetime, "datetime"), (date, "date"), (timedelta, "duration")):  # fmt: skip
        if isinstance(value, cls):
            return name
    return "null" if value is None else "any"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    return value


def _contains(maker: _Maker, text: Any, part: Any) -> ColumnElement[bool]:
    return (sa.func.instr(text, part) if maker.sqlite else sa.func.strpos(text, part)) > 0


def _starts(maker: _Maker, text: Any, part: Any) -> ColumnElement[bool]:
    return sa.func.substr(text, 1, sa.func.length(part)) == part


def _ends(maker: _Maker, text: Any, part: Any) -> ColumnElement[bool]:
    size = sa.func.length(part)
    return sa.and_(
        sa.func.length(text) >= size,
        sa.func.substr(text, sa.func.length(text) - size + 1) == part,
    )


_TEXT_CONDITIONS: Mapping[str, Callable[..., ColumnElement[bool]]] = {
    "contains": _contains,
    "starts with": _starts,
    "ends with": _ends,
}
_TEXT_VALUES: Mapping[str, Callable[[Any, bool], tuple[str, Any]]] = {
    "string length": lambda text, _: ("number", sa.func.length(text)),
    "upper case": lambda text, lite: (
        "string", sa.func.feel_upper(text) if lite else sa.func.upper(text)),
    "lower case": lambda text, lite: (
        "string", sa.func.feel_lower(text) if lite else sa.func.lower(text)),
}  # fmt: skip
