"""Every state that a net can be in, up to a bound, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from trellis.metadata.soundness.net import Move, Net, Place

#: States after which the search gives up.
MOST_STATES = 6_000
#: Tokens on one place beyond which they multiply without end.
MOST_TOKENS = 4

State = tuple[tuple[Place, int], ...]


@dataclass
class Found:
    """What a search found: states in which nothing can go on, and moves that were made.

    `crowded` are places with several tokens at once, `endless` those where they multiply,
    `hopeless` the places of a state from which no end can be reached.
    """

    stuck: State | None = None
    done: set[Move] = field(default_factory=set)
    crowded: set[Place] = field(default_factory=set)
    endless: Place | None = None
    hopeless: State | None = None
    complete: bool = True


def explored(net: Net, most: int = MOST_STATES) -> Found:
    """Return what happens in a net from each of its starts, looking at `most` states."""
    found = Found()
    reach = {id(move): _feeding(net, move) for move in net.moves if move.waits}
    readers: dict[Place, list[Move]] = {}
    for move in net.moves:
        for place in move.takes:
            readers.setdefault(place, []).append(move)
    before: dict[State, set[State]] = {}
    todo: list[State] = [((start, 1),) for start in net.starts]
    seen = set(todo)
    while todo:
        state = todo.pop()
        nexts = list(_next_states(readers, state, reach, found))
        if not nexts and state and found.stuck is None:
            found.stuck = state
        for after in nexts:
            before.setdefault(after, set()).add(state)
            crowd = next((place for place, count in after if count > MOST_TOKENS), None)
            if crowd is not None:
                found.endless = crowd
                return found
            found.crowded.update(place for place, count in after if count > 1)
            if after not in seen:
                seen.add(after)
                todo.append(after)
        if len(seen) > most:
            found.complete = False
            return found
    found.hopeless = _hopeless(seen, before)
    return found


def _hopeless(seen: set[State], before: dict[State, set[State]]) -> State | None:
    ending: set[State] = {()}
    todo: list[State] = [()]
    while todo:
        for state in before.get(todo.pop(), ()):
            if state not in ending:
                ending.add(state)
                todo.append(state)
    return next((state for state in sorted(seen) if state not in ending), None)


def _next_states(
    readers: dict[Place, list[Move]], state: State, reach: dict[int, set[Place]], found: Found
) -> Iterator[State]:
    tokens = dict(state)
    near = {id(move): move for place in tokens for move in readers.get(place, ())}
    for move in near.values():
        taken = _taken(move, tokens, reach)
        if taken is None:
            continue
        found.done.add(move)
        if move.clears:
            yield ()
            continue
        after = dict(tokens)
        for place in taken:
            after[place] -= 1
        for place in move.gives:
            after[place] = after.get(place, 0) + 1
        yield tuple(sorted((place, count) for place, count in after.items() if count))


def _taken(
    move: Move, tokens: dict[Place, int], reach: dict[int, set[Place]]
) -> list[Place] | None:
    """Return the places from which a move takes tokens now, None when it cannot be made."""
    filled = [place for place in move.takes if tokens.get(place)]
    if not move.waits:
        return filled if len(filled) == len(move.takes) else None
    coming = any(count and place in reach[id(move)] for place, count in tokens.items())
    return filled if filled and not coming else None


def _feeding(net: Net, join: Move) -> set[Place]:
    """Return the places from which tokens can still come to a join, without passing it."""
    seen: set[Place] = set()
    todo = list(join.takes)
    while todo:
        place = todo.pop()
        for move in net.moves:
            if place in move.gives and move.takes != join.takes:
                fresh = move.takes - seen - join.takes
                seen |= fresh
                todo += fresh
    return seen
