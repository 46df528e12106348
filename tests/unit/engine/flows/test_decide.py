"""Where tokens go, without a database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from trellis.engine.flows.decide import (
    Graph,
    advance,
    answered,
    begin,
    finished,
    performed,
    waiting,
)
from trellis.engine.flows.state import Case, Command, FlowError, InstanceState, Phase, Step, Token
from trellis.ids import CountingIds
from trellis.metadata.model.flows import Branch, Node, NodeKind
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import Location

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HERE = Location("flows.yaml", 1, 1)


def node(key: str, kind: NodeKind, *next_nodes: str, **others: object) -> Node:
    return Node(id=key, kind=kind, location=HERE, next=next_nodes, **others)  # type: ignore[arg-type]


def branch(condition: str, to: str) -> Branch:
    return Branch(ExpressionText(condition, HERE), to, HERE)


class OutcomeFacts:
    """Conditions that are the name of an outcome."""

    def holds(self, node: Node, branch: int, case: Case, token: Token) -> bool:
        return node.branches[branch].condition.text == case.outcomes.get(node.id)


class Play:
    """Runs a flow, performing every request at once."""

    def __init__(self, *nodes: Node) -> None:
        self.graph = Graph.of({n.id: n for n in nodes})
        self.ids = CountingIds()
        self.log: list[str] = []
        empty = Case("i", "f", 1, None, None, None, InstanceState.RUNNING)
        self.case = begin(self.graph, empty, nodes[0].id, NOW, self.ids)
        self.run()

    def run(self) -> Step:
        while True:
            step = advance(self.graph, self.case, OutcomeFacts(), NOW, self.ids)
            self.case = step.case
            self.log += [visit.node for visit in step.visits]
            if step.request is None:
                return step
            self._perform(step)

    def _perform(self, step: Step) -> None:
        request = step.request
        if request is None:
            return
        if request.command in (Command.TASK, Command.APPROVAL, Command.TIMER):
            self.case = waiting(self.case, request.token)
        else:
            self.log.append(f"{request.command}:{request.token.node}")
            self.case = performed(self.case, request.token, request.command)

    def answer(self, where: str, outcome: str = "done") -> Step:
        token = next(t for t in self.case.tokens if t.node == where)
        self.case = answered(self.case, token.id, outcome)
        return self.run()

    @property
    def at(self) -> list[str]:
        return sorted(t.node for t in self.case.tokens if t.phase is Phase.WAIT)


def test_a_task_waits_and_the_end_finishes_the_instance() -> None:
    play = Play(
        node("s", NodeKind.START, "t"), node("t", NodeKind.TASK, "e"), node("e", NodeKind.END)
    )
    assert play.at == ["t"]

    play.answer("t")

    assert play.case.state is InstanceState.DONE
    assert play.log == ["s", "t", "e"]


def test_a_state_is_set_before_the_work_of_its_node() -> None:
    play = Play(
        node("s", NodeKind.START, "a"),
        node("a", NodeKind.SERVICE, "e", set_state="open"),
        node("e", NodeKind.END, set_state="closed"),
    )

    assert play.log == ["s", "transition:a", "action:a", "a", "transition:e", "e"]


def test_the_outcome_of_a_task_chooses_the_branch() -> None:
    play = Play(
        node("s", NodeKind.START, "t"),
        node("t", NodeKind.TASK, branches=(branch("again", "t"),), otherwise="e"),
        node("e", NodeKind.END),
    )

    play.answer("t", "again")
    assert play.at == ["t"]
    assert play.case.rounds["t"] == 2
    play.answer("t", "fine")

    assert play.case.state is InstanceState.DONE


def split_and_join(*tail: Node) -> Play:
    return Play(
        node("s", NodeKind.START, "split"),
        node("split", NodeKind.AND, "a", "b"),
        node("a", NodeKind.TASK, "join"),
        node("b", NodeKind.TASK, "join"),
        node("join", NodeKind.AND, "e"),
        *(tail or (node("e", NodeKind.END),)),
    )


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_join_waits_for_every_branch_and_fires_once(order: tuple[str, str]) -> None:
    play = split_and_join()
    assert play.at == ["a", "b"]

    play.answer(order[0])
    assert play.at == sorted([order[1], "join"])
    play.answer(order[1])

    assert play.case.state is InstanceState.DONE
    assert play.log.count("join") == 1


def test_a_join_that_nothing_can_reach_is_told() -> None:
    play = Play(
        node("s", NodeKind.START, "split"),
        node("split", NodeKind.AND, "a", "b"),
        node("a", NodeKind.TASK, "join"),
        node("b", NodeKind.TASK, branches=(branch("skip", "out"),), otherwise="join"),
        node("join", NodeKind.AND, "e"),
        node("out", NodeKind.END),
        node("e", NodeKind.END),
    )
    play.answer("b", "skip")

    with pytest.raises(FlowError, match="node `join`: waits for branches that nothing can reach"):
        play.answer("a")


def test_a_terminating_end_withdraws_what_still_waits() -> None:
    play = Play(
        node("s", NodeKind.START, "split"),
        node("split", NodeKind.AND, "a", "b"),
        node("a", NodeKind.TASK, "stop"),
        node("b", NodeKind.TASK, "e"),
        node("stop", NodeKind.END, trigger="terminate"),
        node("e", NodeKind.END),
    )

    step = play.answer("a")

    assert [token.node for token in step.cancelled] == ["b"]
    assert play.case.state is InstanceState.DONE


def test_no_true_condition_and_no_else_names_the_node() -> None:
    with pytest.raises(FlowError, match="node `x`: no condition is true"):
        Play(
            node("s", NodeKind.START, "x"),
            node("x", NodeKind.XOR, branches=(branch("never", "e"),)),
            node("e", NodeKind.END),
        )


def test_a_circle_without_a_wait_is_stopped() -> None:
    with pytest.raises(FlowError, match="1000 nodes without a wait"):
        Play(
            node("s", NodeKind.START, "x"),
            node("x", NodeKind.XOR, "y"),
            node("y", NodeKind.XOR, "x"),
        )


def test_finishing_withdraws_every_token() -> None:
    play = split_and_join()

    step = finished(play.case, InstanceState.CANCELLED, NOW)

    assert [token.node for token in step.cancelled] == ["a", "b"]
    assert step.case.tokens == ()
    assert step.case.ended_at == NOW
