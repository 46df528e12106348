"""What is told of a flow that cannot always end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trellis.metadata.model.flows import Flow, Node, NodeKind, every_node
from trellis.metadata.soundness.explore import Found, State, explored
from trellis.metadata.soundness.net import Net, edges_of, net_of
from trellis.metadata.soundness.reduce import reduced
from trellis.problems import Problem

#: States of a flow as it is written, in which parallel ways are looked for that meet.
FEW_STATES = 2_000


def flow_problems(flow: Flow) -> Iterator[Problem]:
    """Yield what is wrong with the ways of a flow, level by level."""
    yield from level_problems(flow.nodes)
    for node, _ in every_node(flow.nodes):
        if node.nodes:
            yield from level_problems(node.nodes)


def level_problems(nodes: Mapping[str, Node]) -> Iterator[Problem]:
    """Yield what is wrong with one level: deadlocks, nodes never done, tokens without end."""
    joins = (NodeKind.AND, NodeKind.OR)
    several = any(len(node.next) > 1 or node.kind in joins or any(c.keep for c in node.catches)
                  for node in nodes.values())  # fmt: skip
    if not several:
        return  # one token walks one way: that it can end is checked already
    whole = net_of(nodes)
    net = reduced(whole)
    found = explored(net)
    if found.endless is not None:
        node = nodes[found.endless[0]]
        yield Problem(node.location, "META215", f"tokens multiply without end at `{node.id}`",
                      "join parallel ways with `and` before going back")  # fmt: skip
    elif found.stuck is not None and _waiting(net, found.stuck):
        yield _stuck_problem(nodes, net, found.stuck)
    elif (hopeless := found.stuck or found.hopeless) is not None:
        node = nodes[hopeless[0][0][0]]
        yield Problem(node.location, "META213", f"from `{node.id}` on the flow can never end",
                      "lead a way out of what goes round for ever")  # fmt: skip
    elif not found.complete or not net.exact:
        yield from _thumb_problems(nodes)
    else:
        yield from _dead_problems(nodes, net, found)
        # Folded ways meet no more: small flows are looked at as they are.
        yield from _crowd_problems(nodes, explored(whole, FEW_STATES))


def _waiting(net: Net, state: State) -> list[str]:
    """Return the joins at which tokens wait in a state."""
    return [place[0] for place, _ in state if place[0] in net.joins]


def _stuck_problem(nodes: Mapping[str, Node], net: Net, state: State) -> Problem:
    node = nodes[_waiting(net, state)[0]]
    missing = [edge for _, edge in net.joins.get(node.id, ()) if (node.id, edge) not in dict(state)]
    names = ", ".join(f"`{edge.split('__on')[0]}`" for edge in missing)
    never = f" from {names}" if names else ""
    return Problem(node.location, "META213",
                   f"`{node.id}` may wait for ever for what never comes{never}",
                   "join with `xor` what excludes each other, with `and` the rest")  # fmt: skip


def _crowd_problems(nodes: Mapping[str, Node], found: Found) -> Iterator[Problem]:
    edges = [target for node in nodes.values() for _, target in edges_of(node)]
    for key in sorted({place[0] for place in found.crowded}):
        meets = edges.count(key) > 1 and nodes[key].kind is not NodeKind.END
        if meets:
            yield Problem(nodes[key].location, "META217",
                          f"parallel ways meet at `{key}`: it is done once for each of them",
                          "join them with `and` to do it once", severity="warning")  # fmt: skip


def _dead_problems(nodes: Mapping[str, Node], net: Net, found: Found) -> Iterator[Problem]:
    made = {move.node for move in found.done}
    for key in sorted({move.node for move in net.moves} - made):
        yield Problem(nodes[key].location, "META214", f"`{key}` can never be done",
                      "what it waits for excludes each other")  # fmt: skip


def _thumb_problems(nodes: Mapping[str, Node]) -> Iterator[Problem]:
    """Yield what a rule of thumb finds where a flow is too large to be looked through."""
    first = next(iter(nodes.values()))
    yield Problem(first.location, "META216",
                  "the flow has too many parallel states to prove that it can always end",
                  "by rule of thumb only joins behind an `xor` were looked for; put parallel parts "
                  "into a `sub`", severity="warning")  # fmt: skip
    for node in nodes.values():
        sources = [other for other in nodes.values() if node.id in other.next
                   or node.id in [branch.to for branch in other.branches]]  # fmt: skip
        if node.kind is not NodeKind.AND or len(sources) < 2:
            continue
        origins = [_split_before(nodes, source) for source in sources]
        for origin in set(origins):
            if origin is not None and origins.count(origin) > 1:
                yield Problem(node.location, "META213",
                              f"`{node.id}` may wait for ever: `{origin}` takes one way only",
                              f"join with `xor` what `{origin}` splits")  # fmt: skip


def _split_before(nodes: Mapping[str, Node], node: Node) -> str | None:
    """Return the `xor` that a single way leads back to, None where there are several."""
    for _ in range(len(nodes)):
        if node.kind is NodeKind.XOR and node.branches:
            return node.id
        before = [other for other in nodes.values() if node.id in other.next or node.id in [
            branch.to for branch in other.branches] or other.otherwise == node.id]  # fmt: skip
        if len(before) != 1 or len(before[0].next) > 1:
            return before[0].id if len(before) == 1 and before[0].kind is NodeKind.XOR else None
        node = before[0]
    return None
