"""What the pages of administration ask of the workspace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from trellis.metadata.model.catalog import Catalog


@dataclass(frozen=True)
class PublishedVersion:
    """A version of the workspace's catalog."""

    number: int
    at: datetime
    by: str
    summary: str


class Packages(Protocol):
    """The applications of a workspace."""

    def versions(self, limit: int) -> Sequence[PublishedVersion]:
        """Return the newest published versions."""
        ...

    def check(self, files: Mapping[str, bytes]) -> Catalog:
        """Return the catalog that would be, or raise ProblemsFoundError."""
        ...

    def apply(self, files: Mapping[str, bytes]) -> int:
        """Install a package and return the new version; ProblemsFoundError when it is wrong."""
        ...


class People(Protocol):
    """Users: their roles, their passwords, their way in."""

    def roles_of(self, user_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Return the role keys of users."""
        ...

    def change_roles(self, user_id: str, roles: Iterable[str]) -> None:
        """Make `roles` the roles of a user; AccessError when that is not allowed."""
        ...

    def new_password(self, user_id: str) -> str:
        """Give a user a new password, and return it: it is shown once."""
        ...


@dataclass(frozen=True)
class JobRow:
    """A durable piece of work."""

    id: str
    kind: str
    state: str
    due: datetime
    attempts: int
    error: str
    can_retry: bool


class Jobs(Protocol):
    """The job queue."""

    def list(self, state: str, limit: int) -> Sequence[JobRow]:
        """Return jobs in a state, the earliest due first."""
        ...

    def counts(self) -> Mapping[str, int]:
        """Return how many jobs are in each state."""
        ...

    def retry(self, job_id: str) -> None:
        """Run a failed job again."""
        ...


@dataclass(frozen=True)
class Trace:
    """An entry of the audit or the event log; `kind` is its key, `what` in the reader's words."""

    at: datetime
    who: str
    kind: str
    what: str
    about: str
    outcome: str
    url: str = ""
    more: str = ""


class Trail(Protocol):
    """What happened in the workspace."""

    def audit(self, limit: int, before: str) -> tuple[Sequence[Trace], str]:
        """Return audited actions, the newest first, and where the next page begins."""
        ...

    def events(self, limit: int, before: str) -> tuple[Sequence[Trace], str]:
        """Return the event log, the newest first, and where the next page begins."""
        ...

    def export(self, kind: str) -> Iterator[str]:
        """Yield the event log as `csv` or `xes`, case by case."""
        ...
