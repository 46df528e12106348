"""A flow as a graph: every node, nested ones too, and who leads to whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from trellis.metadata.model.flows import Node, NodeKind

#: Boundary events that somebody outside must be told of: a clock, or who sends events.
ARMED_CATCHES = frozenset({"timer", "message", "signal", "conditional"})
_HEARS = frozenset({"message", "signal", "conditional"})


def targets(node: Node) -> tuple[str, ...]:
    """Return every node that `node` itself may lead to, in the author's order."""
    others = (node.otherwise,) if node.otherwise else ()
    return (*node.next, *(branch.to for branch in node.branches), *others)


def boundary(node: str, position: int) -> str:
    """Return the id of a node's boundary event (flows.md 1.1)."""
    return f"{node}__on{position + 1}"


def edges(node: Node) -> Iterator[tuple[str, str]]:
    """Yield (edge, node it leads to) for each way out of a node, boundary events included."""
    for target in targets(node):
        yield node.id, target
    for position, catch in enumerate(node.catches):
        yield boundary(node.id, position), catch.to


@dataclass(frozen=True)
class Graph:
    """The nodes of a flow and who leads to whom.

    `scope_of` names the `sub` around a nested node, `armed` the nodes whose waiting sets timers
    or subscriptions, `feeders` for each `or` that joins the nodes from which it can be reached.
    """

    nodes: Mapping[str, Node]
    incoming: Mapping[str, tuple[str, ...]]
    scope_of: Mapping[str, str | None] = field(default_factory=dict)
    armed: frozenset[str] = frozenset()
    feeders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    event_subs: Mapping[str | None, tuple[Node, ...]] = field(default_factory=dict)
    listens: bool = False
    conditions: bool = False

    @classmethod
    def of(cls, nodes: Mapping[str, Node]) -> Graph:
        """Return the graph of `nodes` with the incoming edges counted."""
        placed = list(_placed(nodes, None))
        every = {node.id: node for node, _ in placed}
        incoming: dict[str, list[str]] = {key: [] for key in every}
        for node in every.values():
            for edge, target in edges(node):
                incoming.setdefault(target, []).append(edge)
        event_subs: dict[str | None, tuple[Node, ...]] = {}
        for node, scope in placed:
            if is_event_sub(node):
                event_subs[scope] = (*event_subs.get(scope, ()), node)
        joins = [node.id for node in every.values()
                 if node.kind is NodeKind.OR and len(incoming[node.id]) > 1]  # fmt: skip
        return cls(
            nodes=every,
            incoming={key: tuple(sources) for key, sources in incoming.items()},
            scope_of={node.id: scope for node, scope in placed},
            armed=frozenset(node.id for node in every.values() if _arms(node)),
            feeders={join: _feeders(every, join) for join in joins},
            event_subs=event_subs,
            listens=any(_hears(node) for node in every.values()),
            conditions=any(_reads_conditions(node) for node in every.values()),
        )

    def starts(self, scope: str | None) -> tuple[Node, ...]:
        """Return the start nodes of the flow (None) or of a sub."""
        return tuple(
            node
            for node in self.nodes.values()
            if node.kind is NodeKind.START and self.scope_of.get(node.id) == scope
        )


def is_event_sub(node: Node) -> bool:
    """Tell whether a node is a sub-flow that begins with an event."""
    return node.kind is NodeKind.SUB and node.trigger == "event"


def _placed(nodes: Mapping[str, Node], scope: str | None) -> Iterator[tuple[Node, str | None]]:
    for node in nodes.values():
        yield node, scope
        yield from _placed(node.nodes, node.id)


def _arms(node: Node) -> bool:
    settings = node.settings
    caught = any(catch.kind in ARMED_CATCHES for catch in node.catches)
    own = node.kind in (NodeKind.WAIT, NodeKind.RECEIVE, NodeKind.EVENT)
    return (
        caught
        or own
        or node.kind is NodeKind.CALL
        or "retry" in settings
        or "due" in settings
        or "sla" in settings
        or "multi" in settings
    )


def _hears(node: Node) -> bool:
    """Tell whether a node may wait for a message, a signal or a condition."""
    if node.kind is NodeKind.RECEIVE or any(catch.kind in _HEARS for catch in node.catches):
        return True
    multi = node.settings.get("multi")
    grows = isinstance(multi, Mapping) and multi.get("grow") is True
    return grows or (node.kind in (NodeKind.WAIT, NodeKind.START) and node.trigger in _HEARS)


def _reads_conditions(node: Node) -> bool:
    """Tell whether a node may wait until something holds."""
    inside = node.kind in (NodeKind.WAIT, NodeKind.START) and node.trigger == "conditional"
    return inside or any(catch.kind == "conditional" for catch in node.catches)


def _feeders(nodes: Mapping[str, Node], join: str) -> frozenset[str]:
    """Return the nodes from which a way leads to `join` without passing it."""
    backwards: dict[str, set[str]] = {}
    for node in nodes.values():
        for _, target in edges(node):
            backwards.setdefault(target, set()).add(node.id)
    seen: set[str] = set()
    todo = [join]
    while todo:
        for source in backwards.get(todo.pop(), ()):
            if source not in seen and source != join:
                seen.add(source)
                todo.append(source)
    return frozenset(seen)
