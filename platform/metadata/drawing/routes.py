"""Lines: level and upright pieces from the right of one shape to the left of another.

Upright pieces stand in the channels between columns, each on a track of its own; what leaves one
vertex, or arrives at one, may share its track. Level pieces run where `order` kept a place free.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from trellis.metadata.drawing.graph import Arc
from trellis.metadata.drawing.order import Columns, Entry

TRACK = 10.0
_MARGIN = 16.0
#: Level pieces of different lines are nearer than this only when one ends before the other begins.
_NEAR = 5.0
_Group: TypeAlias = tuple[str, str, float]


@dataclass
class Piece:
    """An upright piece in a channel: the heights at which level pieces join it from each side."""

    arc: str
    lefts: tuple[float, ...]
    rights: tuple[float, ...]
    groups: tuple[_Group, ...] = ()
    track: int = -1

    @property
    def is_level(self) -> bool:
        """Tell whether the line passes without turning."""
        return len(self.lefts) == 1 and self.lefts == self.rights


@dataclass
class Channel:
    """The space right of a column: its pieces, how many tracks they need, room for words."""

    pieces: list[Piece] = field(default_factory=list)
    tracks: int = 0
    words: float = 0

    @property
    def width(self) -> float:
        """Return how wide the channel must be."""
        return 2 * _MARGIN + TRACK * max(self.tracks, 1) + (self.words + 8 if self.words else 0)


@dataclass
class _Net:
    pieces: list[Piece]
    low: float
    high: float
    lefts: set[float]
    rights: set[float]


def channels_of(
    columns: Columns, arcs: Sequence[Arc], middles: Mapping[Entry, float]
) -> tuple[list[Channel], dict[str, list[tuple[int, Piece]]]]:
    """Return the channels (the first stands left of all columns) and each arc's way by them."""
    channels = [Channel() for _ in range(len(columns.columns) + 1)]
    ways: dict[str, list[tuple[int, Piece]]] = {}
    for arc in arcs:
        if arc.id in columns.chains:
            ways[arc.id] = _pieces(columns, arc, middles)
            for position, piece in ways[arc.id]:
                channels[position].pieces.append(piece)
            first = channels[ways[arc.id][0][0]]
            first.words = max(first.words, arc.label_width)
    for channel in channels:
        channel.tracks = _give_tracks(channel.pieces)
    return channels, ways


def _pieces(columns: Columns, arc: Arc, middles: Mapping[Entry, float]) -> list[tuple[int, Piece]]:
    """Return the pieces of a line; channel `n + 1` stands right of column `n`."""
    start = middles[arc.source] + arc.port
    passed = [middles[one] for one in columns.chains[arc.id]]
    end = middles[arc.target]
    first, last = columns.ranks[arc.source], columns.ranks[arc.target]
    leaving, arriving = ("from", arc.source, arc.port), ("to", arc.target, 0.0)
    if arc.id not in columns.backs:
        heights = [start, *passed, end]
        made = [(first + 1 + number, Piece(arc.id, (one,), (other,)))
                for number, (one, other) in enumerate(pairwise(heights))]  # fmt: skip
    else:
        made = [(first + 1, Piece(arc.id, (start, passed[0]), ()))]
        made += [(first - number, Piece(arc.id, (other,), (one,)))
                 for number, (one, other) in enumerate(pairwise(passed))]  # fmt: skip
        made.append((last, Piece(arc.id, (), (passed[-1], end))))
    made[0][1].groups = (leaving,)
    made[-1][1].groups = (*made[-1][1].groups, arriving)
    return made


def _give_tracks(pieces: Sequence[Piece]) -> int:
    """Give every piece that turns a track and return how many there are."""
    nets = _nets([piece for piece in pieces if not piece.is_level])
    after, missing = _orders(nets)
    ready = [number for number in range(len(nets)) if not missing[number]]
    least = [0] * len(nets)
    taken: list[list[tuple[float, float]]] = []
    waiting = set(range(len(nets)))
    while waiting:
        # A circle of wishes has no order: whoever comes first breaks it.
        number = next((one for one in ready if one in waiting), None)
        number = min(waiting) if number is None else number
        waiting.discard(number)
        ready = [one for one in ready if one != number]
        track = _free_track(taken, nets[number], least[number])
        for piece in nets[number].pieces:
            piece.track = track
        for other in after[number]:
            least[other] = max(least[other], track + 1)
            missing[other] -= 1
            if not missing[other]:
                ready.append(other)
    return len(taken)


def _nets(pieces: Sequence[Piece]) -> list[_Net]:
    count: dict[_Group, int] = {}
    for piece in pieces:
        for group in piece.groups:
            count[group] = count.get(group, 0) + 1
    made: dict[object, _Net] = {}
    for piece in pieces:
        shared = next((group for group in piece.groups if count[group] > 1), None)
        heights = (*piece.lefts, *piece.rights)
        net = made.setdefault(
            shared or id(piece), _Net([], min(heights), max(heights), set(), set())
        )
        net.pieces.append(piece)
        net.low, net.high = min(net.low, *heights), max(net.high, *heights)
        net.lefts.update(piece.lefts)
        net.rights.update(piece.rights)
    return sorted(made.values(), key=_nesting)


def _nesting(net: _Net) -> tuple[int, float]:
    """Sort so that lines going down stand left of those above them, and lines going up mirrored."""
    downwards = min(net.lefts, default=net.low) <= min(net.rights, default=net.high)
    return (1, -net.low) if downwards else (0, net.low)


def _orders(nets: Sequence[_Net]) -> tuple[list[list[int]], list[int]]:
    """Return who must stand right of whom, since level pieces of both run at one height."""
    rights = sorted((height, number) for number, net in enumerate(nets) for height in net.rights)
    after: list[list[int]] = [[] for _ in nets]
    missing = [0] * len(nets)
    for number, net in enumerate(nets):
        found: set[int] = set()
        for height in net.lefts:
            at = bisect_left(rights, (height - _NEAR, -1))
            while at < len(rights) and rights[at][0] <= height + _NEAR:
                found.add(rights[at][1])
                at += 1
        for other in sorted(found - {number}):
            after[number].append(other)
            missing[other] += 1
    return after, missing


def _free_track(taken: list[list[tuple[float, float]]], net: _Net, least: int) -> int:
    for track in range(least, len(taken)):
        if all(high < net.low - 1 or net.high + 1 < low for low, high in taken[track]):
            taken[track].append((net.low, net.high))
            return track
    while len(taken) < least:
        taken.append([])
    taken.append([(net.low, net.high)])
    return len(taken) - 1


def track_x(left: float, piece: Piece) -> float:
    """Return where a piece stands in a channel that begins at `left`."""
    return left + _MARGIN + TRACK * piece.track
