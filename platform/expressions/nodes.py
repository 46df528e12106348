"""The typed tree of an expression; every node knows where it stands in the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Node:
    """A part of an expression from character `start` to `end`."""

    start: int
    end: int


@dataclass(frozen=True)
class Literal(Node):
    """A value written out."""

    value: Any = None


@dataclass(frozen=True)
class Name(Node):
    """A name in scope; `?` is the input of a unary test."""

    name: str = ""


@dataclass(frozen=True)
class Path(Node):
    """`base.name`."""

    base: Node = field(default=None)  # type: ignore[assignment]
    name: str = ""


@dataclass(frozen=True)
class Filter(Node):
    """`base[condition]`, by position when the condition is a number."""

    base: Node = field(default=None)  # type: ignore[assignment]
    condition: Node = field(default=None)  # type: ignore[assignment]


@dataclass(frozen=True)
class Call(Node):
    """A function called with positional or named arguments."""

    function: Node = field(default=None)  # type: ignore[assignment]
    arguments: tuple[Node, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListNode(Node):
    """`[a, b]`."""

    items: tuple[Node, ...] = ()


@dataclass(frozen=True)
class ContextNode(Node):
    """`{a: 1, b: a + 1}`; entries see earlier ones."""

    entries: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True)
class RangeNode(Node):
    """`[a..b]`, `(a..b]`, …"""

    low: Node = field(default=None)  # type: ignore[assignment]
    high: Node = field(default=None)  # type: ignore[assignment]
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True)
class Negate(Node):
    """`-a`."""

    operand: Node = field(default=None)  # type: ignore[assignment]


@dataclass(frozen=True)
class Binary(Node):
    """`a op b` for + - * / ** and or = != < <= > >=."""

    operator: str = ""
    left: Node = field(default=None)  # type: ignore[assignment]
    right: Node = field(default=None)  # type: ignore[assignment]


@dataclass(frozen=True)
class Between(Node):
    """`a between b and c`."""

    value: Node = field(default=None)  # type: ignore[assignment]
    low: Node = field(default=None)  # type: ignore[assignment]
    high: Node = field(default=None)  # type: ignore[assignment]


@dataclass(frozen=True)
class In(Node):
    """`a in test`, any of several tests."""

    value: Node = field(default=None)  # type: ignore[assignment]
    tests: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Test(Node):
    """`< 5` as a unary test."""

    operator: str = "="
    operand: Node = field(default=None)  # type: ignore[assignment]


@dataclass(frozen=True)
class AnyTest(Node):
    """`-`: every input passes."""


@dataclass(frozen=True)
class UnaryTests(Node):
    """The tests of a decision cell: any of them, or (`not(…)`) none."""

    tests: tuple[Node, ...] = ()
    negated: bool = False


@dataclass(frozen=True)
class InstanceOf(Node):
    """`a instance of type`."""

    value: Node = field(default=None)  # type: ignore[assignment]
    type_name: str = ""


@dataclass(frozen=True)
class If(Node):
    """`if a then b else c`."""

    condition: Node = field(default=None)  # type: ignore[assignment]
    then: Node = field(default=None)  # type: ignore[assignment]
    otherwise: Node = field(default=None)  # type: ignore[assignment]


@dataclass(frozen=True)
class Iterator_(Node):
    """`name in domain`, the domain a list or a range of whole numbers or dates."""

    name: str = ""
    domain: Node = field(default=None)  # type: ignore[assignment]
    end_of_range: Node | None = None


@dataclass(frozen=True)
class For(Node):
    """`for a in b, c in d return e`."""

    iterators: tuple[Iterator_, ...] = ()
    body: Node = field(default=None)  # type: ignore[assignment]


@dataclass(frozen=True)
class Quantified(Node):
    """`some|every a in b satisfies c`."""

    kind: str = "some"
    iterators: tuple[Iterator_, ...] = ()
    condition: Node = field(default=None)  # type: ignore[assignment]


@dataclass(frozen=True)
class FunctionNode(Node):
    """`function(a, b) a + b`."""

    parameters: tuple[str, ...] = ()
    body: Node = field(default=None)  # type: ignore[assignment]


def children(node: Node) -> list[Node]:
    """Return the nodes directly below `node`."""
    found: list[Node] = []
    for value in vars(node).values():
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    found.append(item)
                elif isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], Node):
                    found.append(item[1])
    return found
