"""The loop that moves tokens until one of them needs the world or all wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from trellis.engine.flows.decide.cases import (
    emptied,
    frame_of,
    moved,
    waiting,
    with_phase,
    without,
)
from trellis.engine.flows.decide.events import thrown
from trellis.engine.flows.decide.graph import Graph
from trellis.engine.flows.decide.joins import and_join, or_join, or_joined, refuse_deadlock
from trellis.engine.flows.decide.scopes import (
    ItemFacts,
    Tools,
    is_item,
    multi_of,
    remembered,
    settled,
)
from trellis.engine.flows.decide.undo import begin_undo
from trellis.engine.flows.state import (
    Case,
    Command,
    EndError,
    FlowError,
    InstanceState,
    Phase,
    Request,
    Step,
    Thrown,
    Token,
    Visit,
)
from trellis.ids import IdSource
from trellis.metadata.model.flows import Node, NodeKind

#: Nodes that one scope may pass in a transaction before the flow counts as running in circles.
STEP_BUDGET = 1_000

_COMMANDS: Mapping[NodeKind, Command] = {
    NodeKind.TASK: Command.TASK,
    NodeKind.APPROVAL: Command.APPROVAL,
    NodeKind.SERVICE: Command.ACTION,
    NodeKind.SCRIPT: Command.ACTION,
    NodeKind.RULE: Command.ACTION,
    NodeKind.SEND: Command.ACTION,
    NodeKind.RECEIVE: Command.RECEIVE,
    NodeKind.EVENT: Command.CHOICE,
    NodeKind.CALL: Command.CALL,
    NodeKind.SUB: Command.OPEN,
}
_SENT = frozenset({"message", "signal"})
_NOTICED = frozenset({"timer", "message", "signal", "conditional"})


class Facts(ItemFacts, Protocol):
    """What conditions are asked about."""

    def holds(self, node: Node, branch: int, case: Case, token: Token) -> bool:
        """Tell whether the condition of the node's branch (by position) is true."""
        ...


def begin(graph: Graph, case: Case, start: str, now: datetime, ids: IdSource) -> Case:
    """Return the case with a token on the start node."""
    if start not in graph.nodes:
        raise FlowError(start, "the flow has no such start node")
    token = Token(ids.new(), start, Phase.ENTER, now)
    return replace(case, tokens=(token,), state=InstanceState.RUNNING)


def advance(graph: Graph, case: Case, facts: Facts, now: datetime, ids: IdSource) -> Step:
    """Move tokens until one needs the world or all wait; raise FlowError when none may go on."""
    tools = Tools(graph, now, ids, facts)
    visits: list[Visit] = []
    while True:
        token = next((t for t in case.tokens if t.phase is not Phase.WAIT), None)
        if token is None:
            joined = or_joined(graph, case)
            if joined is not None:
                case = joined
                continue
            refuse_deadlock(graph, case)
            return _step(_ended(graph, case, now), visits, None)
        command = _command_of(graph, case, token)
        if command is not None:
            return _step(case, visits, Request(command, token))
        if token.phase is not Phase.LEAVE:
            case = _work(tools, case, token)
            continue
        case = _counted(case, token)
        visits.append(Visit(token.node, token.arrived_at, now, case.outcomes.get(token.node)))
        case = _leave(tools, facts, case, token)


def _step(case: Case, visits: list[Visit], request: Request | None) -> Step:
    clean = replace(case, cancelled=(), closed=())
    return Step(clean, tuple(visits), request, case.cancelled, case.closed)


def _counted(case: Case, token: Token) -> Case:
    scope = token.frame or ""
    passed = case.passed.get(scope, 0) + 1
    if passed > STEP_BUDGET:
        raise FlowError(token.node, f"more than {STEP_BUDGET} nodes without a wait")
    return replace(case, passed={**case.passed, scope: passed})


def _command_of(graph: Graph, case: Case, token: Token) -> Command | None:
    """Return what the token needs from the world now, None when deciding is enough."""
    node = graph.nodes[token.node]
    if token.phase is Phase.COLLECT:
        return Command.COLLECT
    if token.phase is Phase.LEAVE:
        return None
    if token.phase is Phase.ENTER and node.set_state is not None:
        return Command.TRANSITION
    if multi_of(node) and not is_item(case, token):
        return Command.OPEN
    if node.kind is NodeKind.WAIT:
        return Command.TIMER if node.trigger == "timer" else Command.RECEIVE
    if node.kind is NodeKind.START:
        return Command.LISTEN if _is_noticed(graph, node) else None
    if node.kind in (NodeKind.THROW, NodeKind.END):
        return Command.THROW if node.trigger in _SENT else None
    if node.kind is NodeKind.SEND and "message" in node.settings:
        return Command.THROW
    return _COMMANDS.get(node.kind)


def _is_noticed(graph: Graph, start: Node) -> bool:
    """Tell whether the scope that begins here has event sub-flows that somebody must wake."""
    subs = graph.event_subs.get(graph.scope_of.get(start.id), ())
    return any(one.trigger in _NOTICED for sub in subs for one in graph.starts(sub.id))


def _work(tools: Tools, case: Case, token: Token) -> Case:
    """Return the case after a node did its own work, which needs nobody else."""
    node = tools.graph.nodes[token.node]
    if node.kind is NodeKind.AND:
        return and_join(tools.graph, case, token)
    if node.kind is NodeKind.OR:
        return or_join(tools.graph, case, token)
    if node.kind in (NodeKind.THROW, NodeKind.END):
        if node.trigger == "compensate":
            only = node.settings.get("compensate")
            return begin_undo(tools, case, token, only if isinstance(only, str) else None)
        if node.trigger == "escalation":
            return _escalated(tools, case, token, node)
    return with_phase(case, token.id, Phase.LEAVE)


def _escalated(tools: Tools, case: Case, token: Token, node: Node) -> Case:
    """Tell the nearest catch; an escalation that nobody hears is no mistake."""
    event = Thrown("escalation", str(node.settings.get("escalation")))
    case = with_phase(case, token.id, Phase.LEAVE)
    return thrown(tools.graph, case, token.id, event, tools.now, tools.ids) or case


def _leave(tools: Tools, facts: Facts, case: Case, token: Token) -> Case:
    node = tools.graph.nodes[token.node]
    if token.node in tools.graph.armed:
        case = replace(case, closed=(*case.closed, token.id))
    if is_item(case, token):
        return settled(tools, without(remembered(tools.graph, case, token), token.id), token.frame)
    case = remembered(tools.graph, case, token)
    if node.kind is NodeKind.END:
        return _end(tools, case, token, node)
    ways = ways_on(node, case, token, facts)
    if not ways:
        return settled(tools, without(case, token.id), token.frame)
    return moved(case, token, ways, tools.now, tools.ids)


def _end(tools: Tools, case: Case, token: Token, node: Node) -> Case:
    if node.trigger == "error":
        code = str(node.settings.get("error"))
        caught = thrown(tools.graph, waiting(case, token), token.id, Thrown("error", code),
                        tools.now, tools.ids)  # fmt: skip
        if caught is None:
            raise EndError(node.id, f"ends with the error `{code}`, which nothing catches",
                                code)  # fmt: skip
        ended = without(caught, token.id)
        return settled(tools, ended, token.frame) if frame_of(ended, token.frame) else ended
    case = without(case, token.id)
    if node.trigger == "terminate":
        case = emptied(case, token.frame)
        if token.frame is None:
            case = replace(case, closed=(*case.closed, case.id))
    return settled(tools, case, token.frame)


def ways_on(node: Node, case: Case, token: Token, facts: Facts) -> tuple[str, ...]:
    """Return where a token goes from a node whose work is done; FlowError when nowhere."""
    if not node.branches:
        return node.next or ((node.otherwise,) if node.otherwise else ())
    true = (branch.to for position, branch in enumerate(node.branches)
            if facts.holds(node, position, case, token))  # fmt: skip
    if node.kind is NodeKind.OR:
        found = (*dict.fromkeys(true),)
    else:
        first = next(true, None)
        found = () if first is None else (first,)
    if found:
        return (*found, *node.next) if node.kind is NodeKind.OR else found
    if node.otherwise is not None:
        return (node.otherwise,)
    if node.next:
        return node.next
    raise FlowError(node.id, "no condition is true and there is no `else`")


def _ended(graph: Graph, case: Case, now: datetime) -> Case:
    if case.tokens or case.state is not InstanceState.RUNNING:
        return case
    owners = (*case.closed, case.id) if graph.event_subs.get(None) else case.closed
    return replace(case, state=InstanceState.DONE, ended_at=now, closed=owners)
