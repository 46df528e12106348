"""Rows: in which order vertices, and lines that pass, stand in their columns; few crossings."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from trellis.metadata.drawing.graph import Arc

#: Places that lines may take up in columns; what is left is drawn straight.
MAX_PASSING = 20_000
_SWEEPS = 6


@dataclass(frozen=True)
class Passing:
    """The place in a column where a line passes."""

    arc: str
    rank: int


Entry = str | Passing


@dataclass
class Columns:
    """The columns from left to right; `chains` are the places where each arc's line passes.

    A loop's line passes its own column first and goes back from there, below everything else; it
    stands in no column.
    """

    columns: list[list[Entry]]
    ranks: Mapping[str, int]
    backs: frozenset[str]
    chains: dict[str, tuple[Passing, ...]] = field(default_factory=dict)
    #: Neighbours of an entry in the column to its left, and to its right.
    left: dict[Entry, list[Entry]] = field(default_factory=dict)
    right: dict[Entry, list[Entry]] = field(default_factory=dict)
    #: How far below the left one's middle line a line to the right one leaves; 0 when not here.
    ports: dict[tuple[Entry, Entry], float] = field(default_factory=dict)


def columns_of(
    walk: Sequence[str], arcs: Sequence[Arc], ranks: Mapping[str, int], backs: frozenset[str]
) -> Columns:
    """Return the columns in a good order; `walk` is the first one tried."""
    made = Columns([[] for _ in range(max(ranks.values(), default=-1) + 1)], ranks, backs)
    for key in walk:
        made.columns[ranks[key]].append(key)
    budget = MAX_PASSING
    for arc in sorted(arcs, key=lambda arc: arc.id in backs):
        chain = _chain(arc, ranks, is_back=arc.id in backs)
        budget -= len(chain)
        if budget < 0:
            continue
        made.chains[arc.id] = chain
        if arc.id not in backs:
            for one in chain:
                made.columns[one.rank].append(one)
            _join(made, arc, chain)
    _sweep(made)
    return made


def _chain(arc: Arc, ranks: Mapping[str, int], *, is_back: bool) -> tuple[Passing, ...]:
    first, last = ranks[arc.source], ranks[arc.target]
    passed = range(first, last - 1, -1) if is_back else range(first + 1, last)
    return tuple(Passing(arc.id, rank) for rank in passed)


def _join(made: Columns, arc: Arc, chain: Sequence[Passing]) -> None:
    """Make what a line leads through each other's neighbours."""
    steps: list[Entry] = [arc.source, *chain, arc.target]
    for one, other in pairwise(steps):
        made.right.setdefault(one, []).append(other)
        made.left.setdefault(other, []).append(one)
    made.ports[arc.source, steps[1]] = arc.port


def _sweep(made: Columns) -> None:
    best, fewest = [list(column) for column in made.columns], _crossings(made)
    for number in range(_SWEEPS):
        if not fewest:
            break
        rightwards = number % 2 == 0
        near = made.left if rightwards else made.right
        count = len(made.columns)
        for position in range(count) if rightwards else range(count - 1, -1, -1):
            beside = position - 1 if rightwards else position + 1
            if 0 <= beside < count:
                _sort(made.columns[position], made.columns[beside], near)
        crossings = _crossings(made)
        if crossings < fewest:
            best, fewest = [list(column) for column in made.columns], crossings
    made.columns[:] = best


def _sort(
    column: list[Entry], beside: Sequence[Entry], near: Mapping[Entry, Iterable[Entry]]
) -> None:
    """Order a column by the middle of each entry's neighbours; who has none stays about there."""
    places = {entry: place for place, entry in enumerate(beside)}
    wanted: dict[Entry, float] = {}
    for place, entry in enumerate(column):
        neighbours = [places[other] for other in near.get(entry, ())]
        wanted[entry] = sum(neighbours) / len(neighbours) if neighbours else float(place)
    column.sort(key=lambda entry: wanted[entry])


def _crossings(made: Columns) -> int:
    total = 0
    for column, beside in pairwise(made.columns):
        places = {entry: place for place, entry in enumerate(beside)}
        seen: list[int] = []
        for entry in column:
            reached = [places[other] for other in made.right.get(entry, ())]
            total += sum(len(seen) - bisect_right(seen, place) for place in reached)
            for place in reached:
                insort(seen, place)
    return total
