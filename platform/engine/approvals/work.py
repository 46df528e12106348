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
    ASK = "ask"  # a question that somebody should answer; nothing waits for it
    COPY = "copy"  # to be read only


#: States in which somebody can act; a seat's other states are those of `voting.SeatState`.
OPEN = "open"
WAITING = "waiting"
DONE = "done"
CANCELLED = "cancelled"


@dataclass(frozen=True)
class Task:
    """One item of the inbox.

    `holder` alone may act; without one, `pools` (roles) and `candidates` (users) may claim.
    `principal` is the person whose vote or duty it is, whoever holds it; those in `also` may act
    for the principal beside the holder.
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
    group_id: str | None = None  # the group of added seats it belongs to
    parent_id: str | None = None  # the seat it came from
    added_by: str | None = None
    record_rev: int | None = None  # the record as the decision saw it
    changed: Mapping[str, Any] = field(default_factory=dict)  # fields written with the decision
    watched: str | None = None  # fingerprint of the watched fields when decided
    signature: str | None = None
    rev: int = 1
    pools: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    def may_act(self, user: str, roles: frozenset[str]) -> bool:
        """Tell whether the user holds the task or may claim it."""
        if self.holder is not None:
            return self.holder == user or user in self.also
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
    groups: tuple[Mapping[str, Any], ...] = ()  # groups of added seats, see `board.Group`
    watched: str | None = None  # fingerprint of the watched fields when it opened
    returned_to: str | None = None  # the node that a return led to
    due_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None


@dataclass(frozen=True)
class Answer:
    """What a person answers to a task: the action, fields of the record, a comment.

    `people` are the users that a transfer, an added seat or a copy names; `mode` and `advise`
    belong to added seats, `target` and `resume` to a return, `seats` to what is taken away or
    reassigned; `source` and `target` (nodes), `outcome` and `due` belong to what administrators
    do; `record_rev` is the revision of the record that the person has seen, `signed`
    the proof of who it is that was checked (`password`, `totp`).
    """

    action: str
    values: Mapping[str, Any] = field(default_factory=dict)
    comment: str | None = None
    rev: int | None = None
    request_id: str | None = None
    people: tuple[str, ...] = ()
    mode: str | None = None
    advise: bool = False
    target: str | None = None
    source: str | None = None
    outcome: str | None = None
    resume: str | None = None
    due: datetime | None = None
    seats: tuple[str, ...] = ()
    record_rev: int | None = None
    signed: str | None = None
