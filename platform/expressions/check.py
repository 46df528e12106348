"""Names, types and arguments of an expression against a scope: every mistake, with its place.

Without a scope nothing is a mistake, and types are known as far as the text tells them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trellis.expressions import nodes as n
from trellis.expressions import problems as p
from trellis.expressions import types as t
from trellis.expressions.bindings import (
    Binding,
    BuiltinName,
    Root,
    Typed,
    Variable,
)
from trellis.expressions.check_calls import checked_call
from trellis.expressions.check_names import NameChecker
from trellis.expressions.check_result import option_problems
from trellis.expressions.functions import BUILTINS
from trellis.expressions.hints import arithmetic_hint, comparison_hint, function_hint
from trellis.expressions.limits import MAX_ITERATIONS
from trellis.expressions.type_rules import (
    NEGATABLE,
    ORDERED,
    arithmetic_type,
    show,
    written_type,
)
from trellis.expressions.values import kind
from trellis.problems import suggest

_BY_KIND: dict[str, t.Type] = {of.name: of for of in t.SIMPLE_TYPES.values()} | {"null": t.NULL}
_AT_FORMS = '`@"2026-03-02"`, `@"09:30:00"`, `@"2026-03-02T09:30:00Z"` or `@"PT2H"`'
_VERBS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "raise"}


def check_tree(
    tree: n.Node,
    scope: t.Scope | None,
    *,
    open_names: bool = False,
    types: Mapping[str, t.Type] = t.NO_TYPES,
) -> Typed:
    """Return the tree with types and meanings, and its problems when there is a scope.

    With `open_names` the context may hold more names than the scope declares. `types` are those
    that the text may name beside FEEL's own.
    """
    checker = _Checker(Typed(tree, scope), scope, open_names=open_names, types=types)
    checker.type_of(tree)
    checker.typed.problems.sort()
    return checker.typed


class _Checker(NameChecker):
    """Walks one tree."""

    def type_of(self, node: n.Node) -> t.Type:
        """Return the type of a node, noting the problems below it."""
        found = _CHECKS[type(node)](self, node)
        self.typed.types[node] = found
        return found

    # Operators
    def arithmetic(self, node: n.Arithmetic) -> t.Type:
        """Return the type of a sum, difference, product, quotient or power."""
        a, b = self.type_of(node.left), self.type_of(node.right)
        found = arithmetic_type(node.operator, a, b)
        if found is not None:
            return found
        self.report(node, p.OPERAND,
                    f"`{node.operator}` cannot {_VERBS[node.operator]} {show(a)} and {show(b)}",
                    arithmetic_hint(node.operator, {a.name, b.name}))  # fmt: skip
        return t.ANY

    def negate(self, node: n.Negate) -> t.Type:
        """Return the type of `-a`."""
        of = self.type_of(node.operand)
        if not t.is_unknown(of) and of.name not in NEGATABLE:
            self.report(node, p.OPERAND, f"`-` cannot negate {show(of)}")
            return t.ANY
        return of

    def compare(self, node: n.Compare) -> t.Type:
        """Return the type of a comparison."""
        a, b = self.type_of(node.left), self.type_of(node.right)
        self.comparable(node, node.operator, (node.left, a), (node.right, b))
        return t.BOOLEAN

    def comparable(
        self, node: n.Node, operator: str, left: tuple[n.Node, t.Type], right: tuple[n.Node, t.Type]
    ) -> None:
        """Report a comparison that is always null, or with an option that there is not."""
        a, b = left[1], right[1]
        if operator not in ("=", "!="):
            self.ordered(node, operator, a, b)
        elif not t.same_kind(a, b):
            self.report(node, p.NEVER_EQUAL,
                        f"`{operator}` compares {show(a)} with {show(b)}, which is always null",
                        comparison_hint({a.name, b.name}))  # fmt: skip
        else:
            for of, other in ((a, right[0]), (b, left[0])):
                self.typed.problems += option_problems(other, of) if self.scope else []

    def ordered(self, node: n.Node, operator: str, a: t.Type, b: t.Type) -> None:
        """Report types that have no order between them."""
        if t.NULL in (a, b):
            self.report(node, p.NEVER_EQUAL, f"`{operator}` with null is always null")
            return
        known = [of for of in (a, b) if not t.is_unknown(of)]
        for of in known:
            if of.name not in ORDERED:
                self.report(node, p.OPERAND, f"`{operator}` cannot compare {show(of)}")
                return
        if len(known) == 2 and a.name != b.name:
            self.report(node, p.NEVER_EQUAL,
                        f"`{operator}` compares {show(a)} with {show(b)}, which is always null",
                        comparison_hint({a.name, b.name}))  # fmt: skip

    def logic(self, node: n.Logic) -> t.Type:
        """Return the type of `and`, `or`."""
        for part in node.parts:
            self.condition(part, f"`{node.operator}`")
        return t.BOOLEAN

    def condition(self, node: n.Node, where: str) -> None:
        """Check a node that must be true or false."""
        of = self.type_of(node)
        if not t.is_unknown(of) and of.name != "boolean":
            self.report(node, p.CONDITION, f"{where} needs true or false, this is {show(of)}")

    def between(self, node: n.Between) -> t.Type:
        """Return the type of `between`."""
        of = self.type_of(node.value)
        for end in (node.low, node.high):
            self.ordered(end, "between", of, self.type_of(end))
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
                self._member(value, of, item, self.typed.types[item])
        else:
            self._member(value, of, test, found)

    def _member(self, value: n.Node, of: t.Type, test: n.Node, found: t.Type) -> None:
        inner = found
        if isinstance(found, t.ListType) and not isinstance(of, t.ListType):
            inner = found.of
        if isinstance(inner, t.RangeType) and not isinstance(of, t.RangeType):
            self.ordered(test, "in", of, inner.of)
        else:
            self.comparable(test, "=", (value, of), (test, inner))

    def test(self, node: n.Test) -> t.Type:
        """Return the type of `(< 5)` as a value."""
        return t.RangeType(of=self.type_of(node.operand))

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

    # Values
    def literal(self, node: n.Literal) -> t.Type:
        """Return the type of a value written out."""
        return _BY_KIND[kind(node.value)]

    def at_literal(self, node: n.AtLiteral) -> t.Type:
        """Return the type of `@"…"`."""
        if node.value is None:
            shown = node.text if len(node.text) <= 40 else node.text[:40] + "…"
            self.report(node, p.LITERAL, f'`@"{shown}"` is no date, time or duration',
                        f"write {_AT_FORMS}")  # fmt: skip
        return _BY_KIND[kind(node.value)]

    def list_node(self, node: n.ListNode) -> t.Type:
        """Return the type of a list written out."""
        found: t.Type = t.NULL
        for item in node.items:
            found = t.common(found, self.type_of(item))
        return t.ListType(of=t.ANY if found is t.NULL else found)

    def range_node(self, node: n.RangeNode) -> t.Type:
        """Return the type of a range."""
        low, high = self.type_of(node.low), self.type_of(node.high)
        if t.NULL not in (low, high):
            self.ordered(node, "..", low, high)
        return t.RangeType(of=high if t.is_unknown(low) else low)

    def context_node(self, node: n.ContextNode) -> t.Type:
        """Return the type of a context; each entry sees the ones before it."""
        frame: dict[str, tuple[n.Node, t.Type]] = {}
        self.frames.append(frame)
        for entry in node.entries:
            of = self.type_of(entry.value)
            if entry.key in frame:
                self.report(entry, p.SYNTAX, f"the key `{entry.key}` stands twice")
            frame[entry.key] = (entry, of)
        self.frames.pop()
        return t.ContextType(entries={key: of for key, (_, of) in frame.items()})

    def if_(self, node: n.If) -> t.Type:
        """Return the type that both ways of an `if` have in common."""
        self.condition(node.condition, "`if`")
        return t.common(self.type_of(node.then), self.type_of(node.otherwise))

    def instance_of(self, node: n.InstanceOf) -> t.Type:
        """Return the type of `instance of`."""
        self.type_of(node.value)
        self.written(node.type)
        return t.BOOLEAN

    def written(self, node: n.TypeNode) -> t.Type:
        """Return a type that the text writes out."""
        of = written_type(node, self.types)
        if isinstance(of, str):
            names = [*self.types, *t.SIMPLE_TYPES, "list", "range", "context", "function"]
            self.report(node, p.UNKNOWN_TYPE, f"there is no type `{of}`", suggest(of, names))
            return t.ANY
        self.typed.written[node] = of
        return of

    # What binds names
    def iterations(self, node: n.For | n.Quantified) -> dict[str, tuple[n.Node, t.Type]]:
        """Bind the names of a loop one after another; each sees the ones before it."""
        frame: dict[str, tuple[n.Node, t.Type]] = {}
        self.frames.append(frame)
        if len(node.iterations) > MAX_ITERATIONS:
            spot = node.iterations[MAX_ITERATIONS]
            self.refuse(spot, f"a loop walks over more than {MAX_ITERATIONS} lists")
        for iteration in node.iterations:
            of = self.type_of(iteration.domain)
            if iteration.last is not None:
                last = self.type_of(iteration.last)
                self._bounds(iteration, of, last)
            else:
                of = self._element(iteration, of)
            self.typed.types[iteration] = of
            frame[iteration.name] = (iteration, of)
        return frame

    def _bounds(self, node: n.Iteration, low: t.Type, high: t.Type) -> None:
        for of in (low, high):
            if not t.is_unknown(of) and of.name not in ("number", "date"):
                self.report(node, p.OPERAND, f"a loop cannot count {show(of)}")
                return

    def _element(self, node: n.Iteration, of: t.Type) -> t.Type:
        if isinstance(of, t.ListType | t.RangeType):
            return of.of
        if not t.is_unknown(of):
            self.report(node.domain, p.OPERAND, f"a loop needs a list, this is {show(of)}")
        return t.ANY

    def for_(self, node: n.For) -> t.Type:
        """Return the type of the list that a loop makes."""
        frame = self.iterations(node)
        frame["partial"] = (node, t.ListType())
        body = self.type_of(node.body)
        self.frames.pop()
        return t.ListType(of=body)

    def quantified(self, node: n.Quantified) -> t.Type:
        """Return the type of `some`, `every`."""
        self.iterations(node)
        self.condition(node.condition, f"`{node.kind}`")
        self.frames.pop()
        return t.BOOLEAN

    def filter(self, node: n.Filter) -> t.Type:
        """Return the type of a filtered list, or of the element at a position."""
        base = self.type_of(node.base)
        item = base.of if isinstance(base, t.ListType) else base
        self.items[node] = item
        self.frames.append(node)
        condition = self.type_of(node.condition)
        self.frames.pop()
        if condition.name == "number":
            return item
        if condition.name == "boolean":
            return t.ListType(of=item)
        if not t.is_unknown(condition):
            message = f"a filter needs a condition or a position, this is {show(condition)}"
            self.report(node.condition, p.CONDITION, message)
        return t.ANY

    def function(self, node: n.FunctionNode) -> t.Type:
        """Return the type of a function written out."""
        types = tuple(t.ANY if par.type is None else self.written(par.type)
                      for par in node.parameters)  # fmt: skip
        self.frames.append(
            {par.name: (par, of) for par, of in zip(node.parameters, types, strict=True)}
        )
        result = self.type_of(node.body)
        self.frames.pop()
        names = tuple(par.name for par in node.parameters)
        return t.FunctionType(parameters=types, result=result, names=names)

    def call(self, node: n.Call) -> t.Type:
        """Return the type of a call's result."""
        function = node.function
        types = [self.type_of(argument) for argument in node.arguments]
        declared: t.Type | None = None
        if isinstance(function, n.Name):
            binding, of = self.callee(function)
            self.typed.bindings[function] = binding
            self.typed.types[function] = of
            if isinstance(binding, BuiltinName):
                return checked_call(self.typed, node, binding.builtin, types, self.report)
            declared = of
        else:
            declared = self.type_of(function)
        return self._declared_call(node, declared, types)

    def callee(self, node: n.Name) -> tuple[Binding, t.Type]:
        """Return what a called name means: functions come before fields."""
        found, of = self.lookup(node.name, len(self.frames))
        builtin = BUILTINS.get(node.name)
        if isinstance(found, Variable):
            return found, of
        if found is not None and isinstance(of, t.FunctionType):
            return found, of
        if builtin is not None:
            return BuiltinName(builtin), t.FunctionType()
        if found is None:
            self.report(node, p.UNKNOWN_FUNCTION, f"there is no function `{node.name}`",
                        function_hint(node.name))  # fmt: skip
        return found or Root(node.name), of

    def _declared_call(self, node: n.Call, declared: t.Type, types: list[t.Type]) -> t.Type:
        if not isinstance(declared, t.FunctionType):
            if not t.is_unknown(declared):
                self.report(node.function, p.OPERAND, f"{show(declared)} cannot be called")
            return t.ANY
        if declared.resolve is not None:
            constants = tuple(getattr(argument, "value", None) if isinstance(argument, n.Literal)
                              else None for argument in node.arguments)  # fmt: skip
            result = declared.resolve(constants)
            if isinstance(result, str):
                self.report(node, p.ARGUMENT, result)
                return t.ANY
            return result
        if declared.parameters and len(declared.parameters) != len(types):
            self.report(node, p.ARITY, f"the function takes {len(declared.parameters)} values, "
                        f"{len(types)} are given")  # fmt: skip
        return declared.result


def _mentions_input(node: n.Node) -> bool:
    return any(isinstance(part, n.Name) and part.name == "?" for part in n.walk(node))


def _is_boolean_test(node: n.Node) -> bool:
    return isinstance(node, n.Compare | n.Logic | n.Between | n.In | n.Quantified | n.InstanceOf)


_CHECKS: dict[type[n.Node], Callable[[Any, Any], t.Type]] = {
    n.Literal: _Checker.literal, n.AtLiteral: _Checker.at_literal, n.Name: _Checker.name,
    n.Path: _Checker.path, n.Filter: _Checker.filter, n.Call: _Checker.call,
    n.ListNode: _Checker.list_node, n.RangeNode: _Checker.range_node, n.Test: _Checker.test,
    n.ContextNode: _Checker.context_node, n.Negate: _Checker.negate,
    n.Arithmetic: _Checker.arithmetic, n.Compare: _Checker.compare, n.Logic: _Checker.logic,
    n.Between: _Checker.between, n.In: _Checker.in_, n.UnaryTests: _Checker.unary_tests,
    n.InstanceOf: _Checker.instance_of, n.If: _Checker.if_, n.For: _Checker.for_,
    n.Quantified: _Checker.quantified, n.FunctionNode: _Checker.function,
}  # fmt: skip
