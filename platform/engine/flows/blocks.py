"""Which nodes stand in which parallel branch of a flow; pure functions over its graph."""

from __future__ import annotations

from collections.abc import Iterable

from trellis.engine.flows.decide import Graph, targets
from trellis.metadata.model.flows import Node, NodeKind

#: A branch of a split: the node that splits, and the first node of the branch.
Branch = tuple[str, str]
_SPLITTING = frozenset({NodeKind.AND, NodeKind.OR})


def branches_around(graph: Graph, node_id: str) -> frozenset[Branch]:
    """Return the parallel branches that a node stands in: those a token left behind it cannot be.

    A node is in a branch of a split when tokens reach it through that branch alone.
    """
    found: set[Branch] = set()
    for split in graph.nodes.values():
        ways = _parallel_ways(split)
        if len(ways) < 2 or split.id == node_id or not dominates(graph, split.id, node_id):
            continue
        through = [way for way in ways if node_id in _reached(graph, [way], split.id)]
        if len(through) == 1:
            found.add((split.id, through[0]))
    return frozenset(found)


def dominates(graph: Graph, first: str, second: str) -> bool:
    """Tell whether every way from a start to `second` leads over `first`."""
    starts = [node.id for node in graph.nodes.values()
              if node.kind is NodeKind.START and node.id != first]  # fmt: skip
    return second not in _reached(graph, starts, first)


def _parallel_ways(node: Node) -> tuple[str, ...]:
    if node.kind in _SPLITTING:
        return tuple(dict.fromkeys(targets(node)))
    return node.next if not node.branches else ()


def _reached(graph: Graph, first: Iterable[str], avoided: str) -> set[str]:
    """Return the nodes that can be reached without the avoided one, boundary events included."""
    todo, seen = [node for node in first if node != avoided], set[str]()
    while todo:
        current = todo.pop()
        if current in seen or current not in graph.nodes:
            continue
        seen.add(current)
        node = graph.nodes[current]
        after = (*targets(node), *(catch.to for catch in node.catches))
        todo.extend(target for target in after if target != avoided)
    return seen
