"""Where tokens go: pure functions from (flow, state, facts, now) to the next step.

`advance` moves tokens until one of them needs the world (a `Request`) or all wait. The runner
performs the request, calls `performed` (the token goes on) or `waiting` (it waits), and calls
`advance` again. Nothing here reads a database or a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from trellis.engine.flows.state import (
    Case,
    Command,
    FlowError,
    InstanceState,
    Phase,
    Request,
    Step,
    Token,
    Visit,
)
from trellis.ids import IdSource
from trellis.metadata.model.flows import Node, NodeKind

#: Nodes one step may pass before the flow counts as running in circles.
STEP_BUDGET = 1_000

_COMMANDS: Mapping[NodeKind, Command] = {
    NodeKind.TASK: Command.TASK,
    NodeKind.APPROVAL: Command.APPROVAL,
    NodeKind.SERVICE: Command.ACTION,
    NodeKind.SCRIPT: Command.ACTION,
    NodeKind.RULE: Command.ACTION,
    NodeKind.SEND: Command.ACTION,
    NodeKind.WAIT: Command.TIMER,
}
#: Kinds of node that this engine runs; publishing a flow with another is refused.
RUNNABLE = frozenset(_COMMANDS) | {NodeKind.START, NodeKind.END, NodeKind.XOR, NodeKind.AND}


class Facts(Protocol):
    """What conditions are asked about."""

    def holds(self, node: Node, branch: int, outcome: str | None, case: Case) -> bool:
        """Tell whether the condition of the node's branch (by position) is true."""
        ...


@dataclass(frozen=True)
class Graph:
    """The nodes of a flow and who leads to whom."""

    nodes: Mapping[str, Node]
    incoming: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, nodes: Mapping[str, Node]) -> Graph:
        """Return the graph of `nodes` with the incoming edges counted."""
        incoming: dict[str, list[str]] = {key: [] for key in nodes}
        for node in nodes.values():
            for target in targets(node):
                incoming.setdefault(target, []).append(node.id)
        return cls(nodes, {key: tuple(sources) for key, sources in incoming.items()})


def targets(node: Node) -> tuple[str, ...]:
    """Return every node that `node` may lead to, in the author's order."""
    others = (node.otherwise,) if node.otherwise else ()
    return (*node.next, *(branch.to for branch in node.branches), *others)


def begin(graph: Graph, case: Case, start: str, now: datetime, ids: IdSource) -> Case:
    """Return the case with a token on the start node."""
    if start not in graph.nodes:
        raise FlowError(start, "the flow has no such start node")
    token = Token(ids.new(), start, Phase.ENTER, now)
    return replace(case, tokens=(token,), state=InstanceState.RUNNING)


def advance(graph: Graph, case: Case, facts: Facts, now: datetime, ids: IdSource) -> Step:
    """Move tokens until one needs the world or all wait; raise FlowError when none may go on."""
    visits: list[Visit] = []
    cancelled: tuple[Token, ...] = ()
    for _ in range(STEP_BUDGET):
        token = next((t for t in case.tokens if t.phase is not Phase.WAIT), None)
        if token is None:
            _refuse_deadlock(graph, case)
            return Step(_settled(case, now), tuple(visits), None, cancelled)
        node = graph.nodes[token.node]
        if token.phase is Phase.ENTER and node.set_state is not None:
            return Step(case, tuple(visits), Request(Command.TRANSITION, token), cancelled)
        if token.phase is not Phase.LEAVE:
            command = _COMMANDS.get(node.kind)
            if command is not None:
                return Step(case, tuple(visits), Request(command, token), cancelled)
            if node.kind is NodeKind.AND:
                case = _join(graph, case, token)
                continue
        visits.append(_visit(token, now, case))
        if node.kind is NodeKind.END:
            case, gone = _end(case, token, node)
            cancelled += gone
        else:
            case = _move(case, token, ways_on(node, case, facts), now, ids)
    raise FlowError(case.tokens[0].node, f"more than {STEP_BUDGET} nodes without a wait")


def performed(case: Case, token: Token, command: Command) -> Case:
    """Return the case after the world did what `command` asked for."""
    phase = Phase.WORK if command is Command.TRANSITION else Phase.LEAVE
    return _with_phase(case, token.id, phase)


def waiting(case: Case, token: Token) -> Case:
    """Return the case with `token` waiting for an answer."""
    return _with_phase(case, token.id, Phase.WAIT)


def answered(case: Case, token_id: str, outcome: str) -> Case:
    """Return the case after a person, clock or job answered what the token waited for."""
    token = token_of(case, token_id)
    outcomes = {**case.outcomes, token.node: outcome}
    return _with_phase(replace(case, outcomes=outcomes), token_id, Phase.LEAVE)


def diverted(case: Case, token_id: str, to: str, now: datetime) -> Case:
    """Return the case with the waiting token moved along a boundary event."""
    return _map_token(
        case,
        token_id,
        lambda token: replace(token, node=to, phase=Phase.ENTER, arrived_at=now, origin=token.node),
    )


def forked(case: Case, token_id: str, to: str, now: datetime, ids: IdSource) -> Case:
    """Return the case with a second token on `to`, the first still waiting."""
    token = token_of(case, token_id)
    second = Token(ids.new(), to, Phase.ENTER, now, token.node)
    return replace(case, tokens=(*case.tokens, second))


def finished(case: Case, state: InstanceState, now: datetime) -> Step:
    """Return the step that ends the instance with `state` and withdraws every token."""
    ended = replace(case, tokens=(), state=state, ended_at=now)
    return Step(ended, cancelled=case.tokens)


def with_vars(case: Case, values: Mapping[str, Any]) -> Case:
    """Return the case with variables set."""
    return replace(case, vars={**case.vars, **values}) if values else case


def token_of(case: Case, token_id: str) -> Token:
    """Return a token of the case; KeyError when it has gone on."""
    for token in case.tokens:
        if token.id == token_id:
            return token
    raise KeyError(token_id)


def _settled(case: Case, now: datetime) -> Case:
    if case.tokens or case.state is not InstanceState.RUNNING:
        return case
    return replace(case, state=InstanceState.DONE, ended_at=now)


def _refuse_deadlock(graph: Graph, case: Case) -> None:
    """Raise when every token waits at a join: nothing is left that could ever arrive."""
    if case.tokens and all(graph.nodes[t.node].kind is NodeKind.AND for t in case.tokens):
        raise FlowError(case.tokens[0].node, "waits for branches that nothing can reach any more")


def _visit(token: Token, now: datetime, case: Case) -> Visit:
    return Visit(token.node, token.arrived_at, now, case.outcomes.get(token.node))


def _join(graph: Graph, case: Case, token: Token) -> Case:
    """Let the last of the expected tokens through and consume the others."""
    expected = graph.incoming[token.node]
    if len(expected) <= 1:
        return _with_phase(case, token.id, Phase.LEAVE)
    here = [t for t in case.tokens if t.node == token.node and t.phase is Phase.WAIT]
    arrived = {t.origin: t for t in (token, *reversed(here))}
    if set(arrived) < set(expected):
        return _with_phase(case, token.id, Phase.WAIT)
    consumed = {t.id for t in arrived.values()} - {token.id}
    kept = tuple(t for t in case.tokens if t.id not in consumed)
    return _with_phase(replace(case, tokens=kept), token.id, Phase.LEAVE)


def _end(case: Case, token: Token, node: Node) -> tuple[Case, tuple[Token, ...]]:
    rest = tuple(t for t in case.tokens if t.id != token.id)
    if node.trigger == "terminate":
        return replace(case, tokens=()), rest
    return replace(case, tokens=rest), ()


def ways_on(node: Node, case: Case, facts: Facts) -> tuple[str, ...]:
    """Return where a token goes from a node whose work is done; FlowError when nowhere."""
    if not node.branches:
        return node.next or ((node.otherwise,) if node.otherwise else ())
    outcome = case.outcomes.get(node.id)
    for position, branch in enumerate(node.branches):
        if facts.holds(node, position, outcome, case):
            return (branch.to,)
    if node.otherwise is not None:
        return (node.otherwise,)
    if node.next:
        return node.next
    raise FlowError(node.id, "no condition is true and there is no `else`")


def _move(case: Case, token: Token, ways: tuple[str, ...], now: datetime, ids: IdSource) -> Case:
    """Replace `token` by one on each way; the first keeps its id."""
    moved = [
        Token(token.id if position == 0 else ids.new(), way, Phase.ENTER, now, token.node)
        for position, way in enumerate(ways)
    ]
    tokens: list[Token] = []
    for other in case.tokens:
        tokens.extend(moved if other.id == token.id else [other])
    rounds = dict(case.rounds)
    for way in ways:
        rounds[way] = rounds.get(way, 0) + 1
    return replace(case, tokens=tuple(tokens), rounds=rounds)


def _with_phase(case: Case, token_id: str, phase: Phase) -> Case:
    return _map_token(case, token_id, lambda token: replace(token, phase=phase))


def _map_token(case: Case, token_id: str, change: Callable[[Token], Token]) -> Case:
    token_of(case, token_id)
    tokens = tuple(change(t) if t.id == token_id else t for t in case.tokens)
    return replace(case, tokens=tokens)
