"""One level of a flow as a net: places hold tokens, moves consume and produce them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from trellis.metadata.model.flows import Node, NodeKind

#: A place: the node where tokens arrive, and for joins the edge by which they do.
Place = tuple[str, str]
#: Ways of an `or` up to which every choice of them is tried.
MOST_WAYS = 5


@dataclass(frozen=True)
class Move:
    """A node doing its work once: from each of `takes` one token, to each of `gives` one.

    `clears` takes all tokens there are; `waits` fires when no other token can still come.
    """

    node: str
    takes: frozenset[Place]
    gives: tuple[Place, ...]
    clears: bool = False
    waits: bool = False


@dataclass
class Net:
    """Places and moves; `starts` are where single tokens begin, each a run of its own."""

    starts: list[Place]
    moves: list[Move]
    exact: bool = True
    joins: dict[str, tuple[Place, ...]] = field(default_factory=dict)


def net_of(nodes: Mapping[str, Node]) -> Net:
    """Return the net of one level of a flow."""
    edges: dict[str, list[str]] = {key: [] for key in nodes}
    for node in nodes.values():
        for edge, target in edges_of(node):
            edges[target].append(edge)
    joins = {key: tuple((key, edge) for edge in edges[key]) for key, node in nodes.items()
             if node.kind in (NodeKind.AND, NodeKind.OR) and len(edges[key]) > 1}  # fmt: skip
    net = Net([], [], joins=joins)

    def place(edge: str, target: str) -> Place:
        return (target, edge) if target in joins else (target, "")

    for node in nodes.values():
        if node.kind is NodeKind.START:
            net.starts.append((node.id, ""))
        for gives in _outcomes(net, node, place):
            net.moves.extend(_moves(node, gives, joins.get(node.id)))
    return net


def edges_of(node: Node) -> Iterator[tuple[str, str]]:
    """Yield (edge, node it leads to) for each way out of a node."""
    targets = (*node.next, *(branch.to for branch in node.branches), node.otherwise or "")
    for target in dict.fromkeys(target for target in targets if target):
        yield node.id, target
    for position, catch in enumerate(node.catches):
        yield f"{node.id}__on{position + 1}", catch.to


def _moves(node: Node, gives: tuple[Place, ...], join: tuple[Place, ...] | None) -> Iterator[Move]:
    clears = node.kind is NodeKind.END and node.trigger == "terminate"
    if join is None:
        yield Move(node.id, frozenset({(node.id, "")}), gives, clears)
    else:
        yield Move(node.id, frozenset(join), gives, clears, node.kind is NodeKind.OR)


def _outcomes(net: Net, node: Node, at: Callable[[str, str], Place]) -> Iterator[tuple[Place, ...]]:
    kept = tuple(at(f"{node.id}__on{i + 1}", catch.to) for i, catch in enumerate(node.catches)
                 if catch.keep)  # fmt: skip
    for ways in _ways(net, node):
        gives = tuple(at(node.id, way) for way in ways)
        yield gives
        if kept:
            yield (*gives, *kept)
    for i, catch in enumerate(node.catches):
        if not catch.keep:
            yield (at(f"{node.id}__on{i + 1}", catch.to),)


def _ways(net: Net, node: Node) -> Iterator[tuple[str, ...]]:
    """Yield every set of nodes that may follow at once."""
    if node.kind is NodeKind.EVENT:
        yield from ((way,) for way in node.next)
        return
    if not node.branches:
        yield tuple(dict.fromkeys(node.next)) or ((node.otherwise,) if node.otherwise else ())
        return
    last = ((node.otherwise,) if node.otherwise else ()) or node.next
    if node.kind is not NodeKind.OR:
        yield from dict.fromkeys((branch.to,) for branch in node.branches)
    else:
        ways = tuple(dict.fromkeys(branch.to for branch in node.branches))
        net.exact = net.exact and len(ways) <= MOST_WAYS
        sizes = range(1, len(ways) + 1) if len(ways) <= MOST_WAYS else (1, len(ways))
        for size in sizes:
            yield from ((*chosen, *node.next) for chosen in combinations(ways, size))
    if last:
        yield last
