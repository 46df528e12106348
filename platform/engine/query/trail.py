"""The history of a record as the actor may see it today."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from trellis.engine.errors import NotFoundError
from trellis.engine.query.pages import may_read
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.storage.platform_tables.trail import HISTORY


def history(
    tx: Transaction, object_key: str, record_id: str, limit: int = 100
) -> list[dict[str, Any]]:
    """Return the newest entries first; fields hidden today are hidden in every old entry."""
    if tx.compiled.object(object_key) is None:
        raise NotFoundError("object")
    view = RecordView(tx, object_key, record_id)
    if not may_read(tx, view):
        raise NotFoundError
    masked = tx.rights(object_key).masked
    statement = (
        sa.select(HISTORY)
        .where(HISTORY.c.object_key == object_key, HISTORY.c.record_id == record_id)
        .order_by(HISTORY.c.seq.desc())
        .limit(limit)
    )
    return [
        {**row, "changes": {k: v for k, v in (row["changes"] or {}).items() if k not in masked}}
        for row in tx.connection.execute(statement).mappings()
    ]
