"""Which work a record overtakes when it reaches a final state by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from trellis.engine.flows.decide import Graph
from trellis.engine.flows.overtaken import overtaken
from trellis.engine.flows.state import Case, InstanceState, Phase, Token
from trellis.metadata.model.flows import Node, NodeKind
from trellis.metadata.model.objects import Lifecycle, Object, State, Transition
from trellis.metadata.model.texts import EMPTY_LABEL
from trellis.problems import Location

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HERE = Location("flows.yaml", 1, 1)


def node(key: str, kind: NodeKind, *ways: str, move: str | None = None) -> Node:
    return Node(key, kind, HERE, next=ways, set_state=move)


def move(key: str, source: str, target: str) -> Transition:
    return Transition(key, (source,), target, EMPTY_LABEL, HERE)


MOVES = (move("start", "new", "busy"), move("stop", "busy", "shut"), move("file", "shut", "filed"))
LIFE = Lifecycle(
    "status",
    {"new": ()},
    {key: State(key, EMPTY_LABEL, HERE, final=key == "shut") for key in ("new", "busy", "shut")},
    {one.key: one for one in MOVES},
    HERE,
)
CHORE = Object("chore", EMPTY_LABEL, HERE, {}, lifecycle=LIFE)
NODES = (
    node("begin", NodeKind.TASK, "go"),
    node("go", NodeKind.XOR, "stop", move="busy"),
    node("stop", NodeKind.TASK, "over"),
    node("over", NodeKind.END, move="shut"),
    node("archive", NodeKind.TASK, "filed"),
    node("filed", NodeKind.END, move="filed"),
    node("survey", NodeKind.TASK, "join"),
    node("join", NodeKind.AND, "end"),
    node("end", NodeKind.END),
)
GRAPH = Graph.of({one.id: one for one in NODES})


def gone(state: str | None, *places: str) -> list[str]:
    tokens = tuple(Token(key, key, Phase.WAIT, NOW) for key in places)
    case = Case("i", "f", 1, "chore", "c", None, InstanceState.RUNNING, tokens)
    return [token.node for token in overtaken(GRAPH, case, CHORE, state)]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("begin", ["begin"]),  # cannot be made any more
        ("stop", ["stop"]),  # was made by hand
        ("archive", []),  # can still be made
        ("survey", []),  # moves nothing
    ],
)
def test_work_goes_when_the_moves_ahead_of_it_are_over(where: str, expected: list[str]) -> None:
    assert gone("shut", where) == expected


def test_what_waits_at_a_join_does_not_wait_for_work_that_is_gone() -> None:
    assert gone("shut", "begin", "join") == ["begin", "join"]
    assert gone("shut", "begin", "survey") == ["begin"]


def test_a_deleted_record_needs_no_work_at_all() -> None:
    assert gone(None, "survey", "archive") == ["survey", "archive"]
