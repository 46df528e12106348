"""Where several tokens become one: parallel joins, and inclusive ones that know what may come."""

from __future__ import annotations

from dataclasses import replace

from trellis.engine.flows.decide.cases import with_phase
from trellis.engine.flows.decide.graph import Graph
from trellis.engine.flows.state import Case, FlowError, Phase, Token
from trellis.metadata.model.flows import NodeKind

_JOINS = frozenset({NodeKind.AND, NodeKind.OR})


def and_join(graph: Graph, case: Case, token: Token) -> Case:
    """Let the last of the expected tokens through and consume the others."""
    expected = graph.incoming[token.node]
    if len(expected) <= 1:
        return with_phase(case, token.id, Phase.LEAVE)
    arrived = {t.origin: t for t in (token, *reversed(_here(case, token)))}
    if set(arrived) < set(expected):
        return with_phase(case, token.id, Phase.WAIT)
    return _merged(case, token, arrived)


def or_join(graph: Graph, case: Case, token: Token) -> Case:
    """Let a token through where one way leads in; elsewhere it waits for `or_joined`."""
    alone = len(graph.incoming[token.node]) <= 1
    return with_phase(case, token.id, Phase.LEAVE if alone else Phase.WAIT)


def or_joined(graph: Graph, case: Case) -> Case | None:
    """Let the tokens through that wait at an `or` which no other token can reach any more."""
    for token in case.tokens:
        feeders = graph.feeders.get(token.node)
        if feeders is None or token.phase is not Phase.WAIT:
            continue
        if not any(t.frame == token.frame and t.node in feeders for t in case.tokens):
            arrived = {t.origin: t for t in (token, *reversed(_here(case, token)))}
            return _merged(case, token, arrived)
    return None


def refuse_deadlock(graph: Graph, case: Case) -> None:
    """Raise when every token waits at a join or for one: nothing can ever arrive."""
    if case.tokens and all(_is_stuck(graph, case, token) for token in case.tokens):
        joins = (t for t in case.tokens if graph.nodes[t.node].kind in _JOINS)
        stuck = next(joins, case.tokens[0])
        raise FlowError(stuck.node, "waits for branches that nothing can reach any more")


def _is_stuck(graph: Graph, case: Case, token: Token) -> bool:
    if graph.nodes[token.node].kind in _JOINS:
        return True
    # A token that waits for its frame stands and falls with the tokens inside.
    return any(frame.token == token.id for frame in case.frames)


def _here(case: Case, token: Token) -> list[Token]:
    return [t for t in case.tokens if t.node == token.node and t.frame == token.frame
            and t.phase is Phase.WAIT and t.id != token.id]  # fmt: skip


def _merged(case: Case, token: Token, arrived: dict[str | None, Token]) -> Case:
    consumed = {t.id for t in arrived.values()} - {token.id}
    kept = tuple(t for t in case.tokens if t.id not in consumed)
    return with_phase(replace(case, tokens=kept), token.id, Phase.LEAVE)
