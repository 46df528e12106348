"""What happens to work that waits too long at a node."""

from __future__ import annotations

from dataclasses import dataclass

from trellis.metadata.model.people import Resolver
from trellis.problems import Location

#: Keys of `sla:`.
SLA_KEYS = ("due", "clock", "remind", "then", "calendar", "pause_in")
#: What may follow; some name people.
SLA_ACTIONS = ("remind", "notify", "transfer", "escalate", "approve", "reject")
WITH_PEOPLE = frozenset({"notify", "transfer", "escalate"})


@dataclass(frozen=True)
class SlaStep:
    """One step, for each piece of work once: some time after it opened, or after it was due."""

    name: str
    location: Location
    action: str
    since_open: str | None = None  # short durations
    after_due: str | None = None
    who: tuple[Resolver, ...] = ()
