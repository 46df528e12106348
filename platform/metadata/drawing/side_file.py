"""`flows/<id>.layout.json`: where nodes and lines of a flow are drawn, as an author left them.

`{"shapes": {id: [x, y, width, height]}, "lines": {id: [[x, y], …]}, "document": …}`; ids are
those of the BPMN file. `document` names the kept BPMN file and the process of it that the flow
came from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trellis.metadata.drawing.model import Box, Drawing, Line, Shape

MAX_BYTES = 4 * 1024 * 1024
_FAR = 1_000_000


@dataclass(frozen=True)
class SideFile:
    """What the file says; `document` is a file's name and the id of a process in it."""

    drawing: Drawing
    document: tuple[str, str] | None = None


def write_side_file(drawing: Drawing, document: tuple[str, str] | None = None) -> bytes:
    """Return the file of a drawing."""
    head = {} if document is None else {"document": {"file": document[0], "process": document[1]}}
    shapes = {key: [*_short(one.x, one.y, one.width, one.height),
                   *([_short(one.label.x, one.label.y, one.label.width, one.label.height)]
                     if one.label else [])] for key, one in drawing.shapes.items()}  # fmt: skip
    lines = {key: [_short(*point) for point in one.points] for key, one in drawing.lines.items()}
    rows = [f"  {json.dumps(name)}: " + json.dumps(value, ensure_ascii=False)
            for name, value in head.items()]  # fmt: skip
    for name, found in (("shapes", shapes), ("lines", lines)):
        inside = ",\n".join(f"    {json.dumps(key, ensure_ascii=False)}: {json.dumps(value)}"
                            for key, value in found.items())  # fmt: skip
        rows.append(f"  {json.dumps(name)}: {{\n{inside}\n  }}" if inside else f'  "{name}": {{}}')
    return ("{\n" + ",\n".join(rows) + "\n}\n").encode()


def read_side_file(content: bytes, automatic: Drawing) -> SideFile:
    """Return what a file says, given the automatic drawing of the same flow.

    Where the file lacks a shape or line, or is none, the whole drawing is the automatic one.
    """
    data = _data(content)
    document = data.get("document")
    origin = None
    if isinstance(document, Mapping):
        origin = (str(document.get("file")), str(document.get("process")))
    shapes, lines = data.get("shapes"), data.get("lines")
    if not isinstance(shapes, Mapping) or not isinstance(lines, Mapping):
        return SideFile(automatic, origin)
    placed = {key: _shape(one, shapes.get(key)) for key, one in automatic.shapes.items()}
    led = {key: _line(one, lines.get(key)) for key, one in automatic.lines.items()}
    if None in placed.values() or None in led.values():
        return SideFile(automatic, origin)
    drawing = Drawing({key: one for key, one in placed.items() if one},
                      {key: one for key, one in led.items() if one})  # fmt: skip
    return SideFile(drawing, origin)


def _data(content: bytes) -> Mapping[str, Any]:
    if len(content) > MAX_BYTES:
        return {}
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, Mapping) else {}


def _shape(one: Shape, value: object) -> Shape | None:
    if not isinstance(value, list) or not _numbers(value[:4], 4) or len(value) > 5:
        return None
    x, y, width, height = value[:4]
    label = None
    if len(value) == 5 and isinstance(value[4], list) and _numbers(value[4], 4):
        label = Box(*value[4])
    elif one.label is not None:
        middle = x + width / 2
        label = replace(one.label, x=middle - one.label.width / 2, y=y + height + 4)
    return replace(one, x=x, y=y, width=width, height=height, label=label)


def _line(one: Line, value: object) -> Line | None:
    if not isinstance(value, list) or len(value) < 2:
        return None
    if not all(isinstance(point, list) and _numbers(point, 2) for point in value):
        return None
    points = tuple((point[0], point[1]) for point in value)
    label = one.label
    if label is not None:
        (x, y), (other, _) = points[-2], points[-1]
        label = replace(label, x=min(x, other) + 4, y=y - label.height - 2)
    return replace(one, points=points, label=label)


def _numbers(value: list[Any], count: int) -> bool:
    return len(value) == count and all(
        isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < _FAR
        for one in value
    )


def _short(*numbers: float) -> list[float]:
    return [int(one) if one == int(one) else round(one, 2) for one in numbers]
