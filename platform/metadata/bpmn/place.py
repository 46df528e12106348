"""Where new nodes and lines are drawn in a document that has a drawing: beside what leads there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.etree import ElementTree

from trellis.metadata.bpmn.find import local
from trellis.metadata.bpmn.identifiers import Identifiers
from trellis.metadata.bpmn.model import Edge, Element
from trellis.metadata.bpmn.names import DC, DI
from trellis.metadata.bpmn.sketch import drawn_kind
from trellis.metadata.bpmn.spans import Span
from trellis.metadata.bpmn.write import drawn
from trellis.metadata.drawing.layout import size_of
from trellis.metadata.drawing.model import Drawing, Line, Point, Shape

_GAP = 60.0
_MOST_TRIES = 200


def place_new(
    root: Span, new: Sequence[tuple[Element, str]], lines: Sequence[Edge], ids: Identifiers,
    gone: set[str],
) -> Iterator[tuple[Span, ElementTree.Element]]:  # fmt: skip
    """Yield the DI elements of new nodes (each with what it stands beside) and lines, by plane.

    A document without a drawing gets none.
    """
    plane, boxes = _drawn(root)
    if plane is None:
        return
    boxes = {key: box for key, box in boxes.items() if key not in gone}
    made: dict[str, Shape] = {}
    for element, beside in new:
        made[element.id] = boxes[element.id] = _place(element, boxes.get(beside), boxes, made)
    led = {
        one.id: Line(one.source, one.way.target, _points(boxes[one.source], boxes[one.way.target]))
        for one in lines
        if one.source in boxes and one.way.target in boxes
    }
    for xml in drawn(Drawing(made, led), ids, made, led):
        yield plane, xml


def _drawn(root: Span) -> tuple[Span | None, dict[str, Shape]]:
    boxes: dict[str, Shape] = {}
    first: Span | None = None
    for one in root.descendants():
        if one.namespace != DI or one.name != "BPMNShape" or one.parent is None:
            continue
        first = first or one.parent
        for child in one.children:
            if child.namespace == DC and child.name == "Bounds" and one.parent is first:
                x, y, width, height = (_number(child.attributes.get(name))
                                       for name in ("x", "y", "width", "height"))  # fmt: skip
                key = local(one.attributes.get("bpmnElement", ""))
                boxes[key] = Shape("", x, y, width, height)
    return first, boxes


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _place(
    element: Element, beside: Shape | None, boxes: dict[str, Shape], made: dict[str, Shape]
) -> Shape:
    kind = drawn_kind(element)
    width, height = size_of(kind)
    if kind == "boundary" and beside is not None:
        count = sum(1 for one in made.values() if one.kind == "boundary" and _touches(one, beside))
        x = beside.x + 8 + 44 * count
        return Shape(kind, x, beside.y + beside.height - height / 2, width, height)
    if beside is None:
        bottom = max((one.y + one.height for one in boxes.values()), default=0.0)
        left = min((one.x for one in boxes.values()), default=0.0)
        return Shape(kind, left, bottom + _GAP, width, height)
    found = Shape(kind, beside.x + beside.width + _GAP,
                  beside.y + beside.height / 2 - height / 2, width, height)  # fmt: skip
    for _ in range(_MOST_TRIES):
        if not any(_overlap(found, one) for one in boxes.values() if not _holds(one, found)):
            break
        found = replace(found, y=found.y + 20)
    return found


def _touches(event: Shape, host: Shape) -> bool:
    return event.y + event.height / 2 == host.y + host.height and event.x < host.x + host.width


def _overlap(one: Shape, other: Shape) -> bool:
    return (one.x < other.x + other.width and other.x < one.x + one.width
            and one.y < other.y + other.height and other.y < one.y + one.height)  # fmt: skip


def _holds(outer: Shape, inner: Shape) -> bool:
    return (
        outer.x <= inner.x
        and inner.x + inner.width <= outer.x + outer.width
        and outer.y <= inner.y
        and inner.y + inner.height <= outer.y + outer.height
    )


def _points(source: Shape, target: Shape) -> tuple[Point, ...]:
    if source.kind == "boundary":
        x, y = source.x + source.width / 2, source.y + source.height
        return ((x, y), (x, target.y + target.height / 2), (target.x, target.y + target.height / 2))
    start = (source.x + source.width, source.y + source.height / 2)
    end = (target.x, target.y + target.height / 2)
    if start[1] == end[1]:
        return (start, end)
    middle = (start[0] + end[0]) / 2
    return (start, (middle, start[1]), (middle, end[1]), end)
