"""What is laid out: items of a size, links between them, and items inside items."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """A node of the drawing; `host` is the item on whose border it sits.

    `is_apart` stands below everything else: no line leads to it.
    """

    id: str
    kind: str
    label: str = ""
    host: str | None = None
    inner: Graph | None = None
    is_apart: bool = False


@dataclass(frozen=True)
class Link:
    """A line to be drawn between two items of one graph."""

    id: str
    source: str
    target: str
    label: str = ""


@dataclass(frozen=True)
class Graph:
    """Items and links of one level."""

    items: tuple[Item, ...]
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Vertex:
    """An item without its place: `up` and `down` are the space above and below its middle line."""

    id: str
    width: float
    up: float
    down: float


@dataclass(frozen=True)
class Arc:
    """A link between vertices; `port` is how far below the source's middle line it leaves."""

    id: str
    source: str
    target: str
    port: float = 0
    label_width: float = 0
