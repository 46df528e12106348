"""What people did with an approval: one entry an action, never changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Entry:
    """An action of a person, or of the platform (`system`), on an instance.

    `on_behalf_of` is the person whose vote it was when somebody else gave it; `details` holds what
    only one action knows: targets, modes, reasons.
    """

    id: str
    instance_id: str
    action: str
    actor: str
    at: datetime
    node: str | None = None
    approval_id: str | None = None
    seat_id: str | None = None
    round: int | None = None
    on_behalf_of: str | None = None
    comment: str | None = None
    holder_before: str | None = None
    holder_after: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    request_id: str | None = None
