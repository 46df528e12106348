"""A value in SQL, and how two of them are compared on each database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from trellis.expressions import nodes as n

Element = ColumnElement[Any]
_ROUNDING = {"<": "ceiling", "<=": "floor", ">": "floor", ">=": "ceiling"}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NATIVE: Mapping[str, Callable[[Any, Any], Element]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip
_CODES = {
    "string": "s", "record": "r", "boolean": "b", "date": "d", "datetime": "m", "time": "t",
    "duration": "u", "months": "y",
}  # fmt: skip


@dataclass(frozen=True)
class Term:
    """A value: something of the statement, or (`node` set) a value that is yet to be bound.

    On SQLite a number is an integer scaled by 10**`scale`, or a decimal text where scale is None.
    """

    kind: str
    element: Element | None = None
    scale: int | None = None
    node: n.Node | None = None
    #: The value of a literal; only with `is_constant`.
    value: Any = None
    is_constant: bool = False
    #: Whether it is known never to be null.
    sure: bool = False
    #: On PostgreSQL: digits of a number before and behind the point, None where not known.
    size: tuple[int, int] | None = None

    @property
    def is_outside(self) -> bool:
        """Tell whether the value does not depend on the row."""
        return self.node is not None

    @property
    def is_null(self) -> bool:
        """Tell whether this is the literal null."""
        return self.is_constant and self.value is None

    @property
    def code(self) -> str:
        """Return how the registered functions of SQLite read the stored value."""
        if self.kind == "number":
            return f"n{self.scale or ''}"
        return _CODES[self.kind]


#: Returns the parameter for a term: (term, kind, scale, rounding).
Bind = Callable[[Term, str, int | None, str], Element]


@dataclass(frozen=True)
class Comparer:
    """Compares terms on one database."""

    sqlite: bool
    bind: Bind

    def ordered(self, operator: str, left: Term, right: Term) -> Element:
        """Return `left operator right`; null when either is null."""
        if left.is_null or right.is_null:
            return sa.cast(sa.null(), sa.Boolean)
        if left.is_outside:
            return self.ordered(_FLIPPED[operator], right, left)
        of = left.kind
        if of == "number" and self.sqlite:
            return self._ordered_numbers(operator, left, right)
        a, b = self.plain(left), self.plain(right, like=left)
        if of == "string" and not self.sqlite:
            a, b = sa.collate(a, "C"), sa.collate(b, "C")
        return _NATIVE[operator](a, b)

    def _ordered_numbers(self, operator: str, left: Term, right: Term) -> Element:
        if left.scale is not None and right.is_outside:
            bound = self.bind(right, "number", left.scale, _ROUNDING[operator])
            return _NATIVE[operator](self.plain(left), bound)
        if left.scale is not None and left.scale == right.scale:
            return _NATIVE[operator](self.plain(left), self.plain(right))
        return _NATIVE[operator](self._order(left, right), sa.literal_column("0"))

    def _order(self, left: Term, right: Term) -> Element:
        codes: list[Element] = [sa.literal_column(f"'{_code(term)}'") for term in (left, right)]
        return sa.func.feel_order(self.plain(left), self.plain(right), *codes, type_=sa.Integer)

    def equal(self, left: Term, right: Term, *, positive: bool) -> Element:
        """Return `left = right`, which is never null; in a positive place null counts as false."""
        if left.is_outside and not right.is_outside:
            left, right = right, left
        if right.is_null:
            return self.plain(left).is_(sa.null())
        if left.kind == "number" and self.sqlite and not _same_form(left, right):
            return self._equal_numbers(left, right)
        a, b = self._seconds(left, right)
        if positive and (right.is_constant or right.sure or left.sure):
            return a == b
        if positive and right.is_outside and not self.sqlite:
            # PostgreSQL uses an index for this, not for IS NOT DISTINCT FROM.
            return sa.or_(a == b, sa.and_(a.is_(sa.null()), b.is_(sa.null())))
        return a.is_not_distinct_from(b)

    def different(self, left: Term, right: Term) -> Element:
        """Return `left != right`, which is never null."""
        if left.is_outside and not right.is_outside:
            left, right = right, left
        if right.is_null:
            return self.plain(left).is_not(sa.null())
        if left.kind == "number" and self.sqlite and not _same_form(left, right):
            return sa.not_(self._equal_numbers(left, right))
        a, b = self._seconds(left, right)
        return a.is_distinct_from(b)

    def _equal_numbers(self, left: Term, right: Term) -> Element:
        both_null = sa.and_(self.plain(left).is_(sa.null()), self.plain(right).is_(sa.null()))
        return sa.func.coalesce(self._order(left, right) == sa.literal_column("0"), both_null)

    def _seconds(self, left: Term, right: Term) -> tuple[Element, Element]:
        """Return both sides; moments are equal when their seconds are."""
        a, b = self.plain(left), self.plain(right, like=left)
        if {left.kind, right.kind} == {"record", "string"} and not right.is_outside:
            return sa.cast(a, sa.Text), sa.cast(b, sa.Text)
        if left.kind != "datetime":
            return a, b
        if self.sqlite:
            return _second_text(a), _second_text(b)
        return sa.func.date_trunc("second", a), sa.func.date_trunc("second", b)

    def plain(self, term: Term, like: Term | None = None) -> Element:
        """Return a term as an element; what is outside is bound as the other side needs it."""
        if term.element is not None:
            return term.element
        if term.is_null:
            return sa.null()
        of = term.kind if like is None else like.kind
        return self.bind(term, of, None if like is None else like.scale, "never")

    def among(self, left: Term, many: Element, *, positive: bool) -> Element:
        """Return whether a value is one of a bound list; never null."""
        found = self.plain(left).in_(many)
        return found if positive else sa.func.coalesce(found, sa.false())


def _same_form(left: Term, right: Term) -> bool:
    """Tell whether two numbers on SQLite are integers of one scale, so that `=` is exact."""
    if left.scale is None:
        return False
    return right.is_outside or left.scale == right.scale


def _code(term: Term) -> str:
    return "n" if term.is_outside else term.code


def _second_text(element: Element) -> Element:
    return sa.func.substr(element, 1, 19)
