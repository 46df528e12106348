"""Flows that are sound by their making are found sound; large ones in few states."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from trellis.metadata.model.flows import Branch, Node, NodeKind
from trellis.metadata.model.texts import ExpressionText
from trellis.metadata.soundness.explore import explored
from trellis.metadata.soundness.net import net_of
from trellis.metadata.soundness.reduce import reduced
from trellis.metadata.soundness.verdict import level_problems
from trellis.problems import Location

HERE = Location("flows.yaml", 1, 1)
TRUE = ExpressionText("true", HERE)


class Build:
    """Makes a level of a flow out of blocks in blocks, each entered and left at one node."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}

    def add(self, kind: NodeKind, *ways: str, **more: object) -> str:
        key = f"n{len(self.nodes)}"
        self.nodes[key] = Node(key, kind, HERE, next=ways, **more)  # type: ignore[arg-type]
        return key

    def block(self, shape: object, then: str) -> str:
        if shape is None:
            return self.add(NodeKind.TASK, then)
        kind, parts = shape  # type: ignore[misc]
        if kind == "seq":
            for part in reversed(parts):
                then = self.block(part, then)
            return then
        join = self.add(NodeKind(kind), then)
        starts = [self.block(part, self.add(NodeKind.SCRIPT, join)) for part in parts]
        if kind == "and":
            return self.add(NodeKind.AND, *starts)
        branches = tuple(Branch(TRUE, start, HERE) for start in starts)
        return self.add(NodeKind(kind), branches=branches, otherwise=starts[0])


SHAPES = st.recursive(
    st.none(),
    lambda parts: st.tuples(
        st.sampled_from(["seq", "and", "xor", "or"]), st.lists(parts, min_size=2, max_size=3)
    ),
    max_leaves=12,
)


def built(shape: object) -> dict[str, Node]:
    build = Build()
    end = build.add(NodeKind.END)
    build.add(NodeKind.START, build.block(shape, end))
    return build.nodes


@given(SHAPES)
def test_blocks_in_blocks_are_sound(shape: object) -> None:
    assert [str(found) for found in level_problems(built(shape))] == []


@given(SHAPES)
def test_a_choice_that_is_joined_as_if_parallel_is_told(shape: object) -> None:
    nodes = built(("seq", [shape, ("xor", [None, None])]))
    joins = [key for key, node in nodes.items() if node.kind is NodeKind.XOR and node.next]
    last = nodes[joins[0]]
    nodes[last.id] = Node(last.id, NodeKind.AND, HERE, next=last.next)

    assert "META213" in {found.code for found in level_problems(nodes)}


def test_two_hundred_nodes_fold_into_few_states() -> None:
    wide = ("and", [("seq", [None] * 9)] * 20)
    nodes = built(("seq", [wide, ("xor", [None, ("and", [None] * 3)])]))

    found = explored(reduced(net_of(nodes)))

    assert len(nodes) > 200
    assert found.complete
    assert list(level_problems(nodes)) == []
