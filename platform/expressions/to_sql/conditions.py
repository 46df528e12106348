"""Conditions in SQL: where the language says null, one in a positive place may say false."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from trellis.expressions import nodes as n
from trellis.expressions import types as t
from trellis.expressions.to_sql.lists import ListWriter
from trellis.expressions.to_sql.terms import Element, Term
from trellis.expressions.values import order

_JOINS = {"and": sa.and_, "or": sa.or_}


class ConditionWriter(ListWriter):
    """The part of the walk that deals with what is true or false."""

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
        join = _JOINS[node.operator]
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
            return self._in_range(value, test, positive=positive)
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

    def _in_range(self, value: n.Node, test: n.RangeNode, *, positive: bool) -> Element:
        """Return `value in [low..high]`.

        A range that is the wrong way round, or has no end at all, is null, which only null equals.
        """
        missing = self.compare.plain(self.term(value)).is_(sa.null())
        ends = (test.low, test.high)
        if all(isinstance(end, n.Literal | n.AtLiteral) and end.value is not None for end in ends):
            if (order(*(end.value for end in ends)) or 0) > 0:  # type: ignore[attr-defined]
                return missing
            return self._inside(value, test, positive=positive)
        inside = self._inside(value, test, positive=positive)
        wrong = self._is_no_range(test)
        if positive:
            return sa.or_(inside, sa.and_(wrong, missing))
        return sa.case((wrong, missing), else_=inside)

    def _inside(self, value: n.Node, test: n.RangeNode, *, positive: bool) -> Element:
        low, high = ">=" if test.low_closed else ">", "<=" if test.high_closed else "<"
        return sa.and_(
            self.compared(low, value, test.low, positive=positive),
            self.compared(high, value, test.high, positive=positive),
        )

    def _is_no_range(self, test: n.RangeNode) -> Element:
        backwards = self.compared(">", test.low, test.high, positive=False)
        if not test.low_closed and not test.high_closed:
            return backwards
        ends = [self.compare.plain(self.term(end)).is_(sa.null()) for end in (test.low, test.high)]
        return sa.or_(backwards, sa.and_(*ends))

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


_CONDITIONS: dict[type[n.Node], Callable[[Any, Any, bool], Element]] = {
    n.Logic: ConditionWriter.logic,
    n.Compare: ConditionWriter.comparison,
    n.Between: ConditionWriter.between,
    n.In: ConditionWriter.in_,
    n.Call: ConditionWriter.call_condition,
    n.If: ConditionWriter.if_condition,
    n.Quantified: ConditionWriter.quantified,
}
