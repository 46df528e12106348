"""The automatic layout: columns from left to right, sub-processes around what is in them.

The same graph always gives the same drawing. Lines are level and upright; only where more lines
pass than a drawing can show (`MAX_PASSING`) are the longest drawn straight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from trellis.metadata.drawing.graph import Arc, Graph, Item, Vertex
from trellis.metadata.drawing.model import Box, Drawing, Line, Point, Shape
from trellis.metadata.drawing.order import Entry, columns_of
from trellis.metadata.drawing.places import middles_of
from trellis.metadata.drawing.ranks import back_arcs, ranks_of
from trellis.metadata.drawing.routes import Channel, Piece, channels_of, track_x
from trellis.metadata.drawing.words import LINE, width_of, wrapped

EVENTS = frozenset({"start", "end", "wait", "throw", "boundary"})
GATEWAYS = frozenset({"xor", "or", "and", "event"})
TASK = (100.0, 80.0)
EVENT, GATEWAY = 36.0, 50.0
#: How wide words below a shape, and beside a line, may be.
WORDS, WAY_WORDS = 96.0, 130.0
_PAD, _TITLE, _MARGIN, _STEP = 24.0, 40.0, 20.0, 44.0
#: Rows of what stands apart are about this wide.
_APART_WIDTH = 900.0


def lay_out(graph: Graph) -> Drawing:
    """Return a drawing of a graph."""
    return _shifted(_Level(graph).drawing(), _MARGIN, _MARGIN)


def size_of(kind: str) -> tuple[float, float]:
    """Return width and height of a node without contents."""
    if kind in EVENTS:
        return EVENT, EVENT
    return (GATEWAY, GATEWAY) if kind in GATEWAYS else TASK


def label_lines(label: str) -> tuple[str, ...]:
    """Return the lines of words that stand below a shape."""
    return wrapped(label, WORDS, 3)


@dataclass(frozen=True)
class _Sized:
    """An item with its size, the drawing inside it and the events on its border."""

    item: Item
    width: float
    height: float
    inner: Drawing | None
    events: tuple[Item, ...]

    @property
    def vertex(self) -> Vertex:
        """Return the space that the item needs."""
        words = _below(self.item)
        width = max(self.width, *(ceil(width_of(line)) for line in words)) if words else self.width
        down = self.height / 2 + (4 + LINE * len(words) if words else 0)
        if self.events:
            down = self.height / 2 + EVENT / 2 + TRACK_GAP * (len(self.events) + 1)
        return Vertex(self.item.id, width, self.height / 2, down)

    def port(self, position: int) -> float:
        """Return how far below the middle the line of an event on the border runs."""
        return self.height / 2 + EVENT / 2 + TRACK_GAP * (len(self.events) - position)


TRACK_GAP = 10.0


class _Level:
    """One level of a graph being laid out."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        hosts = {item.id for item in graph.items if item.host is None}
        self._sized = {item.id: _sized(graph, item) for item in graph.items
                       if item.host not in hosts}  # fmt: skip
        self._port = {event.id: (one.item.id, number) for one in self._sized.values()
                      for number, event in enumerate(one.events)}  # fmt: skip
        self._shapes: dict[str, Shape] = {}
        self._inner: list[Drawing] = []
        self._lines: dict[str, Line] = {}

    def drawing(self) -> Drawing:
        """Return the drawing of the level, its upper left corner at zero."""
        apart = [one for one in self._sized.values() if one.item.is_apart]
        placed = [one for one in self._sized.values() if not one.item.is_apart]
        arcs = [self._arc(link.id, link.source, link.target, link.label)
                for link in self._graph.links]  # fmt: skip
        known = {one.item.id for one in placed}
        self._flow(placed, [arc for arc in arcs if {arc.source, arc.target} <= known])
        self._rows(apart)
        for arc in arcs:
            if not {arc.source, arc.target} <= known:
                self._straight(arc)
        for one in placed + apart:
            self._contents(one)
        made = _joined([Drawing(self._shapes, self._lines), *self._inner])
        left, top, _, _ = extent(made)
        return _shifted(made, -left, -top)

    def _arc(self, key: str, source: str, target: str, label: str) -> Arc:
        width = float(ceil(min(width_of(label), WAY_WORDS))) if label else 0.0
        host, number = self._port.get(source, (source, -1))
        port = self._sized[host].port(number) if number >= 0 else 0.0
        return Arc(key, host, self._port.get(target, (target, 0))[0], port, width)

    def _flow(self, placed: Sequence[_Sized], arcs: Sequence[Arc]) -> None:
        ids = [one.item.id for one in placed]
        vertices = {one.item.id: one.vertex for one in placed}
        backs, walk = back_arcs(ids, arcs)
        columns = columns_of(walk, arcs, ranks_of(ids, arcs, backs), backs)
        middles = middles_of(columns, vertices)
        channels, ways = channels_of(columns, arcs, middles)
        lefts: list[float] = []
        at = channels[0].width if channels[0].pieces else 0.0
        for column, channel in zip(columns.columns, channels[1:], strict=True):
            width = max((vertices[one].width for one in column if isinstance(one, str)), default=0)
            for entry in column:
                if isinstance(entry, str):
                    self._place(entry, at + width / 2, middles[entry])
            lefts.append(at + width)
            at += width + channel.width
        edges = [0.0, *lefts]
        for arc in arcs:
            if arc.id in ways:
                self._line(arc, ways[arc.id], channels, edges, middles)
            else:
                self._straight(arc)

    def _place(self, key: str, middle_x: float, middle_y: float) -> None:
        one = self._sized[key]
        x, y = middle_x - one.width / 2, middle_y - one.height / 2
        self._shapes[key] = Shape(one.item.kind, x, y, one.width, one.height,
                                 _label_box(one.item, middle_x, y + one.height))  # fmt: skip

    def _rows(self, apart: Sequence[_Sized]) -> None:
        """Place what stands apart in rows below everything else."""
        left, _, right, bottom = extent(Drawing(self._shapes, self._lines))
        limit = left + max(right - left, _APART_WIDTH)
        x, y, tallest = left, bottom + (2 * _PAD if self._shapes else 0), 0.0
        for one in apart:
            if x > left and x + one.width > limit:
                x, y, tallest = left, y + tallest + 2 * _PAD, 0.0
            self._place(one.item.id, x + one.width / 2, y + one.height / 2)
            x += one.width + 2 * _PAD
            tallest = max(tallest, one.height)

    def _contents(self, one: _Sized) -> None:
        """Place the events on an item's border and what is inside it."""
        shape = self._shapes[one.item.id]
        for number, event in enumerate(one.events):
            x = shape.x + _STEP / 2 + 2 + _STEP * number
            self._shapes[event.id] = Shape(
                "boundary", x - EVENT / 2, shape.y + shape.height - EVENT / 2, EVENT, EVENT
            )
        if one.inner is not None:
            self._inner.append(_shifted(one.inner, shape.x + _PAD, shape.y + _TITLE))

    def _line(
        self, arc: Arc, way: Sequence[tuple[int, Piece]], channels: Sequence[Channel],
        edges: Sequence[float], middles: dict[Entry, float],
    ) -> None:  # fmt: skip
        points = [self._start(arc)]
        if arc.port:
            points.append((points[0][0], middles[arc.source] + arc.port))
        for channel, piece in way:
            if not piece.is_level:
                x = track_x(edges[channel], piece)
                goes_back = channel < way[0][0]
                heights = (*piece.rights, *piece.lefts) if goes_back else (
                    *piece.lefts, *piece.rights)  # fmt: skip
                points += [(x, height) for height in heights]
        target = self._shapes[arc.target]
        points.append((target.x, middles[arc.target]))
        label = None
        if arc.label_width:
            label = _way_label(arc, way[0], channels, edges)
        source = next((link.source for link in self._graph.links if link.id == arc.id), arc.source)
        self._lines[arc.id] = Line(source, arc.target, _turning(points), label)

    def _start(self, arc: Arc) -> Point:
        shape = self._shapes[arc.source]
        if not arc.port:
            return shape.x + shape.width, shape.y + shape.height / 2
        one = self._sized[arc.source]
        number = next(n for n in range(len(one.events)) if one.port(n) == arc.port)
        return (shape.x + _STEP / 2 + 2 + _STEP * number, shape.y + shape.height + EVENT / 2)

    def _straight(self, arc: Arc) -> None:
        target = self._shapes[arc.target]
        end = (target.x, target.y + target.height / 2)
        self._lines[arc.id] = Line(arc.source, arc.target, (self._start(arc), end))


def _sized(graph: Graph, item: Item) -> _Sized:
    events = tuple(one for one in graph.items if one.host == item.id)
    width, height = size_of(item.kind)
    inner = None
    if item.inner is not None and item.inner.items:
        inner = _Level(item.inner).drawing()
        _, _, right, bottom = extent(inner)
        width, height = right + 2 * _PAD, bottom + _TITLE + _PAD
    return _Sized(item, max(width, _STEP * len(events) + 4), height, inner, events)


def _below(item: Item) -> tuple[str, ...]:
    """Return the words that stand below an item and not in it."""
    if not item.label or (item.kind not in EVENTS and item.kind not in GATEWAYS):
        return ()
    return label_lines(item.label)


def _label_box(item: Item, middle: float, bottom: float) -> Box | None:
    lines = _below(item)
    if not lines:
        return None
    width = ceil(max(width_of(line) for line in lines))
    return Box(round(middle - width / 2), bottom + 4, round(width), LINE * len(lines))


def _way_label(
    arc: Arc, first: tuple[int, Piece], channels: Sequence[Channel], edges: Sequence[float]
) -> Box:
    channel, piece = first
    right = edges[channel] + channels[channel].width
    if piece.rights:
        return Box(right - arc.label_width - 10, piece.rights[0] - LINE - 2, arc.label_width, LINE)
    middle = sum(piece.lefts) / 2
    return Box(track_x(edges[channel], piece) + 4, middle - LINE / 2, arc.label_width, LINE)


def _turning(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return the points without those that lie on the way between their neighbours."""
    found: list[Point] = []
    for point in points:
        if found and point == found[-1]:
            continue
        if len(found) > 1 and any(found[-2][axis] == found[-1][axis] == point[axis]
                                  for axis in (0, 1)):  # fmt: skip
            found[-1] = point
        else:
            found.append(point)
    return tuple(found)


def extent(drawing: Drawing) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of everything that is drawn."""
    boxes: list[Shape | Box] = [*drawing.shapes.values()]
    labels = [one.label for one in drawing.shapes.values()]
    labels += [one.label for one in drawing.lines.values()]
    boxes += [label for label in labels if label is not None]
    points = [point for line in drawing.lines.values() for point in line.points]
    points += [(box.x, box.y) for box in boxes]
    points += [(box.x + box.width, box.y + box.height) for box in boxes]
    if not points:
        return 0, 0, 0, 0
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _shifted(drawing: Drawing, x: float, y: float) -> Drawing:
    def box(one: Box | None) -> Box | None:
        return None if one is None else replace(one, x=one.x + x, y=one.y + y)

    shapes = {key: replace(one, x=one.x + x, y=one.y + y, label=box(one.label))
              for key, one in drawing.shapes.items()}  # fmt: skip
    lines = {key: replace(one, points=tuple((a + x, b + y) for a, b in one.points),
                         label=box(one.label)) for key, one in drawing.lines.items()}  # fmt: skip
    return Drawing(shapes, lines)


def _joined(drawings: Sequence[Drawing]) -> Drawing:
    shapes = {key: one for drawing in drawings for key, one in drawing.shapes.items()}
    lines = {key: one for drawing in drawings for key, one in drawing.lines.items()}
    return Drawing(shapes, lines)
