"""A flow compiled: its graph, and every expression ready to be evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from trellis.engine.flows.decide import Graph
from trellis.engine.flows.matching import Match, match_of
from trellis.engine.flows.state import FlowError
from trellis.metadata.model.flows import Flow, Node, NodeKind
from trellis.metadata.model.texts import ExpressionText, ValueOrExpression


class Compiled(Protocol):
    """A compiled expression."""

    def __call__(self, context: Mapping[str, Any]) -> Any:
        """Return its value for the names in `context`."""
        ...


Compile = Callable[[ExpressionText], Compiled]


@dataclass(frozen=True)
class FlowPlan:
    """One published flow; `version` is that of the catalog that published it."""

    flow: Flow
    version: int
    graph: Graph
    compiled: Mapping[ExpressionText, Compiled]
    matches: Mapping[ExpressionText, Match]

    @classmethod
    def of(cls, flow: Flow, version: int, compile_text: Compile) -> FlowPlan:
        """Compile every expression of `flow` once."""
        graph = Graph.of(flow.nodes)
        compiled = {text: compile_text(text) for text in _expressions(flow, graph)}
        matches: dict[ExpressionText, Match] = {}
        for text in _match_texts(graph):
            matches[text] = match_of(text, compile_text)
        return cls(flow, version, graph, compiled, matches)

    def start_node(self) -> Node:
        """Return the node where instances begin when nothing else is said."""
        starts = [node for node in self.flow.nodes.values() if node.kind is NodeKind.START]
        by_hand = [node for node in starts if node.trigger in (None, "form")]
        for node in (*by_hand, *starts):
            return node
        raise FlowError("start", f"flow `{self.flow.key}` has no start node")

    def value(self, value: object, context: Mapping[str, Any]) -> Any:
        """Return a literal as it is and an expression evaluated, inside maps and lists too."""
        if isinstance(value, ExpressionText):
            return self.compiled[value](context)
        if isinstance(value, Mapping):
            return {key: self.value(item, context) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, context) for item in value]
        return value

    def values(
        self, values: Mapping[str, ValueOrExpression], context: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return every value of a mapping."""
        return {key: self.value(value, context) for key, value in values.items()}


def _match_texts(graph: Graph) -> Iterator[ExpressionText]:
    for node in graph.nodes.values():
        written = [node.settings.get("match"), *(catch.match for catch in node.catches)]
        yield from (text for text in written if isinstance(text, ExpressionText))


def _expressions(flow: Flow, graph: Graph) -> Iterator[ExpressionText]:
    for resolver in flow.roles.values():
        yield from _in_value(resolver)
    for start in flow.starts:
        yield from _in_value(start.condition)
    for node in graph.nodes.values():
        yield from _node_expressions(node)


def _node_expressions(node: Node) -> Iterator[ExpressionText]:
    for branch in node.branches:
        yield branch.condition
    late = (who for step in node.sla for who in step.who)
    for resolver in (*node.who, *node.policy.resolvers(), *late):
        yield from _in_value(resolver)
    for catch in node.catches:
        yield from _in_value((catch.value, catch.match))
    for part in (node.inputs, node.outputs, node.assignments, node.settings):
        yield from _in_value(part)


def _in_value(value: object) -> Iterator[ExpressionText]:
    """Yield the expressions anywhere inside a value of the model."""
    if isinstance(value, ExpressionText):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _in_value(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _in_value(item)
    elif hasattr(value, "kind") and hasattr(value, "arguments"):
        yield from _in_value(value.value if hasattr(value, "value") else None)
        yield from _in_value(value.arguments)
        yield from _in_value(getattr(value, "people", ()))
