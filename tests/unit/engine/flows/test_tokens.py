"""Whatever a flow looks like: no token is lost, none appears from nowhere, none is stuck."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from trellis.engine.flows import decide as module
from trellis.engine.flows.decide import Graph, advance, answered, begin, performed, waiting
from trellis.engine.flows.state import Case, Command, InstanceState, Phase, Token
from trellis.ids import CountingIds
from trellis.metadata.model.flows import Branch, Node, NodeKind
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import Location

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HERE = Location("flows.yaml", 1, 1)
WAITS = (Command.TASK, Command.APPROVAL, Command.TIMER)


def node(key: str, kind: NodeKind, *ways: str, **more: object) -> Node:
    return Node(id=key, kind=kind, location=HERE, next=ways, **more)  # type: ignore[arg-type]


class Build:
    """Makes a sound flow: blocks in blocks, each entered and left at one node."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}

    def add(self, kind: NodeKind, *ways: str, **more: object) -> str:
        key = f"n{len(self.nodes)}"
        self.nodes[key] = node(key, kind, *ways, **more)
        return key

    def block(self, shape: object, then: str) -> str:
        """Return the node at which a block begins that goes on to `then`."""
        if isinstance(shape, NodeKind):
            return self.add(shape, then)
        kind, parts = shape  # type: ignore[misc]
        if kind == "seq":
            for part in reversed(parts):
                then = self.block(part, then)
            return then
        if kind == "and":
            # A merge of ways that exclude each other is no join.
            join = self.add(NodeKind.AND, self.add(NodeKind.SCRIPT, then))
            # A branch's last node is one of its own: a join counts where tokens come from.
            starts = [self.block(part, self.add(NodeKind.SCRIPT, join)) for part in parts]
            return self.add(NodeKind.AND, *[self.add(NodeKind.SCRIPT, one) for one in starts])
        then = self.add(NodeKind.XOR, then)
        starts = [self.block(part, then) for part in parts]
        branches = [Branch(ExpressionText(str(i), HERE), s, HERE) for i, s in enumerate(starts)]
        return self.add(NodeKind.XOR, branches=tuple(branches), otherwise=starts[0])


LEAVES = st.sampled_from(
    [NodeKind.TASK, NodeKind.APPROVAL, NodeKind.SERVICE, NodeKind.SCRIPT, NodeKind.WAIT]
)
SHAPES = st.recursive(
    LEAVES,
    lambda parts: st.tuples(
        st.sampled_from(["seq", "and", "xor"]), st.lists(parts, min_size=2, max_size=3)
    ),
    max_leaves=9,
)


class Chosen:
    """Conditions that are true for the branch that was drawn."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def holds(self, node: Node, branch: int, case: Case, token: Token) -> bool:
        return bool(self.data.draw(st.booleans()))


@given(SHAPES, st.data())
def test_every_sound_flow_ends_with_each_node_left_as_often_as_entered(
    shape: object, data: st.DataObject
) -> None:
    build = Build()
    end = build.add(NodeKind.END)
    start = build.add(NodeKind.START, build.block(shape, end))
    graph, ids, facts = Graph.of(build.nodes), CountingIds(), Chosen(data)
    entered: dict[str, int] = {start: 1}
    left: dict[str, int] = {}
    empty = Case("i", "f", 1, None, None, None, InstanceState.RUNNING)
    case = begin(graph, empty, start, NOW, ids)
    for _ in range(500):
        before = dict(case.rounds)
        step = advance(graph, case, facts, NOW, ids)
        case = step.case
        for visit in step.visits:
            left[visit.node] = left.get(visit.node, 0) + 1
        for key, times in case.rounds.items():
            entered[key] = entered.get(key, 0) + times - before.get(key, 0)
        assert len({token.id for token in case.tokens}) == len(case.tokens)
        if step.request is not None:
            command, token = step.request.command, step.request.token
            done = waiting if command in WAITS else None
            case = done(case, token) if done else performed(case, token, command)
        elif case.state is InstanceState.RUNNING:
            answerable = [token for token in case.tokens if token.phase is Phase.WAIT
                          and graph.nodes[token.node].kind is not NodeKind.AND]  # fmt: skip
            assert answerable, "a running instance waits for something that can happen"
            case = answered(case, data.draw(st.sampled_from(answerable)).id, "done")
        else:
            break

    assert case.state is InstanceState.DONE
    assert case.tokens == ()
    for key, times in entered.items():
        joins = graph.nodes[key].kind is NodeKind.AND
        ways_in = max(1, len(set(graph.incoming[key]))) if joins else 1
        assert times == left.get(key, 0) * ways_in, key


def test_deciding_touches_nothing_outside() -> None:
    room = Path(str(module.__file__)).parent
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in room.glob("*.py")]
    imported = {
        name.split(".")[0] + ("." + name.split(".", 2)[1] if "." in name else "")
        for tree in trees for found in ast.walk(tree)
        for name in (
            [one.name for one in found.names] if isinstance(found, ast.Import)
            else [found.module or ""] if isinstance(found, ast.ImportFrom) else []
        )
    }  # fmt: skip

    assert imported <= {"__future__", "collections.abc", "dataclasses", "datetime", "typing",
                        "trellis.engine", "trellis.ids", "trellis.metadata"}  # fmt: skip
    calls = {found.func.attr for tree in trees for found in ast.walk(tree)
             if isinstance(found, ast.Call) and isinstance(found.func, ast.Attribute)}  # fmt: skip
    assert not calls & {"now", "today", "execute", "open", "urandom"}
