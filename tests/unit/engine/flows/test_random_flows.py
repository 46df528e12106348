"""Random sound flows with subs, items and inclusive joins run to their end; nothing is left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from trellis.engine.flows.decide import (
    Graph,
    advance,
    answered,
    begin,
    opened,
    opened_items,
    performed,
    waiting,
)
from trellis.engine.flows.decide.scopes import multi_of
from trellis.engine.flows.state import Case, Command, Frame, InstanceState, Phase, Step, Token
from trellis.ids import CountingIds
from trellis.metadata.model.flows import Branch, Node, NodeKind
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import Location

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HERE = Location("flows.yaml", 1, 1)
WAITS = (Command.TASK, Command.APPROVAL, Command.TIMER)
JOINS = (NodeKind.AND, NodeKind.OR)


class Build:
    """Makes a flow of blocks in blocks; ids are unique in the whole flow."""

    def __init__(self) -> None:
        self.made = 0
        self.level: dict[str, Node] = {}

    def add(self, kind: NodeKind, *ways: str, **more: Any) -> str:
        key = f"n{self.made}"
        self.made += 1
        self.level[key] = Node(key, kind, HERE, next=ways, **more)
        return key

    def block(self, shape: Any, then: str) -> str:
        if isinstance(shape, NodeKind):
            return self.add(shape, then)
        kind, parts = shape
        if kind == "seq":
            for part in reversed(parts):
                then = self.block(part, then)
            return then
        if kind in ("sub", "each", "in order"):
            return self.nested(kind, ("seq", parts), then)
        join = self.add(NodeKind(kind), then)
        starts = [self.block(part, self.add(NodeKind.SCRIPT, join)) for part in parts]
        if kind == "and":
            return self.add(NodeKind.AND, *starts)
        branches = tuple(Branch(ExpressionText("?", HERE), start, HERE) for start in starts)
        return self.add(NodeKind(kind), branches=branches, otherwise=starts[0])

    def nested(self, kind: str, shape: Any, then: str) -> str:
        outer, self.level = self.level, {}
        end = self.add(NodeKind.END)
        self.add(NodeKind.START, self.block(shape, end))
        inside, self.level = self.level, outer
        settings = {} if kind == "sub" else {
            "multi": {"over": 2, "mode": "parallel" if kind == "each" else "seq"}}  # fmt: skip
        return self.add(NodeKind.SUB, then, nodes=inside, settings=settings)


LEAVES = st.sampled_from([NodeKind.TASK, NodeKind.SERVICE, NodeKind.SCRIPT, NodeKind.WAIT])
KINDS = ["seq", "and", "xor", "or", "sub", "each", "in order"]
SHAPES = st.recursive(
    LEAVES,
    lambda parts: st.tuples(st.sampled_from(KINDS), st.lists(parts, min_size=2, max_size=3)),
    max_leaves=8,
)


class Drawn:
    """Conditions as they are drawn, and two items everywhere."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def holds(self, node: Node, branch: int, case: Case, token: Token) -> bool:
        return bool(self.data.draw(st.booleans()))

    def items(self, node: Node, case: Case, token: Token) -> Sequence[Any]:
        return ["a", "b"]

    def result(self, node: Node, case: Case, item: Frame) -> Any:
        return None

    def is_enough(self, node: Node, case: Case, multi: Frame) -> bool:
        return False


def performed_step(graph: Graph, step: Step, ids: CountingIds) -> Case:
    request, case = step.request, step.case
    assert request is not None
    node = graph.nodes[request.token.node]
    if request.command is Command.OPEN:
        if multi_of(node):
            return opened_items(graph, case, request.token, ["a", "b"], NOW, ids)
        return opened(graph, case, request.token, NOW, ids)
    if request.command in WAITS or node.kind is NodeKind.WAIT:
        return waiting(case, request.token)
    return performed(case, request.token, request.command)


@given(SHAPES, st.data())
def test_every_sound_flow_runs_to_its_end(shape: Any, data: st.DataObject) -> None:
    build, ids = Build(), CountingIds()
    end = build.add(NodeKind.END)
    start = build.add(NodeKind.START, build.block(shape, end))
    graph = Graph.of(build.level)
    case = begin(graph, Case("i", "f", 1, None, None, None, InstanceState.RUNNING), start, NOW, ids)
    for _ in range(2_000):
        step = advance(graph, case, Drawn(data), NOW, ids)
        case = step.case
        if step.request is not None:
            case = performed_step(graph, step, ids)
            continue
        if case.state is not InstanceState.RUNNING:
            break
        open_frames = {frame.token for frame in case.frames}
        answerable = [token for token in case.tokens if token.phase is Phase.WAIT
                      and token.id not in open_frames
                      and graph.nodes[token.node].kind not in JOINS]  # fmt: skip
        assert answerable, "a running flow waits for something that can happen"
        case = answered(case, data.draw(st.sampled_from(answerable)).id, "done")

    assert case.state is InstanceState.DONE
    assert (case.tokens, case.frames) == ((), ())
