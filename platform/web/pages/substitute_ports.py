"""What the pages of substitutes ask of the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Colleague:
    """Somebody who may act for others."""

    login: str
    name: str


@dataclass(frozen=True)
class Led:
    """Somebody whom the person leads."""

    id: str
    name: str


@dataclass(frozen=True)
class Standing:
    """A delegation as its people see it; `state` is planned, running or ended."""

    id: str
    giver: str
    taker: str
    mine: bool  # given by the person whose page it is
    start: datetime
    end: datetime | None
    mode: str
    scope: str
    reason: str
    absence: bool
    state: str


@dataclass(frozen=True)
class StandingWish:
    """What the form of a delegation says; moments as typed, in the giver's time zone."""

    giver: str
    taker: str  # a sign-in name
    start: str
    end: str
    absence: bool
    also: bool
    reason: str


@dataclass(frozen=True)
class Having:
    """A piece that somebody has: a task by its id, a record as `object:id`, all as `object:*`."""

    key: str
    kind: str  # task seat record records
    label: str
    about: str
    url: str
    due: datetime | None = None


@dataclass(frozen=True)
class Gone:
    """A piece that went to somebody else."""

    at: datetime
    label: str
    url: str
    taker: str
    cause: str
    by: str
    note: str
    returned: bool


@dataclass(frozen=True)
class PersonWork:
    """What somebody has, and what went from them."""

    name: str
    active: bool
    pieces: Sequence[Having]
    gone: Sequence[Gone]


class Substitutes(Protocol):
    """Who acts for whom, and what goes over."""

    def colleagues(self) -> Sequence[Colleague]:
        """Return people who may be named as substitutes, by name; not all in a large company."""
        ...

    def led(self) -> Sequence[Led]:
        """Return the people who report to the person."""
        ...

    def standing(self, user_id: str) -> Sequence[Standing]:
        """Return the delegations of a person, running ones first."""
        ...

    def delegate(self, wish: StandingWish) -> None:
        """Make a delegation; InvalidError or ForbiddenError otherwise."""
        ...

    def revoke(self, delegation_id: str) -> None:
        """End a delegation."""
        ...

    def work(self, user_id: str) -> PersonWork:
        """Return what somebody whom the person leads has; ForbiddenError for others."""
        ...

    def hand_over(
        self, user_id: str, taker: str, keys: Sequence[str], reason: str, *, everything: bool
    ) -> tuple[int, Sequence[str]]:
        """Hand pieces over to a sign-in name; return how many went, and why others stayed."""
        ...
