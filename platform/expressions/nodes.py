"""The tree of an expression; every node knows where it stands in the text.

Nodes are compared by identity, so that types and bindings can be kept beside the tree, and are not
frozen: one parse makes dozens and freezing doubles its time. Nobody changes a node once it is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any


@dataclass(slots=True, eq=False)
class Node:
    """A part of an expression from character `start` to `end`."""

    start: int
    end: int


@dataclass(slots=True, eq=False)
class Literal(Node):
    """A value written out."""

    value: Any


@dataclass(slots=True, eq=False)
class AtLiteral(Node):
    """`@"2026-03-02"`; the value is None when the text is no date, time or duration."""

    value: Any
    text: str


@dataclass(slots=True, eq=False)
class Name(Node):
    """A name in scope; `?` is the input of a unary test."""

    name: str


@dataclass(slots=True, eq=False)
class Path(Node):
    """`base.name`."""

    base: Node
    name: str


@dataclass(slots=True, eq=False)
class Filter(Node):
    """`base[condition]`; by position when the condition is a number."""

    base: Node
    condition: Node


@dataclass(slots=True, eq=False)
class Call(Node):
    """A call with positional arguments, or named ones when `names` is not empty."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...]


@dataclass(slots=True, eq=False)
class ListNode(Node):
    """`[a, b]`."""

    items: tuple[Node, ...]


@dataclass(slots=True, eq=False)
class Entry(Node):
    """`key: value` of a context."""

    key: str
    value: Node


@dataclass(slots=True, eq=False)
class ContextNode(Node):
    """`{a: 1, b: a + 1}`; entries see earlier ones."""

    entries: tuple[Entry, ...]


@dataclass(slots=True, eq=False)
class RangeNode(Node):
    """`[a..b]`, `(a..b]`, …"""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(slots=True, eq=False)
class Test(Node):
    """`< 5`: a unary test, and as a value the range of what passes it."""

    operator: str
    operand: Node


@dataclass(slots=True, eq=False)
class Negate(Node):
    """`-a`."""

    operand: Node


@dataclass(slots=True, eq=False)
class Arithmetic(Node):
    """`a op b` for + - * / **."""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True, eq=False)
class Compare(Node):
    """`a op b` for = != < <= > >=."""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True, eq=False)
class Logic(Node):
    """Parts joined by `and` or by `or`."""

    operator: str
    parts: tuple[Node, ...]


@dataclass(slots=True, eq=False)
class Between(Node):
    """`a between b and c`."""

    value: Node
    low: Node
    high: Node


@dataclass(slots=True, eq=False)
class In(Node):
    """`a in test`, or `a in (test, test)`."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(slots=True, eq=False)
class UnaryTests(Node):
    """The tests of a decision cell: any of them, or (`not(…)`) none; no tests is `-`."""

    tests: tuple[Node, ...]
    negated: bool


@dataclass(slots=True, eq=False)
class TypeNode(Node):
    """A type as written: its name, the types in `<…>`, the keys of a context's entries."""

    name: str
    arguments: tuple[TypeNode, ...]
    keys: tuple[str, ...]
    result: TypeNode | None


@dataclass(slots=True, eq=False)
class InstanceOf(Node):
    """`a instance of type`."""

    value: Node
    type: TypeNode


@dataclass(slots=True, eq=False)
class If(Node):
    """`if a then b else c`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(slots=True, eq=False)
class Iteration(Node):
    """`name in domain`, or `name in domain..last`."""

    name: str
    domain: Node
    last: Node | None


@dataclass(slots=True, eq=False)
class For(Node):
    """`for a in b, c in d return e`."""

    iterations: tuple[Iteration, ...]
    body: Node


@dataclass(slots=True, eq=False)
class Quantified(Node):
    """`some|every a in b satisfies c`."""

    kind: str
    iterations: tuple[Iteration, ...]
    condition: Node


@dataclass(slots=True, eq=False)
class Parameter(Node):
    """A parameter of a function that is written out."""

    name: str
    type: TypeNode | None


@dataclass(slots=True, eq=False)
class FunctionNode(Node):
    """`function(a, b) a + b`."""

    parameters: tuple[Parameter, ...]
    body: Node


_PARTS: dict[type[Node], tuple[str, ...]] = {}


def _parts(of: type[Node]) -> tuple[str, ...]:
    """Return the names of the parts of a kind of node that may hold nodes."""
    found = _PARTS.get(of)
    if found is None:
        plain = {"start", "end", "name", "names", "operator", "keys", "kind"}
        found = _PARTS[of] = tuple(part.name for part in fields(of) if part.name not in plain)
    return found


def children(node: Node) -> list[Node]:
    """Return the nodes directly below `node`, in the order of the text."""
    found: list[Node] = []
    for name in _parts(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append(value)
        elif type(value) is tuple:
            found += [item for item in value if isinstance(item, Node)]
    return found


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and all nodes below it, parents first."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        below = children(current)
        below.reverse()
        pending += below
