"""The automatic layout draws any flow: nothing meets that should not, and always the same."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from trellis.metadata.drawing.graph import Graph, Item, Link
from trellis.metadata.drawing.layout import lay_out
from trellis.metadata.drawing.model import Drawing, Line, Shape
from trellis.metadata.drawing.side_file import read_side_file, write_side_file

KINDS = ("task", "approval", "xor", "and", "wait", "end", "service")


graphs = st.integers(0, 2**40)


def graph_of(seed: int) -> Graph:
    """Return a graph with loops, skips, events on borders, sub-processes, some that stand apart."""
    return _graph(Random(seed), "n", 2)  # noqa: S311


def _graph(chance: Random, lead: str, depth: int) -> Graph:
    count = chance.randint(1, 14)
    items = [Item(f"{lead}_{n}", chance.choice(KINDS), chance.choice(("", "维修审批", "Ask")))
             for n in range(count)]  # fmt: skip
    for number in chance.sample(range(count), min(count, chance.randint(0, 2))):
        inner = _graph(chance, f"{lead}_{number}", depth - 1) if depth else None
        items[number] = Item(f"{lead}_{number}", "sub", "Inside", inner=inner)
    ids = [item.id for item in items]
    events = [Item(f"{lead}_e{n}", "boundary", host=chance.choice(ids))
              for n in range(chance.randint(0, 4))]  # fmt: skip
    apart = [Item(f"{lead}_a{n}", "sub", is_apart=True) for n in range(chance.randint(0, 2))]
    pairs = [(chance.choice(ids), chance.choice(ids)) for _ in range(chance.randint(0, 22))]
    pairs += [(event.id, chance.choice(ids)) for event in events]
    links = [Link(f"{lead}_w{n}", one, other, chance.choice(("", "yes")))
             for n, (one, other) in enumerate(pairs)]  # fmt: skip
    return Graph((*items, *events, *apart), tuple(links))


def _levels(graph: Graph) -> list[Graph]:
    return [graph, *(level for item in graph.items if item.inner for level in _levels(item.inner))]


def _meet(one: Shape, other: Shape) -> bool:
    return (one.x < other.x + other.width and other.x < one.x + one.width
            and one.y < other.y + other.height and other.y < one.y + one.height)  # fmt: skip


def _crosses(line: Line, shape: Shape) -> bool:
    inner = Shape("", shape.x + 1, shape.y + 1, shape.width - 2, shape.height - 2)
    return any(_meet(Shape("", min(a, c), min(b, d), abs(c - a) or 0.1, abs(d - b) or 0.1), inner)
               for (a, b), (c, d) in pairwise(line.points))  # fmt: skip


@given(graphs)
def test_shapes_do_not_meet_and_lines_run_between_them(seed: int) -> None:
    graph = graph_of(seed)

    drawing = lay_out(graph)

    for level in _levels(graph):
        shapes = [drawing.shapes[item.id] for item in level.items if item.host is None]
        assert not [(a, b) for n, a in enumerate(shapes) for b in shapes[:n] if _meet(a, b)]
        lines = [drawing.lines[link.id] for link in level.links]
        assert not [(a, b) for a in lines for b in shapes if _crosses(a, b)]
        assert all(a == c or b == d for line in lines for (a, b), (c, d) in pairwise(line.points))


@given(graphs)
def test_a_line_begins_and_ends_at_the_borders_of_its_shapes(seed: int) -> None:
    graph = graph_of(seed)

    drawing = lay_out(graph)

    for line in drawing.lines.values():
        for key, (x, y) in ((line.source, line.points[0]), (line.target, line.points[-1])):
            shape = drawing.shapes[key]
            assert x in (shape.x, shape.x + shape.width) or y in (shape.y, shape.y + shape.height)


@given(graphs)
def test_sub_processes_hold_what_is_inside_and_events_sit_on_their_host(seed: int) -> None:
    graph = graph_of(seed)

    drawing = lay_out(graph)

    for level in _levels(graph):
        for item in level.items:
            shape = drawing.shapes[item.id]
            inside = item.inner.items if item.inner else ()
            assert all(_holds(shape, drawing.shapes[one.id]) for one in inside)
            if item.host is not None:
                host = drawing.shapes[item.host]
                assert shape.y + shape.height / 2 == host.y + host.height
                assert host.x <= shape.x and shape.x + shape.width <= host.x + host.width


def _holds(outer: Shape, inner: Shape) -> bool:
    return (outer.x < inner.x and inner.x + inner.width < outer.x + outer.width
            and outer.y < inner.y and inner.y + inner.height < outer.y + outer.height)  # fmt: skip


@given(graphs)
def test_the_same_graph_gives_the_same_drawing_and_survives_its_file(seed: int) -> None:
    graph = graph_of(seed)

    drawing = lay_out(graph)

    again = lay_out(graph)
    stored = read_side_file(write_side_file(drawing), again).drawing
    assert again == drawing
    assert {key: _place(one) for key, one in stored.shapes.items()} == {
        key: _place(one) for key, one in drawing.shapes.items()}  # fmt: skip
    assert {key: len(one.points) for key, one in stored.lines.items()} == {
        key: len(one.points) for key, one in drawing.lines.items()}  # fmt: skip


def _place(shape: Shape) -> tuple[float, ...]:
    return tuple(round(one, 2) for one in (shape.x, shape.y, shape.width, shape.height))


def test_a_stored_drawing_that_lacks_a_node_is_laid_out_again() -> None:
    one = lay_out(Graph((Item("a", "task"),)))
    two = lay_out(Graph((Item("a", "task"), Item("b", "task")), (Link("w", "a", "b"),)))

    assert read_side_file(write_side_file(one), two).drawing == two
    assert read_side_file(b"no json", two).drawing == two
    assert read_side_file(b'{"shapes": {"a": [1, 2, true, 4]}, "lines": {}}', one).drawing == one


def test_hundreds_of_nodes_with_far_loops_are_drawn() -> None:
    items = tuple(Item(f"n{n}", "task", f"Step {n}") for n in range(600))
    links = [Link(f"w{n}", f"n{n}", f"n{n + 1}") for n in range(599)]
    links += [Link(f"b{n}", f"n{n}", "n0") for n in range(1, 600)]

    drawing = lay_out(Graph(items, tuple(links)))

    assert len(drawing.shapes) == 600
    assert len(drawing.lines) == 1198


def test_nothing_is_drawn_of_nothing() -> None:
    assert lay_out(Graph(())) == Drawing()
