"""What the pages and the API of the hand-written application ask of a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class User:
    """Who asks."""

    id: str
    name: str
    role: str


@dataclass(frozen=True)
class Wanted:
    """Which cases a list shows: the newest first, after a place in them.

    Filters are by column: equal to the value; `score_from` is the least score.
    """

    filters: Mapping[str, Any]
    limit: int
    after: tuple[str, str] | None = None


Case = Mapping[str, Any]


class Session(Protocol):
    """One request's connection."""

    def user_of(self, token_hash: str, now: datetime) -> User | None:
        """Return whose token this is."""
        ...

    def read(self, case_id: str, me: str) -> Case | None:
        """Return a case that `me` may see, with the names of what it refers to."""
        ...

    def page(self, wanted: Wanted, me: str) -> Sequence[Case]:
        """Return cases that `me` may see."""
        ...

    def count(self, wanted: Wanted, me: str) -> int:
        """Return how many there are."""
        ...

    def locked(self, case_id: str, me: str) -> Mapping[str, Any] | None:
        """Return the columns of a case that is about to be changed."""
        ...

    def insert(self, values: Mapping[str, Any]) -> None:
        """Write a new case."""
        ...

    def update(self, case_id: str, rev: int, values: Mapping[str, Any]) -> bool:
        """Change a case that still has this revision."""
        ...

    def remember(
        self, case_id: str, rev: int, at: datetime, me: str, action: str,
        changes: Mapping[str, Any],
    ) -> None:  # fmt: skip
        """Write a row of history."""
        ...


class Store(Protocol):
    """A database of cases."""

    def reading(self) -> AbstractContextManager[Session]:
        """Give a session that only reads."""
        ...

    def writing(self) -> AbstractContextManager[Session]:
        """Give a session in a transaction that is committed at the end."""
        ...
