"""The nodes that the parser's reductions make, with limits counted on the way."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from lark import Token, Tree

from trellis.expressions import nodes as n
from trellis.expressions.limits import MAX_DEPTH, MAX_NODES
from trellis.expressions.temporal import parse_temporal

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "'": "'", "b": "\b", "f": "\f"}


class LimitExceededError(ValueError):
    """An expression is larger than a limit allows, or holds a literal that is none."""

    def __init__(self, start: int, end: int, message: str, code: str = "FEEL002") -> None:
        self.start, self.end, self.code = start, end, code
        super().__init__(message)


def unquote(text: str) -> str:
    """Return the characters of a quoted text; surrogate pairs become one character."""

    def replace(match: re.Match[str]) -> str:
        body = match[1]
        if body[0] in "uU" and len(body) > 1:
            return chr(min(int(body[1:], 16), 0x10FFFF))
        return _SIMPLE.get(body, "\\" + body)

    plain = _ESCAPE.sub(replace, text[1:-1])
    if any("\ud800" <= character <= "\udfff" for character in plain):
        return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return plain


def build_tree(tree: Tree[Token]) -> Any:
    """Return the node of a parse tree, built bottom-up without recursion."""
    builder = _TreeBuilder()
    built: dict[int, Any] = {}
    for part in tree.iter_subtrees():
        arguments = [built[id(c)] if isinstance(c, Tree) else c for c in part.children]
        built[id(part)] = _RULES[str(part.data)](builder, part.meta, *arguments)
    return built[id(tree)]


class _TreeBuilder:
    """One method a rule of the grammar; each gets the place and the built children."""

    def _made(self, node: n.Node) -> n.Node:
        """Refuse a node that is too deep or the top of too many nodes."""
        depth = count = 0
        for child in n.children(node):
            child_depth, child_count = getattr(child, "_size", (1, 1))
            depth, count = max(depth, child_depth), count + child_count
        if depth + 1 > MAX_DEPTH:
            raise LimitExceededError(
                node.start, node.end, f"the expression is nested deeper than {MAX_DEPTH}"
            )
        if count + 1 > MAX_NODES:
            raise LimitExceededError(
                node.start, node.end, f"the expression has more than {MAX_NODES} parts"
            )
        object.__setattr__(node, "_size", (depth + 1, count + 1))
        return node

    # Whole expressions
    def expression(self, _meta: Any, value: n.Node) -> n.Node:
        return value

    def group(self, _meta: Any, value: n.Node) -> n.Node:
        return value

    def if_(self, meta: Any, condition: n.Node, then: n.Node, otherwise: n.Node) -> n.Node:
        return self._made(n.If(*_span(meta), condition, then, otherwise))

    def for_(self, meta: Any, iterators: tuple[n.Iterator_, ...], body: n.Node) -> n.Node:
        return self._made(n.For(*_span(meta), iterators, body))

    def some(self, meta: Any, iterators: tuple[n.Iterator_, ...], body: n.Node) -> n.Node:
        return self._made(n.Quantified(*_span(meta), "some", iterators, body))

    def every(self, meta: Any, iterators: tuple[n.Iterator_, ...], body: n.Node) -> n.Node:
        return self._made(n.Quantified(*_span(meta), "every", iterators, body))

    def iterators(self, _meta: Any, *items: n.Iterator_) -> tuple[n.Iterator_, ...]:
        return items

    def iterator(self, meta: Any, name: str, domain: n.Node) -> n.Node:
        return self._made(n.Iterator_(*_span(meta), name, domain))

    def range_iterator(self, meta: Any, name: str, low: n.Node, high: n.Node) -> n.Node:
        return self._made(n.Iterator_(*_span(meta), name, low, high))

    def function(self, meta: Any, *parts: Any) -> n.Node:
        *parameters, body = (part for part in parts if not isinstance(part, Token))
        names = parameters[0] if parameters else ()
        return self._made(n.FunctionNode(*_span(meta), names, body))

    def parameters(self, _meta: Any, *names: str) -> tuple[str, ...]:
        return names

    # Operators
    def or_(self, meta: Any, left: n.Node, right: n.Node) -> n.Node:
        return self._made(n.Binary(*_span(meta), "or", left, right))

    def and_(self, meta: Any, left: n.Node, right: n.Node) -> n.Node:
        return self._made(n.Binary(*_span(meta), "and", left, right))

    def compare(self, meta: Any, left: n.Node, operator: str, right: n.Node) -> n.Node:
        return self._made(n.Binary(*_span(meta), operator, left, right))

    def comparator(self, _meta: Any, token: Token) -> str:
        return str(token)

    def add(self, meta: Any, left: n.Node, right: n.Node) -> n.Node:
        return self._made(n.Binary(*_span(meta), "+", left, right))

    def subtract(self, meta: Any, left: n.Node, _minus: Token, right: n.Node) -> n.Node:
        return self._made(n.Binary(*_span(meta), "-", left, right))

    def multiply(self, meta: Any, left: n.Node, right: n.Node) -> n.Node:
        return self._made(n.Binary(*_span(meta), "*", left, right))

    def divide(self, meta: Any, left: n.Node, right: n.Node) -> n.Node:
        return self._made(n.Binary(*_span(meta), "/", left, right))

    def power(self, meta: Any, left: n.Node, right: n.Node) -> n.Node:
        return self._made(n.Binary(*_span(meta), "**", left, right))

    def negate(self, meta: Any, _minus: Token, operand: n.Node) -> n.Node:
        return self._made(n.Negate(*_span(meta), operand))

    def between(self, meta: Any, value: n.Node, low: n.Node, high: n.Node) -> n.Node:
        return self._made(n.Between(*_span(meta), value, low, high))

    def instance_of(self, meta: Any, value: n.Node, type_name: str) -> n.Node:
        return self._made(n.InstanceOf(*_span(meta), value, type_name))

    def type_name(self, _meta: Any, *parts: Any) -> str:
        first, *others = (_one_space(str(part)) for part in parts)
        return first + (f"<{', '.join(others)}>" if others else "")

    # Unary tests
    def in_(self, meta: Any, value: n.Node, tests: Any) -> n.Node:
        found = tests if isinstance(tests, tuple) else (tests,)
        return self._made(n.In(*_span(meta), value, found))

    def in_value(self, _meta: Any, value: n.Node) -> n.Node:
        return value

    def in_group(self, _meta: Any, *tests: n.Node) -> tuple[n.Node, ...]:
        return tests

    def in_group_test(
        self, meta: Any, operator: str, operand: n.Node, *tests: n.Node
    ) -> tuple[n.Node, ...]:
        return (self.test_node(meta, operator, operand), *tests)

    def test_node(self, meta: Any, operator: str, operand: n.Node) -> n.Node:
        return self._made(n.Test(*_span(meta), operator, operand))

    def test(self, meta: Any, operator: str, operand: n.Node) -> n.Node:
        return self.test_node(meta, operator, operand)

    def any_test(self, meta: Any, _minus: Token) -> n.Node:
        return n.AnyTest(*_span(meta))

    def tests(self, meta: Any, *items: Any) -> Any:
        # The rule `tests` and the alias of the start symbol share this name.
        if len(items) == 1 and isinstance(items[0], tuple):
            return self._made(n.UnaryTests(*_span(meta), items[0]))
        return items

    def not_tests(self, meta: Any, tests: tuple[n.Node, ...]) -> n.Node:
        return self._made(n.UnaryTests(*_span(meta), tests, negated=True))

    # Access and calls
    def path(self, meta: Any, base: n.Node, name: str) -> n.Node:
        return self._made(n.Path(*_span(meta), base, name))

    def property(self, _meta: Any, token: Token) -> str:
        return _one_space(str(token))

    def filter(self, meta: Any, base: n.Node, condition: n.Node) -> n.Node:
        return self._made(n.Filter(*_span(meta), base, condition))

    def call(self, meta: Any, function: n.Node, *arguments: Any) -> n.Node:
        names, values = arguments[0] if arguments else ((), ())
        return self._made(n.Call(*_span(meta), function, values, names))

    def not_call(self, meta: Any, value: n.Node) -> n.Node:
        start, end = _span(meta)
        name = n.Name(start, start + 3, "not")
        return self._made(n.Call(start, end, name, (value,)))

    def positional(self, _meta: Any, *values: n.Node) -> Any:
        return (), values

    def named(self, _meta: Any, *pairs: tuple[str, n.Node]) -> Any:
        return tuple(name for name, _ in pairs), tuple(value for _, value in pairs)

    def named_argument(self, _meta: Any, token: Token, value: n.Node) -> tuple[str, n.Node]:
        return _one_space(str(token).rstrip(": \t\n")), value

    # Values
    def number(self, meta: Any, token: Token) -> n.Node:
        if len(token) > 400:
            raise LimitExceededError(*_span(meta), "the number has more than 400 digits")
        return n.Literal(*_span(meta), Decimal(str(token)))

    def string(self, meta: Any, token: Token) -> n.Node:
        return n.Literal(*_span(meta), unquote(str(token)))

    def at_literal(self, meta: Any, token: Token) -> n.Node:
        value = parse_temporal(unquote(str(token)[1:]))
        if value is None:
            raise LimitExceededError(
                *_span(meta), f"`{token}` is no date, time or duration", "FEEL003"
            )
        return n.Literal(*_span(meta), value)

    def true(self, meta: Any) -> n.Node:
        return n.Literal(*_span(meta), True)

    def false(self, meta: Any) -> n.Node:
        return n.Literal(*_span(meta), False)

    def null(self, meta: Any) -> n.Node:
        return n.Literal(*_span(meta), None)

    def name(self, _meta: Any, token: Token) -> str:
        return _one_space(str(token))

    def name_ref(self, meta: Any, name: str) -> n.Node:
        return n.Name(*_span(meta), name)

    def input(self, meta: Any) -> n.Node:
        return n.Name(*_span(meta), "?")

    def list_(self, meta: Any, *items: n.Node) -> n.Node:
        return self._made(n.ListNode(*_span(meta), items))

    def closed_range(self, meta: Any, low: n.Node, high: n.Node, close: str) -> n.Node:
        return self._made(n.RangeNode(*_span(meta), low, high, True, close == "]"))

    def open_range(self, meta: Any, low: n.Node, high: n.Node, close: str) -> n.Node:
        return self._made(n.RangeNode(*_span(meta), low, high, False, close == "]"))

    def close(self, _meta: Any, token: Token) -> str:
        return str(token)

    def context(self, meta: Any, *entries: tuple[str, n.Node]) -> n.Node:
        return self._made(n.ContextNode(*_span(meta), entries))

    def entry(self, _meta: Any, token: Token, value: n.Node) -> tuple[str, n.Node]:
        key = str(token)[:-1].strip()
        return (unquote(key) if key.startswith('"') else _one_space(key)), value


_RULES = {
    name: method for name, method in vars(_TreeBuilder).items() if not name.startswith("__")
}


def _one_space(name: str) -> str:
    return " ".join(name.split())


def _span(meta: Any) -> tuple[int, int]:
    if getattr(meta, "empty", False):
        return 0, 0
    return meta.start_pos, meta.end_pos
