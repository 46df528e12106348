"""Columns: which vertex stands in which, so that links lead to the right but for loops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trellis.metadata.drawing.graph import Arc


def back_arcs(ids: Sequence[str], arcs: Sequence[Arc]) -> tuple[frozenset[str], list[str]]:
    """Return the arcs that close a circle, and the vertices in the order of a walk from starts."""
    following: dict[str, list[Arc]] = {key: [] for key in ids}
    entered = {arc.target for arc in arcs if arc.source != arc.target}
    for arc in arcs:
        following[arc.source].append(arc)
    backs: set[str] = set()
    seen: dict[str, bool] = {}  # True while on the walk's path
    order: list[str] = []
    for root in [*(key for key in ids if key not in entered), *ids]:
        if root in seen:
            continue
        seen[root] = True
        order.append(root)
        path = [(root, iter(following[root]))]
        while path:
            here, rest = path[-1]
            step = next(rest, None)
            if step is None:
                seen[here] = False
                path.pop()
            elif seen.get(step.target):
                backs.add(step.id)
            elif step.target not in seen:
                seen[step.target] = True
                order.append(step.target)
                path.append((step.target, iter(following[step.target])))
    return frozenset(backs), order


def ranks_of(ids: Sequence[str], arcs: Sequence[Arc], backs: frozenset[str]) -> Mapping[str, int]:
    """Return the column of each vertex: the longest way to it; starts stand before what follows."""
    forward = [arc for arc in arcs if arc.id not in backs]
    following: dict[str, list[str]] = {key: [] for key in ids}
    missing = dict.fromkeys(ids, 0)
    for arc in forward:
        following[arc.source].append(arc.target)
        missing[arc.target] += 1
    entered = {key for key in ids if missing[key]}
    ranks = dict.fromkeys(ids, 0)
    ready = [key for key in ids if not missing[key]]
    for here in ready:
        for target in following[here]:
            ranks[target] = max(ranks[target], ranks[here] + 1)
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    for key in ids:
        if key not in entered and following[key]:
            ranks[key] = min(ranks[target] for target in following[key]) - 1
    return ranks
