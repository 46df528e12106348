"""Writes what happened at the gate into the audit: sign-ins, refusals, grants, tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.ids import IdSource
from trellis.storage.platform_tables.trail import AUDIT

_INSERT = sa.insert(AUDIT)


def write_audit(
    connection: Connection,
    ids: IdSource,
    now: datetime,
    action: str,
    *,
    outcome: str = "done",
    actor: str | None = None,
    user: str | None = None,
    address: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add an audit row about `user`; `details` must hold no secret."""
    connection.execute(
        _INSERT,
        {
            "id": ids.new(), "at": now, "actor": actor, "action": action, "outcome": outcome,
            "object": None if user is None else "user", "record_id": user, "address": address,
            "details": None if details is None else dict(details),
        },
    )  # fmt: skip
