"""One row of the event log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What an entry of the event log tells."""

    CREATE = "create"  # a record with a lifecycle began in a state
    TRANSITION = "transition"  # a lifecycle transition ran
    ENTER = "enter"  # a token arrived on a node that waits
    EXIT = "exit"  # a token left a node
    ASSIGN = "assign"  # work got a holder, or another one
    DUE = "due"  # work should be done by now, and is not
    WAIT = "wait"  # a person gave work back, or work was withdrawn


@dataclass(frozen=True)
class EventEntry:
    """Something that happened to a case; times are UTC, `start_at` is None for a moment.

    The case is the record that a flow runs on, or the record itself. A node that does not wait
    has one row, an `exit`, whose start is its entry; one that waits has an `enter` before it.
    """

    kind: EventKind
    object: str
    record_id: str
    activity: str
    end_at: datetime
    actor: str
    start_at: datetime | None = None
    case_object: str | None = None
    case_id: str | None = None
    role: str | None = None
    on_behalf_of: str | None = None
    from_state: str | None = None
    to_state: str | None = None
    flow: str | None = None
    instance_id: str | None = None
    version: int | None = None
    outcome: str | None = None
    comment: str | None = None
