"""Middle lines: how far down each entry of a column stands, near what it is linked to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from trellis.metadata.drawing.graph import Vertex
from trellis.metadata.drawing.order import Columns, Entry, Passing

_GAP = 26.0
_LINE_GAP = 9.0
_LOOP_GAP = 14.0
_ROUNDS = 8
_STRAIGHTENINGS = 6
_FAR = 1e9


def middles_of(columns: Columns, vertices: Mapping[str, Vertex]) -> dict[Entry, float]:
    """Return the middle line of each entry; entries of a column do not meet."""
    apart = [[_apart(one, other, vertices) for one, other in pairwise(column)]
             for column in columns.columns]  # fmt: skip
    found: dict[Entry, float] = {}
    for column, gaps in zip(columns.columns, apart, strict=True):
        at = 0.0
        for entry, gap in zip(column, [0.0, *gaps], strict=False):
            at += gap
            found[entry] = at
    count = len(columns.columns)
    for number in range(_ROUNDS):
        rightwards = number % 2 == 0
        for position in range(count) if rightwards else range(count - 1, -1, -1):
            column = columns.columns[position]
            wanted = [_wanted(columns, entry, found, rightwards=rightwards) for entry in column]
            settled = _settled(wanted, apart[position], [_weight(entry) for entry in column])
            found.update(zip(column, settled, strict=True))
    found = _rounded(columns, apart, found)
    for _ in range(_STRAIGHTENINGS):
        for column, gaps in zip(columns.columns, apart, strict=True):
            _straighten(columns, column, gaps, found)
    _place_loops(columns, vertices, found)
    return found


def _heights(columns: Columns, entry: Entry, found: Mapping[Entry, float]) -> list[float]:
    """Return the middle lines on which an entry's lines would run level."""
    ports = columns.ports
    return [found[other] + ports.get((other, entry), 0) for other in columns.left.get(entry, ())
            ] + [found[other] - ports.get((entry, other), 0)
                 for other in columns.right.get(entry, ())]  # fmt: skip


def _straighten(
    columns: Columns, column: Sequence[Entry], gaps: Sequence[float], found: dict[Entry, float]
) -> None:
    """Move entries, where there is room, so that more of their lines run level."""
    for position, entry in enumerate(column):
        heights = _heights(columns, entry, found)
        least = found[column[position - 1]] + gaps[position - 1] if position else -_FAR
        most = found[column[position + 1]] - gaps[position] if position < len(gaps) else _FAR
        fitting = [height for height in heights if least <= height <= most]
        if fitting:
            best = max(
                fitting, key=lambda height: (heights.count(height), -abs(height - found[entry]))
            )
            if heights.count(best) > heights.count(found[entry]):
                found[entry] = best


def _place_loops(
    columns: Columns, vertices: Mapping[str, Vertex], found: dict[Entry, float]
) -> None:
    """Place the lines of loops below everything in their columns, short ones inside long ones."""
    bottoms = [max((found[one] + (_LINE_GAP if isinstance(one, Passing) else vertices[one].down)
                    for one in column), default=0.0) for column in columns.columns]  # fmt: skip
    loops = [chain for arc, chain in columns.chains.items() if arc in columns.backs]
    for chain in sorted(loops, key=len):
        height = max(bottoms[one.rank] for one in chain) + _LOOP_GAP
        for one in chain:
            found[one] = height
            bottoms[one.rank] = height


def _apart(one: Entry, other: Entry, vertices: Mapping[str, Vertex]) -> float:
    down = _LINE_GAP if isinstance(one, Passing) else vertices[one].down
    up = _LINE_GAP if isinstance(other, Passing) else vertices[other].up
    passes = isinstance(one, Passing) or isinstance(other, Passing)
    return down + up + (_LINE_GAP if passes else _GAP)


def _weight(entry: Entry) -> float:
    return 3.0 if isinstance(entry, Passing) else 1.0


def _wanted(
    columns: Columns, entry: Entry, found: Mapping[Entry, float], *, rightwards: bool
) -> float:
    ports = columns.ports
    if rightwards:
        beside = [found[other] + ports.get((other, entry), 0)
                  for other in columns.left.get(entry, ())]  # fmt: skip
    else:
        beside = [found[other] - ports.get((entry, other), 0)
                  for other in columns.right.get(entry, ())]  # fmt: skip
    if not beside:
        return found[entry]
    beside.sort()
    middle = len(beside) // 2
    return beside[middle] if len(beside) % 2 else (beside[middle - 1] + beside[middle]) / 2


def _settled(
    wanted: Sequence[float], apart: Sequence[float], weights: Sequence[float]
) -> list[float]:
    """Return places nearest to the wanted ones that keep order and distance (least squares)."""
    lead = [0.0]
    for gap in apart:
        lead.append(lead[-1] + gap)
    blocks: list[tuple[float, float, int]] = []  # mean, weight, count
    for want, offset, weight in zip(wanted, lead, weights, strict=False):
        mean, total, count = want - offset, weight, 1
        while blocks and blocks[-1][0] > mean:
            above, heavy, many = blocks.pop()
            mean = (above * heavy + mean * total) / (heavy + total)
            total, count = heavy + total, many + count
        blocks.append((mean, total, count))
    means = [mean for mean, _, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, lead, strict=False)]


def _rounded(
    columns: Columns, apart: Sequence[Sequence[float]], found: Mapping[Entry, float]
) -> dict[Entry, float]:
    rounded: dict[Entry, float] = {}
    for column, gaps in zip(columns.columns, apart, strict=True):
        least = float("-inf")
        for entry, gap in zip(column, [*gaps, 0.0], strict=True):
            at = max(float(round(found[entry])), least)
            rounded[entry] = at
            least = at + gap
    return rounded
