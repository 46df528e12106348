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
    FAILED = "failed"  # a called flow that ended with an error, which its caller got
    INCIDENT = "incident"
    SUSPENDED = "suspended"


class Phase(StrEnum):
    """How far a token got with the node it stands on."""

    ENTER = "enter"  # arrived; the node's `set:` has not run
    WORK = "work"  # the node's own work is to be done
    WAIT = "wait"  # waits for a person, a clock, a job, its frame or its sibling tokens
    COLLECT = "collect"  # every item is done; their results are to be written
    LEAVE = "leave"  # the work is done; the way on is to be chosen


@dataclass(frozen=True)
class Token:
    """A place where an instance stands.

    `origin` is the edge it came by: a node, or a boundary event (joins count them); `frame` is
    the scope it moves in, None for the flow itself.
    """

    id: str
    node: str
    phase: Phase
    arrived_at: datetime
    origin: str | None = None
    frame: str | None = None


class FrameKind(StrEnum):
    """Why there is a scope inside an instance."""

    SUB = "sub"  # the nodes inside a `sub`
    MULTI = "multi"  # all items of a node with `multi`; holds their progress, and no token
    ITEM = "item"  # one item of a `multi`
    EVENT = "event"  # an event sub-flow that was triggered
    UNDO = "undo"  # handlers that undo what was done


@dataclass(frozen=True)
class Frame:
    """A scope inside an instance: tokens move in it, and it ends when none is left.

    `token` waits outside for its end (no token waits for an `event`). `vars` are the variables
    that are set inside (items only), `names` what expressions inside see by name, and `data`
    what only `decide` reads: the items of a multi, the handlers still to run.
    """

    id: str
    node: str
    kind: FrameKind
    parent: str | None = None
    token: str | None = None
    position: int = 0
    vars: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Undo:
    """A node that was done and can be undone: its handler, and what it saw.

    `frames` are the scopes it was done in, the outermost first.
    """

    node: str
    handler: str
    frames: tuple[str, ...] = ()
    vars: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """An instance with its tokens, frames and variables.

    `outcomes` holds the last answer of a person by node, for the conditions behind that node.
    The last three are of the running step alone and never stored: whose waiting was cancelled,
    which tokens and frames hold no timers and subscriptions any more, and how many nodes were
    passed by frame.
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
    frames: tuple[Frame, ...] = ()
    undo: tuple[Undo, ...] = ()
    parent: str | None = None  # the instance that called this one
    parent_token: str | None = None
    cancelled: tuple[Token, ...] = ()
    closed: tuple[str, ...] = ()
    passed: Mapping[str, int] = field(default_factory=dict)


class Command(StrEnum):
    """What a token needs from the world before it can go on."""

    TRANSITION = "transition"  # run the lifecycle transition to node.set_state
    TASK = "task"  # open a task and wait
    APPROVAL = "approval"  # open an approval and wait
    ACTION = "action"  # service, rule, script, send: run and go on, or wait for a job
    TIMER = "timer"  # wait until a moment
    RECEIVE = "receive"  # wait for a message, a signal or a condition
    CHOICE = "choice"  # wait for the first of several events
    LISTEN = "listen"  # let event sub-flows of a scope hear what happens
    OPEN = "open"  # find the items of a multi, and open the frames of a sub or multi
    COLLECT = "collect"  # write the results of a multi
    CALL = "call"  # start another flow and wait for its end
    THROW = "throw"  # send a message or a signal


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
    """The next state, the nodes left on the way, and what is asked of the world (or None).

    What `cancelled` tokens waited for is to be withdrawn; tokens and frames in `closed` hold no
    timer and no subscription any more.
    """

    case: Case
    visits: tuple[Visit, ...] = ()
    request: Request | None = None
    cancelled: tuple[Token, ...] = ()
    closed: tuple[str, ...] = ()


class FlowError(ValueError):
    """A flow cannot go on for a reason in its definition or data; it becomes an incident."""

    def __init__(self, node: str, message: str) -> None:
        self.node = node
        self.message = message
        super().__init__(f"node `{node}`: {message}")


class BusinessError(FlowError):
    """Something that a flow may expect and catch by its `code`; uncaught it is an incident."""

    def __init__(self, node: str, message: str, code: str) -> None:
        self.code = code
        super().__init__(node, message)


class EndError(BusinessError):
    """An `end: error` that nothing inside the flow catches: its caller gets the error."""


@dataclass(frozen=True)
class Thrown:
    """An error or escalation on its way to whoever catches it."""

    kind: str
    code: str
    message: str = ""
