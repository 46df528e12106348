"""What assignment asks of the workspace: its organisation, its delegations, earlier decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Protocol

from trellis.engine.assignment.delegation import Delegation


class Organisation(Protocol):
    """What resolvers ask about people; ids are record ids of users and departments."""

    def known(self, users: Iterable[str]) -> frozenset[str]:
        """Return those of `users` who are users at all, active or not."""
        ...

    def active(self, users: Iterable[str]) -> frozenset[str]:
        """Return those of `users` who may sign in."""
        ...

    def members_of_role(self, role: str) -> tuple[str, ...]:
        """Return the active users with the role, by name."""
        ...

    def members_of_team(self, team: str) -> tuple[str, ...]:
        """Return the active members of the team (its key or id), by name."""
        ...

    def manager_of(self, user: str) -> str | None:
        """Return the manager named on the user's record, active or not."""
        ...

    def title_of(self, user: str) -> str | None:
        """Return the user's post."""
        ...

    def limit_of(self, user: str) -> Decimal | None:
        """Return the amount up to which the user may approve, None for nothing."""
        ...

    def department_of(self, user: str) -> str | None:
        """Return the user's department."""
        ...

    def head_of(self, department: str) -> str | None:
        """Return the department's head."""
        ...

    def parent_of(self, department: str) -> str | None:
        """Return the department above."""
        ...


class Delegations(Protocol):
    """The delegations of a workspace."""

    def of_giver(self, user: str) -> Sequence[Delegation]:
        """Return what `user` has delegated and not revoked, the newest first."""
        ...


class Earlier(Protocol):
    """A vote that somebody gave earlier in the same instance."""

    @property
    def seat(self) -> str:
        """Return the id of the seat."""
        ...

    @property
    def node(self) -> str:
        """Return the node it belonged to."""
        ...


class Decisions(Protocol):
    """What people decided earlier in an instance."""

    def people_at(self, nodes: Iterable[str]) -> frozenset[str]:
        """Return everybody who decided or did one of the nodes, and on whose behalf."""
        ...

    def approval_of(self, user: str, *, adjacent: bool) -> Earlier | None:
        """Return the newest approval that `user` gave as principal and that still stands.

        It stands while no return lies between and no watched field has changed since. With
        `adjacent` only the approval node that was decided last counts.
        """
        ...
