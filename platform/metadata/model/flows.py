"""Flows: nodes and the edges between them (flows.md 1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trellis.metadata.model.people import Resolver, SeatPolicy
from trellis.metadata.model.sla import SlaStep
from trellis.metadata.model.texts import EMPTY_LABEL, ExpressionText, Label, ValueOrExpression
from trellis.metadata.source import Place
from trellis.problems import Location


class NodeKind(StrEnum):
    """What a node is; the names are those of the YAML and map to BPMN elements."""

    START = "start"
    END = "end"
    WAIT = "wait"
    THROW = "throw"
    TASK = "task"
    APPROVAL = "approval"
    SERVICE = "service"
    SCRIPT = "script"
    RULE = "rule"
    SEND = "send"
    RECEIVE = "receive"
    CALL = "call"
    SUB = "sub"
    XOR = "xor"
    OR = "or"
    AND = "and"
    EVENT = "event"
    KEPT = "kept"  # an element of a BPMN file that is not executed


@dataclass(frozen=True)
class Branch:
    """A conditional edge."""

    condition: ExpressionText
    to: str
    location: Location
    name: Label = EMPTY_LABEL


@dataclass(frozen=True)
class Catch:
    """A boundary event; `value` is its time, its name or code, or its condition."""

    kind: str  # timer error message signal escalation conditional
    value: ValueOrExpression
    to: str
    location: Location
    keep: bool = False
    match: ExpressionText | None = None  # message: which one is meant


@dataclass(frozen=True)
class Node:
    """One step of a flow; `settings` keeps keys that only one kind knows, checked by shape."""

    id: str
    kind: NodeKind
    location: Location
    trigger: str | None = None  # start/wait/end/throw: form message timer signal …
    label: Label = EMPTY_LABEL
    next: tuple[str, ...] = ()
    branches: tuple[Branch, ...] = ()
    otherwise: str | None = None
    set_state: str | None = None
    who: tuple[Resolver, ...] = ()
    policy: SeatPolicy = field(default_factory=SeatPolicy)
    sla: tuple[SlaStep, ...] = ()
    claim: bool = False
    form: str | None = None
    fields: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    action_labels: Mapping[str, Label] = field(default_factory=dict)
    mode: str | None = None  # approval: any all seq vote
    catches: tuple[Catch, ...] = ()
    action: str | None = None  # service: the built-in action; rule: the decision; call: the flow
    inputs: Mapping[str, ValueOrExpression] = field(default_factory=dict)
    outputs: Mapping[str, ValueOrExpression] = field(default_factory=dict)
    assignments: Mapping[str, ValueOrExpression] = field(default_factory=dict)  # script
    settings: Mapping[str, object] = field(default_factory=dict)
    nodes: Mapping[str, Node] = field(default_factory=dict)  # sub
    place: Place | None = field(default=None, compare=False, repr=False)


def every_node(
    nodes: Mapping[str, Node], around: Node | None = None
) -> Iterator[tuple[Node, Node | None]]:
    """Yield every node, nested ones too, with the `sub` around it."""
    for node in nodes.values():
        yield node, around
        yield from every_node(node.nodes, node)


#: What may happen to a record that a flow starts on.
RECORD_EVENTS = ("create", "update", "transition", "delete", "restore")


@dataclass(frozen=True)
class FlowStart:
    """When a flow starts by itself: a record event with a condition."""

    event: str  # one of RECORD_EVENTS
    location: Location
    transitions: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    condition: ExpressionText | None = None


@dataclass(frozen=True)
class Flow:
    """A flow definition; `starts` are the record events that start it."""

    key: str
    location: Location
    nodes: Mapping[str, Node]
    version: int = 1
    label: Label = EMPTY_LABEL
    object: str | None = None
    state: str | None = None
    business_key: ExpressionText | None = None
    roles: Mapping[str, Resolver] = field(default_factory=dict)
    calendar: str | None = None
    starts: tuple[FlowStart, ...] = ()
    app: str = ""
    place: Place | None = field(default=None, compare=False, repr=False)
