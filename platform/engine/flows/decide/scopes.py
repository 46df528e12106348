"""Frames: how subs and items begin, and what follows when nothing is left inside of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from trellis.engine.flows.decide.cases import (
    added,
    dropped,
    frame_of,
    put_frame,
    seen_names,
    seen_vars,
    token_of,
    with_phase,
)
from trellis.engine.flows.decide.graph import Graph
from trellis.engine.flows.state import (
    Case,
    FlowError,
    Frame,
    FrameKind,
    InstanceState,
    Phase,
    Token,
    Undo,
)
from trellis.ids import IdSource
from trellis.metadata.model.flows import Node, NodeKind

#: Items of one `multi`: an author may allow up to the second; nobody more.
USUAL_ITEMS = 1_000
MOST_ITEMS = 100_000


class ItemFacts(Protocol):
    """What a `multi` is asked about while its items come to their ends."""

    def result(self, node: Node, case: Case, item: Frame) -> Any:
        """Return what `collect` keeps of an item that is done."""
        ...

    def is_enough(self, node: Node, case: Case, multi: Frame) -> bool:
        """Tell whether `until` holds, so that the other items are cancelled."""
        ...

    def items(self, node: Node, case: Case, token: Token) -> Sequence[Any]:
        """Return the items of `over` as they are now."""
        ...


@dataclass(frozen=True)
class Tools:
    """What every move needs besides the case."""

    graph: Graph
    now: datetime
    ids: IdSource
    facts: ItemFacts


def multi_of(node: Node) -> Mapping[str, Any]:
    """Return what a node says under `multi`, empty when it says nothing."""
    found = node.settings.get("multi")
    return found if isinstance(found, Mapping) else {}


def is_item(case: Case, token: Token) -> bool:
    """Tell whether a token does one item of the node that it stands on."""
    frame = frame_of(case, token.frame)
    return frame is not None and frame.kind is FrameKind.ITEM and frame.node == token.node


def opened(graph: Graph, case: Case, token: Token, now: datetime, ids: IdSource) -> Case:
    """Return the case with the token waiting for the nodes inside its sub."""
    frame = Frame(ids.new(), token.node, FrameKind.SUB, token.frame, token.id)
    case = with_phase(put_frame(case, frame), token.id, Phase.WAIT)
    return added(case, _first(graph, token.node, frame.id, now, ids))


def opened_items(
    graph: Graph, case: Case, token: Token, items: Sequence[Any], now: datetime, ids: IdSource
) -> Case:
    """Return the case with the token waiting for its items; the first or all have begun."""
    node = graph.nodes[token.node]
    _refuse_too_many(node, len(items))
    multi = Frame(ids.new(), node.id, FrameKind.MULTI, token.frame, token.id,
                  data={"items": list(items)})  # fmt: skip
    case = with_phase(put_frame(case, multi), token.id, Phase.WAIT)
    if not items:
        return _multi_over(case, multi, node)
    return _begin_more(graph, case, multi, now, ids)


def settled(tools: Tools, case: Case, frame_id: str | None) -> Case:
    """Close a frame in which nothing is left, and let what waits for it go on."""
    frame = frame_of(case, frame_id)
    if frame is None or _is_alive(case, frame.id):
        return case
    if frame.kind is FrameKind.ITEM:
        return _item_done(tools, case, frame)
    if frame.kind is FrameKind.UNDO:
        return next_undo(tools, case, frame)
    case = dropped(case, [frame.id])
    if frame.token is None:
        return settled(tools, case, frame.parent)
    return with_phase(case, frame.token, Phase.LEAVE)


def grown(tools: Tools, case: Case, token: Token) -> Case:
    """Return the case with items begun that the list of a waiting `multi` has gained."""
    multi = next((f for f in case.frames
                  if f.kind is FrameKind.MULTI and f.token == token.id), None)  # fmt: skip
    node = tools.graph.nodes[token.node]
    if multi is None or multi_of(node).get("grow") is not True:
        return case
    return _begin_more(tools.graph, _with_new_items(tools, case, multi, node), multi, tools.now,
                       tools.ids)  # fmt: skip


def _is_alive(case: Case, frame_id: str) -> bool:
    return any(token.frame == frame_id for token in case.tokens) or any(
        frame.parent == frame_id for frame in case.frames
    )


def _first(graph: Graph, sub: str, frame_id: str, now: datetime, ids: IdSource) -> Token:
    starts = graph.starts(sub)
    if not starts:
        raise FlowError(sub, "has no start node inside")
    return Token(ids.new(), starts[0].id, Phase.ENTER, now, sub, frame_id)


def _refuse_too_many(node: Node, count: int) -> None:
    limit = multi_of(node).get("limit", USUAL_ITEMS)
    most = min(int(limit) if isinstance(limit, int) else USUAL_ITEMS, MOST_ITEMS)
    if count > most:
        raise FlowError(node.id, f"{count} items are more than the {most} that it may have")


def _begin_more(graph: Graph, case: Case, multi: Frame, now: datetime, ids: IdSource) -> Case:
    """Begin every item that may run now: all of them, or in sequence the next one."""
    multi = frame_of(case, multi.id) or multi
    node = graph.nodes[multi.node]
    items = multi.data["items"]
    begun = [frame for frame in case.frames if frame.parent == multi.id]
    if multi_of(node).get("mode") == "seq":
        if any(not frame.data.get("done") for frame in begun):
            return case
        items = items[: len(begun) + 1]
    frames: list[Frame] = []
    tokens: list[Token] = []
    name = str(multi_of(node).get("as", "item"))
    for position in range(len(begun), len(items)):
        frame = Frame(ids.new(), node.id, FrameKind.ITEM, multi.id, multi.token, position,
                      names={name: items[position], "index": position + 1})  # fmt: skip
        frames.append(frame)
        if node.kind is NodeKind.SUB:
            tokens.append(_first(graph, node.id, frame.id, now, ids))
        else:
            tokens.append(Token(ids.new(), node.id, Phase.WORK, now, node.id, frame.id))
    return replace(case, frames=(*case.frames, *frames), tokens=(*case.tokens, *tokens))


def _item_done(tools: Tools, case: Case, item: Frame) -> Case:
    node = tools.graph.nodes[item.node]
    result = tools.facts.result(node, case, item) if "collect" in multi_of(node) else None
    case = put_frame(case, replace(item, data={"done": True, "result": result}))
    multi = frame_of(case, item.parent)
    if multi is None:
        raise FlowError(item.node, "an item ended that belongs to no `multi`")
    if "until" in multi_of(node) and tools.facts.is_enough(node, case, multi):
        return _multi_over(case, multi, node)
    if multi_of(node).get("grow") is True:
        case = _with_new_items(tools, case, multi, node)
    case = _begin_more(tools.graph, case, multi, tools.now, tools.ids)
    multi = frame_of(case, multi.id) or multi
    done = sum(1 for f in case.frames if f.parent == multi.id and f.data.get("done"))
    return _multi_over(case, multi, node) if done >= len(multi.data["items"]) else case


def _with_new_items(tools: Tools, case: Case, multi: Frame, node: Node) -> Case:
    known = multi.data["items"]
    found = list(tools.facts.items(node, case, token_of(case, str(multi.token))))
    if len(found) <= len(known):
        return case
    _refuse_too_many(node, len(found))
    return put_frame(case, replace(multi, data={"items": [*known, *found[len(known) :]]}))


def _multi_over(case: Case, multi: Frame, node: Node) -> Case:
    """Cancel the items that are not done, and let the token behind the `multi` go on."""
    rest = [f.id for f in case.frames if f.parent == multi.id and not f.data.get("done")]
    case = dropped(case, rest)
    if "collect" in multi_of(node):
        return with_phase(case, str(multi.token), Phase.COLLECT)
    return with_phase(dropped(case, [multi.id]), str(multi.token), Phase.LEAVE)


def results(case: Case, token: Token) -> list[Any]:
    """Return what the items behind a token had as results, in the order of the items."""
    behind = (f for f in case.frames if f.kind is FrameKind.ITEM and f.token == token.id)
    items = [frame for frame in behind if frame.data.get("done")]
    return [item.data.get("result") for item in sorted(items, key=lambda item: item.position)]


def remembered(graph: Graph, case: Case, token: Token) -> Case:
    """Return the case that remembers a node which was done and can be undone."""
    handler = graph.nodes[token.node].settings.get("undo")
    path: list[str] = []
    frame = frame_of(case, token.frame)
    while frame is not None:
        if frame.kind is FrameKind.UNDO:
            return case
        path.insert(0, frame.id)
        frame = frame_of(case, frame.parent)
    if not isinstance(handler, str):
        return case
    inside = token.frame is not None
    done = Undo(token.node, handler, tuple(path),
                {k: v for k, v in seen_vars(case, token.frame).items() if k not in case.vars
                 or case.vars[k] != v} if inside else {},
                dict(seen_names(case, token.frame)) if inside else {})  # fmt: skip
    return replace(case, undo=(*case.undo, done))


def next_undo(tools: Tools, case: Case, frame: Frame) -> Case:
    """Begin the handler of the last node that is not undone yet, or close the frame."""
    scope, only = frame.data.get("scope"), frame.data.get("only")
    for done in reversed(case.undo):
        if (scope is None or scope in done.frames) and (only is None or only == done.node):
            left = tuple(other for other in case.undo if other is not done)
            case = replace(case, undo=left)
            case = put_frame(case, replace(frame, vars=done.vars, names=done.names))
            token = Token(tools.ids.new(), done.handler, Phase.ENTER, tools.now, frame.node,
                          frame.id)  # fmt: skip
            return added(case, token)
    case = dropped(case, [frame.id])
    if frame.token is not None:
        return with_phase(case, frame.token, Phase.LEAVE)
    return replace(case, state=InstanceState(frame.data["then"]), ended_at=tools.now)
