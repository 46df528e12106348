"""What would come next, as of now: the coming people of a flow, before anybody decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from trellis.engine.flows import decide
from trellis.engine.flows.people import seating_of, workers_of
from trellis.engine.flows.state import Case, FlowError, Token
from trellis.engine.flows.stepping import Stage, StageFacts
from trellis.metadata.model.flows import Node, NodeKind

_MOST = 50


@dataclass(frozen=True)
class Coming:
    """A node of people ahead: who would get it now (users, or roles whose members share it)."""

    node: str
    users: tuple[str, ...]
    pools: tuple[str, ...] = ()


def coming(stage: Stage, case: Case, token: Token) -> tuple[Coming, ...]:
    """Return what lies ahead of a token when everybody agrees, the nearest first.

    Conditions are asked of the record as it is now; where they cannot be answered, it ends there.
    """
    return tuple(_ahead(stage, case, token))


def _ahead(stage: Stage, case: Case, token: Token) -> Iterator[Coming]:
    graph, first = stage.plan.graph, token.node
    todo, seen = [first], {first}
    while todo and len(seen) < _MOST:
        node = graph.nodes[todo.pop(0)]
        if node.id != first and node.kind in (NodeKind.TASK, NodeKind.APPROVAL):
            yield _people(stage, case, node)
        case = replace(case, outcomes={**case.outcomes, node.id: _agreed(node)})
        try:
            ways = decide.ways_on(node, case, token, StageFacts(stage))
        except FlowError:
            continue
        todo.extend(way for way in ways if way not in seen)
        seen.update(ways)


def _agreed(node: Node) -> str:
    if node.kind is NodeKind.TASK:
        return node.actions[0] if node.actions else "complete"
    return "approve"


def _people(stage: Stage, case: Case, node: Node) -> Coming:
    try:
        if node.kind is NodeKind.TASK:
            people = workers_of(stage, case, node)
            return Coming(node.id, people.users, people.pools)
        seating = seating_of(stage, case, node)
    except FlowError:
        return Coming(node.id, ())
    holders = tuple(seat.holder for seat in seating.seats if seat.passing is None)
    return Coming(node.id, holders, seating.pools)
