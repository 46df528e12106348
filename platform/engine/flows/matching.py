"""Which message is meant: `msg.x = expression` becomes a key that a database can look up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from trellis.expressions import nodes as n
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import Location


class Compiled(Protocol):
    """A compiled expression; `node` is its tree."""

    @property
    def node(self) -> n.Node:
        """Return the tree."""
        ...

    def __call__(self, context: Mapping[str, Any]) -> Any:
        """Return its value for the names in `context`."""
        ...


@dataclass(frozen=True)
class Match:
    """A condition over `msg`; where it says `msg.<path> = value`, both are known apart.

    `path` is empty and `value` None where no such equality stands in it.
    """

    whole: Compiled
    path: str = ""
    value: Compiled | None = None


def match_of(text: ExpressionText, compile_text: Callable[[ExpressionText], Any]) -> Match:
    """Return the match that an expression says."""
    whole: Compiled = compile_text(text)
    for part in _conjuncts(whole.node):
        if not isinstance(part, n.Compare) or part.operator != "=":
            continue
        for own, other in ((part.left, part.right), (part.right, part.left)):
            path = _path(own)
            if path and not _reads_message(other):
                value = text.text[other.start : other.end]
                return Match(whole, path, compile_text(ExpressionText(value, Location("flows"))))
    return Match(whole)


def key_of(value: Any) -> str | None:
    """Return a value as a key: equal values have equal keys, null has none."""
    identity = getattr(value, "id", None)
    if isinstance(value, Mapping) and isinstance(identity, str):
        return f"text:{identity}"
    if isinstance(value, bool):
        return f"boolean:{value}"
    if isinstance(value, int | float | Decimal):
        number = Decimal(str(value))
        return f"number:{number.normalize():f}" if number.is_finite() else None
    if isinstance(value, datetime | date):
        return f"text:{value.isoformat()}"
    return f"text:{value}" if isinstance(value, str) else None


def value_at(payload: Mapping[str, Any], path: str) -> Any:
    """Return what stands in a message at a path such as `order.number`."""
    found: Any = payload
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _conjuncts(node: n.Node) -> Iterator[n.Node]:
    if isinstance(node, n.Logic) and node.operator == "and":
        for part in node.parts:
            yield from _conjuncts(part)
    else:
        yield node


def _path(node: n.Node) -> str:
    names: list[str] = []
    while isinstance(node, n.Path):
        names.insert(0, node.name)
        node = node.base
    is_message = isinstance(node, n.Name) and node.name == "msg"
    return ".".join(names) if is_message else ""


def _reads_message(node: n.Node) -> bool:
    return any(isinstance(part, n.Name) and part.name == "msg" for part in n.walk(node))
