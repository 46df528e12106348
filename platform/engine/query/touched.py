"""The records that somebody worked on last, out of the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.trail import HISTORY

#: Entries looked at: somebody who saves one record ten times still sees others.
_ENTRIES = 80


@dataclass(frozen=True)
class Touched:
    """A record and when the person wrote it last."""

    object: str
    record_id: str
    at: datetime


def touched_by(tx: Transaction, person: str, limit: int) -> list[Touched]:
    """Return the records that `person` wrote last, the newest first; rights are not looked at."""
    columns = HISTORY.c
    statement = (
        sa.select(columns.object_key, columns.record_id, columns.at)
        .where(columns.actor == person)
        .order_by(columns.at.desc())
        .limit(_ENTRIES)
    )
    found: dict[tuple[str, str], Touched] = {}
    for object_key, record_id, at in tx.connection.execute(statement):
        found.setdefault((object_key, record_id), Touched(object_key, record_id, at))
    return list(found.values())[:limit]
