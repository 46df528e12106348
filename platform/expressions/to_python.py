"""Typed tree → a Python function. Where types are known the code is Python's own operators with a
check for null; elsewhere it calls the operators of `operators.py`, which take anything."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trellis.expressions import code as py
from trellis.expressions import nodes as n
from trellis.expressions import operators as ops
from trellis.expressions import runtime
from trellis.expressions import types as t
from trellis.expressions.bindings import (
    Binding,
    BuiltinName,
    ItemProperty,
    Root,
    SubjectField,
    Typed,
    Variable,
)
from trellis.expressions.loops import LoopWriter, needs_budget
from trellis.expressions.properties import get
from trellis.expressions.type_rules import ORDERED
from trellis.expressions.values import Function, equal, in_range

_ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power"}
_COMPARISONS = {
    "=": "equal", "!=": "not_equal", "<": "less", "<=": "less_equal", ">": "greater",
    ">=": "greater_equal",
}  # fmt: skip
#: Kinds whose `==` and `!=` are Python's, null included.
_PLAIN_EQUALITY = frozenset(("number", "string", "boolean"))
#: Kinds whose order is Python's. Moments are not: where both have the same named zone Python
#: compares what their clocks show, and an hour is missing or there twice when clocks change.
_PLAIN_ORDER = ORDERED - {"date and time"}

#: Everything that generated code can reach.
_HELPERS: Mapping[str, Any] = {
    "__builtins__": {},
    **{name: getattr(ops, name) for name in (
        "add", "subtract", "multiply", "divide", "power", "add_numbers", "subtract_numbers",
        "multiply_numbers", "divide_numbers", "power_numbers", "join_texts",
        "subtract_dates", "negate", "and_",
        "or_", "not_equal", "less", "less_equal", "greater", "greater_equal", "between",
        "range_of", "test_range", "passes", "any_of",
    )},
    **{name: getattr(runtime, name) for name in (
        "domain", "counted", "at", "filtered", "item_entry", "root_or_builtin", "invoke",
        "context_of", "instance_of", "coerced", "bounded", "sized", "weighed", "costly",
        "patterned", "spread", "MISSING",
    )},
    "equal": equal, "in_range": in_range, "get": get, "Function": Function, "list": list,
}  # fmt: skip

Compiled = Callable[..., Any]


def compile_python(
    typed: Typed, *, trust: bool = True, record: Callable[[int, Any], None] | None = None
) -> Compiled:
    """Return a function of (context, budget).

    With `trust` the values must have the declared types; what they have otherwise raises a
    TypeError or AttributeError somewhere, or gives a wrong answer, never anything else of Python.
    `record` is called with the number of each node, in the order of `walk`, and its value.
    """
    writer = _Writer(typed, trust=trust, record=record)
    function = py.define("f", ("c", "b"), writer.whole())
    module = ast.Module(body=[function], type_ignores=[])
    names = writer.constants
    exec(compile(module, "<expression>", "exec"), names)  # noqa: S102 - our own syntax tree
    return names["f"]  # type: ignore[no-any-return]


class _Writer(LoopWriter):
    """Writes one function."""

    def __init__(
        self, typed: Typed, *, trust: bool, record: Callable[[int, Any], None] | None
    ) -> None:
        super().__init__(typed, trust=trust, constants=dict(_HELPERS),
                         counts=needs_budget(typed))  # fmt: skip
        self.roots: dict[str, str] = {}
        if record is not None:
            self.constants["record"] = record
            self.numbers = {node: index for index, node in enumerate(n.walk(typed.tree))}

    def whole(self) -> list[ast.stmt]:
        """Return the body of the function; the roots are read first, each once."""
        value = self.value(self.typed.tree)
        reads: list[ast.stmt] = [
            py.assign(variable, py.get(py.load("c"), name)) for name, variable in self.roots.items()
        ]
        return [*reads, *self.block, py.give(value)]

    def value(self, node: n.Node) -> ast.expr:
        """Write what computes a node; return the expression that holds its value."""
        found = _WRITERS[type(node)](self, node)
        if node in self.numbers:
            found = self.pin(found)
            number = ast.Constant(value=self.numbers[node], lineno=1, col_offset=0)
            self.block.append(py.do(py.call("record", number, found)))
        return found

    # Names
    def name(self, node: n.Name) -> ast.expr:
        """Write a name."""
        return self.bound(self.typed.bindings[node])

    def bound(self, binding: Binding) -> ast.expr:
        """Write what a name means."""
        match binding:
            case Variable(name=name, owner=owner):
                return py.load(self.variables[owner, name])
            case SubjectField(name=name):
                return self._entry(self._root(self.typed.subject_name), name)
            case ItemProperty():
                return self._item_property(binding)
            case Root(name=name, builtin=builtin) if builtin is not None:
                return py.call("root_or_builtin", py.load("c"), py.text(name),
                               self.constant(builtin))  # fmt: skip
            case Root(name=name):
                return self._root(name)
            case BuiltinName(builtin=builtin):
                return self.constant(builtin.value(None))

    def _root(self, name: str) -> ast.Name:
        variable = self.roots.get(name)
        if variable is None:
            variable = self.roots[name] = f"r{len(self.roots)}"
        return py.load(variable)

    def _entry(self, base: ast.expr, name: str) -> ast.expr:
        """Write an entry of what is a context or record, or null."""
        if not self.trust:
            return py.call("get", base, py.text(name))
        pinned = self.pin(base)
        return py.unless_null([pinned], py.get(pinned, name))

    def _item_property(self, binding: ItemProperty) -> ast.expr:
        item = py.load(self.variables[binding.owner, "item"])
        if binding.otherwise is None:
            return self._entry(item, binding.name)
        found = self.temporary()
        self.block.append(py.assign(found, py.call("item_entry", item, py.text(binding.name))))
        otherwise = self.inside(lambda: self.bound(binding.otherwise or Root(binding.name)), found)
        self.block.append(py.when(py.is_(py.load(found), py.load("MISSING")), otherwise))
        return py.load(found)

    def path(self, node: n.Path) -> ast.expr:
        """Write a property."""
        base, of = self.value(node.base), self.type(node.base)
        if of.name in ("record", "context") and self.trust:
            return self._entry(base, node.name)
        return py.call("get", self.charged(node.base, base, "spread"), py.text(node.name))

    # Operators
    def arithmetic(self, node: n.Arithmetic) -> ast.expr:
        """Write a sum, difference, product, quotient or power."""
        a, b = self.value(node.left), self.value(node.right)
        names = (self.type(node.left).name, self.type(node.right).name)
        helper = _ARITHMETIC[node.operator]
        if names == ("number", "number"):
            helper += "_numbers"
        elif names == ("string", "string") and node.operator == "+":
            helper = "join_texts"
        elif names == ("date", "date") and node.operator == "-":
            helper = "subtract_dates"
        if node.operator == "**":
            return self.costly(py.call(helper, a, b))
        return self.sized(node, py.call(helper, a, b))

    def negate(self, node: n.Negate) -> ast.expr:
        """Write `-a`."""
        return py.call("negate", self.value(node.operand))

    def compare(self, node: n.Compare) -> ast.expr:
        """Write a comparison."""
        return self.comparison(
            node.operator, (self.value(node.left), node.left), (self.value(node.right), node.right)
        )

    def comparison(
        self, operator: str, left: tuple[ast.expr, n.Node], right: tuple[ast.expr, n.Node]
    ) -> ast.expr:
        """Write a comparison of values that are written already."""
        a, b = self.type(left[1]), self.type(right[1])
        null_side = t.NULL in (a, b) and operator in ("=", "!=")
        if null_side:
            other = right[0] if a is t.NULL else left[0]
            return (py.is_ if operator == "=" else py.is_not)(other, py.NONE)
        if a.name == b.name and operator in ("=", "!=") and a.name in _PLAIN_EQUALITY:
            return py.compare(operator, left[0], right[0])
        if a.name == b.name and a.name in _PLAIN_ORDER and operator not in ("=", "!="):
            pinned = [self.pin(left[0]), self.pin(right[0])]
            checked = [at for at, side in zip(pinned, (left, right), strict=True)
                       if not self.never_null(side[1])]  # fmt: skip
            return py.unless_null(checked, py.compare(operator, *pinned))
        sides = [self.charged(node, value) for value, node in (left, right)]
        return py.call(_COMPARISONS[operator], *sides)

    def logic(self, node: n.Logic) -> ast.expr:
        """Write `and` or `or`; a part is computed only when it matters."""
        decisive = py.FALSE if node.operator == "and" else py.TRUE
        neutral = py.TRUE if node.operator == "and" else py.FALSE
        first, *others = node.parts
        result = self.temporary()
        known = self.surely_boolean(first)
        value = self.value(first)
        if self.type(first).name != "boolean":
            value = py.call(f"{node.operator}_", value, neutral)
        self.block.append(py.assign(result, value))
        for part in others:
            body = self.inside(lambda part=part, known=known: self._joined(  # type: ignore[misc]
                node.operator, (result, neutral, decisive), part, known=known), result)  # fmt: skip
            self.block.append(py.when(py.is_not(py.load(result), decisive), body))
            known = known and self.surely_boolean(part)
        return py.load(result)

    def _joined(
        self, operator: str, words: tuple[str, ast.expr, ast.expr], part: n.Node, *, known: bool
    ) -> ast.expr:
        result, neutral, decisive = words
        value = self.value(part)
        if self.type(part).name != "boolean":
            return py.call(f"{operator}_", py.load(result), value)
        if known:
            return value
        pinned = self.pin(value)
        counts = py.any_of([py.is_(py.load(result), neutral), py.is_(pinned, decisive)])
        return py.choose(counts, pinned, py.NONE)

    def between(self, node: n.Between) -> ast.expr:
        """Write `between`."""
        parts = (node.value, node.low, node.high)
        values = [self.value(part) for part in parts]
        names = {self.type(part).name for part in parts}
        ends_known = self.never_null(node.low) and self.never_null(node.high)
        if len(names) == 1 and names <= _PLAIN_ORDER and ends_known:
            return self._within([self.pin(value) for value in values], parts, ("<=", "<="))
        return py.call("between", *values)

    def _within(
        self, pinned: Sequence[ast.expr], parts: Sequence[n.Node], operators: tuple[str, str]
    ) -> ast.expr:
        value, low, high = pinned
        checked = [at for at, part in zip(pinned, parts, strict=True)
                   if not self.never_null(part)]  # fmt: skip
        inside = py.choose(
            py.compare(operators[0], low, value), py.compare(operators[1], value, high), py.FALSE
        )
        return py.unless_null(checked, inside)

    def in_(self, node: n.In) -> ast.expr:
        """Write `in`."""
        value = self.value(node.value)
        constants = self._constant_tests(node.value, node.tests)
        if constants is not None:
            return py.member(value, self.constant(constants))
        pinned = self.pin(value)
        results = [self.test_of((pinned, node.value), test) for test in node.tests]
        return results[0] if len(results) == 1 else py.call("any_of", py.items(results))

    def _constant_tests(self, value: n.Node, tests: Sequence[n.Node]) -> frozenset[Any] | None:
        """Return the values of tests that are all written out, of the kind of the value."""
        of = self.type(value).name
        flat = [item for test in tests
                for item in (test.items if isinstance(test, n.ListNode) else (test,))]  # fmt: skip
        if of not in ("string", "number") or not flat:
            return None
        if not all(isinstance(item, n.Literal) and self.type(item).name == of for item in flat):
            return None
        return frozenset(item.value for item in flat if isinstance(item, n.Literal))

    def test_of(self, value: tuple[ast.expr, n.Node], test: n.Node) -> ast.expr:
        """Write one test of a value."""
        if isinstance(test, n.Test):
            return self.comparison(test.operator, value, (self.value(test.operand), test.operand))
        parts = (value[1], test.low, test.high) if isinstance(test, n.RangeNode) else ()
        if isinstance(test, n.RangeNode) and (
            len({self.type(part).name for part in parts}) == 1
            and self.type(value[1]).name in _PLAIN_ORDER
            and isinstance(test.low, n.Literal) and isinstance(test.high, n.Literal)
            and test.low.value <= test.high.value
        ):  # fmt: skip
            pinned = [value[0], self.value(test.low), self.value(test.high)]
            operators = ("<=" if test.low_closed else "<", "<=" if test.high_closed else "<")
            return self._within(pinned, parts, operators)
        found = self.value(test)
        if self.type(test).name == self.type(value[1]).name and (
            self.type(test).name in _PLAIN_EQUALITY
        ):
            return py.compare("=", value[0], found)
        return py.call("passes", self.charged(value[1], value[0]), self.charged(test, found))

    def test(self, node: n.Test) -> ast.expr:
        """Write `(< 5)` as a value."""
        return py.call("test_range", py.text(node.operator), self.value(node.operand))

    def unary_tests(self, node: n.UnaryTests) -> ast.expr:
        """Write the tests of a table's cell."""
        if not node.tests:
            return py.FALSE if node.negated else py.TRUE
        spot = n.Name(node.start, node.start, "?")
        self.typed.types[spot] = self.scope_type("?")
        value = self.pin(self._root("?"))
        results = [self._cell_test((value, spot), test) for test in node.tests]
        found = results[0] if len(results) == 1 else py.call("any_of", py.items(results))
        if not node.negated:
            return found
        return py.choose(py.is_(found, py.TRUE), py.FALSE, py.TRUE)

    def _cell_test(self, value: tuple[ast.expr, n.Node], test: n.Node) -> ast.expr:
        if self.typed.stands_alone(test):
            return self.value(test)
        return self.test_of(value, test)

    # Values
    def literal(self, node: n.Literal | n.AtLiteral) -> ast.expr:
        """Write a value that is written out."""
        if node.value is None or isinstance(node.value, bool | str):
            return ast.Constant(value=node.value, lineno=1, col_offset=0)
        return self.constant(node.value)

    def list_node(self, node: n.ListNode) -> ast.expr:
        """Write a list."""
        return py.items([self.value(item) for item in node.items])

    def range_node(self, node: n.RangeNode) -> ast.expr:
        """Write a range."""
        ends = self.value(node.low), self.value(node.high)
        flags = [py.TRUE if closed else py.FALSE for closed in (node.low_closed, node.high_closed)]
        return py.call("range_of", *ends, *flags)

    def context_node(self, node: n.ContextNode) -> ast.expr:
        """Write a context; its entries are variables of the ones behind them."""
        names: list[ast.expr] = []
        for entry in node.entries:
            variable = self.temporary()
            value = self.value(entry.value)
            self.variables[entry, entry.key] = variable
            self.block.append(py.assign(variable, value))
            self.live.append(variable)
            names.append(py.load(variable))
        del self.live[len(self.live) - len(names) :]
        keys = self.constant(tuple(entry.key for entry in node.entries))
        return py.call("context_of", keys, py.items(names))

    def if_(self, node: n.If) -> ast.expr:
        """Write `if`; only the way that is taken is computed."""
        result = self.temporary()
        condition = py.is_(self.value(node.condition), py.TRUE)
        then = self.inside(lambda: self.value(node.then), result)
        otherwise = self.inside(lambda: self.value(node.otherwise), result)
        if len(then) == 1 and len(otherwise) == 1:
            return py.choose(condition, then[0].value, otherwise[0].value)  # type: ignore[attr-defined]
        self.block.append(py.when(condition, then, otherwise))
        return py.load(result)

    def instance_of(self, node: n.InstanceOf) -> ast.expr:
        """Write `instance of`; of a type that there is not, nothing is."""
        of = self.typed.written.get(node.type)
        value = self.value(node.value)
        return py.FALSE if of is None else py.call("instance_of", value, self.constant(of))


_WRITERS: dict[type[n.Node], Callable[[Any, Any], ast.expr]] = {
    n.Literal: _Writer.literal, n.AtLiteral: _Writer.literal, n.Name: _Writer.name,
    n.Path: _Writer.path, n.Filter: _Writer.filter, n.Call: _Writer.call,
    n.ListNode: _Writer.list_node, n.RangeNode: _Writer.range_node, n.Test: _Writer.test,
    n.ContextNode: _Writer.context_node, n.Negate: _Writer.negate,
    n.Arithmetic: _Writer.arithmetic, n.Compare: _Writer.compare, n.Logic: _Writer.logic,
    n.Between: _Writer.between, n.In: _Writer.in_, n.UnaryTests: _Writer.unary_tests,
    n.InstanceOf: _Writer.instance_of, n.If: _Writer.if_, n.For: _Writer.for_,
    n.Quantified: _Writer.quantified, n.FunctionNode: _Writer.function,
}  # fmt: skip
