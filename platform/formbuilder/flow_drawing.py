"""A flow as SVG: shapes by kind, words in the reader's language, states by class.

Nothing carries a style of its own: pages give colours by the classes (`flow-drawing.css`), light
and dark. Each node is a group with `data-node` (its id), each way one with `data-way`; `Marks`
adds classes to them and a word at a node's corner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape

from trellis.formbuilder.flow_symbols import (
    GATEWAYS,
    INSIDE,
    LOOPS,
    TASKS,
    TRIGGERS,
    UNDO,
)
from trellis.metadata.bpmn.model import Element, Process, everything, scopes_of
from trellis.metadata.bpmn.sketch import drawn_kind
from trellis.metadata.drawing.layout import WAY_WORDS, extent, label_lines
from trellis.metadata.drawing.model import Box, Drawing, Line, Shape
from trellis.metadata.drawing.words import LINE, wrapped

_MARGIN = 20.0
_EVENTS = ("start", "end", "wait", "throw", "boundary")


@dataclass(frozen=True)
class Marks:
    """What a page adds: classes of nodes and of ways, words at nodes; ids as in the drawing."""

    nodes: Mapping[str, str] = field(default_factory=dict)
    ways: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


NO_MARKS = Marks()


def draw_flow(process: Process, drawing: Drawing, marks: Marks = NO_MARKS, style: str = "") -> str:
    """Return the SVG of a process; `style` is for files that stand alone."""
    left, top, right, bottom = extent(drawing)
    x, y = left - _MARGIN, top - _MARGIN
    width, height = right - left + 2 * _MARGIN, bottom - top + 2 * _MARGIN
    elements = {element.id: element for _, element in everything(process.scope)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow-drawing" role="img" '
        f'aria-label="{escape(process.name)}" width="{_n(width)}" height="{_n(height)}" '
        f'viewBox="{_n(x)} {_n(y)} {_n(width)} {_n(height)}">',
        f"<title>{escape(process.name)}</title>",
        f"<style>{style}</style>" if style else "",
        '<defs><marker id="flow-arrow" class="flow-arrow" viewBox="0 0 10 10" refX="9" refY="5" '
        'markerWidth="9" markerHeight="9" orient="auto-start-reverse">'
        '<path d="M0 1 9 5 0 9Z"/></marker></defs>',
        *(_node(elements[key], shape, marks) for key, shape in drawing.shapes.items()
          if key in elements and shape.kind == "sub"),
        *(part for key, line in drawing.lines.items()
          for part in _way(key, line, _way_words(process, key), elements, marks)),
        *(_node(elements[key], shape, marks) for key, shape in drawing.shapes.items()
          if key in elements and shape.kind != "sub"),
        "</svg>\n",
    ]  # fmt: skip
    return "".join(parts)


def _way_words(process: Process, key: str) -> str:
    edges = (edge for scope in scopes_of(process) for edge in scope.edges)
    return next((edge.way.name for edge in edges if edge.id == key), "")


def _way(
    key: str, line: Line, words: str, elements: Mapping[str, Element], marks: Marks
) -> Iterator[str]:
    target = elements.get(line.target)
    undo = target is not None and target.undoes
    named = f"flow-way {'flow-undo ' if undo else ''}{marks.ways.get(key, '')}".strip()
    path = "M" + " ".join(f"{_n(x)} {_n(y)}" for x, y in line.points)
    yield f'<g class="{escape(named)}" data-way="{escape(key)}"><path d="{path}"/>'
    if line.label is not None and words:
        shown = wrapped(words, WAY_WORDS + 2, 1)
        yield _words(shown, line.label.x, line.label.y + 10, "flow-way-words")
    yield "</g>"


def _node(element: Element, shape: Shape, marks: Marks) -> str:
    kind = drawn_kind(element)
    named = f"flow-node flow-{kind} {marks.nodes.get(element.id, '')}".strip()
    if element.tag == "startEvent" or element.host is not None:
        named += "" if element.interrupts else " flow-keeps"
    body = "".join(_body(kind, element, shape))
    word = marks.words.get(element.id)
    if word:
        body += _badge(shape, word)
    title = f"<title>{escape(element.name)}</title>" if element.name else ""
    return f'<g class="{escape(named)}" data-node="{escape(element.id)}">{title}{body}</g>'


def _body(kind: str, element: Element, shape: Shape) -> Iterator[str]:
    if kind in _EVENTS:
        yield from _event(kind, element, shape)
    elif kind in GATEWAYS:
        yield from _gateway(kind, shape)
    else:
        yield from _activity(kind, element, shape)
        return
    if element.name:
        box = shape.label or Box(shape.x, shape.y + shape.height + 4, shape.width, LINE)
        lines = label_lines(element.name)
        yield _words(lines, box.x + box.width / 2, box.y + 10, "flow-words flow-middle")


def _event(kind: str, element: Element, shape: Shape) -> Iterator[str]:
    x, y, radius = _middle(shape)[0], _middle(shape)[1], shape.width / 2
    yield f'<circle class="flow-shape" cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"/>'
    if kind in ("wait", "throw", "boundary"):
        yield f'<circle class="flow-inner" cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius - 3.5)}"/>'
    sign = element.triggers[0].kind if element.triggers else _own_trigger(element)
    if sign in TRIGGERS:
        thrown = " flow-thrown" if kind in ("end", "throw") else ""
        yield _sign(TRIGGERS[sign], x, y, f"flow-sign{thrown}")


def _own_trigger(element: Element) -> str:
    return str((element.told or {}).get("start", ""))


def _gateway(kind: str, shape: Shape) -> Iterator[str]:
    x, y = _middle(shape)
    half, tall = shape.width / 2, shape.height / 2
    corners = ((x, y - tall), (x + half, y), (x, y + tall), (x - half, y))
    path = "M" + " ".join(f"{_n(a)} {_n(b)}" for a, b in corners) + "Z"
    yield f'<path class="flow-shape" d="{path}"/>'
    yield _sign(GATEWAYS[kind], x, y, "flow-sign flow-strong")


def _activity(kind: str, element: Element, shape: Shape) -> Iterator[str]:
    radius = 10 if kind != "call" else 8
    yield (
        f'<rect class="flow-shape" x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" '
        f'height="{_n(shape.height)}" rx="{radius}"/>'
    )
    if kind in TASKS:
        thrown = " flow-thrown" if kind == "send" else ""
        yield _sign(TASKS[kind], shape.x + 15, shape.y + 15, f"flow-sign{thrown}")
    marks = [LOOPS[element.loop]] if element.loop in LOOPS else []
    marks += [UNDO] if element.undoes else []
    expanded = kind == "sub" and element.scope is not None and bool(element.scope.elements)
    marks += [INSIDE] if kind in ("sub", "call") and not expanded else []
    middle = shape.x + shape.width / 2 - 9 * (len(marks) - 1)
    for number, mark in enumerate(marks):
        yield _sign(mark, middle + 18 * number, shape.y + shape.height - 11, "flow-sign")
    if not element.name:
        return
    if expanded:
        lines = wrapped(element.name, shape.width - 24, 1)
        yield _words(lines, shape.x + 12, shape.y + 20, "flow-words flow-strong-words")
        return
    lines = wrapped(element.name, shape.width - 12, 3 if kind in TASKS or marks else 4)
    top = shape.y + shape.height / 2 - LINE * (len(lines) - 1) / 2 + 4
    yield _words(lines, shape.x + shape.width / 2, top + (5 if kind in TASKS else 0),
                 "flow-words flow-middle")  # fmt: skip


def _badge(shape: Shape, word: str) -> str:
    x, y = shape.x + shape.width, shape.y
    width = max(20.0, 10 + 7.0 * len(word))
    return (f'<g class="flow-badge"><rect x="{_n(x - width + 8)}" y="{_n(y - 10)}" '
            f'width="{_n(width)}" height="20" rx="10"/>'
            f"{_words((word,), x - width / 2 + 8, y + 4, 'flow-middle')}</g>")  # fmt: skip


def _sign(path: str, x: float, y: float, named: str) -> str:
    return f'<path class="{named}" transform="translate({_n(x)} {_n(y)})" d="{path}"/>'


def _words(lines: tuple[str, ...], x: float, y: float, named: str) -> str:
    spans = "".join(f'<tspan x="{_n(x)}" y="{_n(y + LINE * number)}">{escape(line)}</tspan>'
                    for number, line in enumerate(lines))  # fmt: skip
    return f'<text class="{named}">{spans}</text>'


def _middle(shape: Shape) -> tuple[float, float]:
    return shape.x + shape.width / 2, shape.y + shape.height / 2


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
