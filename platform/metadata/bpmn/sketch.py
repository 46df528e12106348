"""A process → what the automatic layout draws, by the ids of the file."""

from __future__ import annotations

from trellis.metadata.bpmn.model import Element, Process, Scope
from trellis.metadata.bpmn.names import GATEWAYS, KINDS, SUBS
from trellis.metadata.drawing.graph import Graph, Item, Link
from trellis.metadata.drawing.layout import lay_out
from trellis.metadata.drawing.model import Drawing


def graph_of(scope: Scope) -> Graph:
    """Return the graph of a scope."""
    items = tuple(_item(scope, element) for element in scope.elements)
    links = [Link(edge.id, edge.source, edge.way.target, edge.way.name) for edge in scope.edges]
    links += [Link(edge.id, edge.source, edge.way.target) for edge in scope.undos]
    return Graph(items, tuple(links))


def drawing_of(process: Process) -> Drawing:
    """Return a process laid out automatically."""
    return lay_out(graph_of(process.scope))


def drawn_kind(element: Element) -> str:
    """Return what a drawing calls an element: its kind in YAML, `boundary`, else a task."""
    if element.host is not None:
        return "boundary"
    if element.tag in SUBS:
        return "sub"
    if element.tag in GATEWAYS:
        return KINDS.get(element.tag, "or")
    told = next(iter(element.told or {}), "")
    return "approval" if told == "approval" else KINDS.get(element.tag, "task")


def _item(scope: Scope, element: Element) -> Item:
    touched = any(element.id in (edge.source, edge.way.target) for edge in scope.edges)
    return Item(
        element.id,
        drawn_kind(element),
        element.name,
        element.host,
        graph_of(element.scope) if element.scope is not None else None,
        is_apart=element.by_event and not touched,
    )
