"""What catches an event: boundary events, event sub-flows, and the way up to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from trellis.engine.flows.decide.cases import (
    added,
    dropped,
    emptied,
    frame_of,
    map_token,
    put_frame,
    token_of,
    with_vars,
)
from trellis.engine.flows.decide.graph import Graph, boundary
from trellis.engine.flows.decide.scopes import is_item
from trellis.engine.flows.state import Case, Frame, FrameKind, Phase, Thrown, Token
from trellis.ids import IdSource
from trellis.metadata.model.flows import Node, NodeKind

#: What catches every error or escalation, whatever its code.
ANY = "any"


def diverted(graph: Graph, case: Case, token_id: str, catch: int, now: datetime) -> Case:
    """Return the case with the waiting token moved along a boundary event."""
    token = token_of(case, token_id)
    inside = [frame.id for frame in case.frames if frame.token == token_id]
    case = dropped(case, inside)
    to = graph.nodes[token.node].catches[catch].to
    rounds = {**case.rounds, to: case.rounds.get(to, 0) + 1}
    case = replace(case, rounds=rounds, cancelled=(*case.cancelled, token))
    on = replace(token, node=to, phase=Phase.ENTER, arrived_at=now,
                 origin=boundary(token.node, catch))  # fmt: skip
    return map_token(case, token_id, lambda _: on)


def forked(
    graph: Graph, case: Case, token_id: str, catch: int, now: datetime, ids: IdSource
) -> Case:
    """Return the case with a second token behind a boundary event, the first still waiting."""
    token = token_of(case, token_id)
    to = graph.nodes[token.node].catches[catch].to
    origin = boundary(token.node, catch)
    return added(case, Token(ids.new(), to, Phase.ENTER, now, origin, token.frame))


def begin_event(
    case: Case,
    start: Node,
    place: Frame,
    now: datetime,
    ids: IdSource,
) -> Case:
    """Return the case with an event sub-flow begun, which interrupts what is around it or not.

    `place` says where: the sub as `node`, the frame around it as `parent`, and in `names` what
    the nodes inside see of the event.
    """
    if start.settings.get("keep") is not True:
        case = emptied(case, place.parent)
        case = replace(case, closed=(*case.closed, place.parent or case.id))
    case = put_frame(case, place)
    return added(case, Token(ids.new(), start.id, Phase.ENTER, now, place.node, place.id))


def event_frame(
    sub: str, parent: str | None, ids: IdSource, names: Mapping[str, Any] | None = None
) -> Frame:
    """Return the frame of an event sub-flow that is about to begin."""
    return Frame(ids.new(), sub, FrameKind.EVENT, parent, names=names or {})


def thrown(
    graph: Graph, case: Case, token_id: str, event: Thrown, now: datetime, ids: IdSource
) -> Case | None:
    """Return the case after the nearest catch of an event took it, None when nothing does.

    What is caught stands in the variable `error` or `escalation`.
    """
    token = source = token_of(case, token_id)
    told = {event.kind: {"code": event.code, "message": event.message, "node": source.node}}
    while True:
        if not is_item(case, token):
            found = _boundary_for(graph.nodes[token.node], event)
            if found is not None:
                case = with_vars(case, told, token.frame)
                if graph.nodes[token.node].catches[found].keep:
                    return forked(graph, case, token.id, found, now, ids)
                return diverted(graph, case, token.id, found, now)
        frame = frame_of(case, token.frame)
        caught = _event_sub_for(graph, frame, event)
        if caught is not None:
            sub, start = caught
            place = event_frame(sub.id, token.frame, ids)
            case = with_vars(case, told, token.frame)
            return begin_event(case, start, place, now, ids)
        while frame is not None and frame.token is None:
            frame = frame_of(case, frame.parent)
        if frame is None:
            return None
        token = token_of(case, str(frame.token))


def _boundary_for(node: Node, event: Thrown) -> int | None:
    for position, catch in enumerate(node.catches):
        if catch.kind == event.kind and catch.value in (event.code, ANY):
            return position
    return None


def _event_sub_for(graph: Graph, frame: Frame | None, event: Thrown) -> tuple[Node, Node] | None:
    """Return the event sub-flow of a scope that an event begins; none while one runs inside."""
    if frame is not None:
        inside = frame.kind is FrameKind.SUB or graph.nodes[frame.node].kind is NodeKind.SUB
        if frame.kind is FrameKind.UNDO or not inside:
            return None
    for sub in graph.event_subs.get(None if frame is None else frame.node, ()):
        for start in graph.starts(sub.id):
            if start.trigger == event.kind and start.settings.get(event.kind) in (event.code, ANY):
                return sub, start
    return None
