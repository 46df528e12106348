"""The drawing inside a BPMN file → shapes and lines by the ids of the file."""

from __future__ import annotations

from collections.abc import Iterator

from trellis.metadata.bpmn.find import local
from trellis.metadata.bpmn.model import Process, Scope
from trellis.metadata.bpmn.names import DC, DD, DI
from trellis.metadata.bpmn.sketch import drawn_kind
from trellis.metadata.drawing.model import Box, Drawing, Line, Point, Shape
from trellis.xml_source import Element as Xml


def boxes_of(root: Xml) -> dict[str, Shape]:
    """Return the shapes by the id of what they show; the kind is not known here."""
    found: dict[str, Shape] = {}
    for one in _planes(root):
        if one.name != "BPMNShape" or one.namespace != DI:
            continue
        box = _box(one)
        label = next((_box(child) for child in one.children if child.name == "BPMNLabel"), None)
        if box is not None:
            key = local(one.get("bpmnElement") or "")
            found.setdefault(key, Shape("", box.x, box.y, box.width, box.height, label))
    return found


def points_of(root: Xml) -> dict[str, tuple[Point, ...]]:
    """Return the points of lines by the id of what they show."""
    found: dict[str, tuple[Point, ...]] = {}
    for one in _planes(root):
        if one.name != "BPMNEdge" or one.namespace != DI:
            continue
        points = [(_number(child, "x"), _number(child, "y")) for child in one.children
                  if child.name == "waypoint" and child.namespace == DD]  # fmt: skip
        kept = tuple((x, y) for x, y in points if x is not None and y is not None)
        if len(kept) > 1:
            found.setdefault(local(one.get("bpmnElement") or ""), kept)
    return found


def drawing_in(root: Xml, written: Process, read: Process) -> Drawing | None:
    """Return the drawing of `written` (by its ids) as the file draws `read`, the same process.

    None where the file does not draw all of it.
    """
    shapes: dict[str, Shape] = {}
    lines: dict[str, Line] = {}
    boxes, points = boxes_of(root), points_of(root)
    for ours, theirs in _levels(written.scope, read.scope):
        ids = dict(_pairs(ours, theirs))
        for element in ours.elements:
            box = boxes.get(ids.get(element.id, ""))
            if box is None:
                return None
            kind = drawn_kind(element)
            shapes[element.id] = Shape(kind, box.x, box.y, box.width, box.height, box.label)
        for edge, known in _edges(ours, theirs, ids):
            if known not in points:
                return None
            lines[edge] = Line("", "", points[known])
    return Drawing(shapes, lines)


def _planes(root: Xml) -> Iterator[Xml]:
    for diagram in root.children:
        if diagram.name == "BPMNDiagram" and diagram.namespace == DI:
            for plane in diagram.children:
                yield from plane.children


def _box(holder: Xml) -> Box | None:
    for child in holder.children:
        if child.name == "Bounds" and child.namespace == DC:
            numbers = [_number(child, name) for name in ("x", "y", "width", "height")]
            x, y, width, height = numbers
            if x is not None and y is not None and width is not None and height is not None:
                return Box(x, y, width, height)
    return None


def _number(one: Xml, name: str) -> float | None:
    try:
        number = float(one.get(name) or "")
    except ValueError:
        return None
    return number if abs(number) < 1e6 else None


def _levels(ours: Scope, theirs: Scope) -> Iterator[tuple[Scope, Scope]]:
    yield ours, theirs
    inner = {one.key: one.scope for one in theirs.elements if one.scope is not None}
    for one in ours.elements:
        if one.scope is not None and one.key in inner:
            yield from _levels(one.scope, inner[one.key])


def _pairs(ours: Scope, theirs: Scope) -> Iterator[tuple[str, str]]:
    """Yield our ids with theirs: nodes by key, boundary events by their place on the host."""
    by_key = {one.key: one.id for one in theirs.elements if one.host is None}
    for one in ours.elements:
        if one.host is None and not one.implicit and one.key in by_key:
            yield one.id, by_key[one.key]
            yield from _implicit(ours, theirs, one.id, by_key[one.key])
            mine = [event.id for event in ours.elements if event.host == one.id]
            their = [event.id for event in theirs.elements if event.host == by_key[one.key]]
            yield from zip(mine, their, strict=False)


def _implicit(ours: Scope, theirs: Scope, mine: str, their: str) -> Iterator[tuple[str, str]]:
    """Yield the gateway that stands behind a node, when both sides have it."""
    gateways = [
        next((one.id for one in scope.elements if one.implicit
              and any(edge.source == owner and edge.way.target == one.id for edge in scope.edges)),
             None)
        for scope, owner in ((ours, mine), (theirs, their))
    ]  # fmt: skip
    if gateways[0] is not None and gateways[1] is not None:
        yield gateways[0], gateways[1]


def _edges(ours: Scope, theirs: Scope, ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    waiting: dict[tuple[str, str], list[str]] = {}
    for edge in (*theirs.edges, *theirs.undos):
        waiting.setdefault((edge.source, edge.way.target), []).append(edge.id)
    for edge in (*ours.edges, *ours.undos):
        ends = ids.get(edge.source, ""), ids.get(edge.way.target, "")
        known = waiting.get(ends) or [""]
        yield edge.id, known.pop(0) if len(known) > 1 else known[0]
