"""Comparisons, `in`, `between` and the tests of cells: what is always null, and which options."""

from __future__ import annotations

from dataclasses import replace

from trellis.expressions import nodes as n
from trellis.expressions import problems as p
from trellis.expressions import types as t
from trellis.expressions.check_names import NameChecker
from trellis.expressions.check_result import option_problems
from trellis.expressions.hints import comparison_hint, condition_hint, order_hint
from trellis.expressions.type_rules import ORDERED, show

_Side = tuple[n.Node, t.Type]


class ComparisonChecker(NameChecker):
    """The part of the walk that compares types."""

    def condition(self, node: n.Node, where: str) -> None:
        """Check a node that must be true or false."""
        of = self.type_of(node)
        if not t.is_unknown(of) and of.name != "boolean":
            self.report(node, p.CONDITION, f"{where} needs true or false, this is {show(of)}",
                        condition_hint(of.name))  # fmt: skip

    def compare(self, node: n.Compare) -> t.Type:
        """Return the type of a comparison."""
        a, b = self.type_of(node.left), self.type_of(node.right)
        self._meant_as_option((node.left, a), (node.right, b))
        self.comparable(node, node.operator, (node.left, a), (node.right, b))
        return t.BOOLEAN

    def _meant_as_option(self, left: _Side, right: _Side) -> None:
        """Say of an unknown name beside a choice that the option of that name needs quotes."""
        for (node, _), (_, of) in ((left, right), (right, left)):
            if not isinstance(node, n.Name) or not isinstance(of, t.ChoiceType):
                continue
            for at, found in enumerate(self.typed.problems):
                if (found.start, found.code) == (node.start, p.UNKNOWN_NAME) and (
                    node.name in of.values
                ):
                    help_ = f'write `"{node.name}"`: options stand in double quotes'
                    self.typed.problems[at] = replace(found, help=help_)

    def comparable(
        self, node: n.Node, operator: str, left: _Side, right: _Side, *, shown: str = ""
    ) -> None:
        """Report a comparison that is always null, or with an option that there is not."""
        a, b = left[1], right[1]
        if operator not in ("=", "!="):
            self.ordered(node, operator, left, right)
        elif not t.same_kind(a, b):
            self._never_equal(node, shown or operator, left, right)
        else:
            for of, other in ((a, right[0]), (b, left[0])):
                self.typed.problems += option_problems(other, of) if self.scope else []

    def _never_equal(self, node: n.Node, operator: str, left: _Side, right: _Side) -> None:
        hint = comparison_hint((left[0], left[1].name), (right[0], right[1].name), operator)
        self.report(node, p.NEVER_EQUAL,
                    f"`{operator}` compares {show(left[1])} with {show(right[1])}, which is always "
                    "null", hint)  # fmt: skip

    def ordered(self, node: n.Node, operator: str, left: _Side, right: _Side) -> None:
        """Report types that have no order between them."""
        a, b = left[1], right[1]
        if t.NULL in (a, b):
            self.report(node, p.NEVER_EQUAL, f"`{operator}` with null is always null",
                        "write `= null` or `!= null` to ask whether there is a value")  # fmt: skip
            return
        known = [of for of in (a, b) if not t.is_unknown(of)]
        if len(known) == 2 and a.name != b.name and _is_chain(left[0]):
            self._never_equal(node, operator, left, right)
            return
        for of in known:
            if of.name not in ORDERED:
                self.report(node, p.OPERAND, f"`{operator}` cannot compare {show(of)}",
                            order_hint(of.name))  # fmt: skip
                return
        if len(known) == 2 and a.name != b.name:
            self._never_equal(node, operator, left, right)

    def between(self, node: n.Between) -> t.Type:
        """Return the type of `between`."""
        of = self.type_of(node.value)
        for end in (node.low, node.high):
            self.ordered(end, "between", (node.value, of), (end, self.type_of(end)))
        return t.BOOLEAN

    def in_(self, node: n.In) -> t.Type:
        """Return the type of `in`."""
        of = self.type_of(node.value)
        for test in node.tests:
            self.test_against(node.value, of, test)
        return t.BOOLEAN

    def test_against(self, value: n.Node, of: t.Type, test: n.Node) -> None:
        """Check one test of a value of a type."""
        if isinstance(test, n.Test):
            operand = self.type_of(test.operand)
            self.typed.types[test] = t.RangeType(of=operand)
            self.comparable(test, test.operator, (value, of), (test.operand, operand))
            return
        found = self.type_of(test)
        if isinstance(test, n.ListNode):
            for item in test.items:
                self._member((value, of), item, self.typed.types[item])
        else:
            self._member((value, of), test, found)

    def _member(self, value: _Side, test: n.Node, found: t.Type) -> None:
        of, inner = value[1], found
        self._meant_as_option(value, (test, found))
        if isinstance(found, t.ListType) and not isinstance(of, t.ListType):
            inner = found.of
        shown = "=" if value[0].start == value[0].end else "in"
        if isinstance(inner, t.RangeType) and not isinstance(of, t.RangeType):
            self.ordered(test, "in", value, (test, inner.of))
        else:
            self.comparable(test, "=", value, (test, inner), shown=shown)

    def unary_tests(self, node: n.UnaryTests) -> t.Type:
        """Return the type of a table cell's tests."""
        of = self.lookup("?", 0)[1]
        spot = n.Name(node.start, node.start, "?")
        for test in node.tests:
            if _mentions_input(test) or (
                _is_boolean_test(test) and of.name not in ("boolean", "any")
            ):
                self.condition(test, "a test")
            else:
                self.test_against(spot, of, test)
        return t.BOOLEAN


def _is_chain(node: n.Node) -> bool:
    return isinstance(node, n.Compare)


def _mentions_input(node: n.Node) -> bool:
    return any(isinstance(part, n.Name) and part.name == "?" for part in n.walk(node))


def _is_boolean_test(node: n.Node) -> bool:
    return isinstance(node, n.Compare | n.Logic | n.Between | n.In | n.Quantified | n.InstanceOf)
