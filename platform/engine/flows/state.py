"""The state of one running flow, as frozen values that `decide` turns into new ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class InstanceState(StrEnum):
    """The life of an instance."""

    RUNNING = "running"
    DONE = "done"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    INCIDENT = "incident"
    SUSPENDED = "suspended"


class Phase(StrEnum):
    """How far a token got with the node it stands on."""

    ENTER = "enter"  # arrived; the node's `set:` has not run
    WORK = "work"  # the node's own work is to be done
    WAIT = "wait"  # waits for a person, a clock, a job or its sibling tokens
    LEAVE = "leave"  # the work is done; the way on is to be chosen


@dataclass(frozen=True)
class Token:
    """A place where an instance stands. `origin` is the node it came from (joins count them)."""

    id: str
    node: str
    phase: Phase
    arrived_at: datetime
    origin: str | None = None


@dataclass(frozen=True)
class Case:
    """An instance with its tokens and variables.

    `outcome` holds the last answer of a person by node, for the conditions behind that node.
    """

    id: str
    flow: str
    version: int
    object: str | None
    record_id: str | None
    starter: str | None
    state: InstanceState
    tokens: tuple[Token, ...] = ()
    vars: Mapping[str, Any] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    rounds: Mapping[str, int] = field(default_factory=dict)
    rev: int = 1
    started_at: datetime | None = None
    ended_at: datetime | None = None
    incident: str | None = None
    #: Returns that a direct way back waits for, the newest last (`approving.returning`).
    returns: tuple[Mapping[str, Any], ...] = ()
    previous: str | None = None  # the instance that was withdrawn, of which this is the next try


class Command(StrEnum):
    """What a token needs from the world before it can go on."""

    TRANSITION = "transition"  # run the lifecycle transition to node.set_state
    TASK = "task"  # open a task and wait
    APPROVAL = "approval"  # open an approval and wait
    ACTION = "action"  # service, rule, script, send: run and go on
    TIMER = "timer"  # wait until a moment
    CANCEL_WAITING = "cancel_waiting"  # withdraw what the given tokens wait for


@dataclass(frozen=True)
class Request:
    """A command for a token; the runner performs it and reports back with `performed`."""

    command: Command
    token: Token


@dataclass(frozen=True)
class Visit:
    """A finished stay of a token on a node, for the event log."""

    node: str
    arrived_at: datetime
    left_at: datetime
    outcome: str | None = None


@dataclass(frozen=True)
class Step:
    """The next state, the nodes left on the way, and what is asked of the world (or None)."""

    case: Case
    visits: tuple[Visit, ...] = ()
    request: Request | None = None
    cancelled: tuple[Token, ...] = ()


class FlowError(ValueError):
    """A flow cannot go on for a reason in its definition or data; it becomes an incident."""

    def __init__(self, node: str, message: str) -> None:
        self.node = node
        self.message = message
        super().__init__(f"node `{node}`: {message}")
