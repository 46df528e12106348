"""Work that waits for people: tasks, and the seats of an approval (each is a task too)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class TaskKind(StrEnum):
    """What the inbox offers: a piece of work, or one vote of an approval."""

    TASK = "task"
    SEAT = "seat"


#: States in which somebody can act; a seat's other states are those of `voting.SeatState`.
OPEN = "open"
WAITING = "waiting"
DONE = "done"
CANCELLED = "cancelled"


@dataclass(frozen=True)
class Task:
    """One item of the inbox.

    `holder` alone may act; without one, `pools` (roles) and `candidates` (users) may claim.
    `principal` is the person whose vote or duty it is, whoever holds it.
    """

    id: str
    kind: TaskKind
    instance_id: str
    token_id: str
    flow: str
    node: str
    state: str
    opened_at: datetime
    object: str | None = None
    record_id: str | None = None
    holder: str | None = None
    principal: str | None = None
    via: str = "rule"
    position: int = 0
    approval_id: str | None = None
    round: int = 1
    due_at: datetime | None = None
    claimed_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    outcome: str | None = None
    comment: str | None = None
    request_id: str | None = None
    rev: int = 1
    pools: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()

    def may_act(self, user: str, roles: frozenset[str]) -> bool:
        """Tell whether the user holds the task or may claim it."""
        if self.holder is not None:
            return self.holder == user
        return self.offered_to(user, roles)

    def offered_to(self, user: str, roles: frozenset[str]) -> bool:
        """Tell whether the work was offered to the user, whoever holds it now."""
        return user in self.candidates or bool(roles.intersection(self.pools))

    def role_of(self, roles: frozenset[str]) -> str | None:
        """Return the role by which somebody with `roles` does the work: the pool's, else any."""
        return min(roles.intersection(self.pools) or roles, default=None)


@dataclass(frozen=True)
class Approval:
    """One entry of an approval node; `rule` is the snapshot of its counting rule and people."""

    id: str
    instance_id: str
    token_id: str
    node: str
    round: int
    state: str
    opened_at: datetime
    rule: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """What a person answers to a task: the action, fields of the record, a comment."""

    action: str
    values: Mapping[str, Any] = field(default_factory=dict)
    comment: str | None = None
    rev: int | None = None
    request_id: str | None = None
