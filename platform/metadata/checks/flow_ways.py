"""Flows: every node is reached and leads to an end, inside its own scope, without idle circles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from trellis.metadata.checks.places import at, item_at
from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.flows import Flow, Node, NodeKind, every_node
from trellis.metadata.soundness import flow_problems
from trellis.problems import Location, Problem

#: Kinds of node at which a flow stops for somebody else; circles need one of them.
WAITING = frozenset({NodeKind.TASK, NodeKind.APPROVAL, NodeKind.WAIT, NodeKind.RECEIVE,
                     NodeKind.EVENT, NodeKind.CALL})  # fmt: skip


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of the ways of every flow, then of their soundness."""
    for flow in catalog.flows.values():
        found = list(_flow_problems(flow))
        yield from found
        if not any(problem.severity == "error" for problem in found):
            yield from flow_problems(flow)


def targets(node: Node) -> tuple[str, ...]:
    """Return every node that `node` may lead to."""
    others = (node.otherwise,) if node.otherwise else ()
    caught = tuple(catch.to for catch in node.catches)
    return (*node.next, *(branch.to for branch in node.branches), *others, *caught)


def is_apart(node: Node) -> bool:
    """Tell whether no way leads to a node: an event sub-flow, or what only undoes another."""
    event_sub = node.kind is NodeKind.SUB and node.trigger == "event"
    return event_sub or node.settings.get("undo_only") is True


def _flow_problems(flow: Flow) -> Iterator[Problem]:
    scopes = {node.id: around for node, around in every_node(flow.nodes)}
    counted = Counter(node.id for node, _ in every_node(flow.nodes))
    for node, around in every_node(flow.nodes):
        if counted[node.id] > 1 and around is not None:
            yield Problem(node.location, "META200",
                          f"there are several nodes `{node.id}` in the flow",
                          "ids are unique in the whole flow, inside of subs too")  # fmt: skip
        yield from _target_problems(node, around, scopes)
    if not any(node.kind is NodeKind.START for node in flow.nodes.values()):
        yield Problem(flow.location, "META169", f"flow `{flow.key}` has no start node",
                      "add one, for example `opened: {start: form, next: …}`")  # fmt: skip
        return
    yield from _scope_problems(flow.nodes)
    for node, _ in every_node(flow.nodes):
        if node.kind is NodeKind.SUB and node.nodes:
            yield from _scope_problems(node.nodes)


def _target_problems(
    node: Node, around: Node | None, scopes: Mapping[str, Node | None]
) -> Iterator[Problem]:
    for target, place in _ways(node):
        if target not in scopes:
            yield Problem(place, "META160", f"there is no node `{target}`",
                          hint(target, scopes))  # fmt: skip
        elif scopes[target] is not around:
            yield Problem(place, "META201", f"`{target}` is not on the same level as `{node.id}`",
                          "lead a way to the sub itself, or out of it with `catch`")  # fmt: skip


def _ways(node: Node) -> Iterator[tuple[str, Location]]:
    """Yield every node that `node` names, with the place where it does."""
    for name in node.next:
        yield name, item_at(node, "next", name)
    for branch in node.branches:
        yield branch.to, branch.location
    if node.otherwise:
        yield node.otherwise, at(node, "else")
    for catch in node.catches:
        yield catch.to, catch.location


def _scope_problems(nodes: Mapping[str, Node]) -> Iterator[Problem]:
    starts = [node.id for node in nodes.values() if node.kind is NodeKind.START]
    reached = _closure(starts, {key: targets(node) for key, node in nodes.items()})
    backwards: dict[str, list[str]] = {}
    for key, node in nodes.items():
        for target in targets(node):
            backwards.setdefault(target, []).append(key)
    ends = [node.id for node in nodes.values() if node.kind is NodeKind.END]
    ending = _closure(ends, {key: tuple(sources) for key, sources in backwards.items()})
    for node in nodes.values():
        if is_apart(node):
            continue
        if node.id not in reached:
            yield Problem(node.location, "META170", f"node `{node.id}` is never reached",
                          "lead a way to it with `next:`, or remove it")  # fmt: skip
        elif node.id not in ending:
            yield Problem(node.location, "META171", f"no way leads from node `{node.id}` to an end",
                          "add `next:`, or make it `end:`")  # fmt: skip
        open_choice = node.kind in (NodeKind.XOR, NodeKind.OR) and node.branches
        if open_choice and node.otherwise is None and not node.settings.get("exhaustive"):
            yield Problem(
                node.location, "META172", f"gateway `{node.id}` has no `else`",
                "add `else:`, or `exhaustive: true` when one condition always holds",
            )  # fmt: skip
    yield from _circle_problems(nodes)


def _circle_problems(nodes: Mapping[str, Node]) -> Iterator[Problem]:
    edges = {key: tuple(t for t in targets(node) if t in nodes) for key, node in nodes.items()}
    for circle in _circles(edges):
        members = [nodes[key] for key in nodes if key in circle]
        joins = [node for node in members if node.kind is NodeKind.OR
                 and sum(node.id in ways for ways in edges.values()) > 1]  # fmt: skip
        for node in joins:
            yield Problem(node.location, "META210",
                          f"`{node.id}` joins ways of a circle that it is in itself",
                          "an `or` cannot know what comes round: use `xor` or `and`")  # fmt: skip
        if not any(_may_wait(node) for node in members):
            names = ", ".join(f"`{node.id}`" for node in members)
            yield Problem(members[0].location, "META211",
                          f"nothing waits in the circle of {names}",
                          "it must end after few rounds: a step passes 1,000 nodes at most",
                          severity="warning")  # fmt: skip


def _may_wait(node: Node) -> bool:
    return node.kind in WAITING or any(_may_wait(inner) for inner in node.nodes.values())


def _circles(edges: Mapping[str, tuple[str, ...]]) -> Iterator[set[str]]:
    """Yield the sets of nodes that lead to one another, or one node to itself."""
    reach = {key: _closure(list(ways), edges) for key, ways in edges.items()}
    seen: set[str] = set()
    for key in edges:
        if key in seen or key not in reach[key]:
            continue
        circle = {other for other in reach[key] if key in reach[other]}
        seen |= circle
        yield circle


def _closure(first: list[str], edges: Mapping[str, tuple[str, ...]]) -> set[str]:
    seen = set(first)
    todo = list(first)
    while todo:
        for target in edges.get(todo.pop(), ()):
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen
