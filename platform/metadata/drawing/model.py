"""A drawing: boxes and lines, in units that a screen shows as pixels; y grows downwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Shape:
    """A node: its rectangle, where its words stand when not inside; `kind` as in YAML.

    A boundary event has the kind `boundary`.
    """

    kind: str
    x: float
    y: float
    width: float
    height: float
    label: Box | None = None


@dataclass(frozen=True)
class Line:
    """A line through points from the border of one shape to that of another."""

    source: str
    target: str
    points: tuple[Point, ...]
    label: Box | None = None


@dataclass(frozen=True)
class Drawing:
    """Shapes and lines by the ids of what they show; sub-processes before what is inside."""

    shapes: Mapping[str, Shape] = field(default_factory=dict)
    lines: Mapping[str, Line] = field(default_factory=dict)
