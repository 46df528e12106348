"""The stack of returns of an instance: where a token was sent back to, and how it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from trellis.engine.flows.state import Case


@dataclass(frozen=True)
class ReturnPoint:
    """A return that is not over: from the approval on `node` back to `target`.

    `people` open the target again; `round` is that of the target, so that a later visit is not
    taken for it. `direct` leads from the target straight back; then `resumed` marks the way.
    """

    approval: str
    node: str
    target: str
    token: str
    round: int
    direct: bool
    keep: bool
    watched: str | None
    people: tuple[str, ...] = ()
    resumed: bool = False

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> ReturnPoint:
        """Return the point of its stored form."""
        return cls(**{**row, "people": tuple(row["people"])})

    def stored(self) -> dict[str, Any]:
        """Return what is stored of it."""
        return {**asdict(self), "people": list(self.people)}


def points(case: Case) -> tuple[ReturnPoint, ...]:
    """Return the stack, the newest last."""
    return tuple(ReturnPoint.of(row) for row in case.returns)


def push(case: Case, point: ReturnPoint) -> Case:
    """Return the case with one more return."""
    return replace(case, returns=(*case.returns, point.stored()))


def without(case: Case, *gone: ReturnPoint) -> Case:
    """Return the case with returns taken off the stack."""
    kept = tuple(point.stored() for point in points(case) if point not in gone)
    return replace(case, returns=kept)


def open_at(case: Case, node: str, token_id: str | None = None) -> ReturnPoint | None:
    """Return the newest return that led to this visit of a node, if one did."""
    here = case.rounds.get(node, 0)
    for point in reversed(points(case)):
        fits = point.target == node and point.round == here and not point.resumed
        if fits and token_id in (None, point.token):
            return point
    return None


def resumed_to(case: Case, node: str, token_id: str) -> ReturnPoint | None:
    """Return the return whose direct way back a token has just gone, if it did."""
    for point in reversed(points(case)):
        if point.resumed and point.node == node and point.token == token_id:
            return point
    return None


def renumbered(case: Case, node: str) -> Case:
    """Return the case with the open returns to `node` bound to its newest round."""
    here = case.rounds.get(node, 0)
    changed = (
        replace(point, round=here) if point.target == node and not point.resumed else point
        for point in points(case)
    )
    return replace(case, returns=tuple(point.stored() for point in changed))
