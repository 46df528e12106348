"""Folding a net: what plainly ends well is one move; what is left over is small."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from trellis.metadata.soundness.net import Move, Net, Place


def reduced(net: Net) -> Net:
    """Return a net that can end whenever `net` can, and has a deadlock whenever `net` has one.

    A node whose places nobody else reads follows at once on whoever fills them: the two become
    one move. Moves that change nothing and moves that are there twice are dropped.
    """
    moves = _distinct(net.moves)
    folding = True
    while folding:
        folding = False
        for group in _followers(moves, set(net.starts)):
            folded = _folded(moves, group)
            if folded is not None:
                moves, folding = _distinct(folded), True
                break
    return Net(net.starts, moves, net.exact, net.joins)


def _distinct(moves: list[Move]) -> list[Move]:
    """Return the moves once each, without those that take a token and put it back."""
    kept: dict[tuple[object, ...], Move] = {}
    for move in moves:
        idle = not move.clears and not move.waits and set(move.gives) == move.takes
        if idle and len(move.gives) == len(move.takes):
            continue
        key = (move.takes, tuple(sorted(move.gives)), move.clears, move.waits)
        kept.setdefault(key, move)
    return list(kept.values())


def _followers(moves: list[Move], starts: set[Place]) -> Iterator[list[Move]]:
    """Yield the moves of each node that alone reads its places and could follow on others."""
    readers: dict[Place, set[frozenset[Place]]] = {}
    for move in moves:
        for place in move.takes:
            readers.setdefault(place, set()).add(move.takes)
    groups: dict[frozenset[Place], list[Move]] = {}
    for move in moves:
        groups.setdefault(move.takes, []).append(move)
    for takes, group in groups.items():
        alone = all(len(readers[place]) == 1 for place in takes)
        special = any(move.waits or move.clears for move in group)
        again = any(set(move.gives) & takes for move in group)
        if alone and not special and not again and not takes & starts:
            yield group


def _folded(moves: list[Move], group: list[Move]) -> list[Move] | None:
    """Return the moves with a group done at once behind whoever fills its places, or None.

    Whoever gives one of the places must give all of them: else somebody has to wait.
    """
    takes = group[0].takes
    writers = [move for move in moves if set(move.gives) & takes]
    if not writers or any(not takes <= set(move.gives) for move in writers):
        return None
    twice = any(move.gives.count(place) > 1 for move in writers for place in takes)
    if twice and (len(group) > 1 or len(takes) > 1):
        return None
    if len(writers) * len(group) > len(writers) + len(group) + 2:
        return None  # folding must not make the net larger
    folded = [move for move in moves if move not in writers and move not in group]
    for writer in writers:
        for follower in group:
            kept = [place for place in writer.gives if place not in takes]
            times = writer.gives.count(next(iter(takes)))
            folded.append(replace(writer, gives=(*kept, *follower.gives * times)))
    return folded
