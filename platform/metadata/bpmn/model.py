"""What BPMN says about a process, whoever wrote the file: elements, the edges between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: A node or a flow as its YAML has it.
Mapped = Mapping[str, Any]


@dataclass(frozen=True)
class Trigger:
    """The definition of an event: its kind, and a name, condition or time; "" where none is said.

    A time has a form: duration, date or cycle.
    """

    kind: str
    text: str = ""
    form: str = ""


@dataclass(frozen=True)
class Way:
    """One way out of an element, by the id of where it leads."""

    target: str
    condition: str | None = None
    name: str = ""
    is_default: bool = False


@dataclass(frozen=True)
class Edge:
    """A sequence flow."""

    id: str
    source: str
    way: Way


@dataclass(frozen=True)
class Element:
    """An activity, event or gateway; `id` is unique in the file, `key` in the flow's scope.

    `told` is what we wrote beside BPMN, None in files of others, and `is_loose` that it led to
    nodes that there were not; `hints` is what other engines wrote, by names of ours; `kept` names
    what is said of it and has no meaning in flows.
    """

    id: str
    tag: str
    key: str
    name: str = ""
    help: str = ""
    triggers: tuple[Trigger, ...] = ()
    host: str | None = None
    interrupts: bool = True
    loop: str = ""  # parallel or seq
    until: str = ""
    by_event: bool = False
    undoes: bool = False
    called: str = ""
    message: str = ""
    scope: Scope | None = None
    implicit: bool = False
    is_loose: bool = False
    told: Mapped | None = None
    hints: Mapping[str, Any] = field(default_factory=dict)
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scope:
    """The inside of a process or sub-process; `undos` lead from boundary events to handlers."""

    elements: tuple[Element, ...] = ()
    edges: tuple[Edge, ...] = ()
    undos: tuple[Edge, ...] = ()

    def ways(self, source: str) -> tuple[Way, ...]:
        """Return the ways out of an element, in the order of the file."""
        return tuple(edge.way for edge in self.edges if edge.source == source)


@dataclass(frozen=True)
class Process:
    """A process: what becomes a flow."""

    id: str
    key: str
    name: str
    scope: Scope
    locale: str = "en"
    help: str = ""
    told: Mapped | None = None
    kept: tuple[str, ...] = ()
    #: The name of the lane that a node is drawn in, by its id.
    lanes: Mapping[str, str] = field(default_factory=dict)


def everything(scope: Scope) -> Iterator[tuple[Scope, Element]]:
    """Yield each element with the scope that it stands in, outer ones first."""
    for element in scope.elements:
        yield scope, element
        if element.scope is not None:
            yield from everything(element.scope)


def scopes_of(process: Process) -> tuple[Scope, ...]:
    """Return the inside of a process and those of its sub-processes."""
    inner = (element.scope for _, element in everything(process.scope))
    return (process.scope, *(scope for scope in inner if scope is not None))
