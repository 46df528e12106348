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
from trellis.expressions.check_comparisons import ComparisonChecker
from trellis.expressions.date_hints import temporal_mistake
from trellis.expressions.functions import BUILTINS
from trellis.expressions.hints import (
    arithmetic_hint,
    function_hint,
    is_function_in_parts,
    negation_hint,
    type_hint,
)
from trellis.expressions.limits import MAX_ITERATIONS
from trellis.expressions.type_rules import (
    NEGATABLE,
    arithmetic_type,
    shape_problem,
    show,
    written_type,
)
from trellis.expressions.values import kind

_BY_KIND: dict[str, t.Type] = {of.name: of for of in t.SIMPLE_TYPES.values()} | {"null": t.NULL}
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


class _Checker(ComparisonChecker):
    """Walks one tree."""

    def type_of(self, node: n.Node) -> t.Type:
        """Return the type of a node, noting the problems below it."""
        found = _CHECKS[type(node)](self, node)
        self.typed.types[node] = found
        return found

    # Operators
    def arithmetic(self, node: n.Arithmetic) -> t.Type:
        """Return the type of a sum, difference, product, quotient or power."""
        if self._is_split_name(node):
            return t.ANY
        a, b = self.type_of(node.left), self.type_of(node.right)
        found = arithmetic_type(node.operator, a, b)
        if found is not None:
            return found
        self.report(node, p.OPERAND,
                    f"`{node.operator}` cannot {_VERBS[node.operator]} {show(a)} and {show(b)}",
                    arithmetic_hint(node, a.name, b.name))  # fmt: skip
        return t.ANY

    def _is_split_name(self, node: n.Arithmetic) -> bool:
        """Tell whether `string-length(x)` is meant as one name, and report it."""
        call = node.right
        if not isinstance(node.left, n.Name) or not isinstance(call, n.Call):
            return False
        name = call.function
        if not isinstance(name, n.Name) or name.name in BUILTINS or self.scope is None:
            return False
        meant = is_function_in_parts(node.left.name, name.name)
        if meant is None or self.lookup(name.name, len(self.frames))[0] is not None:
            return False
        for argument in call.arguments:
            self.type_of(argument)
        spot = n.Node(node.left.start, name.end)
        self.report(spot, p.UNKNOWN_FUNCTION,
                    f"there is no function `{node.left.name}{node.operator}{name.name}`",
                    f"write `{meant}(…)`")  # fmt: skip
        return True

    def negate(self, node: n.Negate) -> t.Type:
        """Return the type of `-a`."""
        of = self.type_of(node.operand)
        if not t.is_unknown(of) and of.name not in NEGATABLE:
            self.report(node, p.OPERAND, f"`-` cannot negate {show(of)}", negation_hint(of.name))
            return t.ANY
        return of

    def logic(self, node: n.Logic) -> t.Type:
        """Return the type of `and`, `or`."""
        for part in node.parts:
            self.condition(part, f"`{node.operator}`")
        return t.BOOLEAN

    def test(self, node: n.Test) -> t.Type:
        """Return the type of `(< 5)` as a value."""
        return t.RangeType(of=self.type_of(node.operand))

    # Values
    def literal(self, node: n.Literal) -> t.Type:
        """Return the type of a value written out."""
        return _BY_KIND[kind(node.value)]

    def at_literal(self, node: n.AtLiteral) -> t.Type:
        """Return the type of `@"…"`."""
        if node.value is None:
            self.report(node, p.LITERAL, *temporal_mistake(node.text, ""))
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
            self.ordered(node, "..", (node.low, low), (node.high, high))
        return t.RangeType(of=high if t.is_unknown(low) else low)

    def context_node(self, node: n.ContextNode) -> t.Type:
        """Return the type of a context; each entry sees the ones before it."""
        frame: dict[str, tuple[n.Node, t.Type]] = {}
        self.frames.append(frame)
        for entry in node.entries:
            of = self.type_of(entry.value)
            if entry.key in frame:
                self.report(entry, p.SYNTAX, f"the key `{entry.key}` stands twice",
                            "rename one of them")  # fmt: skip
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
        if isinstance(of, n.TypeNode):
            shape = shape_problem(of)
            if shape is not None:
                spot = n.Node(of.start, of.start + len(of.name))
                self.report(spot, p.UNKNOWN_TYPE, *shape)
                return t.ANY
            names = [*self.types, *t.SIMPLE_TYPES, "list", "range", "context", "function"]
            self.report(n.Node(of.start, of.start + len(of.name)), p.UNKNOWN_TYPE,
                        f"there is no type `{of.name}`", type_hint(of.name, names))  # fmt: skip
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
                self._bounds((iteration.domain, of), (iteration.last, last))
            else:
                of = self._element(iteration, of)
            self.typed.types[iteration] = of
            frame[iteration.name] = (iteration, of)
        return frame

    def _bounds(self, *ends: tuple[n.Node, t.Type]) -> None:
        for node, of in ends:
            if not t.is_unknown(of) and of.name not in ("number", "date"):
                self.report(node, p.OPERAND, f"a loop cannot count {show(of)}",
                            "write numbers or dates, for example `1..3`")  # fmt: skip
                return

    def _element(self, node: n.Iteration, of: t.Type) -> t.Type:
        if isinstance(of, t.ListType | t.RangeType):
            return of.of
        if not t.is_unknown(of):
            help_ = "write `1..…` before it to count" if of.name == "number" else None
            self.report(node.domain, p.OPERAND, f"a loop needs a list, this is {show(of)}",
                        help_)  # fmt: skip
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
            if isinstance(node.condition, n.Literal) and node.condition.value == 0:
                self.report(node.condition, p.CONDITION, "positions count from 1",
                            "write `[1]` for the first, `[-1]` for the last")  # fmt: skip
            return item
        if condition.name == "boolean":
            return t.ListType(of=item)
        if not t.is_unknown(condition):
            message = f"a filter needs a condition or a position, this is {show(condition)}"
            self.report(node.condition, p.CONDITION, message,
                        "write `[1]` for a position, `[x = …]` for a condition, `.x` for a "
                        "property")  # fmt: skip
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
                self.report(node.function, p.OPERAND, f"{show(declared)} cannot be called",
                            "write an operator before the bracket, for example `*`")  # fmt: skip
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
